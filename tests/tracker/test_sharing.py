"""The life of a link: made, opened, watched, ended."""

from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction

from tracker.models import Share
from tracker.services import second_opinions, sharing
from tracker.services.sharing import Wish

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
TODAY = date(2026, 11, 23)
PASSPHRASE = "plum garden 7"


def share(person, uuid=None, **wish) -> Share:
    wish = Wish(**{"scope": "summary"} | wish)
    return sharing.create(by=person.user, uuid=uuid or uuid4(), at=NOW, on=TODAY, wish=wish)


def opinion(person):
    return second_opinions.prepare(by=person.user, uuid=uuid4(), at=NOW, on=TODAY, question="What is it?")


class TestMaking:
    @pytest.mark.parametrize(
        "wish",
        [
            pytest.param({"scope": "everything"}, id="a scope that there is not"),
            pytest.param({"scope": "brief"}, id="a brief of nothing"),
            pytest.param({"scope": "log"}, id="a log without a period"),
            pytest.param({"scope": "log", "first_day": TODAY, "last_day": TODAY - timedelta(days=1)}, id="backwards"),
            pytest.param({"scope": "log", "first_day": TODAY, "last_day": TODAY + timedelta(days=1)}, id="tomorrow"),
            pytest.param({"days": 0}, id="no time at all"),
            pytest.param({"days": 91}, id="for ever"),
        ],
    )
    def test_what_a_link_cannot_be_is_refused(self, alice, wish):
        with pytest.raises(sharing.ShareOutOfRange):
            share(alice, **wish)
        assert not alice.patient.shares.exists()

    def test_another_patients_opinion_is_refused(self, alice, charlie):
        with pytest.raises(sharing.ShareOutOfRange):
            share(alice, scope="brief", opinion=opinion(charlie))

    def test_the_sealed_part_wants_a_passphrase(self, alice):
        with pytest.raises(sharing.PassphraseNeeded):
            share(alice, scope="brief", opinion=opinion(alice), opens_sealed=True)

    def test_the_database_wants_it_too(self, alice):
        made = share(alice, scope="brief", opinion=opinion(alice))
        with pytest.raises(IntegrityError), transaction.atomic():
            Share.objects.filter(pk=made.pk).update(opens_sealed=True)

    def test_a_short_passphrase_is_refused(self, alice):
        with pytest.raises(sharing.PassphraseTooShort):
            share(alice, passphrase="short")

    def test_it_lasts_two_weeks_unless_told_otherwise(self, alice):
        assert share(alice).expires_at == NOW + timedelta(days=14)

    def test_neither_the_link_nor_the_passphrase_is_kept(self, alice):
        made = share(alice, passphrase=PASSPHRASE)
        kept = " ".join(map(str, Share.objects.filter(pk=made.pk).values_list()[0]))
        assert sharing.token_of(made) not in kept
        assert PASSPHRASE not in kept

    def test_sent_again_it_is_the_same_link(self, alice):
        uuid = uuid4()
        assert share(alice, uuid) == share(alice, uuid)
        with pytest.raises(sharing.ShareAlreadyThere):
            share(alice, uuid, scope="log", first_day=TODAY, last_day=TODAY)

    def test_two_patients_with_one_uuid_have_two_links(self, alice, charlie):
        uuid = uuid4()
        assert sharing.token_of(share(alice, uuid)) != sharing.token_of(share(charlie, uuid))

    def test_there_is_an_end(self, alice, monkeypatch):
        monkeypatch.setattr(sharing, "MAX_OPEN", 1)
        share(alice)
        with pytest.raises(sharing.TooManyShares):
            share(alice)


class TestOpening:
    def test_the_link_leads_to_what_was_shared(self, alice):
        made = share(alice)
        assert sharing.by_token(sharing.token_of(made), at=NOW) == made

    @pytest.mark.parametrize("token", ["", "x", "A" * 43, "\ud800", "é"])
    def test_a_guess_leads_nowhere(self, alice, token):
        share(alice)
        with pytest.raises(sharing.ShareUnknown):
            sharing.by_token(token, at=NOW)

    def test_it_ends_to_the_second(self, alice):
        made = share(alice)
        token = sharing.token_of(made)
        sharing.by_token(token, at=made.expires_at - timedelta(seconds=1))
        with pytest.raises(sharing.ShareEnded):
            sharing.by_token(token, at=made.expires_at)

    def test_it_ends_when_the_patient_says_so(self, alice):
        made = share(alice)
        sharing.revoke(by=alice.user, share=made, at=NOW)
        with pytest.raises(sharing.ShareEnded):
            sharing.by_token(sharing.token_of(made), at=NOW)

    def test_another_patient_cannot_end_it(self, alice, charlie):
        with pytest.raises(Share.DoesNotExist):
            sharing.revoke(by=charlie.user, share=share(alice), at=NOW)

    def test_it_ends_with_the_account(self, alice):
        made = share(alice)
        alice.user.is_active = False
        alice.user.save()
        with pytest.raises(sharing.ShareUnknown):
            sharing.by_token(sharing.token_of(made), at=NOW)


class TestPassphrases:
    def test_without_one_nothing_is_asked(self, alice):
        sharing.unlock(share=share(alice), passphrase="", at=NOW)

    def test_the_right_one_opens(self, alice):
        made = share(alice, passphrase=PASSPHRASE)
        sharing.unlock(share=made, passphrase=PASSPHRASE, at=NOW)
        made.refresh_from_db()
        assert made.n_wrong_tries == 0

    def test_a_wrong_one_is_told_to_the_patient(self, alice):
        made = share(alice, passphrase=PASSPHRASE)
        with pytest.raises(sharing.WrongPassphrase):
            sharing.unlock(share=made, passphrase="guess", at=NOW)
        assert [view.act for view in made.shown.all()] == ["wrong_passphrase"]

    def test_after_some_there_is_a_pause_that_the_right_one_does_not_shorten(self, alice):
        made = share(alice, passphrase=PASSPHRASE)
        for _ in range(sharing.TRIES):
            with pytest.raises(sharing.WrongPassphrase):
                sharing.unlock(share=made, passphrase="guess", at=NOW)
        with pytest.raises(sharing.ShareLocked):
            sharing.unlock(share=made, passphrase=PASSPHRASE, at=NOW)
        sharing.unlock(share=made, passphrase=PASSPHRASE, at=NOW + sharing.PAUSE)


class TestQuestions:
    def test_a_clinician_asks_and_the_patient_answers(self, alice):
        question = sharing.ask(share=share(alice), uuid=uuid4(), text="Since when?", asked_by="Dr. Quarshie", at=NOW)
        answered = sharing.answer(by=alice.user, question=question, text="Since May", at=NOW)
        assert (answered.text, answered.answer) == ("Since when?", "Since May")

    def test_nothing_is_no_question(self, alice):
        with pytest.raises(sharing.QuestionEmpty):
            sharing.ask(share=share(alice), uuid=uuid4(), text=" \n", asked_by="", at=NOW)

    def test_another_patient_cannot_answer(self, alice, charlie):
        question = sharing.ask(share=share(alice), uuid=uuid4(), text="Since when?", asked_by="", at=NOW)
        with pytest.raises(type(question).DoesNotExist):
            sharing.answer(by=charlie.user, question=question, text="May", at=NOW)

    def test_sent_twice_it_is_asked_once(self, alice):
        made, uuid = share(alice), uuid4()
        for _ in range(2):
            sharing.ask(share=made, uuid=uuid, text="Since when?", asked_by="", at=NOW)
        assert made.questions.count() == 1


def test_the_list_tells_what_happened(alice):
    made = share(alice)
    sharing.note(share=made, act="opened", device="Firefox", at=NOW)
    sharing.ask(share=made, uuid=uuid4(), text="Since when?", asked_by="", at=NOW)
    (listed,) = sharing.listed(alice.patient)
    assert (listed.n_opened, listed.last_opened_at, listed.n_waiting) == (1, NOW, 1)
