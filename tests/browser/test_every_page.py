"""Every named page, on a narrow phone, with a record full and with one just opened."""

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

from django.urls import NoReverseMatch, get_resolver, reverse

from assessments import services as checkups
from tests.conftest import Person
from tests.engine.walking import CASES, walk
from tests.tracker.test_attachments import picture
from tracker.models import ImportFile, Occurrence
from tracker.services import (
    answers,
    attachments,
    demo,
    import_files,
    imports,
    questionnaires,
    reminders,
    sharing,
    summaries,
)

NARROW = {"width": 320, "height": 9000}  # so high that the bar at the bottom covers nothing while it is measured
PUBLIC = [
    "welcome",
    "stored",
    "checkup:rulebook",
    "checkup:emergency",
    "offline_red_flags",
    "account_signup",
    "account_login",
    "account_reset_password",
    "account_reset_password_done",
    "account_email_verification_sent",
    "account_inactive",
]
# Files that a browser saves and does not show.
SAVED = {"appointment_calendar", "summary_pdf", "summary_fhir"}
OWN_ACCOUNT = [reverse(name) for name in ("account_logout", "account_email", "account_change_password")]
MISSING = "/nothing-is-here/"


def test_every_page_of_a_full_record_is_accessible_and_stays_within_a_narrow_phone(open_page, axe, db):
    at = datetime.now(UTC)
    patient = demo.make(at=at)
    reminders.plan(at=at)
    checkups.start(by=patient.user, at=at, uuid=UUID(int=1))
    look_at_all(
        open_page(person=Person(patient.user, patient.user.email, ""), viewport=NARROW),
        axe,
        [*pages(keys_of(patient)), *looks_at_the_log(patient)],
        n_least=120,
    )


def test_every_page_of_a_new_record_is_accessible(open_page, axe, alice):
    answers = next(case["answers"] for case in CASES["case"] if case["level"] == "emergency")
    emergency = checkups.start(by=alice.user, at=datetime.now(UTC), known=walk(answers))
    checkups.finish(by=alice.user, uuid=emergency.uuid, at=datetime.now(UTC))
    page = open_page(person=alice, viewport=NARROW)
    result = reverse("checkup:result", args=[emergency.uuid])
    look_at_all(page, axe, [*pages({}), *OWN_ACCOUNT, result], n_least=45)


def test_every_page_that_is_open_to_all_is_accessible(open_page, axe, db):
    public = [reverse(name) for name in PUBLIC]
    look_at_all(open_page(viewport=NARROW), axe, [*public, MISSING], n_least=9)


def looks_at_the_log(patient):
    """What the pages of the log show when they are asked for more than their usual."""
    entry = patient.pain_entries.newest_first().first()
    day, timeline = entry.local_date, reverse("timeline")
    yield from (f"{page}?entry={entry.uuid}" for page in (reverse("today"), reverse("bad_day")))
    yield f"{reverse('entry_list')}?day={day}"
    yield from (f"{timeline}?range={span}&table=1" for span in ("week", "month", "120", "year", "all"))
    yield f"{timeline}?site=neck"
    yield f"{reverse('history_compare')}?on={day - timedelta(days=60)}&weeks=4"
    yield f"{reverse('body_map')}?range=all"


def look_at_all(page, axe, addresses, *, n_least):
    """Each page that answers with HTML; `open_page` sees to scripts, foreign requests and the security policy.

    Nearly half of the addresses refuse, all alike: so each is asked first, and shown only where it is a page of its own.
    """
    seen = set()
    for address in dict.fromkeys(addresses):
        answer = page.request.get(address)
        assert answer.status < 500, address
        if not is_new_page(answer, seen):
            continue
        page.goto(address)
        axe(page)
        assert not page.evaluate("document.documentElement.scrollWidth > innerWidth"), address
    assert len(seen) >= n_least


def is_new_page(response, seen):
    """HTML of an address not met before; one page of each refusal is enough."""
    name = response.url if response.ok else response.status
    is_new = name not in seen and "text/html" in response.headers.get("content-type", "")
    seen.add(name)
    return is_new


def keys_of(patient):
    """What stands in the addresses of this patient's pages, by the first words of their route."""
    occurrence = Occurrence.objects.filter(reminder__patient=patient, reminder__kind="log_pain").first()  # every day
    checkup = patient.user.assessments.finished().first()
    return {
        "import/": [*files_of(patient)],
        **{f"for-my-doctor/<uuid:uuid>/{file}/": [] for file in ("pdf", "fhir")},  # downloads
        "for-my-doctor/": [summary_of(patient)],
        "entries/": [patient.pain_entries.newest_first().first().uuid],
        "treatments/": [patient.attempts.get(treatment_type__key="oral_nsaid").uuid],  # the one that does not help
        "advice/": [patient.advice.worst_first().first().pk],
        "diagnoses/": [patient.diagnoses.first().uuid],
        "proposals/": [patient.proposals.first().uuid],
        "links/": [share_of(patient).uuid],
        "shared/": [sharing.token_of(share_of(patient))],
        "second-opinion/": [*patient.second_opinions.values_list("uuid", flat=True)],
        "files/": [a_file_of(patient)],
        "health/medicines/": [patient.medicines.get(name="Naproxen").uuid],
        "health/intakes/": [patient.intakes.latest("taken_at").uuid],
        "settings/reminders/": [patient.reminders.timed().first().uuid],
        "appointments/": [visit.uuid for visit in patient.appointments.all()],
        "moves/history/": [patient.exercise_sessions.first().uuid],
        "moves/all/": ["march_walk", "scap_squeeze", "bridge"],
        "red-flags/": [patient.red_flag_screens.get().uuid],
        "checkup/": [checkup.uuid, UUID(int=1)],
        "questionnaires/answered/": [patient.questionnaire_responses.newest_first().first().uuid],
        "questionnaires/": [*questionnaires.all_instruments()],
        "r/": [answers.link_tokens(occurrence=occurrence, actions=["done"], n_send=1)["done"]],
        "unsubscribe/": [occurrence.reminder.unsubscribe_key],
    }


def a_file_of(patient):
    at, by = datetime.now(UTC), patient.user
    return attachments.add(by=by, uuid=uuid4(), content=picture(), kind="result", at=at, on=at.date()).uuid


def share_of(patient):
    at, opinion = datetime.now(UTC), patient.second_opinions.get(closed_at__isnull=True)
    wish = sharing.Wish(scope="brief", opinion=opinion, meant_for="Dr. Quarshie", passphrase="plum garden 7")
    share = sharing.create(by=patient.user, uuid=UUID(int=3), at=at, on=at.date() - timedelta(days=1), wish=wish)
    sharing.ask(share=share, uuid=UUID(int=4), text="Does it wake you at night?", asked_by="Dr. Quarshie", at=at)
    return share


def summary_of(patient):
    """The whole of half a year, with every note."""
    at = datetime.now(UTC)
    wish = summaries.Wish(first_day=at.date() - timedelta(days=180), last_day=at.date(), question="Why?", left_out=())
    return summaries.put(by=patient.user, uuid=uuid4(), at=at, wish=wish)[0].uuid


def files_of(patient):
    """One that is looked at and open to questions, one that waits, one that was refused, and one that is done."""
    at, by = datetime.now(UTC), patient.user
    asked = "Tag;Schmerz;Ort;Wetter\n03/04/2024;45;Knie;schön\n".encode("windows-1252")
    yield import_files.keep(by=by, content=asked, filename="schmerztagebuch.csv", at=at).uuid
    for state in (ImportFile.State.WAITING, ImportFile.State.REFUSED):
        file = import_files.keep(by=by, content=asked, filename="log.csv", at=at)
        patient.import_files.filter(pk=file.pk).update(state=state, problems=["Line 2: this is wrong."])
        yield file.uuid
    yield imports.run(by=by, content=b"day,pain\n2020-01-01,3.4\n", filename="old.csv", at=at).uuid


def pages(keys):
    """The addresses of all our named pages; where a key is needed and none known, one that leads nowhere."""
    ours = [found for found in get_resolver().url_patterns if str(found.pattern) in ("", "checkup/")]
    named = [(str(part.pattern), view) for part in ours for view in part.url_patterns if getattr(view, "name", None)]
    found = [MISSING]
    for prefix, view in named:
        name = f"checkup:{view.name}" if prefix else view.name
        if name in PUBLIC or name in SAVED:
            continue
        route = prefix + str(view.pattern)
        known = next((value for start, value in keys.items() if route.startswith(start)), [uuid4(), 1])
        found += [address for key in known if (address := address_of(name, key))][: len(known)]
    return found


def address_of(name, key):
    for arguments in ([], [key]):
        try:
            return reverse(name, args=arguments)
        except NoReverseMatch:
            continue
    return ""
