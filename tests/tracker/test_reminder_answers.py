"""What a patient says to a reminder, what its mail says, and what is foretold of the next ones."""

import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, time
from threading import Event
from time import sleep

import pytest
from django.db import connection, transaction

from tests.tracker.announced import announce_advice
from tests.tracker.reminding import DAY, EVENING, HOUR, MINUTE, MORNING, SEVEN, TODAY, drain, link, row_of, state, wish
from tracker import emails
from tracker.models import Occurrence, Reminder
from tracker.services import (
    accounts,
    answers,
    appointments,
    exercises,
    pain_log,
    pauses,
    reminders,
)
from tracker.services.locks import locked
from tracker.services.outlook import Outlook

State = Occurrence.State


class TestAnswers:
    def test_a_number_from_the_mail_is_an_entry_and_works_once(self, alice, mailoutbox):
        reminder = wish(alice, "log_pain")
        drain(SEVEN)
        score = link(reminder, "score")
        answers.follow_link(link=score, at=SEVEN, said=answers.Said(nrs=4))
        with pytest.raises(answers.LinkEnded):
            answers.follow_link(link=score, at=SEVEN, said=answers.Said(nrs=5))
        entry = alice.patient.pain_entries.get()
        assert (entry.nrs, entry.source, entry.felt_at, row_of(reminder).response) == (4, "mail", SEVEN, "done")

    def test_a_number_deleted_later_does_not_open_the_link_again(self, alice, mailoutbox):
        reminder = wish(alice, "log_pain")
        drain(SEVEN)
        answers.follow_link(link=link(reminder, "score"), at=SEVEN, said=answers.Said(nrs=4))
        pain_log.remove(by=alice.user, entry=alice.patient.pain_entries.get(), at=SEVEN)
        assert not answers.is_open(link=link(reminder, "score"), at=SEVEN)

    def test_done_is_taken_back_with_what_it_alone_wrote_down(self, alice, mailoutbox):
        moves = wish(alice)
        drain(SEVEN)
        answers.follow_link(link=link(moves, "done"), at=SEVEN)
        answers.take_back_from_mail(link=link(moves, "done"), at=SEVEN)
        assert (row_of(moves).response, alice.patient.exercise_sessions.count()) == ("", 0)

    def test_a_session_that_says_more_stays(self, alice, mailoutbox):
        moves = wish(alice)
        drain(SEVEN)
        answers.follow_link(link=link(moves, "done"), at=SEVEN)
        exercises.record(by=alice.user, on=TODAY, exercises_done=["bridge"], pain_during=1, at=SEVEN)
        answers.take_back(by=alice.user, occurrence=row_of(moves), at=SEVEN)
        assert alice.patient.exercise_sessions.count() == 1

    @pytest.mark.parametrize("action", ["done", "skipped", "snoozed"])
    def test_taken_back_it_comes_once_more_as_if_nothing_had_been_said(self, alice, mailoutbox, action):
        tablet = wish(alice, "medicine", repeat_minutes=30)
        drain(SEVEN)
        answers.follow_link(link=link(tablet, action), at=SEVEN + MINUTE)
        answers.take_back_from_mail(link=link(tablet, action), at=SEVEN + 2 * MINUTE)
        drain(SEVEN + 29 * MINUTE)
        assert len(mailoutbox) == 1
        drain(SEVEN + 30 * MINUTE)
        drain(SEVEN + 31 * MINUTE)
        assert (len(mailoutbox), row_of(tablet).n_sends) == (2, 2)

    def test_taken_back_after_its_time_it_comes_after_all(self, alice, mailoutbox):
        tablet = wish(alice, "medicine")
        answers.respond(by=alice.user, occurrence=row_of(tablet), action="done", at=MORNING)
        drain(SEVEN)
        assert state(tablet) == (State.SUPPRESSED, "already answered")
        answers.take_back(by=alice.user, occurrence=row_of(tablet), at=SEVEN + MINUTE)
        drain(SEVEN + 2 * MINUTE)
        assert (len(mailoutbox), row_of(tablet).state) == (1, State.SENT)

    def test_later_never_makes_it_come_sooner(self, alice, mailoutbox):
        tablet = wish(alice, "medicine", wall_time=time(20))
        answers.respond(by=alice.user, occurrence=row_of(tablet), action="snoozed", at=SEVEN)
        assert row_of(tablet).due_at == EVENING

    def test_after_the_day_nothing_is_taken_back(self, alice, mailoutbox):
        moves = wish(alice)
        drain(SEVEN)
        answers.follow_link(link=link(moves, "done"), at=SEVEN)
        with pytest.raises(answers.NothingToUndo):
            answers.take_back(by=alice.user, occurrence=row_of(moves), at=SEVEN + DAY)

    def test_tomorrow_cannot_be_answered_today(self, alice):
        moves = wish(alice)
        with pytest.raises(answers.NotTheDay):
            answers.respond(by=alice.user, occurrence=row_of(moves, TODAY + DAY), action="done", at=MORNING)

    @pytest.mark.parametrize(
        ("kind", "action", "said"),
        [
            pytest.param("medicine", "score", answers.Said(nrs=3), id="a number of a dose"),
            pytest.param("log_pain", "score", answers.PLAIN, id="no number"),
            pytest.param("medicine", "snoozed", answers.Said(minutes=11), id="minutes that are not offered"),
            pytest.param("medicine", "danced", answers.PLAIN, id="no such answer"),
        ],
    )
    def test_refuses(self, alice, kind, action, said):
        reminder = wish(alice, kind)
        with pytest.raises(answers.NoSuchAnswer):
            answers.respond(by=alice.user, occurrence=row_of(reminder), action=action, at=SEVEN, said=said)


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("action", ["skipped", "score"])
def test_an_answer_waits_for_whoever_changes_the_patient_and_then_the_row(alice, action):
    log = wish(alice, "log_pain")
    drain(SEVEN)
    is_held = Event()

    def change_both():
        try:
            with transaction.atomic():
                locked(alice.user).save(update_fields=["sick_on"])
                is_held.set()
                sleep(0.3)  # by now the answer waits, for the patient and not with the row in hand
                log.occurrences.update(because="said")
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        other = pool.submit(change_both)
        assert is_held.wait(5)
        answers.follow_link(link=link(log, action), at=SEVEN, said=answers.Said(nrs=4))
        other.result()
    assert row_of(log).responded_at == SEVEN and row_of(log).because == "said"


class TestOutlook:
    def seen(self, person, at=MORNING, n=14):
        return [f"{s.send_at:%d %H:%M}" for s in Outlook(patient=person.patient, at=at).upcoming(n=n)]

    def test_names_fourteen(self, alice):
        wish(alice)
        wish(alice, "medicine", time(20))
        assert len(self.seen(alice)) == 14

    def test_moves_out_of_quiet_hours_and_says_what_never_comes(self, alice):
        wish(alice)
        accounts.change_settings(by=alice.user, at=MORNING, quiet_from=time(22), quiet_until=time(8))
        assert self.seen(alice, n=2) == ["01 06:00", "02 06:00"]
        accounts.change_settings(by=alice.user, at=MORNING, quiet_from=time(22), quiet_until=time(9))
        (course,) = Outlook(patient=alice.patient, at=MORNING).courses()
        assert (course.sends, course.is_lost_to_quiet) == ((), True)

    def test_leaves_out_a_holiday_and_keeps_medicine(self, alice):
        wish(alice)
        wish(alice, "medicine", time(20))
        pauses.holiday(by=alice.user, first_on=TODAY, last_on=TODAY + DAY, at=MORNING)
        assert self.seen(alice, n=3) == ["01 18:00", "02 18:00", "03 05:00"]

    @pytest.mark.parametrize(("covers_all", "shown"), [(True, []), (False, ["04 04:00"])])
    def test_a_holiday_holds_news_and_where_the_patient_says_so_appointments(self, alice, covers_all, shown):
        announce_advice(alice, at=MORNING - HOUR)
        visit = {"starts_at": MORNING + 3 * DAY + HOUR, "zone": "Europe/Berlin", "remind_before": 60}
        appointments.add(by=alice.user, uuid=uuid.uuid4(), at=MORNING, **visit)
        pauses.holiday(by=alice.user, first_on=TODAY, last_on=TODAY + 5 * DAY, at=MORNING, covers_all=covers_all)
        assert self.seen(alice) == shown

    def test_shows_a_repeat_and_a_snooze(self, alice, mailoutbox):
        moves = wish(alice, repeat_minutes=30)
        drain(SEVEN)
        assert self.seen(alice, at=SEVEN + MINUTE, n=1) == ["01 05:30"]
        answers.follow_link(link=link(moves, "snoozed"), at=SEVEN + MINUTE, said=answers.Said(minutes=60))
        assert self.seen(alice, at=SEVEN + MINUTE, n=1) == ["01 06:01"]

    def test_what_is_done_today_is_left_out(self, alice):
        wish(alice)
        exercises.record(by=alice.user, on=TODAY, exercises_done=["bridge"], pain_during=1, at=MORNING)
        assert self.seen(alice, n=1) == ["02 05:00"]

    def test_what_it_says_is_what_happens(self, alice, mailoutbox):
        """Over clock change, quiet hours and a holiday: each send as foretold, and no other."""
        begin = datetime(2026, 10, 20, 4, tzinfo=UTC)
        wish(alice, wall_time=time(2, 30), at=begin)
        wish(alice, "medicine", time(20), at=begin)
        accounts.change_settings(by=alice.user, at=begin, quiet_from=time(1), quiet_until=time(3))
        first = date(2026, 10, 22)
        pauses.holiday(by=alice.user, first_on=first, last_on=first + DAY, at=begin)
        foretold = self.seen(alice, at=begin)
        at, came = begin, []
        while len(came) < len(foretold):
            reminders.plan(at=at)
            came += [f"{at:%d %H:%M}"] * drain(at)
            at += 30 * MINUTE
        assert came == foretold


class TestWords:
    def subject(self, mailoutbox):
        drain(SEVEN)
        return mailoutbox[-1].subject

    def test_a_medicine_is_named_only_to_who_asked_for_more(self, alice, tablets, mailoutbox):
        wish(alice, "medicine", medicine=tablets)
        assert "Ibuprofen" not in self.subject(mailoutbox) + mailoutbox[-1].body

    def test_then_it_is(self, alice, tablets, mailoutbox):
        wish(alice, "medicine", medicine=tablets)
        accounts.change_settings(by=alice.user, at=MORNING, says_more=True)
        assert self.subject(mailoutbox) == "Time for Ibuprofen 400 mg"

    def test_an_appointment_is_told_by_its_day_and_still_not_with_whom(self, alice, mailoutbox):
        accounts.change_settings(by=alice.user, at=MORNING, says_more=True)
        visit = {"starts_at": SEVEN + HOUR, "zone": "Europe/Berlin", "remind_before": 60, "with_whom": "Dr Grey"}
        appointments.add(by=alice.user, uuid=uuid.uuid4(), at=MORNING, **visit)
        assert self.subject(mailoutbox) == "Your appointment on Monday 1 June"
        assert "at 08:00" in mailoutbox[-1].body and "Grey" not in mailoutbox[-1].body

    @pytest.mark.parametrize("kind", Reminder.Kind)
    @pytest.mark.parametrize("says_more", [True, False])
    def test_there_are_words_for_each_kind(self, kind, says_more):
        said = emails._usual_words(kind, "en", says_more, False)
        assert said.subject and said.line

    def test_a_name_too_long_for_a_subject_shows_that_it_was_cut(self, alice, tablets, mailoutbox):
        type(tablets).objects.update(name="Ibuprofen " + "I" * 110)
        wish(alice, "medicine", medicine=tablets)
        accounts.change_settings(by=alice.user, at=MORNING, says_more=True)
        subject = self.subject(mailoutbox)
        assert (len(subject), subject[-2:]) == (120, "I…")

    @pytest.mark.parametrize(
        "name", ["Ibu\r\nBcc: eve@example.org", "Ibu\u2028\u202eprofen", "I" * 120, "Ибупрофен 💊", "\x85\x0b\x1c"]
    )
    def test_a_name_with_line_breaks_stays_one_line_of_one_header(self, alice, tablets, mailoutbox, name):
        type(tablets).objects.update(name=name)
        wish(alice, "medicine", medicine=tablets)
        accounts.change_settings(by=alice.user, at=MORNING, says_more=True)
        assert len(self.subject(mailoutbox).splitlines()) == 1
        message = mailoutbox[-1].message()
        assert message["Bcc"] is None and "\n" not in str(message["Subject"]).replace("\n ", "")
        assert message["To"] == alice.email
