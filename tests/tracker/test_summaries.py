"""The page for a clinician, from the form to the file: in the browser, as PDF, as FHIR, over the API."""

import io
import json
from datetime import timedelta
from uuid import uuid4

import pypdf
import pytest
from django.utils import timezone
from fhir.resources.R4B.bundle import Bundle

from tests.conftest import client_for
from tests.tracker.diaries import log
from tests.tracker.records import MARKER, fill
from tracker.models import AuditEvent, Summary
from tracker.services import health, medicines, pain_log, second_opinions, summaries, treatments

pytestmark = pytest.mark.usefixtures("at_noon")

PAGE, API = "/for-my-doctor/", "/api/v1/summaries/"
TOLD = {"period": "84", "version": "whole", "paper": "a4", "parts": ["person", "story", "tried"]}
State = Summary.State


def today():
    return timezone.localdate()


def made(client, **said) -> str:
    response = client.post(PAGE, TOLD | said)
    assert response.status_code == 302, response.context["form"].errors
    return response.headers["Location"]


def text_of(pdf: bytes) -> str:
    return " ".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(pdf)).pages)


def wish(**said) -> summaries.Wish:
    return summaries.Wish(**({"first_day": today() - timedelta(days=83), "last_day": today()} | said))


class TestRefuses:
    @pytest.mark.parametrize("rest", ["", "change/", "pdf/", "progress/", "fhir/", "delete/"])
    def test_another_patients_page(self, alice, alice_client, charlie_client, rest):
        address = made(alice_client, question=MARKER) + rest
        response = charlie_client.post(address) if rest == "delete/" else charlie_client.get(address)
        assert response.status_code == 404
        assert MARKER.encode() not in response.content
        assert alice.patient.summaries.count() == 1

    @pytest.mark.parametrize(
        ("said", "field"),
        [
            pytest.param({"period": "days"}, "first_day", id="no first day"),
            pytest.param({"period": "days", "first_day": "1800-01-01"}, "first_day", id="too early"),
            pytest.param(
                {"period": "days", "first_day": "2020-02-02", "last_day": "2020-01-01"}, "first_day", id="ends"
            ),
            pytest.param(
                {"period": "days", "first_day": "2020-02-02", "last_day": "9999-12-31"}, "last_day", id="ahead"
            ),
            pytest.param({"period": "a week"}, "period", id="no such period"),
            pytest.param({"version": "half"}, "version", id="no such version"),
            pytest.param({"paper": "a3"}, "paper", id="no such paper"),
            pytest.param({"parts": ["red_flags"]}, "parts", id="alarm signs are no choice"),
            pytest.param({"question": "x" * 10_001}, "question", id="too long"),
            pytest.param({"question": "a\x00b"}, "question", id="NUL"),
        ],
    )
    def test_what_cannot_be_and_keeps_what_was_typed(self, alice, alice_client, said, field):
        response = alice_client.post(PAGE, TOLD | {"goal": "walk the dog"} | said)
        assert (response.status_code, field in response.context["form"].errors) == (422, True)
        assert "walk the dog" in response.content.decode()
        assert not alice.patient.summaries.exists()

    @pytest.mark.parametrize("method", ["get", "head"])
    def test_a_stranger_is_asked_to_log_in(self, client, db, method):
        assert "/accounts/login/" in getattr(client, method)(PAGE).headers["Location"]


class TestThePage:
    def test_of_a_new_record_can_be_made(self, alice_client):
        page = alice_client.get(made(alice_client, question="Why?"))
        assert "Why?" in page.content.decode()
        assert "0 of 84 days logged" in page.content.decode()

    @pytest.mark.parametrize(("period", "n_days"), [("84", 84), ("182", 182), ("365", 365), ("all", 401)])
    def test_shows_the_days_that_were_asked_for(self, alice, alice_client, period, n_days):
        log(alice.patient, today() - timedelta(days=400), 5)
        page = alice_client.get(made(alice_client, period=period)).content.decode()
        assert f"of {n_days} days logged" in page

    def test_leaves_out_what_was_not_ticked_but_for_what_a_clinician_must_know(self, alice, alice_client):
        fill(alice, at=timezone.now())
        page = alice_client.get(made(alice_client, parts=[])).content.decode()
        assert "What was tried" not in page and "Alice" not in page.split("<article")[1]
        assert "Alarm signs" in page and "Allergies" in page and "Left out by the patient" in page

    def test_begins_with_the_words_of_the_last_one(self, alice_client):
        made(alice_client, question="Why in the morning?")
        assert "Why in the morning?" in alice_client.get(PAGE).content.decode()

    def test_can_be_changed_and_thrown_away(self, alice, alice_client):
        address = made(alice_client, question="Why?")
        assert "Why?" in alice_client.get(f"{address}change/").content.decode()
        alice_client.post(f"{address}change/", TOLD | {"question": "Why now?"})
        assert "Why now?" in alice_client.get(address).content.decode()
        alice_client.post(f"{address}delete/")
        assert not alice.patient.summaries.exists()

    def test_does_not_read_what_was_written_as_markup(self, alice_client):
        page = alice_client.get(made(alice_client, question="<script>alert(1)</script>")).content.decode()
        assert "<script>alert" not in page

    @pytest.mark.parametrize("place", ["/treatments/", "/settings/"])
    def test_is_linked_where_a_patient_would_look(self, alice, alice_client, place):
        treatments_or_none = alice_client.get(place).content.decode()
        if place == "/treatments/":
            fill(alice, at=timezone.now())
            treatments_or_none = alice_client.get(place).content.decode()
        assert f'href="{PAGE}"' in treatments_or_none


class TestBlind:
    NAMES = ("spondylolisthesis", "quarshie", "riverside clinic")

    def tell_everything(self, alice) -> None:
        """What others have concluded, wherever a patient can write it."""
        at, by, on = timezone.now(), alice.user, today()
        words = "It is spondylolisthesis, says Dr Quarshie of the Riverside Clinic."
        fill(alice, marker=words[:110], at=at)
        alice.patient.medicines.all().delete()  # a name of a medicine always goes as it was written
        said = {"name": "Spondylolisthesis", "said_by": "Dr Quarshie, Riverside Clinic", "ground": words, "said_on": on}
        treatments.note_diagnosis(by=by, uuid=uuid4(), **said)
        pain_log.add(
            by=by, uuid=uuid4(), source="web", at=at, nrs=5, felt_at=at, zone="UTC", note=f"{words} I slept badly."
        )
        # These go as they were written, but for who and where.
        told = "Fusion in 2019, by Dr Quarshie at the Riverside Clinic."
        profile = dict.fromkeys(("operations", "implants", "allergies"), told)
        health.save_profile(by=by, at=at, on=on, conditions=words, **profile)
        medicines.add_medicine(by=by, uuid=uuid4(), at=at, on=on, name="Naproxen", dose=told, taken_for=words)

    def all_of_it(self, client, **said) -> dict[str, str]:
        words = "Is it spondylolisthesis, as Dr Quarshie says? What else could it be?"
        parts = [part for part, _ in summaries_parts()]
        address = made(client, question=words, goal=words, worry=words, parts=parts, **said)
        pdf = client.get(f"{address}pdf/")
        reader = pypdf.PdfReader(io.BytesIO(pdf.content))
        bundle = client.get(f"{address}fhir/")
        return {
            "page": client.get(address).content.decode().split("<article")[1],
            "paper": text_of(pdf.content),
            "metadata": str(reader.metadata) + reader.xmp_metadata.stream.get_data().decode(),
            "file names": pdf.headers["Content-Disposition"] + bundle.headers["Content-Disposition"],
            "fhir": bundle.content.decode(),
            "api": client.get(f"{API}{address.split('/')[2]}/content/").content.decode(),
        }

    def test_has_no_word_of_a_diagnosis_in_any_form(self, alice, alice_client):
        self.tell_everything(alice)
        told = self.all_of_it(alice_client, version="blind")
        leaks = [(form, name) for form, text in told.items() for name in self.NAMES if name in text.lower()]
        assert leaks == []
        assert "kept apart" in told["page"]
        assert "Naproxen" in told["paper"] and "Naproxen" in told["fhir"]

    def test_is_what_the_whole_one_is_not(self, alice, alice_client):
        """The words are there to be found."""
        self.tell_everything(alice)
        told = self.all_of_it(alice_client, version="whole")
        assert all("spondylolisthesis" in told[form].lower() for form in ("page", "paper", "fhir", "api"))
        assert not any("spondylolisthesis" in told[form].lower() for form in ("metadata", "file names"))


def summaries_parts():
    from tracker.web.forms.summaries import PARTS

    return PARTS


class TestThePdf:
    def test_is_made_at_once_where_that_is_quick(self, alice, alice_client):
        response = alice_client.get(f"{made(alice_client, question='Why?')}pdf/")
        assert (response.headers["Content-Type"], response.content[:5]) == ("application/pdf", b"%PDF-")
        assert "no-store" in response.headers["Cache-Control"]
        assert "Why?" in text_of(response.content)
        assert AuditEvent.objects.filter(patient=alice.patient, verb="exported").count() == 1

    def test_waits_for_a_worker_where_it_is_not(self, alice, alice_client, monkeypatch):
        monkeypatch.setattr(summaries, "AT_ONCE_SIGNS", 10)
        address = made(alice_client, question="Why?")
        response = alice_client.get(f"{address}pdf/", follow=True)
        assert "Making the PDF" in response.content.decode()
        summaries.make_due(clock=timezone.now)
        assert "The PDF is ready" in alice_client.get(f"{address}progress/").content.decode()
        assert "Why?" in text_of(alice_client.get(f"{address}pdf/").content)

    def test_is_tried_again_when_a_worker_died(self, alice):
        summary, _ = summaries.put(by=alice.user, uuid=uuid4(), at=timezone.now(), wish=wish())
        gone = timezone.now() - timedelta(minutes=1)
        Summary.objects.update(state=State.RUNNING, claimed_until=gone, n_tries=1)
        summaries.make_due(clock=timezone.now)
        summary.refresh_from_db()
        assert (summary.state, bytes(summary.content[:5])) == (State.READY, b"%PDF-")

    def test_is_given_up_after_some_tries_and_the_patient_is_told(self, alice, alice_client):
        summary, _ = summaries.put(by=alice.user, uuid=uuid4(), at=timezone.now(), wish=wish())
        Summary.objects.update(state=State.WAITING, n_tries=summaries.MOST_TRIES)
        summaries.make_due(clock=timezone.now)
        summary.refresh_from_db()
        assert summary.state == State.FAILED
        assert "could not be made" in alice_client.get(f"{PAGE}{summary.uuid}/progress/").content.decode()

    def test_is_taken_by_one_worker_alone(self, alice):
        summaries.put(by=alice.user, uuid=uuid4(), at=timezone.now(), wish=wish())
        Summary.objects.update(state=State.WAITING)
        assert summaries._claim(timezone.now()) is not None
        assert summaries._claim(timezone.now()) is None

    def test_of_another_wish_is_not_kept(self, alice):
        uuid = uuid4()
        summaries.put(by=alice.user, uuid=uuid, at=timezone.now(), wish=wish())
        Summary.objects.update(state=State.READY, content=b"old")
        summary, is_new = summaries.put(by=alice.user, uuid=uuid, at=timezone.now(), wish=wish(question="New?"))
        assert (is_new, summary.state, summary.content) == (False, State.ON_SCREEN, b"")


class TestForgets:
    def test_after_a_day(self, alice):
        at = timezone.now()
        summaries.put(by=alice.user, uuid=uuid4(), at=at, wish=wish())
        summaries.forget_old(at=at + timedelta(hours=23))
        assert alice.patient.summaries.count() == 1
        summaries.forget_old(at=at + timedelta(hours=25))
        assert not alice.patient.summaries.exists()

    def test_the_oldest_of_many(self, alice):
        for n in range(summaries.MOST_SUMMARIES + 2):
            summaries.put(by=alice.user, uuid=uuid4(), at=timezone.now(), wish=wish(question=str(n)))
        kept = set(alice.patient.summaries.values_list("question", flat=True))
        assert kept == {str(n) for n in range(2, summaries.MOST_SUMMARIES + 2)}


class TestFhir:
    @pytest.mark.parametrize("version", ["whole", "blind"])
    def test_is_a_valid_document_by_the_patient(self, alice, alice_client, version):
        fill(alice, at=timezone.now())
        every = [part for part, _ in summaries_parts()]
        response = alice_client.get(f"{made(alice_client, version=version, goal='Walk', parts=every)}fhir/")
        bundle = Bundle.model_validate_json(response.content)
        kinds = [entry.resource.get_resource_type() for entry in bundle.entry]
        assert (bundle.type, kinds[0], kinds[-1]) == ("document", "Composition", "Provenance")
        assert {"Patient", "Observation", "MedicationStatement", "Procedure", "Goal"} <= set(kinds)
        assert "Condition" not in kinds

    def test_of_an_empty_record_is_valid(self, alice_client):
        Bundle.model_validate_json(alice_client.get(f"{made(alice_client)}fhir/").content)

    def test_points_at_nothing_that_is_not_in_it(self, alice, alice_client):
        fill(alice, at=timezone.now())
        content = alice_client.get(f"{made(alice_client)}fhir/").content.decode()
        entries = json.loads(content)["entry"]
        there = {entry["fullUrl"] for entry in entries}
        asked = {part.split('"')[0] for part in content.split('"reference": "')[1:]}
        assert asked and asked <= there

    def test_has_codes_only_of_scores(self, alice, alice_client):
        fill(alice, at=timezone.now())
        every = [part for part, _ in summaries_parts()]
        entries = json.loads(alice_client.get(f"{made(alice_client, parts=every)}fhir/").content)["entry"]
        coded = [
            entry["resource"]["code"]["coding"] for entry in entries if "coding" in entry["resource"].get("code", {})
        ]
        assert {coding["code"] for codings in coded for coding in codings} <= {"91147-9", "70272-0"}
        assert coded


class TestOverTheApi:
    def test_it_is_all_there(self, alice, alice_client):
        path = f"{API}{uuid4()}/"
        body = {"first_day": str(today() - timedelta(days=83)), "last_day": str(today()), "question": "Why?"}
        first = alice_client.put(path, body, content_type="application/json")
        again = alice_client.put(path, body, content_type="application/json")
        assert (first.status_code, again.status_code, first.json()["left_out"]) == (201, 200, ["notes"])
        assert alice_client.get(f"{path}content/").json()["first_page"][0]["rows"][0] == ["My question", "Why?"]
        assert alice_client.get(f"{path}pdf/").headers["Content-Type"] == "application/pdf"
        assert alice_client.get(f"{path}fhir/").json()["resourceType"] == "Bundle"
        assert [one["uuid"] for one in alice_client.get(API).json()["results"]] == [first.json()["uuid"]]
        assert alice_client.delete(path).status_code == 204
        assert alice_client.get(path).status_code == 404

    def test_it_says_when_a_pdf_is_still_being_made(self, alice, alice_client, monkeypatch):
        monkeypatch.setattr(summaries, "AT_ONCE_SIGNS", 10)
        summary, _ = summaries.put(by=alice.user, uuid=uuid4(), at=timezone.now(), wish=wish())
        response = alice_client.get(f"{API}{summary.uuid}/pdf/")
        assert (response.status_code, response.json()["state"], response.headers["Retry-After"]) == (
            202,
            "waiting",
            "5",
        )

    @pytest.mark.parametrize(
        "said",
        [
            pytest.param({"last_day": "9999-01-01"}, id="ahead"),
            pytest.param({"last_day": "1990-01-01"}, id="ends before it begins"),
            pytest.param({"left_out": ["red_flags"]}, id="alarm signs"),
            pytest.param({"paper": "a3"}, id="paper"),
            pytest.param({"extra": 1}, id="unknown name"),
        ],
    )
    def test_what_cannot_be_is_refused(self, alice, alice_client, said):
        body = {"first_day": "2020-01-01", "last_day": "2020-02-01"} | said
        response = alice_client.put(f"{API}{uuid4()}/", body, content_type="application/json")
        assert response.status_code in (400, 422)
        assert response.headers["Content-Type"] == "application/problem+json"
        assert not alice.patient.summaries.exists()

    def test_a_stranger_finds_nothing(self, alice, charlie):
        summary, _ = summaries.put(by=alice.user, uuid=uuid4(), at=timezone.now(), wish=wish(question=MARKER))
        for rest in ("", "content/", "pdf/", "fhir/"):
            response = client_for(charlie).get(f"{API}{summary.uuid}/{rest}")
            assert response.status_code == 404
            assert MARKER.encode() not in response.content


class TestOfASecondOpinion:
    WORDS = "Is it spondylolisthesis? It began on the stairs."

    def opinion(self, alice, **said):
        at = timezone.now()
        treatments.note_diagnosis(by=alice.user, uuid=uuid4(), name="Spondylolisthesis")
        return second_opinions.prepare(by=alice.user, uuid=uuid4(), at=at, on=today(), question=self.WORDS, **said)

    def test_its_brief_is_shown_and_made_for_paper(self, alice, alice_client):
        opinion = self.opinion(alice)
        assert "It began on the stairs." in alice_client.get(f"/second-opinion/{opinion.uuid}/brief/").content.decode()
        address = alice_client.post(f"/second-opinion/{opinion.uuid}/paper/", {"paper": "letter"}).headers["Location"]
        told = text_of(alice_client.get(f"{address}pdf/").content)
        assert "It began on the stairs." in told and "spondylolisthesis" not in told.lower()
        assert alice.patient.summaries.get().paper == "letter"

    def test_what_the_patient_decided_to_show_is_shown(self, alice, alice_client):
        opinion = self.opinion(alice)
        digest = second_opinions.screen_of(alice.patient).sentences(self.WORDS)[0].digest
        second_opinions.decide(by=alice.user, opinion=opinion, decisions={digest: "show"}, at=timezone.now())
        path = f"{API}{uuid4()}/"
        body = {"first_day": str(today()), "last_day": str(today()), "opinion": str(opinion.uuid)}
        assert alice_client.put(path, body, content_type="application/json").json()["is_blind"] is True
        assert self.WORDS in alice_client.get(f"{path}content/").content.decode()

    def test_another_patients_is_not_there(self, alice, charlie):
        opinion, client = self.opinion(alice), client_for(charlie)
        assert client.post(f"/second-opinion/{opinion.uuid}/paper/").status_code == 404
        body = {"first_day": str(today()), "last_day": str(today()), "opinion": str(opinion.uuid)}
        response = client.put(f"{API}{uuid4()}/", body, content_type="application/json")
        assert response.status_code in (400, 422)
        assert not charlie.patient.summaries.exists()
