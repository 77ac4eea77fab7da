"""Preparing a second opinion on its pages, from the question to the comparison."""

from uuid import uuid4

import pytest
from django.utils import timezone

from tests.tracker.test_attachments import add, picture
from tests.tracker.test_second_opinions import diagnosed, prepare, seen
from tracker.services import pain_log

LIST = "/second-opinion/"
PAGES = ("", "question/", "contents/", "words/", "brief/", "view/", "sealed/", "compare/", "delete/")


@pytest.fixture
def opinion(alice):
    return prepare(alice, question="What is it?", goal="Lift my child. Dr. Weber called it scoliosis.")


def noted(person, note):
    at = timezone.now()
    return pain_log.add(by=person.user, uuid=uuid4(), source="web", at=at, felt_at=at, zone="UTC", nrs=5, note=note)


@pytest.mark.parametrize("page", [*PAGES, "close/"])
@pytest.mark.parametrize("method", ["get", "post"])
def test_another_patient_finds_nothing(opinion, charlie_client, page, method):
    response = getattr(charlie_client, method)(f"{LIST}{opinion.uuid}/{page}")
    assert response.status_code in (404, 405)
    assert "What is it?" not in response.content.decode()
    opinion.refresh_from_db()
    assert (opinion.closed_at, opinion.sealed_opened_at) == (None, None)


@pytest.mark.parametrize("page", PAGES)
def test_each_page_opens_for_a_new_one(alice, alice_client, page):
    assert alice_client.get(f"{LIST}{prepare(alice, question='').uuid}/{page}").status_code == 200


def test_it_begins_with_one_tap_and_leads_to_the_question(alice, alice_client):
    response = alice_client.post(f"{LIST}begin/")
    opinion = alice.patient.second_opinions.get()
    assert response["Location"] == f"{LIST}{opinion.uuid}/question/"


@pytest.mark.parametrize("named", ["nonsense", "7b0d0d3c-3d52-4c39-9d5c-2a4f30a0a0f1"])
def test_an_attempt_that_is_not_there_is_passed_over(alice, alice_client, named):
    alice_client.post(f"{LIST}begin/", {"attempt": named})
    assert alice.patient.second_opinions.get().attempt is None


def test_the_question_is_kept_and_leads_on(opinion, alice_client):
    text = "Why  \n  here? 🙂"
    response = alice_client.post(f"{LIST}{opinion.uuid}/question/", {"question": text, "goal": "", "worry": ""})
    opinion.refresh_from_db()
    assert opinion.question.replace("\r\n", "\n") == text
    assert response["Location"].endswith("/contents/")


def test_too_long_a_question_stays_in_the_form(opinion, alice_client):
    response = alice_client.post(f"{LIST}{opinion.uuid}/question/", {"question": "q" * 10_001})
    assert response.status_code == 422
    assert "q" * 10_001 in response.content.decode()


def test_what_is_not_ticked_is_left_out_and_files_go_with_it(alice, opinion, alice_client):
    file = add(alice, picture())
    alice_client.post(f"{LIST}{opinion.uuid}/contents/", {"included": ["tried", "goal"], "attached": [str(file.uuid)]})
    opinion.refresh_from_db()
    assert set(opinion.left_out) == {"person", "conditions", "story", "function", "worry", "notes", "files"}
    assert opinion.attached == [str(file.uuid)]


def test_a_file_of_somebody_else_is_refused(opinion, charlie, alice_client):
    theirs = add(charlie, picture())
    response = alice_client.post(f"{LIST}{opinion.uuid}/contents/", {"included": [], "attached": [str(theirs.uuid)]})
    opinion.refresh_from_db()
    assert opinion.attached == []
    assert response.status_code in (302, 422)


class TestWords:
    def test_a_sentence_in_doubt_is_shown_and_held_back(self, opinion, alice_client):
        page = alice_client.get(f"{LIST}{opinion.uuid}/words/").content.decode()
        assert "Dr. Weber called it scoliosis." in page

    def test_what_was_written_stands_beside_what_goes_out(self, opinion, alice_client):
        page = alice_client.get(f"{LIST}{opinion.uuid}/words/").content.decode()
        (text,) = alice_client.get(f"{LIST}{opinion.uuid}/words/").context["blind"].texts
        assert "".join(words for words, _ in text.pieces) == opinion.goal
        assert (text.handed_over.text, text.handed_over.n_held_back) == ("Lift my child.", 1)
        assert "[1 sentence kept apart]" in page

    def test_what_the_patient_wants_shown_is_shown(self, alice, opinion, alice_client):
        page = alice_client.get(f"{LIST}{opinion.uuid}/words/").content.decode()
        digest = page.split('name="sentence-')[1][:16]
        alice_client.post(f"{LIST}{opinion.uuid}/words/", {f"sentence-{digest}": "show"})
        opinion.refresh_from_db()
        assert opinion.decided == {digest: "show"}

    def test_nonsense_decides_nothing(self, opinion, alice_client):
        alice_client.post(f"{LIST}{opinion.uuid}/words/", {"sentence-x": "show", "sentence-" + "a" * 16: "maybe"})
        opinion.refresh_from_db()
        assert opinion.decided == {}

    def test_notes_of_the_log_are_read_too(self, alice, opinion, alice_client):
        noted(alice, "The surgeon said fusion. Slept badly.")
        page = alice_client.get(f"{LIST}{opinion.uuid}/words/").content.decode()
        assert "The surgeon said fusion." in page

    def test_a_text_without_a_doubt_is_not_asked_about(self, alice, opinion, alice_client):
        noted(alice, "Slept badly.")
        assert "Slept badly." not in alice_client.get(f"{LIST}{opinion.uuid}/words/").content.decode()


class TestTheSealedPart:
    def test_it_is_closed_until_it_is_opened(self, alice, opinion, alice_client):
        diagnosed(alice, "Kaltenborn syndrome")
        page = alice_client.get(f"{LIST}{opinion.uuid}/sealed/").content.decode()
        assert "Kaltenborn" not in page
        assert "The new doctor’s view is not written down yet." in page.replace("&#x27;", "’").replace("'", "’")

    def test_the_patient_opens_it_and_that_is_told(self, alice, opinion, alice_client):
        diagnosed(alice, "Kaltenborn syndrome")
        alice_client.post(f"{LIST}{opinion.uuid}/sealed/")
        page = alice_client.get(f"{LIST}{opinion.uuid}/sealed/").content.decode()
        assert "Kaltenborn syndrome" in page
        assert "Dr. Weber called it scoliosis." in page


class TestAfterTheVisit:
    def test_a_view_is_written_down_once(self, opinion, alice_client):
        said = {"uuid": str(uuid4()), "clinician": "Dr. Quarshie", "diagnosis": "Rib joint", "ground": "", "advice": ""}
        for _ in range(2):
            alice_client.post(f"{LIST}{opinion.uuid}/view/", said)
        assert [view.diagnosis for view in opinion.views.all()] == ["Rib joint"]

    def test_an_empty_one_is_refused(self, opinion, alice_client):
        assert alice_client.post(f"{LIST}{opinion.uuid}/view/", {"clinician": "Dr. Quarshie"}).status_code == 422

    def test_each_earlier_diagnosis_is_compared(self, alice, opinion, alice_client):
        one, other = diagnosed(alice, "Strain"), diagnosed(alice, "Wear")
        seen(alice, opinion, diagnosis="Rib joint")
        named = {
            f"{one.uuid}-outcome": "different",
            f"{one.uuid}-called_now": "Rib joint",
            f"{other.uuid}-called_now": "Rib joint",
        }
        response = alice_client.post(f"{LIST}{opinion.uuid}/compare/", named)
        assert response.status_code == 302
        (comparison,) = opinion.comparisons.all()
        assert (comparison.diagnosis, comparison.replaced_by.name) == (one, "Rib joint")

    def test_the_new_name_is_not_compared_with_itself(self, alice, opinion, alice_client):
        one = diagnosed(alice, "Strain")
        seen(alice, opinion, diagnosis="Rib joint")
        alice_client.post(
            f"{LIST}{opinion.uuid}/compare/",
            {f"{one.uuid}-outcome": "different", f"{one.uuid}-called_now": "Rib joint"},
        )
        page = alice_client.get(f"{LIST}{opinion.uuid}/compare/").content.decode()
        assert page.count("Compared with the new view") == 1


def test_closing_and_deleting(alice, opinion, alice_client):
    alice_client.post(f"{LIST}{opinion.uuid}/close/")
    opinion.refresh_from_db()
    assert opinion.closed_at is not None
    alice_client.post(f"{LIST}{opinion.uuid}/delete/")
    assert not alice.patient.second_opinions.exists()


def test_the_new_doctor_sees_the_facts_and_not_what_others_said(alice, opinion, alice_client):
    diagnosed(alice, "Kaltenborn syndrome")
    noted(alice, "Kaltenborn again. Walked to the shop.")
    page = alice_client.get(f"{LIST}{opinion.uuid}/brief/").content.decode()
    assert "What is it?" in page
    assert "Lift my child." in page
    assert not any(word in page for word in ("scoliosis", "Weber", "Kaltenborn"))


def test_it_is_taken_along_on_paper(alice, opinion, alice_client):
    response = alice_client.post(f"{LIST}{opinion.uuid}/paper/", {"paper": "letter"})
    summary = alice.patient.summaries.get()
    assert summary.opinion == opinion
    assert str(summary.uuid) in response["Location"]
