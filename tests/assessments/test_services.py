from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from assessments import services
from assessments.engine.questionnaire import AnswerError
from assessments.models import Assessment
from tests.conftest import Person
from tests.engine.walking import CASES, walk

AT = timezone.now()
STRAIN = next(case["answers"] for case in CASES["case"] if case.get("top") == "strain")
GALL = next(case["answers"] for case in CASES["case"] if case.get("top") == "gall_bladder")


def finished(person: Person, said: dict, *, at=AT) -> Assessment:
    assessment = services.start(by=person.user, at=at, known=walk(said))
    return services.finish(by=person.user, uuid=assessment.uuid, at=at)


def test_with_check_ups_off_none_starts_and_nothing_is_paused(alice: Person, settings) -> None:
    finished(alice, GALL)
    settings.EBB_CHECKUP = False
    with pytest.raises(services.CheckupOff):
        services.start(by=alice.user, at=AT)
    assert not services.exercise_is_paused(alice.user)


def test_a_bad_known_answer_starts_nothing(alice: Person) -> None:
    with pytest.raises(AnswerError):
        services.start(by=alice.user, at=AT, known={"age": "old"})
    assert alice.user.assessments.count() == 0


def test_a_finished_check_up_is_never_changed(alice: Person) -> None:
    assessment = finished(alice, STRAIN)
    with pytest.raises(services.AlreadyFinished):
        services.answer(by=alice.user, uuid=assessment.uuid, answers={"age": 35})


def test_a_check_up_without_a_result_cannot_be_seen_by_a_clinician(alice: Person) -> None:
    assessment = services.start(by=alice.user, at=AT)
    with pytest.raises(services.NotFinished):
        services.mark_seen_by_clinician(by=alice.user, uuid=assessment.uuid, at=AT)


def test_another_persons_check_up_is_out_of_reach(alice: Person, charlie: Person) -> None:
    assessment = services.start(by=alice.user, at=AT)
    with pytest.raises(Assessment.DoesNotExist):
        services.answer(by=charlie.user, uuid=assessment.uuid, answers={"age": 35})


def test_two_people_may_use_the_same_uuid(alice: Person, charlie: Person) -> None:
    same = uuid4()
    mine = services.start(by=alice.user, at=AT, uuid=same)
    theirs = services.start(by=charlie.user, at=AT, uuid=same)
    assert mine.pk != theirs.pk


def test_the_same_uuid_again_gives_the_same_check_up(alice: Person) -> None:
    first = services.start(by=alice.user, at=AT, uuid=uuid4(), known={"age": 40})
    assert services.start(by=alice.user, at=AT, uuid=first.uuid).answers == {"age": 40}


def test_the_database_refuses_a_level_without_an_outcome(alice: Person) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        alice.user.assessments.create(rulebook_version="x", started_at=AT, finished_at=AT, level="routine")


def test_a_taken_back_answer_takes_its_branch_with_it(alice: Person) -> None:
    assessment = services.start(by=alice.user, at=AT, known={"legs": "yes", "both_legs": "yes"})
    assert services.answer(by=alice.user, uuid=assessment.uuid, answers={"legs": None}).answers == {}


def test_finishing_twice_changes_nothing(alice: Person) -> None:
    assessment = finished(alice, STRAIN)
    again = services.finish(by=alice.user, uuid=assessment.uuid, at=AT + timedelta(days=1))
    assert (again.finished_at, again.outcome) == (assessment.finished_at, assessment.outcome)


def test_answers_that_the_rule_book_no_longer_knows_are_left_aside(alice: Person) -> None:
    assessment = services.start(by=alice.user, at=AT, known=walk(STRAIN))
    alice.user.assessments.update(answers=assessment.answers | {"a_question_of_old": "yes"})
    assert services.finish(by=alice.user, uuid=assessment.uuid, at=AT).level == "self_care"


def test_a_result_of_within_days_pauses_exercise_until_a_clinician_has_seen_the_patient(alice: Person) -> None:
    assessment = finished(alice, GALL)
    assert services.exercise_is_paused(alice.user)
    services.mark_seen_by_clinician(by=alice.user, uuid=assessment.uuid, at=AT)
    assert not services.exercise_is_paused(alice.user)


def test_self_care_pauses_nothing(alice: Person) -> None:
    finished(alice, STRAIN)
    assert not services.exercise_is_paused(alice.user)


def test_a_milder_result_does_not_lift_the_pause_of_an_earlier_one(alice: Person) -> None:
    finished(alice, GALL, at=AT - timedelta(days=30))
    newest = finished(alice, STRAIN)
    assert services.exercise_is_paused(alice.user)
    services.mark_seen_by_clinician(by=alice.user, uuid=newest.uuid, at=AT)
    assert not services.exercise_is_paused(alice.user)


def test_an_answer_that_the_rule_book_of_today_does_not_take_is_left_aside(alice: Person) -> None:
    assessment = services.start(by=alice.user, at=AT)
    alice.user.assessments.update(answers={"age": "a word", "fever": ["yes"], "where": ["nose"], "sudden": "no"})
    assessment.refresh_from_db()
    assert services.answers_of(assessment) == {"sudden": "no"}
    assert services.next_question(assessment) is not None


def test_starting_anew_throws_away_what_was_only_begun(alice: Person, charlie: Person) -> None:
    kept = [finished(alice, STRAIN), services.start(by=charlie.user, at=AT)]
    services.start(by=alice.user, at=AT)
    opened = services.start_anew(by=alice.user, at=AT)
    assert set(Assessment.objects.values_list("pk", flat=True)) == {opened.pk, *(one.pk for one in kept)}


def test_a_finished_check_up_cannot_be_thrown_away(alice: Person) -> None:
    assessment = finished(alice, STRAIN)
    with pytest.raises(services.AlreadyFinished):
        services.discard(by=alice.user, uuid=assessment.uuid)
    assert alice.user.assessments.count() == 1


def test_another_persons_check_up_cannot_be_thrown_away(alice: Person, charlie: Person) -> None:
    assessment = services.start(by=alice.user, at=AT)
    with pytest.raises(Assessment.DoesNotExist):
        services.discard(by=charlie.user, uuid=assessment.uuid)


def test_correcting_begins_with_the_same_answers_and_leaves_the_result(alice: Person) -> None:
    result = finished(alice, GALL)
    opened = services.correct(by=alice.user, uuid=result.uuid, at=AT)
    assert (opened.finished_at, opened.answers) == (None, result.answers)
    stored = result.outcome
    result.refresh_from_db()
    assert result.outcome == stored


def test_what_stands_is_read_in_one_query(alice: Person, django_assert_num_queries) -> None:
    finished(alice, GALL)
    services.start(by=alice.user, at=AT)
    with django_assert_num_queries(1):
        standing = services.standing(alice.user, on=AT.date())
        assert (standing.rests_exercise, standing.urgent, standing.due) == (True, None, None)
        assert standing.unfinished is not None


def test_nothing_stands_with_check_ups_off(alice: Person, settings) -> None:
    finished(alice, GALL)
    settings.EBB_CHECKUP = False
    assert services.standing(alice.user, on=AT.date()) == services.Standing()


@pytest.mark.parametrize(("days", "is_due"), [(27, False), (28, True), (400, True)])
def test_a_check_up_is_due_again_on_the_day_that_its_result_named(alice: Person, days: int, is_due: bool) -> None:
    assessment = finished(alice, STRAIN)
    on = timezone.localdate(AT) + timedelta(days=days)
    assert (services.standing(alice.user, on=on).due == assessment) is is_due


def test_only_the_newest_result_can_be_due(alice: Person) -> None:
    finished(alice, STRAIN, at=AT - timedelta(days=40))
    finished(alice, STRAIN)
    assert services.standing(alice.user, on=timezone.localdate(AT)).due is None


def test_the_one_before_is_the_last_that_was_finished_earlier(alice: Person) -> None:
    first, second, third = (finished(alice, STRAIN, at=AT - timedelta(hours=ago)) for ago in (3, 2, 1))
    assert [services.before(one) for one in (first, second, third)] == [None, first, second]
