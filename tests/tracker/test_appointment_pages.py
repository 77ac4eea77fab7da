"""Appointments on their pages: noted, carried to the visit, and begun as a treatment."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone
from django.utils.timezone import localdate
from icalendar import Calendar

from tests.tracker.test_second_opinions import prepare
from tracker.models import TreatmentType
from tracker.services import appointments, treatments

LIST = "/appointments/"
PAGES = ("", "edit/", "print/", "calendar/", "begin/", "delete/")
ACTS = ("cancel/", "reinstate/")
SECRET = "Dr. Quarshie, xyzzy"


def add(person, *, days=3, **said):
    at = timezone.now()
    said = {"starts_at": at + timedelta(days=days), "zone": "Europe/Berlin", "with_whom": SECRET} | said
    return appointments.add(by=person.user, uuid=uuid4(), at=at, **said)


@pytest.fixture
def visit(alice):
    return add(alice)


@pytest.fixture
def asked(alice, visit):
    said = {"by": alice.user, "appointment": visit, "at": timezone.now()}
    return [appointments.ask(**said, uuid=uuid4(), text=text) for text in ("Why?", "ماذا 🙂?")]


@pytest.mark.parametrize("page", [*PAGES, *ACTS])
@pytest.mark.parametrize("method", ["get", "post"])
def test_another_patient_finds_nothing(visit, charlie_client, page, method):
    response = getattr(charlie_client, method)(f"{LIST}{visit.uuid}/{page}")
    assert response.status_code in (404, 405)
    assert SECRET not in response.content.decode()
    visit.refresh_from_db()
    assert visit.cancelled_at is None


@pytest.mark.parametrize("days", [3, -3])
@pytest.mark.parametrize("page", PAGES)
def test_each_page_opens_before_and_after(alice, alice_client, page, days):
    assert alice_client.get(f"{LIST}{add(alice, days=days).uuid}/{page}").status_code == 200


@pytest.mark.parametrize(
    ("said", "words"),
    [
        pytest.param({"day": "1899-12-31"}, "Choose a day from 1900", id="before 1900"),
        pytest.param({"day": "0001-01-01"}, "Choose a day from 1900", id="the first day there is"),
        pytest.param({"day": "9999-12-31"}, "Choose a day from 1900", id="the last day there is"),
        pytest.param({"day": "2026-03-29", "wall_time": "02:30"}, "The clocks jump over", id="a skipped hour"),
        pytest.param({"day": "tomorrow"}, "Enter a valid date", id="no day"),
        pytest.param({"with_whom": "w" * 201}, "at most 200", id="too long a name"),
        pytest.param({"opinion": "nonsense"}, "", id="no such second opinion"),
    ],
)
def test_what_cannot_be_is_said_and_what_was_typed_stays(alice, alice_client, said, words):
    prepare(alice)
    body = {"day": "2026-03-28", "wall_time": "10:00", "purpose": "my own words"} | said
    response = alice_client.post(f"{LIST}new/", body)
    shown = response.content.decode()
    assert (response.status_code, alice.patient.appointments.count()) == (422, 0)
    assert words in shown and "my own words" in shown


def test_a_time_on_the_clocks_there_is_kept_and_shown(alice, alice_client):
    body = {"day": "2026-10-25", "wall_time": "02:30", "remind_before": "60", "place": "Room 3"}
    page = alice_client.post(f"{LIST}new/", body)["Location"]
    kept = alice.patient.appointments.get()
    assert (kept.starts_at.isoformat(), kept.remind_before) == ("2026-10-25T00:30:00+00:00", 60)
    alice_client.post(f"{page}edit/", body | {"wall_time": "09:45"})
    kept.refresh_from_db()
    assert (kept.starts_at.isoformat(), kept.sequence) == ("2026-10-25T08:45:00+00:00", 1)


def test_it_is_added_from_a_second_opinion_whose_question_can_be_taken_over(alice, alice_client):
    opinion = prepare(alice, question="What causes it?")
    form = alice_client.get(f"{LIST}new/?opinion={opinion.uuid}").content.decode()
    assert f'value="{opinion.uuid}" selected' in form
    visit = add(alice, opinion=opinion)
    assert "What causes it?" in alice_client.get(f"{LIST}{visit.uuid}/").content.decode()
    alice_client.post(f"{LIST}{visit.uuid}/", {"take": "What causes it?", "decided": ""})
    assert visit.questions.get().text == "What causes it?"


def test_answers_the_decision_and_a_new_question_are_saved_together(alice_client, visit, asked):
    body = {str(asked[0].uuid): "A strain", "decided": "Gel", "new_question": "And then?", "drop": str(asked[1].uuid)}
    alice_client.post(f"{LIST}{visit.uuid}/", body)
    visit.refresh_from_db()
    kept = [(one.text, one.answer) for one in visit.questions.all()]
    assert (kept, visit.decided) == ([("Why?", "A strain"), ("And then?", "")], "Gel")


def test_sent_twice_a_new_question_is_one(alice_client, visit):
    body = {"new_uuid": str(uuid4()), "new_question": "Once?", "decided": ""}
    for _ in range(2):
        alice_client.post(f"{LIST}{visit.uuid}/", body)
    assert visit.questions.count() == 1


def test_too_long_a_question_stays_in_the_form(alice_client, visit):
    response = alice_client.post(f"{LIST}{visit.uuid}/", {"new_question": "q" * 10_001, "decided": "Gel"})
    assert response.status_code == 422
    assert "q" * 10_001 in response.content.decode()


def test_what_was_decided_is_filled_in_and_begun(alice, alice_client, visit):
    said = {"by": alice.user, "appointment": visit, "at": timezone.now()}
    appointments.note(**said, answers={}, decided="Massage, twice a week")
    page = f"{LIST}{visit.uuid}/begin/"
    form = alice_client.get(page).context["form"]
    assert (form["treatment_type"].value(), form["own_words"].value()) == ("massage", "Massage, twice a week")
    filled = {name: form[name].value() or "" for name in form.fields}
    alice_client.post(page, filled | {"started_on": str(localdate())})
    visit.refresh_from_db()
    assert visit.next_attempt == alice.patient.attempts.get()
    assert visit.next_attempt.prescribed_by == SECRET


def test_an_attempt_that_is_under_way_is_not_begun_twice(alice, alice_client, visit):
    kind, day = TreatmentType.objects.get(key="massage"), localdate()
    said = {"treatment_type": kind, "started_on": day, "at": timezone.now(), "on": day}
    treatments.start(by=alice.user, uuid=uuid4(), **said)
    response = alice_client.post(f"{LIST}{visit.uuid}/begin/", {"treatment_type": "massage", "started_on": str(day)})
    assert (response.status_code, alice.patient.attempts.count()) == (422, 1)


def test_the_file_says_who_only_when_ticked(alice_client, visit):
    read = [
        str(
            Calendar.from_ical(alice_client.get(f"{LIST}{visit.uuid}/calendar/{query}").content).walk("VEVENT")[0][
                "summary"
            ]
        )
        for query in ("", "?words=1")
    ]
    assert read == ["Appointment", SECRET]


def test_cancelled_taken_back_and_deleted(alice, alice_client, visit):
    alice_client.post(f"{LIST}{visit.uuid}/cancel/")
    assert alice.patient.appointments.get().cancelled_at
    alice_client.post(f"{LIST}{visit.uuid}/reinstate/")
    assert alice.patient.appointments.get().cancelled_at is None
    alice_client.post(f"{LIST}{visit.uuid}/delete/")
    assert not alice.patient.appointments.exists()


@pytest.mark.parametrize(("days", "is_shown"), [(3, True), (8, False), (-1, False)])
def test_today_tells_of_the_next_within_a_week(alice, alice_client, days, is_shown):
    add(alice, days=days)
    assert (SECRET in alice_client.get("/").content.decode()) is is_shown


def test_hostile_words_stay_words(alice_client, alice):
    visit = add(alice, with_whom="<script>alert(1)</script>", place='"><img src=x>')
    for page in ("", "print/", "delete/", "edit/"):
        shown = alice_client.get(f"{LIST}{visit.uuid}/{page}").content.decode()
        assert "<script>alert" not in shown and "<img src=x" not in shown


class TestPlanningItForLater:
    def decided(self, visit, words):
        appointments.note(by=visit.patient.user, appointment=visit, answers={}, decided=words, at=timezone.now())
        return visit

    @pytest.mark.parametrize(
        ("words", "kind"),
        [
            pytest.param("Yoga, twice a week", "yoga", id="a kind by its name"),
            pytest.param("Physiotherapy for the back", "physiotherapy", id="a kind by the first word of its name"),
            pytest.param("Swimming every day", "own", id="none by name"),
        ],
    )
    def test_the_planner_opens_with_what_was_decided(self, alice_client, visit, words, kind):
        self.decided(visit, words)
        address = f"/treatments/plan/?type={kind}&amp;visit={visit.uuid}"
        assert address in alice_client.get(f"{LIST}{visit.uuid}/").content.decode()
        assert address in alice_client.get(f"{LIST}{visit.uuid}/begin/").content.decode()
        form = alice_client.get(address.replace("&amp;", "&")).context["form"]
        assert (form["own_words"].value(), form["prescribed_by"].value()) == (words, SECRET)

    def test_one_tap_plans_it(self, alice, alice_client, visit):
        self.decided(visit, "Yoga, twice a week")
        address = f"/treatments/plan/?type=yoga&visit={visit.uuid}"
        form = alice_client.get(address).context["form"]
        said = {name: form[name].value() or "" for name in form.fields}
        assert alice_client.post(address, said).status_code == 302
        assert alice.patient.treatment_plan.own_words == "Yoga, twice a week"

    def test_begun_from_the_plan_both_pages_lead_to_each_other(self, alice, alice_client, visit):
        self.test_one_tap_plans_it(alice, alice_client, visit)
        assert "Planned: Yoga, twice a week" in alice_client.get(f"{LIST}{visit.uuid}/").content.decode()
        alice_client.post("/treatments/plan/begin/")
        attempt = alice.patient.attempts.get()
        assert f"/treatments/{attempt.uuid}/" in alice_client.get(f"{LIST}{visit.uuid}/").content.decode()
        assert f"{LIST}{visit.uuid}/" in alice_client.get(f"/treatments/{attempt.uuid}/").content.decode()

    def test_a_plan_that_is_changed_stays_that_of_its_visit(self, alice, alice_client, visit):
        self.test_one_tap_plans_it(alice, alice_client, visit)
        alice_client.post("/treatments/plan/?type=yoga", {"own_words": "Yoga at home", "when": "today"})
        plan = alice.patient.treatment_plan
        plan.refresh_from_db()
        assert (plan.own_words, plan.visit) == ("Yoga at home", visit)

    @pytest.mark.parametrize("visit_of", ["x", "", "7d5c1f0e-6a34-4a0b-9a55-0d3f5d0a9c11"])
    def test_a_visit_that_there_is_not_fills_nothing_in(self, alice_client, visit_of):
        form = alice_client.get(f"/treatments/plan/?type=yoga&visit={visit_of}").context["form"]
        assert not form["own_words"].value()

    def test_another_patients_visit_fills_nothing_in(self, visit, charlie_client):
        self.decided(visit, "Yoga")
        page = charlie_client.get(f"/treatments/plan/?type=yoga&visit={visit.uuid}").content.decode()
        assert SECRET not in page


def test_many_visits_behind_are_paged(alice, alice_client):
    for days in range(25):
        add(alice, days=-days - 1, with_whom=f"Visit no. {days}.")
    first, second = (alice_client.get(f"{LIST}?page={n}").content.decode() for n in (1, 2))
    assert ("Visit no. 0." in first, "Visit no. 24." in first) == (True, False)
    assert ("Visit no. 0." in second, "Visit no. 24." in second) == (False, True)
    assert "Visit no. 0." in alice_client.get(f"{LIST}?page=nonsense").content.decode()
