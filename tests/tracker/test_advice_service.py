"""What is raised, told and answered, once, from the records of many patients."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.tracker.diaries import after_midnight, attempt, day, log_days
from tracker.models import Advice, AuditEvent, Occurrence, Patient, Reminder, TreatmentAttempt, Verdict
from tracker.services import advice, judging, reminders

pytestmark = pytest.mark.django_db


def judge(n: int) -> int:
    """A night: judged, then advised. How many pieces are new."""
    on = day(n)
    judging.judge(on=on, attempts=TreatmentAttempt.objects.all(), at=after_midnight(on))
    return advice.advise(patients=Patient.objects.all(), on=on, at=after_midnight(on))


def kinds(patient) -> list[str]:
    return [piece.kind for piece in Advice.objects.filter(patient=patient).worst_first()]


@pytest.fixture
def useless(alice) -> TreatmentAttempt:
    """Four weeks of log, then four on tablets that change nothing."""
    log_days(alice.patient, range(-28, 28), mean=6)
    return attempt(alice.patient)


def test_killed_before_the_mail_is_queued_nothing_is_half_done(useless, monkeypatch):
    with monkeypatch.context() as killed:
        killed.setattr(reminders, "announce_advice", lambda **_: (_ for _ in ()).throw(SystemExit))
        with pytest.raises(SystemExit):
            judge(27)
    assert not Advice.objects.exists()
    assert Patient.objects.get(pk=useless.patient_id).advised_on is None
    judge(27)
    assert Advice.objects.count() == Occurrence.objects.filter(reminder__kind=Reminder.Kind.ADVICE).count() == 1


def test_a_night_of_many_asks_the_database_as_often_as_a_night_of_one(alice, bob, charlie):
    everyone = [alice, bob, charlie]
    for person in everyone:
        log_days(person.patient, range(-28, 28), mean=6)
        attempt(person.patient)
    on = day(27)
    judging.judge(on=on, attempts=TreatmentAttempt.objects.all(), at=after_midnight(on))
    said = dict.fromkeys(TreatmentAttempt.objects.order_by("pk").values_list("pk", flat=True), "not_working")

    def n_queries(outcomes: dict[int, str]) -> int:
        Advice.objects.all().delete()
        Reminder.objects.all().delete()
        with CaptureQueriesContext(connection) as queries:
            assert advice.after_verdicts(outcomes, on=on, at=after_midnight(on)) == len(outcomes)
        assert Occurrence.objects.count() == len(outcomes)
        return len(queries)

    assert n_queries(said) == n_queries(dict(list(said.items())[:1]))


# Advice


def test_nothing_is_advised_while_it_works_or_cannot_be_told(alice):
    log_days(alice.patient, range(-28, 0), mean=7)
    log_days(alice.patient, range(28), mean=2)
    attempt(alice.patient)
    judge(5)
    judge(27)
    assert not Advice.objects.exists()
    assert not Reminder.objects.exists()


def test_the_same_advice_is_never_raised_again(useless):
    judge(26)
    Advice.objects.update(state=Advice.State.DISMISSED)
    judge(27)
    piece = Advice.objects.get()
    assert (piece.state, piece.verdict.as_of) == (Advice.State.DISMISSED, day(26))


def test_several_pieces_of_a_night_are_told_in_one_mail(alice):
    log_days(alice.patient, range(-28, 28), mean=6)
    attempt(alice.patient)
    attempt(alice.patient, key="topical_nsaid", starts=1)
    judge(27)
    assert Advice.objects.count() == 2
    assert Occurrence.objects.count() == 1


def test_a_rise_is_told_as_worse(alice):
    log_days(alice.patient, range(-28, 0), mean=3)
    log_days(alice.patient, range(28), mean=8)
    attempt(alice.patient)
    judge(27)
    assert Advice.objects.get().kind == Advice.Kind.WORSE


def test_a_night_of_long_ago_raises_no_advice_now(alice):
    log_days(alice.patient, range(-28, 10), mean=6)
    log_days(alice.patient, range(10, 60), mean=2)
    attempt(alice.patient, key="massage")
    judge(59)
    Verdict.objects.filter(as_of=day(59)).update(outcome="working")
    Verdict.objects.create(**old_night(Verdict.objects.get()))
    assert advice.advise(patients=Patient.objects.all(), on=day(24), at=after_midnight(day(60))) == 0


def old_night(newest: Verdict) -> dict:
    row = {field.name: getattr(newest, field.name) for field in Verdict._meta.concrete_fields if not field.primary_key}
    return row | {"as_of": day(24), "outcome": "not_working"}


def failed_twice(patient, *, second: str, second_starts: int = 40, first_logged: int = -28) -> TreatmentAttempt:
    log_days(patient, range(first_logged, 80), mean=6)
    attempt(patient)
    tried = attempt(patient, key=second, starts=second_starts)
    judge(38)
    judge(79)
    return tried


def test_two_fair_trials_of_different_classes_lead_to_a_second_opinion(alice):
    tried = failed_twice(alice.patient, second="massage")
    piece = Advice.objects.get(kind=Advice.Kind.SECOND_OPINION)
    assert piece.attempt == tried
    judge(80)
    assert Advice.objects.filter(kind=Advice.Kind.SECOND_OPINION).count() == 1


@pytest.mark.parametrize(
    "said",
    [
        pytest.param({"second": "paracetamol"}, id="of the same class"),
        pytest.param({"second": "massage", "second_starts": 3}, id="begun in the same week"),
        pytest.param({"second": "massage", "first_logged": -7}, id="with pain for less than three months"),
    ],
)
def test_no_second_opinion_after_two_failures(alice, said):
    failed_twice(alice.patient, **said)
    assert not Advice.objects.filter(kind=Advice.Kind.SECOND_OPINION).exists()


def test_failures_of_two_patients_are_not_added_up(alice, charlie):
    for person, key in ((alice, "massage"), (charlie, "oral_nsaid")):
        log_days(person.patient, range(-80, 40), mean=6)
        attempt(person.patient, key=key)
    judge(39)
    assert set(Advice.objects.values_list("kind", flat=True)) == {"not_working"}


# Reading and answering


@pytest.fixture
def three_pieces(alice) -> TreatmentAttempt:
    tried = failed_twice(alice.patient, second="massage")
    first = Advice.objects.earliest("created_at")
    Advice.objects.filter(pk=first.pk).update(kind=Advice.Kind.WORSE)
    return tried


def test_what_cannot_wait_comes_first(alice, three_pieces):
    kinds = [piece.kind for piece in advice.open_advice(alice.patient, on=day(80))]
    assert kinds == ["worse", "not_working", "second_opinion"]


def test_answered_advice_is_not_open(alice, three_pieces):
    for piece, state in zip(
        advice.open_advice(alice.patient, on=day(80)), ["dismissed", "seen", "acted_on"], strict=True
    ):
        advice.respond(by=alice.user, advice=piece, state=state, at=after_midnight(day(80)))
    assert [piece.state for piece in advice.open_advice(alice.patient, on=day(80))] == ["seen"]


def test_advice_of_another_patient_is_not_found(charlie, three_pieces):
    assert not advice.open_advice(charlie.patient, on=day(80))


def test_an_answer_is_written_into_the_audit_once(alice, three_pieces):
    piece = advice.open_advice(alice.patient, on=day(80))[0]
    for _ in range(2):
        advice.respond(by=alice.user, advice=piece, state="acted_on", at=after_midnight(day(80)))
    event = AuditEvent.objects.get(verb="acted_on")
    assert (event.actor, event.patient, event.subject) == (alice.user, alice.patient, f"advice {piece.pk}")


def test_being_shown_makes_new_advice_seen_and_nothing_else(alice, three_pieces):
    dismissed = advice.open_advice(alice.patient, on=day(80))[-1]
    advice.respond(by=alice.user, advice=dismissed, state="dismissed", at=after_midnight(day(80)))
    assert advice.mark_seen(by=alice.user, at=after_midnight(day(81)), shown=Advice.objects.all()) == 2
    assert advice.mark_seen(by=alice.user, at=after_midnight(day(82)), shown=Advice.objects.all()) == 0
    assert sorted(Advice.objects.values_list("state", flat=True)) == ["dismissed", "seen", "seen"]


# What no longer holds


def turned_out_well(attempt: TreatmentAttempt, n: int) -> None:
    """The newest verdict says that it works, and a night has looked at the record since."""
    Verdict.objects.filter(attempt=attempt, as_of=day(n)).update(outcome="working", reason="")
    advice.advise(patients=Patient.objects.all(), on=day(n), at=after_midnight(day(n)))


@pytest.mark.parametrize("state", ["new", "seen", "later"])
def test_advice_whose_verdict_has_changed_is_closed_with_a_trace(useless, state):
    judge(27)
    until = day(60) if state == "later" else None
    Advice.objects.update(state=state, later_until=until)
    turned_out_well(useless, 27)
    piece = Advice.objects.get()
    assert (piece.state, piece.later_until, piece.changed_at) == ("outdated", None, after_midnight(day(27)))
    event = AuditEvent.objects.get(verb="outdated")
    assert (event.actor, event.patient, event.subject) == (None, useless.patient, f"advice {piece.pk}")
    assert not advice.open_advice(useless.patient, on=day(90))


@pytest.mark.parametrize("state", ["dismissed", "acted_on"])
def test_what_was_answered_stays_answered(useless, state):
    judge(27)
    Advice.objects.update(state=state)
    turned_out_well(useless, 27)
    assert Advice.objects.get().state == state


def test_what_holds_again_is_open_again_and_mailed_no_second_time(useless):
    judge(27)
    turned_out_well(useless, 27)
    judge(28)
    piece = Advice.objects.get()
    assert (piece.state, piece.changed_at) == ("new", after_midnight(day(28)))
    assert Occurrence.objects.filter(reminder__kind=Reminder.Kind.ADVICE).count() == 1


def test_advice_stays_while_its_treatment_is_stopped_and_judged_no_more(useless):
    judge(27)
    TreatmentAttempt.objects.filter(pk=useless.pk).update(stopped_on=day(28))
    advice.advise(patients=Patient.objects.all(), on=day(80), at=after_midnight(day(80)))
    assert Advice.objects.get(kind="not_working").state == "new"


def test_advice_that_a_file_brought_waits_for_the_first_night(useless):
    judge(27)
    Verdict.objects.all().delete()
    Advice.objects.create(
        patient=useless.patient,
        attempt=useless,
        kind="not_working",
        evidence=f"attempt:{useless.uuid}",
        created_at=after_midnight(day(27)),
        changed_at=after_midnight(day(27)),
    )
    advice.look(patient=useless.patient, at=after_midnight(day(28)))
    assert Advice.objects.get(kind="not_working").state == "new"


@pytest.mark.parametrize("state", ["seen", "later"])
def test_what_no_longer_holds_is_not_brought_back_by_hand(alice, useless, state):
    judge(27)
    turned_out_well(useless, 27)
    with pytest.raises(advice.NoLongerHolds):
        advice.respond(by=alice.user, advice=Advice.objects.get(), state=state, at=after_midnight(day(28)))
    assert Advice.objects.get().state == "outdated"


def test_only_ebb_calls_advice_outdated(alice, useless):
    judge(27)
    with pytest.raises(advice.NoLongerHolds):
        advice.respond(by=alice.user, advice=Advice.objects.get(), state="outdated", at=after_midnight(day(28)))
    assert Advice.objects.get().state == "new"


# Mails


def queued() -> int:
    return Occurrence.objects.filter(reminder__kind=Reminder.Kind.ADVICE).count()


def something_new(patient: Patient, kind: str, n: int) -> None:
    """As raised by that night, and told."""
    at = after_midnight(day(n))
    Advice.objects.create(patient=patient, kind=kind, evidence=f"test:{kind}:{n}", created_at=at, changed_at=at)
    advice.advise(patients=Patient.objects.all(), on=day(n), at=at)


@pytest.mark.parametrize(
    ("kind", "days_later", "n_mails"),
    [
        pytest.param("log_more", 1, 1, id="the next day"),
        pytest.param("second_opinion", 6, 1, id="within a week"),
        pytest.param("log_more", 8, 2, id="after more than a week"),
        pytest.param("worse", 1, 2, id="something worse does not wait"),
        pytest.param("still_worse", 1, 2, id="worse for two weeks does not wait"),
        pytest.param("red_flag", 1, 2, id="a warning sign does not wait"),
    ],
)
def test_one_mail_a_week_unless_something_is_worse(alice, kind, days_later, n_mails):
    something_new(alice.patient, "nsaid_days", 0)
    assert queued() == 1
    something_new(alice.patient, kind, days_later)
    assert queued() == n_mails


def test_what_waited_for_its_week_is_told_when_the_week_is_over(alice):
    something_new(alice.patient, "nsaid_days", 0)
    something_new(alice.patient, "severe", 2)
    for n in (5, 8, 9, 10):
        advice.advise(patients=Patient.objects.all(), on=day(n), at=after_midnight(day(n)))
    assert queued() == 2
    assert not Advice.objects.filter(announced_at=None).exists()


def test_nothing_new_no_mail(alice):
    something_new(alice.patient, "nsaid_days", 0)
    for n in (10, 20):
        advice.advise(patients=Patient.objects.all(), on=day(n), at=after_midnight(day(n)))
    assert queued() == 1
