"""Visits as the services keep them: noted, moved, cancelled, asked, answered, and what comes of them."""

from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest

from tracker.domain.text import TextNotStorable
from tracker.models import AuditEvent, TreatmentType
from tracker.services import appointments, treatment_plans, treatments
from tracker.services.accounts import UnknownZone
from tracker.services.appointments import (
    AppointmentAlreadyThere,
    AppointmentOutOfRange,
    Asked,
    NoSuchOpinion,
    QuestionMissing,
    ReminderOutOfRange,
    TooManyAppointments,
    TooManyQuestions,
)

NOW = datetime(2026, 6, 1, 8, tzinfo=UTC)  # ten o'clock in Berlin, a Monday
DAY = timedelta(days=1)
STARTS = NOW + 3 * DAY


def add(person, **said):
    said = {"uuid": uuid4(), "at": NOW, "starts_at": STARTS, "zone": "Europe/Berlin"} | said
    return appointments.add(by=person.user, **said)


def ask(person, visit, text="What is it?"):
    return appointments.ask(by=person.user, appointment=visit, uuid=uuid4(), text=text, at=NOW)


@pytest.fixture
def visit(alice):
    return add(alice, with_whom="Dr. Quarshie", place="Room 3")


class TestNoting:
    @pytest.mark.parametrize(
        ("said", "refusal"),
        [
            pytest.param({"starts_at": datetime(1899, 12, 31, tzinfo=UTC)}, AppointmentOutOfRange, id="before 1900"),
            pytest.param({"starts_at": NOW + 1831 * DAY}, AppointmentOutOfRange, id="more than five years ahead"),
            pytest.param({"zone": "Mars/Olympus"}, UnknownZone, id="no such zone"),
            pytest.param({"remind_before": 0}, ReminderOutOfRange, id="a mail as it starts"),
            pytest.param({"remind_before": 20_161}, ReminderOutOfRange, id="a mail a month before"),
            pytest.param({"purpose": "x" * 10_001}, TextNotStorable, id="too long"),
            pytest.param({"place": "nul\0"}, TextNotStorable, id="NUL"),
        ],
    )
    def test_what_cannot_be_is_refused(self, alice, said, refusal):
        with pytest.raises(refusal):
            add(alice, **said)
        assert not alice.patient.appointments.exists()

    def test_the_second_opinion_of_somebody_else_is_refused(self, alice, charlie):
        theirs = charlie.patient.second_opinions.create(uuid=uuid4(), created_at=NOW, changed_at=NOW)
        with pytest.raises(NoSuchOpinion):
            add(alice, opinion=theirs)

    def test_there_can_be_so_many_and_no_more(self, alice, monkeypatch):
        monkeypatch.setattr(appointments, "MAX_COMING", 1)
        add(alice, starts_at=NOW - DAY)
        add(alice)
        with pytest.raises(TooManyAppointments):
            add(alice)

    def test_sent_again_it_is_the_same_and_in_other_words_it_is_refused(self, alice):
        uuid = uuid4()
        assert add(alice, uuid=uuid) == add(alice, uuid=uuid)
        with pytest.raises(AppointmentAlreadyThere):
            add(alice, uuid=uuid, place="elsewhere")

    def test_words_are_kept_as_they_are(self, alice):
        text = "  زيادة الألم 🙂\r\nBEGIN:VEVENT  "
        assert add(alice, purpose=text).purpose == text


class TestChanging:
    @pytest.mark.parametrize(
        ("changes", "sequence"),
        [
            pytest.param({"starts_at": STARTS + DAY}, 1, id="another time"),
            pytest.param({"place": "Room 4"}, 1, id="another place"),
            pytest.param({"purpose": "Knee"}, 0, id="another purpose"),
            pytest.param({"place": "Room 3"}, 0, id="nothing new"),
        ],
    )
    def test_the_sequence_counts_changes_of_time_and_place(self, alice, visit, changes, sequence):
        assert appointments.change(by=alice.user, appointment=visit, at=NOW, **changes).sequence == sequence

    def test_cancelled_twice_it_is_cancelled_once_and_may_take_place_after_all(self, alice, visit):
        for _ in range(2):
            cancelled = appointments.cancel(by=alice.user, appointment=visit, at=NOW)
        assert (cancelled.cancelled_at, cancelled.sequence) == (NOW, 1)
        again = appointments.reinstate(by=alice.user, appointment=visit, at=NOW)
        assert (again.cancelled_at, again.sequence) == (None, 2)

    def test_nobody_changes_that_of_somebody_else(self, visit, charlie):
        acts = (appointments.cancel, appointments.change, appointments.reinstate)
        for act in acts:
            with pytest.raises(visit.DoesNotExist):
                act(by=charlie.user, appointment=visit, at=NOW)
        with pytest.raises(visit.DoesNotExist):
            appointments.remove(by=charlie.user, appointment=visit)

    def test_what_was_done_is_in_the_audit(self, alice, visit):
        appointments.cancel(by=alice.user, appointment=visit, at=NOW)
        appointments.remove(by=alice.user, appointment=visit)
        told = AuditEvent.objects.filter(patient=alice.patient, subject=f"appointment {visit.uuid}")
        assert list(told.order_by("id").values_list("verb", flat=True)) == ["added", "cancelled", "deleted"]


class TestQuestions:
    @pytest.mark.parametrize("text", ["", " \n ", "x" * 10_001, "\ud800"])
    def test_what_is_no_question_is_refused(self, alice, visit, text):
        with pytest.raises((QuestionMissing, TextNotStorable)):
            ask(alice, visit, text)
        assert not visit.questions.exists()

    def test_the_longest_is_kept_and_comes_last(self, alice, visit):
        ask(alice, visit, "First?")
        ask(alice, visit, "ع" * 10_000)
        assert [len(one.text) for one in visit.questions.all()] == [6, 10_000]

    def test_more_than_can_be_asked_is_refused(self, alice, visit, monkeypatch):
        monkeypatch.setattr(appointments, "MAX_QUESTIONS", 1)
        ask(alice, visit)
        with pytest.raises(TooManyQuestions):
            ask(alice, visit)

    def test_answers_and_the_decision_are_kept_and_a_foreign_question_is_refused(self, alice, visit):
        question = ask(alice, visit)
        said = {"by": alice.user, "appointment": visit, "at": NOW}
        appointments.note(**said, answers={question.uuid: "A strain"}, decided="Gel for four weeks")
        with pytest.raises(QuestionMissing):
            appointments.note(**said, answers={uuid4(): "?"})
        visit.refresh_from_db()
        assert (visit.questions.get().answer, visit.decided) == ("A strain", "Gel for four weeks")

    def test_a_new_list_keeps_the_answers_of_what_stays(self, alice, visit):
        ask(alice, visit, "One?")
        second = ask(alice, visit, "Two?")
        said = {"by": alice.user, "appointment": visit, "at": NOW}
        appointments.note(**said, answers={second.uuid: "Yes"})
        appointments.set_questions(
            **said, questions=[Asked(uuid=uuid4(), text="New?"), Asked(uuid=second.uuid, text="Two, really?")]
        )
        kept = [(one.text, one.answer) for one in visit.questions.all()]
        assert kept == [("New?", ""), ("Two, really?", "Yes")]
        appointments.drop_question(**said, question=second.uuid)
        assert visit.questions.get().text == "New?"


class TestWhatComesOfIt:
    @pytest.fixture
    def said(self):
        kind = TreatmentType.objects.get(key="massage")
        return {"treatment_type": kind, "started_on": date(2026, 6, 1), "at": NOW, "on": date(2026, 6, 1)}

    def test_what_was_decided_becomes_one_attempt(self, alice, visit, said):
        uuid = uuid4()
        for _ in range(2):
            attempt = appointments.begin(by=alice.user, appointment=visit, uuid=uuid, **said)
        visit.refresh_from_db()
        assert visit.next_attempt == attempt == alice.patient.attempts.get()

    def test_a_refused_attempt_leaves_no_trace(self, alice, visit, said):
        with pytest.raises(treatments.StartOutOfRange):
            appointments.begin(
                by=alice.user, appointment=visit, uuid=uuid4(), **said | {"started_on": date(1899, 1, 1)}
            )
        visit.refresh_from_db()
        assert visit.next_attempt is None

    def test_it_is_planned_for_later(self, alice, visit, said):
        planned_for = said.pop("started_on") + 14 * DAY
        plan = appointments.plan_next(
            by=alice.user, appointment=visit, uuid=uuid4(), planned_for=planned_for, own_words="", **said
        )
        assert (plan.planned_for, plan.visit) == (planned_for, visit)

    def test_a_plan_that_is_begun_is_what_came_of_the_visit(self, alice, visit, said):
        attempt = self.planned_and_begun(alice, visit, said)
        visit.refresh_from_db()
        assert (visit.next_attempt, list(attempt.decided_at_visits.all())) == (attempt, [visit])

    def test_a_plan_of_a_visit_that_was_deleted_is_begun_all_the_same(self, alice, visit, said):
        assert self.planned_and_begun(alice, visit, said, meanwhile=appointments.remove) in alice.patient.attempts.all()

    def test_an_attempt_that_was_deleted_comes_back_to_its_visit(self, alice, visit, said):
        attempt = self.planned_and_begun(alice, visit, said)
        undo = treatments.remove(by=alice.user, attempt=attempt)
        treatments.restore(by=alice.user, token=undo)
        visit.refresh_from_db()
        assert visit.next_attempt.uuid == attempt.uuid

    def test_a_plan_is_of_no_visit_of_somebody_else(self, charlie, visit, said):
        planned = said | {"planned_for": said.pop("started_on")}
        with pytest.raises(treatment_plans.PlanOutOfRange):
            treatment_plans.put(by=charlie.user, uuid=uuid4(), visit=visit, **planned)
        assert treatment_plans.plan_of(charlie.patient) is None

    def planned_and_begun(self, person, visit, said, *, meanwhile=None):
        uuid, when = uuid4(), {"at": NOW, "on": said["on"]}
        planned = {"treatment_type": said["treatment_type"], "planned_for": said["on"]}
        appointments.plan_next(by=person.user, appointment=visit, uuid=uuid, **when, **planned)
        if meanwhile is not None:
            meanwhile(by=person.user, appointment=visit)
        return treatment_plans.begin(by=person.user, uuid=uuid, started_on=said["started_on"], **when)
