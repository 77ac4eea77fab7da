"""The whole corpus in one patient's record: nothing that goes out of it blind names what it must not."""

from collections.abc import Iterator
from datetime import timedelta
from html import unescape
from io import BytesIO
from typing import Any
from uuid import uuid4

import pytest
from django.db import transaction
from django.test import Client
from django.utils import timezone
from pypdf import PdfReader

from tests.conftest import Person, client_for, open_person
from tests.leak_corpus import HARMLESS, NOTES, RECORD, words
from tests.tracker.records import write
from tests.tracker.test_attachments import picture
from tests.tracker.test_sharing_pages import address, of_brief, open_it
from tracker.models import SecondOpinion, TreatmentAttempt, TreatmentType
from tracker.services import appointments, attachments, health, second_opinions, summaries, treatments

PLACES = ("goal", "worry", "own_words", "side_effects", "conditions", "file")
# Words of every day that are short for a disease in one note ("AS", "ms"), or belong to the page itself.
MOST_WORDS_OF_EVERY_DAY = 3
LONG_ENOUGH = 9  # letters, to be looked for across the ends of lines
# What could do harm if a word of it were missing: it goes as it was written, without those who did it and where.
TOLD = {
    "operations": "Spondylodesis C6/C7, 2019, Mr Okonkwo, Riverside Pain Clinic",
    "implants": "Cage C6/C7, put in by Tomasz Wieczorek",
    "allergies": "Malignant hyperthermia, says Prof. Ingrid Sørensen-Vale",
}
STANDS = ("spondylodesis c6 c7 2019", "cage c6 c7", "malignant hyperthermia")
pytestmark = [pytest.mark.once, pytest.mark.django_db]
WHOLE = ("page", "api", "link", "sheet", "pdf", "fhir")


def told(person: Person, notes: list[str], **by_place: list[str]) -> SecondOpinion:
    """A record whose diagnoses are those of the corpus, with the notes in the log and wherever else there are words."""
    by, at = person.user, timezone.now()
    on = timezone.localdate()
    for one in RECORD:
        said = {"name": one["name"], "said_by": one["said_by"], "said_on": on, "ground": f"{one['name']}, seen"}
        treatments.note_diagnosis(by=by, uuid=uuid4(), **said)
        visit = {"starts_at": at + timedelta(days=9), "zone": "UTC", "place": one["institution"]}
        appointments.add(by=by, uuid=uuid4(), at=at, **visit)
    write(person, notes)
    person.patient.pain_entries.update(local_date=on - timedelta(days=1), helped="")
    kind, now = TreatmentType.objects.get(key="own"), {"created_at": at, "changed_at": at}
    for own_words, side_effects in zip(by_place["own_words"], by_place["side_effects"], strict=True):
        said = {"uuid": uuid4(), "own_words": own_words, "side_effects": side_effects, "started_on": on}
        TreatmentAttempt.objects.create(patient=person.patient, treatment_type=kind, **said, **now)
    health.save_profile(by=by, at=at, on=on, conditions="\n\n".join(by_place["conditions"]), **TOLD)
    files = [
        attachments.add(by=by, uuid=uuid4(), kind="result", at=at, on=on, title=title, content=picture(size=(n + 1, 9)))
        for n, title in enumerate(by_place["file"])
    ]
    goal, worry = ("\n\n".join(by_place[name]) for name in ("goal", "worry"))
    said = {"question": worry, "goal": goal, "worry": worry, "attached": tuple(str(file.uuid) for file in files)}
    return second_opinions.prepare(by=by, uuid=uuid4(), at=at, on=on, **said)


def everything(person: Person) -> SecondOpinion:
    """The corpus, each note in the log and in every field that it fits into."""
    texts = [note["text"] for note in NOTES]
    of = {place: [note["text"] for note in NOTES if note["place"] == place] for place in PLACES}
    half = len(texts) // 2
    short = [text for text in texts if "\n" not in text]
    of |= {"goal": texts[:half], "worry": texts[half:], "own_words": short[::6], "side_effects": short[3::6]}
    of["own_words"] = of["own_words"][: len(of["side_effects"])]
    return told(person, texts, **of)


def nothing(person: Person) -> SecondOpinion:
    """As much, and none of it names anything: what its pages say is said on every page."""
    return told(person, HARMLESS, **{place: ["Fine."] for place in PLACES})


def outputs(person: Person, opinion: SecondOpinion) -> Iterator[tuple[str, str]]:
    """All that goes out blind, as readable text."""
    client, uuid = client_for(person), opinion.uuid
    yield "page", unescape(client.get(f"/second-opinion/{uuid}/brief/").content.decode())
    yield "api", strings(client.get(f"/api/v1/second-opinions/{uuid}/brief/").json())
    share = of_brief(person, opinion)
    stranger = Client()
    open_it(stranger, share)
    shown = stranger.get(address(share))
    yield "link", unescape(shown.content.decode()) + address(share)
    headers = stranger.get(f"{address(share)}files/{opinion.attached[0]}/").headers
    yield "file", strings(dict(headers))
    paper = client.post(f"/second-opinion/{uuid}/paper/", {"paper": "a4"})["Location"]
    yield "sheet", paper + unescape(client.get(paper).content.decode())
    yield from documents(client, paper)


def documents(client: Client, paper: str) -> Iterator[tuple[str, str]]:
    """PDF and FHIR, the worker's part done where there is too much for a request."""
    if (pdf := client.get(f"{paper}pdf/")).status_code == 302:
        summaries.make_due(clock=timezone.now)
        pdf = client.get(f"{paper}pdf/")
    reader = PdfReader(BytesIO(pdf.content))
    yield "pdf", "\n".join(page.extract_text() for page in reader.pages)
    xmp = reader.xmp_metadata
    yield "pdf metadata", strings(dict(reader.metadata or {})) + (xmp.stream.get_data().decode() if xmp else "")
    yield "pdf names", strings(dict(pdf.headers)) + strings(list(reader.outline))
    fhir = client.get(f"{paper}fhir/")
    yield "fhir", strings(fhir.json()) + strings(dict(fhir.headers))


def without_breaks(text: str) -> str:
    """As one run of letters: a line of paper may part a word."""
    return words(text).replace(" ", "")


def strings(value: Any) -> str:
    """Every word of a document, the names of its fields too."""
    match value:
        case dict():
            return " ".join(f"{key} {strings(one)}" for key, one in value.items())
        case list():
            return " ".join(strings(one) for one in value)
    return str(value)


@pytest.fixture(scope="module")
def sent(django_db_setup: None, django_db_blocker: Any) -> list[tuple[str, str]]:
    """Of a record that is gone again: the tests look at the words alone."""
    with django_db_blocker.unblock(), transaction.atomic():
        patient = open_person("alice")
        told = list(outputs(patient, everything(patient)))
        transaction.set_rollback(True)
    return told


def forbidden(of_every_day: str) -> tuple[set[str], set[str]]:
    """Terms to look for, and those that anybody's page may have."""
    terms = {words(term) for note in NOTES for term in note["terms"]}
    terms |= {words(value) for one in RECORD for value in one.values()}
    anybodys = words(" ".join([of_every_day, *(note.get("keep", "") for note in NOTES)]))
    common = {term for term in terms if term in anybodys}
    return terms - common, common


def test_no_term_of_the_corpus_leaves_by_any_way(sent):
    stranger = open_person("nobody")
    terms, common = forbidden(" ".join(text for _name, text in outputs(stranger, nothing(stranger))))
    assert len(common) <= MOST_WORDS_OF_EVERY_DAY, common
    long = {squeezed for term in terms if len(squeezed := without_breaks(term)) >= LONG_ENOUGH}
    leaks = []
    for name, text in sent:
        as_words, squeezed = words(text), without_breaks(text)
        leaks += [(name, term) for term in terms if term in as_words]
        leaks += [(name, term) for term in long if term in squeezed]
    assert leaks == []


def test_what_names_nothing_goes_out_by_each_way(sent):
    kept = {note["keep"]: without_breaks(note["keep"]) for note in NOTES if "keep" in note}
    squeezed = {name: without_breaks(text) for name, text in sent if name in WHOLE}
    assert [(way, keep) for way in WHOLE for keep, letters in kept.items() if letters not in squeezed[way]] == []


def test_operations_implants_and_allergies_stand_in_each_way(sent):
    squeezed = {name: without_breaks(text) for name, text in sent if name in WHOLE}
    assert [(way, words) for way in WHOLE for words in map(without_breaks, STANDS) if words not in squeezed[way]] == []
