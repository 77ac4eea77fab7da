"""Writing down sessions: by two devices, over midnight, over a clock change; and what they count for."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.tracker.diaries import log
from tests.tracker.moves import do_moves, open_gate
from tracker.domain.errors import DomainError
from tracker.domain.moves import MOVE_KEYS
from tracker.models import AuditEvent, ExerciseSession, Reminder
from tracker.services import adherences, delivery, exercises, move_trial, reminders, treatments

MONDAY = date(2026, 6, 1)
NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
FULL = {"amounts": {"bridge": 6}, "versions": {"bridge": "easier"}, "hurt": ["bridge"]}


def record(person, on=MONDAY, at=NOON, **said):
    return exercises.record(by=person.user, on=on, at=at, **{"exercises_done": ["bridge"]} | said)


def merge(person, on=MONDAY, at=NOON, **said):
    return exercises.merge(by=person.user, on=on, at=at, **{"exercises_done": ["bridge"]} | said)


@pytest.mark.parametrize(
    ("said", "fault"),
    [
        pytest.param({"exercises_done": ["somersault"]}, exercises.UnknownMove, id="an unknown move"),
        pytest.param({"hurt": ["somersault"]}, exercises.UnknownMove, id="an unknown one that hurt"),
        pytest.param({"versions": {"bridge": "flying"}}, exercises.UnknownMove, id="an unknown version"),
        pytest.param({"amounts": {"bridge": -1}}, exercises.SessionOutOfRange, id="less than nothing"),
        pytest.param({"amounts": {"bridge": 10**9}}, exercises.SessionOutOfRange, id="far too many"),
        pytest.param({"pain_during": 11}, exercises.SessionOutOfRange, id="off the scale"),
        pytest.param({"on": MONDAY + timedelta(days=1)}, exercises.SessionInFuture, id="a day to come"),
        pytest.param(
            {"started_at": NOON + timedelta(days=1)}, exercises.SessionInFuture, id="begun tomorrow, nobody says where"
        ),
        pytest.param({"on": date(1, 1, 1)}, exercises.SessionOutOfRange, id="before all days"),
        pytest.param({"zone": "Mars/Olympus"}, exercises.SessionOfAnotherDay, id="a zone that is nowhere"),
        pytest.param(
            {"zone": "America/New_York", "started_at": datetime(1, 1, 1, tzinfo=UTC)},
            exercises.SessionOfAnotherDay,
            id="begun before all days",
        ),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_is_written(alice, said, fault):
    for write in (record, merge):
        with pytest.raises(fault):
            write(alice, **said)
    assert not ExerciseSession.objects.exists()
    assert not AuditEvent.objects.filter(verb="recorded").exists()


class TestTwoDevices:
    def test_the_same_session_sent_twice_is_one(self, alice):
        for _ in range(2):
            merge(alice, pain_during=4, **FULL)
        assert ExerciseSession.objects.count() == 1
        assert AuditEvent.objects.filter(verb="recorded").count() == 1

    def test_both_are_in_the_one_session_of_the_day_and_the_worst_pain_counts(self, alice):
        merge(alice, exercises_done=["cat_camel"], amounts={"cat_camel": 6}, pain_during=7)
        merge(alice, exercises_done=["bridge", "cat_camel"], amounts={"bridge": 5, "cat_camel": 2}, pain_during=3)
        session = ExerciseSession.objects.get()
        assert session.exercises_done == ["cat_camel", "bridge"]
        assert session.amounts == {"cat_camel": 6, "bridge": 5}
        assert session.pain_during == 7

    def test_a_done_from_a_mail_is_completed(self, alice):
        exercises.note_done(patient=alice.patient, on=MONDAY, at=NOON)
        merge(alice, pain_during=2)
        assert ExerciseSession.objects.get().exercises_done == ["bridge"]

    def test_a_device_without_a_number_takes_none_away(self, alice):
        merge(alice, pain_during=6)
        merge(alice)
        assert ExerciseSession.objects.get().pain_during == 6

    @settings(deadline=None, max_examples=50, suppress_health_check=[HealthCheck.too_slow])
    @given(
        told=st.lists(
            st.fixed_dictionaries(
                {"exercises_done": st.lists(st.sampled_from(sorted(MOVE_KEYS)), unique=True)},
                optional={
                    "pain_during": st.integers(0, 10),
                    "amounts": st.dictionaries(st.sampled_from(sorted(MOVE_KEYS)), st.integers(0, 60)),
                    "hurt": st.lists(st.sampled_from(sorted(MOVE_KEYS)), unique=True),
                },
            ),
            min_size=1,
            max_size=4,
        ),
        again=st.randoms(use_true_random=False),
    )
    def test_the_order_in_which_devices_arrive_does_not_matter(self, told, again):
        sessions = [ExerciseSession(**exercises.Told(**told[0]).columns)]
        mixed = [*told, *told]
        again.shuffle(mixed)
        for order in (told, mixed):
            session = ExerciseSession(**exercises.Told(**order[0]).columns)
            for said in order[1:]:
                for name, value in exercises._merged(session, exercises.Told(**said)).items():
                    setattr(session, name, value)
            sessions.append(session)
        first, second = ((s.exercises_done, s.amounts, s.pain_during, s.hurt) for s in sessions[1:])
        assert first == second


class TestTheDayItBelongsTo:
    def test_begun_before_midnight_it_belongs_to_that_day(self, alice):
        started = datetime(2026, 6, 1, 21, 55, tzinfo=UTC)  # five to midnight in Berlin
        session = merge(alice, at=started + timedelta(minutes=15), started_at=started, zone="Europe/Berlin")
        assert session.local_date == MONDAY

    @pytest.mark.parametrize(
        ("started", "zone", "on"),
        [
            pytest.param(
                datetime(2026, 3, 29, 0, 50, tzinfo=UTC), "Europe/Berlin", date(2026, 3, 29), id="in the night"
            ),
            pytest.param(
                datetime(2026, 9, 6, 3, 55, tzinfo=UTC), "America/Santiago", date(2026, 9, 5), id="at midnight itself"
            ),
        ],
    )
    def test_over_the_hour_that_is_left_out_it_belongs_to_the_day_it_began(self, alice, started, zone, on):
        session = merge(alice, on=on, at=started + timedelta(minutes=20), started_at=started, zone=zone)
        assert (session.local_date, session.started_at) == (on, started)

    def test_over_the_end_of_summer_time_it_belongs_to_the_day_it_began(self, alice):
        started = datetime(2026, 10, 25, 0, 50, tzinfo=UTC)  # ten to three, for the first time
        at = started + timedelta(minutes=20)
        session = merge(alice, on=date(2026, 10, 25), at=at, started_at=started, zone="Europe/Berlin")
        assert (session.started_at, session.zone) == (started, "Europe/Berlin")

    def test_in_another_zone_the_day_there_counts(self, alice):
        started = datetime(2026, 6, 1, 18, tzinfo=UTC)  # Tuesday in Auckland, Monday at home
        session = merge(alice, on=date(2026, 6, 2), at=started, started_at=started, zone="Pacific/Auckland")
        assert session.local_date == date(2026, 6, 2)

    @pytest.mark.parametrize(
        ("more", "fault"),
        [
            pytest.param({"zone": "Europe/Berlin", "on": date(2026, 5, 31)}, exercises.SessionOfAnotherDay, id="day"),
            pytest.param({"zone": "Mars/Olympus"}, exercises.SessionOfAnotherDay, id="zone"),
            pytest.param({"zone": "../../etc/passwd"}, exercises.SessionOfAnotherDay, id="path"),
            pytest.param({"zone": "UTC", "at": NOON - timedelta(hours=1)}, exercises.SessionInFuture, id="future"),
        ],
    )
    def test_what_does_not_fit_together_is_refused(self, alice, more, fault):
        with pytest.raises(fault):
            merge(alice, **{"started_at": NOON} | more)
        assert not ExerciseSession.objects.exists()


class TestStage:
    def test_three_good_sessions_after_two_weeks_lead_to_the_next_stage(self, alice):
        open_gate(alice, on=MONDAY - timedelta(days=20))
        do_moves(alice, at=NOON, on=MONDAY - timedelta(days=16), morning=None)
        for n in (3, 2, 1):
            do_moves(alice, at=NOON, on=MONDAY - timedelta(days=n))
        alice.patient.exercise_programme.refresh_from_db()
        assert alice.patient.exercise_programme.stage == "B"

    def test_the_same_session_sent_again_moves_no_further(self, alice):
        open_gate(alice, on=MONDAY - timedelta(days=60))
        for n, pain in ((5, 2), (4, 2), (3, 2), (2, 2), (1, 8), (1, 8), (1, 7)):
            do_moves(alice, at=NOON, on=MONDAY - timedelta(days=n), pain=pain)
        alice.patient.exercise_programme.refresh_from_db()
        assert alice.patient.exercise_programme.stage == "A"

    def test_the_usual_is_that_of_the_log_before(self, alice):
        for n in range(1, 11):
            log(alice.patient, MONDAY - timedelta(days=n), 6)
        assert record(alice).usual_nrs == 6

    def test_without_a_log_nothing_is_usual(self, alice):
        assert record(alice).usual_nrs is None


class TestTreatment:
    @pytest.fixture
    def attempt(self, alice):
        open_gate(alice, on=MONDAY - timedelta(days=10))
        move_trial.decide(by=alice.user, wants_verdict=True, at=NOON, on=MONDAY - timedelta(days=10))
        return move_trial.attempt_of(patient=alice.patient)

    def test_its_sessions_are_its_days(self, alice, attempt):
        for n in (9, 7, 5, 3, 1):
            do_moves(alice, at=NOON, on=MONDAY - timedelta(days=n))
        said = adherences.adherences([attempt], on=MONDAY)[attempt.pk]
        assert (said.n_done, said.n_planned, said.is_unfair) == (5, 10, True)

    def test_the_plan_is_that_of_the_reminder(self, alice):
        reminders.create(
            by=alice.user, kind=Reminder.Kind.MORNING_MOVES, wall_time=NOON.time(), weekdays={1, 3, 5}, at=NOON
        )
        move_trial.decide(by=alice.user, wants_verdict=True, at=NOON, on=MONDAY)
        assert move_trial.attempt_of(patient=alice.patient).days_a_week == 3

    @pytest.mark.parametrize(("days", "n"), [(30, 1), (0, 2)])
    def test_one_that_is_to_stop_later_is_still_that_one(self, alice, attempt, days, n):
        stop = {"stopped_on": MONDAY + timedelta(days=days), "reason": "better"}
        treatments.stop(by=alice.user, attempt=attempt, at=NOON, on=MONDAY, **stop)
        move_trial.decide(by=alice.user, wants_verdict=True, at=NOON, on=MONDAY)
        assert alice.patient.attempts.count() == n

    def test_one_that_was_begun_on_the_page_of_treatments_is_that_one(self, alice, attempt):
        move_trial.decide(by=alice.user, wants_verdict=True, at=NOON, on=MONDAY)
        assert alice.patient.attempts.count() == 1


def test_what_is_held_is_not_reminded_of(alice):
    open_gate(alice, on=MONDAY, infection="yes")
    reminder = reminders.create(by=alice.user, kind=Reminder.Kind.MORNING_MOVES, wall_time=NOON.time(), at=NOON)
    due = reminder.occurrences.earliest("due_at")
    delivery.drain(clock=lambda: due.due_at + timedelta(minutes=1))
    due.refresh_from_db()
    assert due.state == "suppressed"


@pytest.mark.parametrize("pain", [11, -1, True])
def test_a_morning_off_the_scale_is_refused(alice, pain):
    do_moves(alice, at=NOON, on=MONDAY - timedelta(days=1), morning=None)
    with pytest.raises(DomainError):
        exercises.note_morning(by=alice.user, on=MONDAY - timedelta(days=1), pain=pain, at=NOON)
    assert ExerciseSession.objects.get().pain_next_morning is None
