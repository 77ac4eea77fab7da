import re
from datetime import timedelta
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.html import escape
from django.utils.timezone import localtime

from assessments import services
from assessments.models import Assessment
from assessments.web.presenters.questions import asked
from assessments.web.presenters.results import DRAWN
from tests.conftest import Person
from tests.engine.walking import CASES, RULEBOOK, walk

AT = timezone.now()
STRAIN = next(case["answers"] for case in CASES["case"] if case.get("top") == "strain")
GALL = next(case["answers"] for case in CASES["case"] if case.get("top") == "gall_bladder")
HOSTILE = ["", "maybe", "yes\x00", "\x00", "9" * 100_000, "<script>", "-1", "nan", "1e400", "unsure" * 1000]


@pytest.fixture
def checkup(alice: Person) -> Assessment:
    return services.start(by=alice.user, at=AT)


def page(assessment: Assessment, name: str = "question") -> str:
    return reverse(f"checkup:{name}", args=[assessment.uuid])


def finished(person: Person, said: dict) -> Assessment:
    assessment = services.start(by=person.user, at=AT, known=walk(said))
    return services.finish(by=person.user, uuid=assessment.uuid, at=AT)


def sent(question_id: str, answer: object) -> dict[str, object]:
    """What the browser sends for an answer."""
    if answer == "unsure" and RULEBOOK.questions[question_id].type == "number":
        return {"question": question_id, "unsure": "on"}
    return {"question": question_id, "answer": answer if answer != [] else ["none"]}


@pytest.mark.parametrize("name", ["question", "result"])
def test_a_stranger_is_asked_to_log_in(client: Client, checkup: Assessment, name: str) -> None:
    response = client.get(page(checkup, name))
    assert (response.status_code, response.url.split("?")[0]) == (302, reverse("account_login"))


def test_starting_needs_a_log_in(client: Client, db: None) -> None:
    assert client.post(reverse("checkup:start")).status_code == 302
    assert not Assessment.objects.exists()


@pytest.mark.parametrize("name", ["question", "result"])
def test_another_persons_check_up_is_not_there(charlie_client: Client, alice: Person, name: str) -> None:
    response = charlie_client.get(page(finished(alice, GALL), name))
    assert response.status_code == 404
    assert b"gall" not in response.content.lower()


def test_another_persons_check_up_cannot_be_answered(charlie_client: Client, checkup: Assessment) -> None:
    assert charlie_client.post(page(checkup), sent("chest", "yes")).status_code == 404
    checkup.refresh_from_db()
    assert checkup.answers == {}


def test_another_person_cannot_say_that_a_clinician_was_seen(charlie_client: Client, alice: Person) -> None:
    assessment = finished(alice, GALL)
    assert charlie_client.post(page(assessment, "seen")).status_code == 404
    assert services.exercise_is_paused(alice.user)


@pytest.mark.parametrize("question_id", ["chest", "age", "where", "duration"])
@pytest.mark.parametrize("answer", HOSTILE, ids=lambda answer: ascii(answer)[:20])
def test_a_bad_answer_gets_words_and_is_not_kept(
    alice_client: Client, checkup: Assessment, question_id: str, answer: str
) -> None:
    response = alice_client.post(page(checkup), {"question": question_id, "answer": answer})
    checkup.refresh_from_db()
    assert (response.status_code, checkup.answers) == (422, {})
    assert 'role="alert"' in response.content.decode()


@pytest.mark.parametrize("question_id", ["", "nose", "\x00", "x" * 100_000], ids=["none", "unknown", "nul", "huge"])
def test_an_answer_to_no_question_is_not_taken_for_another(
    alice_client: Client, checkup: Assessment, question_id: str
) -> None:
    assert alice_client.post(page(checkup), {"question": question_id, "answer": "yes"}).status_code == 200
    assert alice_client.get(page(checkup), {"question": question_id}).status_code == 200
    checkup.refresh_from_db()
    assert checkup.answers == {}


@pytest.mark.parametrize("ticks", [["none", "middle"], ["unsure", "middle"], ["unsure", "none"]], ids=str)
def test_none_and_unsure_stand_alone(alice_client: Client, checkup: Assessment, ticks: list[str]) -> None:
    assert alice_client.post(page(checkup), {"question": "where", "answer": ticks}).status_code == 422


def test_a_number_and_unsure_together_are_sent_back(alice_client: Client, checkup: Assessment) -> None:
    assert alice_client.post(page(checkup), {"question": "age", "answer": "40", "unsure": "on"}).status_code == 422


def test_an_unknown_check_up_is_not_there(alice_client: Client) -> None:
    assert alice_client.get(reverse("checkup:question", args=[uuid4()])).status_code == 404


def test_a_result_that_is_not_there_yet_leads_to_the_question(alice_client: Client, checkup: Assessment) -> None:
    assert alice_client.get(page(checkup, "result")).url == page(checkup)


def test_a_finished_check_up_takes_no_answer(alice_client: Client, alice: Person) -> None:
    assessment = finished(alice, STRAIN)
    assert alice_client.post(page(assessment), sent("chest", "yes")).url == page(assessment, "result")
    assessment.refresh_from_db()
    assert assessment.level == "self_care"


def test_without_a_check_up_the_start_page_asks_one_question(alice_client: Client) -> None:
    assert "None yet" in alice_client.get(reverse("checkup:start")).content.decode()


def test_a_check_up_that_was_begun_can_be_gone_on_with(alice_client: Client, checkup: Assessment) -> None:
    assert page(checkup) in alice_client.get(reverse("checkup:start")).content.decode()


@pytest.mark.parametrize("said", [pytest.param(STRAIN, id="strain"), pytest.param(GALL, id="gall bladder")])
def test_a_walk_page_by_page_ends_at_the_result(alice_client: Client, alice: Person, said: dict) -> None:
    alice_client.post(reverse("checkup:start"))
    assessment = alice.user.assessments.get()
    for question_id, answer in walk(said).items():
        assert f'value="{question_id}"' in alice_client.get(page(assessment)).content.decode()
        response = alice_client.post(page(assessment), sent(question_id, answer))
    assert response.url == page(assessment, "result")
    assert alice_client.get(response.url).status_code == 200


def test_an_emergency_ends_on_a_page_that_only_says_what_to_do(alice_client: Client, checkup: Assessment) -> None:
    response = alice_client.post(page(checkup), sent("bladder", "yes"), follow=True)
    shown = response.content.decode()
    assert "112" in shown
    assert "What fits your answers" not in shown
    assert "<nav" not in shown


@pytest.mark.parametrize(("region", "number"), [("uk", "999"), ("us", "911"), ("au", "000"), ("eu", "112")])
def test_the_number_is_that_of_the_patients_region(
    alice_client: Client, alice: Person, region: str, number: str
) -> None:
    alice.user.patient.emergency_region = region
    alice.user.patient.save()
    shown = alice_client.get(page(finished(alice, {"bladder": "yes"}), "result")).content.decode()
    assert shown.count('class="call"') == 1
    assert f'href="tel:{number}"' in shown


@pytest.mark.parametrize(
    ("zone", "first"),
    [
        ("Europe/London", "999"),
        ("America/Chicago", "911"),
        ("Australia/Perth", "000"),
        ("Europe/Berlin", "112"),
        ("America/Lima", "112"),
        ("UTC", "112"),
    ],
)
def test_where_no_region_was_chosen_the_likely_number_comes_first_of_all(
    alice_client: Client, alice: Person, zone: str, first: str
) -> None:
    alice.user.patient.zone = zone
    alice.user.patient.save()
    shown = alice_client.get(page(finished(alice, {"bladder": "yes"}), "result")).content.decode()
    numbers = re.findall(r'class="call" href="tel:(\d+)"', shown)
    assert (numbers[0], sorted(numbers)) == (first, ["000", "112", "911", "999"])


def test_thoughts_of_self_harm_show_at_once_where_to_find_a_person(alice_client: Client, checkup: Assessment) -> None:
    services.answer(by=checkup.user, uuid=checkup.uuid, answers={"harm": "unsure"})
    shown = alice_client.get(page(checkup), {"question": "harm_now"}).content.decode()
    assert "116123" in shown


def test_going_back_shows_the_earlier_answer(alice_client: Client, checkup: Assessment) -> None:
    services.answer(by=checkup.user, uuid=checkup.uuid, answers={"chest": "no"})
    assert "?question=chest" in alice_client.get(page(checkup)).content.decode()
    assert 'value="no" id="id_answer_1" required checked' in alice_client.get(
        page(checkup), {"question": "chest"}
    ).content.decode().replace(' class=""', "")


def test_a_check_up_answered_elsewhere_waits_for_one_press(alice_client: Client, alice: Person) -> None:
    assessment = services.start(by=alice.user, at=AT, known=walk(STRAIN))
    assert "Show the result" in alice_client.get(page(assessment)).content.decode()
    assert alice_client.post(page(assessment)).url == page(assessment, "result")


def test_the_patient_says_that_a_clinician_has_seen_them(alice_client: Client, alice: Person) -> None:
    alice_client.post(page(finished(alice, GALL), "seen"))
    assert not services.exercise_is_paused(alice.user)


def test_the_rule_book_is_open_to_everybody_and_names_its_version(client: Client, db: None) -> None:
    shown = client.get(reverse("checkup:rulebook")).content.decode()
    assert RULEBOOK.version in shown
    assert all(f'id="rule-{rule.id}"' in shown for rule in RULEBOOK.urgency_rules)


def test_the_start_page_asks_the_database_the_same_number_of_times(
    alice_client: Client, alice: Person, django_assert_max_num_queries
) -> None:
    for _ in range(5):
        finished(alice, STRAIN)
    with django_assert_max_num_queries(6):
        alice_client.get(reverse("checkup:start"))


POST_ONLY = ["discard", "seen", "correct"]
OF_A_RESULT = ["result", "compare", "doctor"]


@pytest.mark.parametrize("name", ["answers", *OF_A_RESULT])
def test_another_person_reads_nothing_of_it(charlie_client: Client, alice: Person, name: str) -> None:
    finished(alice, STRAIN)
    response = charlie_client.get(page(finished(alice, GALL), name))
    assert response.status_code == 404
    assert b"gall" not in response.content.lower()


@pytest.mark.parametrize("name", POST_ONLY)
def test_another_person_changes_nothing_of_it(charlie_client: Client, alice: Person, name: str) -> None:
    assessment = services.start(by=alice.user, at=AT)
    result = finished(alice, GALL)
    for one in (assessment, result):
        assert charlie_client.post(page(one, name)).status_code == 404
    assert alice.user.assessments.count() == 2
    assert services.exercise_is_paused(alice.user)


@pytest.mark.parametrize("name", POST_ONLY)
def test_a_look_changes_nothing(alice_client: Client, checkup: Assessment, name: str) -> None:
    assert alice_client.get(page(checkup, name)).status_code == 405
    assert Assessment.objects.filter(pk=checkup.pk).exists()


def test_a_result_cannot_be_thrown_away(alice_client: Client, alice: Person) -> None:
    assessment = finished(alice, STRAIN)
    assert alice_client.post(page(assessment, "discard")).url == page(assessment, "result")
    assert alice.user.assessments.count() == 1


def test_what_was_begun_can_be_thrown_away(alice_client: Client, checkup: Assessment, alice: Person) -> None:
    alice_client.post(page(checkup, "discard"))
    assert alice.user.assessments.count() == 0


def test_starting_anew_leaves_one_open(alice_client: Client, checkup: Assessment, alice: Person) -> None:
    alice_client.post(reverse("checkup:start"))
    assert alice.user.assessments.get().pk != checkup.pk


def test_the_summary_shows_every_answer_and_leads_to_each_question(alice_client: Client, checkup: Assessment) -> None:
    services.answer(by=checkup.user, uuid=checkup.uuid, answers={"chest": "no", "age": 44, "where": ["middle"]})
    shown = alice_client.get(page(checkup, "answers")).content.decode()
    assert all(f"?question={key}&amp;from=answers" in shown for key in ("chest", "age", "where"))
    assert "44" in shown and "Middle of the back" in shown


def test_a_change_from_the_summary_leads_back_to_it(alice_client: Client, checkup: Assessment) -> None:
    services.answer(by=checkup.user, uuid=checkup.uuid, answers={"age": 44})
    response = alice_client.post(page(checkup), sent("age", 45) | {"from": "answers"})
    checkup.refresh_from_db()
    assert (response.url, checkup.answers) == (page(checkup, "answers"), {"age": 45})


def test_an_emergency_found_from_the_summary_is_shown_at_once(alice_client: Client, checkup: Assessment) -> None:
    response = alice_client.post(page(checkup), sent("bladder", "yes") | {"from": "answers"})
    assert response.url == page(checkup, "result")


def test_a_check_up_that_met_other_rules_says_so_and_asks_again_what_no_longer_fits(
    alice_client: Client, checkup: Assessment
) -> None:
    kept = {"chest": "no", "sudden": "of old", "gone": "yes"}
    Assessment.objects.filter(pk=checkup.pk).update(answers=kept, rulebook_version="of old")
    shown = alice_client.get(page(checkup)).content.decode()
    assert "have been renewed" in shown
    assert 'value="sudden"' in shown
    alice_client.post(page(checkup), sent("sudden", "no"))
    assert "have been renewed" not in alice_client.get(page(checkup)).content.decode()


def test_a_check_up_that_nobody_has_answered_yet_met_no_other_rules(alice_client: Client, checkup: Assessment) -> None:
    Assessment.objects.filter(pk=checkup.pk).update(rulebook_version="of old")
    assert "have been renewed" not in alice_client.get(page(checkup)).content.decode()


def test_correcting_opens_a_new_check_up_with_the_same_answers(alice_client: Client, alice: Person) -> None:
    assessment = finished(alice, GALL)
    response = alice_client.post(page(assessment, "correct"))
    opened = alice.user.assessments.unfinished().get()
    assert (response.url, opened.answers) == (page(opened, "answers"), assessment.answers)


def test_a_result_shows_the_answers_behind_each_sign(alice_client: Client, alice: Person) -> None:
    assessment = finished(alice, GALL)
    shown = alice_client.get(page(assessment, "result")).content.decode()
    rule = assessment.outcome["fired"][0]
    asked = {entry["question"]: entry["text"] for entry in assessment.outcome["answered"]}
    assert rule["findings"][0]["answers"][0]["question"] in asked
    assert str(escape(asked[rule["findings"][0]["answers"][0]["question"]])) in shown


@pytest.mark.parametrize(("said", "signs_first"), [(STRAIN, False), (GALL, True)], ids=["no sign open", "a sign open"])
def test_that_mostly_nothing_is_damaged_comforts_only_where_no_alarm_sign_is_open(
    alice_client: Client, alice: Person, said: dict, signs_first: bool
) -> None:
    shown = alice_client.get(page(finished(alice, said), "result")).content.decode()
    assert "no single damaged part" in shown
    assert ("But first the signs above have to be looked at." in shown) is signs_first


@pytest.mark.parametrize("age", [1, 12, 17])
def test_a_minor_is_shown_no_cause_but_the_way_to_a_doctor_and_the_signs_of_an_emergency(
    alice_client: Client, alice: Person, age: int
) -> None:
    shown = alice_client.get(page(finished(alice, {"age": age}), "result")).content.decode()
    assert all(words in shown for words in ("See a doctor within days", "Go to emergency care at once if", "tel:112"))
    not_shown = ("What fits your answers", "gall bladder", "What may ease it", "Some alarm questions are not answered")
    assert not any(words in shown for words in not_shown)


def test_a_minor_in_an_emergency_is_told_to_get_help_now(alice_client: Client, alice: Person) -> None:
    assessment = finished(alice, {"age": 15, "bladder": "yes", "saddle_numb": "yes"})
    assert "Get emergency help now" in alice_client.get(page(assessment, "result")).content.decode()


def test_a_stored_result_is_shown_as_it_was_whatever_the_rules_say_today(alice_client: Client, alice: Person) -> None:
    assessment = finished(alice, STRAIN)
    old = assessment.outcome | {"headline": "Words of old", "rulebook_version": "0ld"}
    Assessment.objects.filter(pk=assessment.pk).update(outcome=old, rulebook_version="0ld")
    for name in ("result", "doctor"):
        shown = alice_client.get(page(assessment, name)).content.decode()
        assert "0ld" in shown
    assert "Words of old" in alice_client.get(page(assessment, "result")).content.decode()


def test_two_check_ups_of_one_day_are_told_apart_by_the_time(alice_client: Client, alice: Person) -> None:
    noon = AT.replace(hour=11, minute=3)
    for at in (noon, noon + timedelta(minutes=37)):
        services.finish(by=alice.user, uuid=services.start(by=alice.user, at=at, known=walk(STRAIN)).uuid, at=at)
    shown = alice_client.get(reverse("checkup:history")).content.decode()
    times = [localtime(at, ZoneInfo("Europe/Berlin")).strftime("%H:%M") for at in (noon, noon + timedelta(minutes=37))]
    assert all(time in shown for time in times)


def test_the_comparison_says_what_is_new_and_what_went_away(alice_client: Client, alice: Person) -> None:
    finished(alice, STRAIN)
    later = finished(alice, GALL)
    shown = alice_client.get(page(later, "compare")).content.decode()
    assert "More urgent than before." in shown
    assert "New signs" in shown
    assert "Answers that differ" in shown


def test_the_first_check_up_has_nothing_to_be_compared_with(alice_client: Client, alice: Person) -> None:
    assessment = finished(alice, STRAIN)
    assert alice_client.get(page(assessment, "compare")).url == page(assessment, "result")


@pytest.mark.parametrize("number", ["0", "-1", "x", "9" * 400, "\x00", "2"])
def test_a_page_of_the_history_that_is_not_there_is_no_fault(alice_client: Client, alice: Person, number: str) -> None:
    finished(alice, STRAIN)
    assert alice_client.get(reverse("checkup:history"), {"page": number}).status_code == 200


def test_the_history_asks_the_database_the_same_number_of_times(
    alice_client: Client, alice: Person, django_assert_max_num_queries
) -> None:
    for _ in range(25):
        finished(alice, STRAIN)
    with django_assert_max_num_queries(6):
        shown = alice_client.get(reverse("checkup:history")).content.decode()
    assert "?page=2" in shown


def test_the_page_for_the_doctor_lists_alarm_questions_answered_and_open(alice_client: Client, alice: Person) -> None:
    assessment = services.start(by=alice.user, at=AT, known=walk(GALL))
    services.answer(by=alice.user, uuid=assessment.uuid, answers={"legs": None})
    services.finish(by=alice.user, uuid=assessment.uuid, at=AT)
    shown = alice_client.get(page(assessment, "doctor")).content.decode()
    assert "Patient questionnaire, not a diagnosis" in shown
    assert "Alarm questions not answered" in shown
    assert all(str(escape(question.text)) in shown for question in map(RULEBOOK.questions.get, ("legs", "belly")))


def test_no_page_of_a_result_speaks_in_percentages_or_as_if_it_knew(alice_client: Client, alice: Person) -> None:
    finished(alice, STRAIN)
    assessment = finished(alice, GALL)
    for name in OF_A_RESULT:
        shown = re.sub("<[^>]+>", " ", alice_client.get(page(assessment, name)).content.decode())
        assert not re.search(r"\d ?%|\b[Yy]ou have (?!a check)|ruled out|diagnosed", shown), name


def test_the_rule_book_says_that_a_result_came_from_another_version(client: Client, db: None) -> None:
    address = reverse("checkup:rulebook")
    assert "worked out with version 0ld" in client.get(address, {"version": "0ld"}).content.decode()
    assert "worked out with version" not in client.get(address, {"version": RULEBOOK.version}).content.decode()
    assert "<script>" not in client.get(address, {"version": "<script>"}).content.decode().replace(" ", "")


def test_every_link_inside_the_rule_book_leads_somewhere(client: Client, db: None) -> None:
    shown = client.get(reverse("checkup:rulebook")).content.decode()
    assert set(re.findall(r'href="#([^"]+)"', shown)) <= set(re.findall(r'id="([^"]+)"', shown))


def test_the_figure_knows_every_place_that_can_be_ticked() -> None:
    places = {option.id for option in RULEBOOK.questions["where"].options} - {"unsure"}
    assert places <= DRAWN


def test_while_an_alarm_question_is_open_no_result_says_that_no_sign_was_found(
    alice_client: Client, alice: Person
) -> None:
    assessment = services.start(by=alice.user, at=AT, known={"age": 44})
    services.finish(by=alice.user, uuid=assessment.uuid, at=AT)
    shown = alice_client.get(page(assessment, "result")).content.decode()
    assert "incomplete" in shown
    assert "No alarm sign was found" not in shown


def test_a_question_that_names_several_signs_lists_them(alice_client: Client, checkup: Assessment) -> None:
    shown = alice_client.get(page(checkup), {"question": "bladder"}).content.decode()
    assert "<li>numbness around the genitals, back passage or inner thighs</li>" in shown
    assert "<li>loss of feeling during sex</li>" in shown
    assert "Constipation alone does not count." in shown.split("</legend>")[0]


@pytest.mark.parametrize("question_id", [key for key, one in RULEBOOK.questions.items() if one.compound])
def test_no_sign_of_a_compound_question_gets_lost_in_its_list(question_id: str) -> None:
    question = RULEBOOK.questions[question_id]
    shown = asked(question)
    assert len(shown.signs) >= 2
    assert f"{shown.sentence[:-1]}: {'; '.join(shown.signs)}? {shown.note}".strip() == question.text


def test_the_first_sign_of_an_emergency_shows_the_number_at_once(alice_client: Client, checkup: Assessment) -> None:
    assert "do not answer on" not in alice_client.get(page(checkup)).content.decode()
    shown = alice_client.post(page(checkup), sent("chest", "yes"), follow=True).content.decode()
    assert "do not answer on" in shown
    assert 'href="tel:112"' in shown
    denied = dict.fromkeys(["chest_pressure", "exhausted", "breathless", "cough_blood", "cough_fever"], "no")
    for question_id, answer in denied.items():
        response = alice_client.post(page(checkup), sent(question_id, answer), follow=True)
    assert "do not answer on" not in response.content.decode()
