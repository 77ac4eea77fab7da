from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from tests.tracker.verdict_rows import advice_of, attempt_of, verdict_of
from tracker.models import Advice, Occurrence
from tracker.services import advice, medicines

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("at_noon")]


@pytest.fixture
def not_working(alice) -> Advice:
    attempt = attempt_of(alice, own_words="Secret ointment", prescribed_by="Dr Silva")
    return advice_of(verdict_of(attempt, "not_working"), "not_working")


def page_of(client, advice: Advice) -> str:
    return client.get(f"/treatments/{advice.attempt.uuid}/").content.decode()


def test_another_patient_cannot_answer_advice(not_working, charlie_client):
    response = charlie_client.post(f"/advice/{not_working.pk}/", {"action": "dismiss"})
    not_working.refresh_from_db()
    assert (response.status_code, not_working.state) == (404, Advice.State.NEW)
    assert "Secret ointment" not in response.content.decode()


def test_a_stranger_cannot_answer_advice(not_working, client):
    client.post(f"/advice/{not_working.pk}/", {"action": "dismiss"})
    not_working.refresh_from_db()
    assert not_working.state == Advice.State.NEW


@pytest.mark.parametrize("action", ["", "seen", "new", "\x00", "x" * 10_000])
def test_an_unknown_answer_changes_nothing(not_working, alice_client, action):
    response = alice_client.post(f"/advice/{not_working.pk}/", {"action": action})
    not_working.refresh_from_db()
    assert (response.status_code, not_working.state) == (400, Advice.State.NEW)


def test_a_key_that_no_database_holds_is_not_there(alice_client):
    assert alice_client.post(f"/advice/{10**30}/", {"action": "dismiss"}).status_code == 404


def test_an_answer_is_not_taken_from_a_link(not_working, alice_client):
    assert alice_client.get(f"/advice/{not_working.pk}/").status_code == 405


@pytest.mark.parametrize(("action", "state"), [("dismiss", "dismissed"), ("acted_on", "acted_on")])
def test_an_answer_is_noted_and_the_advice_is_gone(not_working, alice_client, action, state):
    response = alice_client.post(f"/advice/{not_working.pk}/", {"action": action, "from": "attempt"})
    not_working.refresh_from_db()
    assert (response.url, not_working.state) == (f"/treatments/{not_working.attempt.uuid}/", state)
    assert "Put away" not in page_of(alice_client, not_working)


def test_advice_shown_on_the_page_of_its_treatment_counts_as_seen(not_working, alice_client):
    assert "Put away" in page_of(alice_client, not_working)
    not_working.refresh_from_db()
    assert not_working.state == Advice.State.SEEN


def test_a_look_does_not_undo_an_answer(not_working, alice_client):
    alice_client.post(f"/advice/{not_working.pk}/", {"action": "dismiss"})
    page_of(alice_client, not_working)
    not_working.refresh_from_db()
    assert not_working.state == Advice.State.DISMISSED


def test_not_working_leads_to_the_prescriber_the_diagnosis_and_a_fresh_look(not_working, alice_client):
    page = page_of(alice_client, not_working)
    for words in ("Talk to Dr Silva", "Question the diagnosis", "examines you before", "/second-opinion/"):
        assert words in page


def test_worse_leads_to_the_check_up_not_to_a_second_opinion(alice, alice_client):
    attempt = attempt_of(alice)
    advice_of(verdict_of(attempt, "worse", change=1.2, change_low=0.5, change_high=2.0), "worse")
    page = alice_client.get(f"/treatments/{attempt.uuid}/").content.decode()
    assert "Talk to your doctor soon" in page and "/checkup/" in page
    assert 'href="/second-opinion/"' not in page


def test_the_page_shows_the_verdict_in_words_dots_and_picture(not_working, alice_client):
    page = page_of(alice_client, not_working)
    assert "Secret ointment has not brought a drop that matters in 33 days." in page
    assert 'class="dots bad"' in page and 'class="effect"' in page and "How this was worked out" in page


def test_the_page_tells_only_nights_on_which_the_words_changed(alice, alice_client):
    attempt, today = attempt_of(alice), timezone.localdate()
    for ago, outcome, reason in [(4, "cant_tell", "too_early"), (3, "cant_tell", "too_early"), (2, "working", "")]:
        verdict_of(attempt, outcome, reason=reason, as_of=today - timedelta(days=ago))
    page = alice_client.get(f"/treatments/{attempt.uuid}/").content.decode()
    assert page.count("Too early to say") == 1


def test_the_page_of_a_year_of_verdicts_needs_no_more_queries(alice, alice_client, django_assert_max_num_queries):
    attempt, today = attempt_of(alice, days_ago=300), timezone.localdate()
    for ago in range(0, 300, 10):
        verdict_of(attempt, "working", as_of=today - timedelta(days=ago))
    with django_assert_max_num_queries(13):
        alice_client.get(f"/treatments/{attempt.uuid}/")


def test_the_guidance_says_what_is_never_kept_back(alice_client):
    page = alice_client.get("/second-opinion/").content.decode()
    assert "allergies" in page and "nobody has proved" in page


def test_the_guidance_is_for_patients_only(client):
    assert client.get("/second-opinion/").status_code == 302


def test_advice_answered_in_another_tab_while_the_page_was_made_stays_answered(not_working):
    by, at = not_working.attempt.patient.user, timezone.now()
    advice.respond(by=by, advice=not_working, state=Advice.State.DISMISSED, at=at)
    shown_before = Advice(pk=not_working.pk, state=Advice.State.NEW)
    assert advice.mark_seen(by=by, at=at, shown=[shown_before]) == 0
    not_working.refresh_from_db()
    assert not_working.state == Advice.State.DISMISSED


# Answers and the list


def respond(client, piece, **sent):
    return client.post(f"/advice/{piece.pk}/", sent)


def state_of(piece: Advice) -> tuple[str, object]:
    piece.refresh_from_db()
    return piece.state, piece.later_until


def test_later_is_two_weeks_unless_a_day_is_named(not_working, alice_client):
    today = timezone.localdate()
    respond(alice_client, not_working, action="later")
    assert state_of(not_working) == ("later", today + timedelta(days=14))
    respond(alice_client, not_working, action="later", until=str(today + timedelta(days=3)))
    assert state_of(not_working) == ("later", today + timedelta(days=3))


@pytest.mark.parametrize("until", ["today", "a year and a week", "2020-01-01", "9999-12-31", "soon", "\x00"])
def test_a_day_that_cannot_be_leaves_the_advice_as_it_was(not_working, alice_client, until):
    today = timezone.localdate()
    named = {"today": str(today), "a year and a week": str(today + timedelta(days=373))}
    response = respond(alice_client, not_working, action="later", until=named.get(until, until))
    assert response.status_code == 302
    assert "The advice stays as it was." in alice_client.get(response.url).content.decode()
    assert state_of(not_working)[1] is None


def test_what_is_put_off_is_gone_from_today_and_comes_back(not_working, alice_client):
    respond(alice_client, not_working, action="later")
    assert "Put away" not in alice_client.get("/").content.decode()
    assert "back on" in alice_client.get("/advice/").content.decode()
    Advice.objects.update(later_until=timezone.localdate())
    page = alice_client.get("/").content.decode()
    assert "You asked to see this again." in page and "Put away" in page


@pytest.mark.parametrize("action", ["dismiss", "acted_on", "later"])
def test_every_answer_can_be_taken_back_from_the_list(not_working, alice_client, action):
    respond(alice_client, not_working, action=action)
    assert "Bring back" in alice_client.get("/advice/").content.decode()
    response = respond(alice_client, not_working, action="undo", **{"from": "list"})
    assert (response.url, state_of(not_working)) == ("/advice/", ("seen", None))
    assert "Put away" in alice_client.get("/").content.decode()


def test_advice_that_no_longer_holds_stays_readable_and_asks_for_nothing(not_working, alice_client):
    Advice.objects.update(state=Advice.State.OUTDATED)
    page = alice_client.get("/advice/").content.decode()
    assert "has not brought a drop that matters" in page and "the verdict has changed" in page
    assert "Bring back" not in page and "Put away" not in page
    assert "Put away" not in page_of(alice_client, not_working)
    response = respond(alice_client, not_working, action="undo", **{"from": "list"})
    assert "no longer holds" in alice_client.get(response.url).content.decode()
    assert state_of(not_working)[0] == "outdated"


def test_the_api_refuses_to_open_or_close_what_only_ebb_may(not_working, alice_client):
    path = f"/api/v1/advice/{not_working.pk}/"
    said = {"state": "outdated"}
    assert alice_client.patch(path, said, content_type="application/json").status_code == 409
    Advice.objects.update(state=Advice.State.OUTDATED)
    assert alice_client.patch(path, {"state": "seen"}, content_type="application/json").status_code == 409
    assert alice_client.get(path).json()["state"] == "outdated"


def test_a_second_tablet_of_the_same_group_on_one_day_is_told_at_once(alice, alice_client):
    when = {"at": timezone.now(), "on": timezone.localdate()}
    for name in ("Ibuprofen", "Diclofenac"):
        one = medicines.add_medicine(by=alice.user, uuid=uuid4(), name=name, **when)
        assert not Advice.objects.exists()
        alice_client.post("/health/intakes/tap/", {"medicine": str(one.uuid), "uuid": str(uuid4())})
    assert Advice.objects.get().kind == Advice.Kind.TWO_NSAIDS
    page = alice_client.get("/").content.decode()
    assert "Two anti-inflammatory medicines at once" in page and "pharmacist" in page
    assert not Occurrence.objects.exists()  # no mail: the patient is here
