import re
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from assessments import services
from assessments.models import Assessment
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
