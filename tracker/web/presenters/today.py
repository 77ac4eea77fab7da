"""What the start page shows, gathered once, in a constant number of queries."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cached_property
from typing import Any
from uuid import UUID, uuid4

from django.http import HttpRequest
from django.utils.safestring import SafeString
from django.utils.timezone import localdate, localtime
from django.utils.translation import gettext as _

from assessments import services as checkups
from tracker.domain.red_flags import Felt
from tracker.models import Advice, ExerciseProgramme, ExerciseSession, PainEntry, Patient, Reminder
from tracker.services import advice, exercises, mail_stops, pauses, questionnaires, red_flags
from tracker.web.charts import range_charts
from tracker.web.forms.entries import DetailForm
from tracker.web.presenters.advice import AdviceCard, advice_cards
from tracker.web.presenters.appointments import Visit, next_visit
from tracker.web.presenters.attempt_list import Item, items_under_way
from tracker.web.presenters.beside import Question, asked_of, questions
from tracker.web.presenters.entries import Places, places, take_undo
from tracker.web.presenters.medicines import MedicinesToday, medicines_today
from tracker.web.presenters.questionnaires import help_lines
from tracker.web.presenters.red_flags import Card, card

CHART_DAYS = 45
LOGGED_DAYS = 14
CHART_WIDTHS = ("narrow", "middle")
# How the morning after was is asked here while it is one; the page of the moves asks for it all day.
MORNING_FROM, MORNING_UNTIL = time(4), time(14)


@dataclass(kw_only=True)
class TodayPage:
    patient: Patient
    at: datetime
    saved: PainEntry | None = None
    form: DetailForm | None = None
    undo_token: str = ""
    error: str = ""
    just_taken: str = ""

    @cached_property
    def today(self) -> date:
        return localdate(self.at)

    @property
    def greeting(self) -> str:
        hour = localtime(self.at).hour
        words = _("Good morning") if 4 <= hour < 12 else _("Good afternoon") if 12 <= hour < 18 else _("Good evening")
        return f"{words}, {self.patient.display_name}" if self.patient.display_name else words

    @property
    def tap_uuid(self) -> UUID:
        return uuid4()

    @property
    def scores(self) -> range:
        return range(11)

    @property
    def saved_nrs(self) -> int | None:
        return self.saved.nrs if self.saved else None

    @cached_property
    def last(self) -> Felt | None:
        """What "same as last time" would log once more."""
        return next(iter(self.felt), None)

    @cached_property
    def felt(self) -> list[Felt]:
        return red_flags.recent(self.patient)

    @cached_property
    def red_flags(self) -> Card | None:
        if not checkups.is_on():
            return None
        return card(self.patient, at=self.at, felt=self.felt, days=self.days, check_ups=self.check_ups)

    @cached_property
    def places(self) -> Places | None:
        return places(self.form, self.patient, at=self.at) if self.form else None

    @cached_property
    def beside(self) -> list[Question]:
        return questions(self.form, asked_of(self.patient, self.saved)) if self.form and self.saved else []

    @cached_property
    def days(self) -> list[tuple[date, int, int, float, int]]:
        first = self.today - timedelta(days=CHART_DAYS - 1)
        return list(self.patient.pain_entries.between(first, self.today).by_day())

    @property
    def n_logged(self) -> int:
        first = self.today - timedelta(days=LOGGED_DAYS - 1)
        return sum(day >= first for day, *_rest in self.days)

    @property
    def chart(self) -> SafeString:
        first = self.today - timedelta(days=CHART_DAYS - 1)
        return range_charts(self.days, first=first, last=self.today, widths=CHART_WIDTHS)

    @cached_property
    def advice(self) -> list[AdviceCard]:
        return advice_cards(advice.open_advice(self.patient, on=self.today))

    @property
    def n_more_advice(self) -> int:
        """On a page of their own: one thing at a time."""
        return max(len(self.advice) - 1, 0)

    @property
    def new_advice(self) -> list[Advice]:
        """What is shown here for the first time."""
        return [card.advice for card in self.advice[:1] if card.advice.state == Advice.State.NEW]

    @cached_property
    def on_trial(self) -> list[Item]:
        return items_under_way(self.patient, today=self.today)

    @cached_property
    def medicines(self) -> MedicinesToday | None:
        """Not read where the patient does not want to be asked."""
        if "medicine" not in self.patient.asked:
            return None
        return medicines_today(self.patient, on=self.today, just_taken=self.just_taken)

    @cached_property
    def moves_at(self) -> time | None:
        """When they are reminded of today, if anything comes."""
        if self.moves_can_wait or self.is_resting or self.moves_wait:
            return None
        moves = self.patient.reminders.switched_on().filter(kind=Reminder.Kind.MORNING_MOVES)
        reminder = moves.filter(weekdays__contains=str(self.today.isoweekday())).first()
        if reminder is None or (self.mail_is_stopped and reminder.channel_set == {Reminder.Channel.EMAIL}):
            return None
        return reminder.wall_time

    @cached_property
    def week(self) -> list[exercises.DayDone]:
        return exercises.week(patient=self.patient, on=self.today)

    @cached_property
    def morning(self) -> ExerciseSession | None:
        """Yesterday's moves, if it was not said yet how the morning after is."""
        is_morning = MORNING_FROM <= localtime(self.at).time() < MORNING_UNTIL
        is_asked = is_morning and self.week[-2].is_done
        return exercises.morning_to_ask(patient=self.patient, on=self.today) if is_asked else None

    @cached_property
    def programme(self) -> ExerciseProgramme:
        return exercises.programme_at_hand(patient=self.patient, on=self.today)

    @property
    def has_begun_moves(self) -> bool:
        return bool(self.programme.gate)

    @property
    def moves_wait(self) -> bool:
        """A safety question waits for a clinician."""
        return exercises.holds(self.programme)

    @cached_property
    def mail_is_stopped(self) -> bool:
        return not self.saved and mail_stops.stop_of(self.patient) is not None

    @cached_property
    def check_ups(self) -> checkups.Standing:
        """What check-ups ask for now, in one query."""
        return checkups.standing(self.patient.user, on=self.today)

    @property
    def is_resting(self) -> bool:
        return self.check_ups.rests_exercise

    @property
    def is_in_flare(self) -> bool:
        return pauses.is_in_flare(patient=self.patient, at=self.at)

    @property
    def moves_can_wait(self) -> bool:
        """On a sick day and in a rest no reminder of them comes."""
        return pauses.holds(patient=self.patient, kind=Reminder.Kind.MORNING_MOVES, on=self.today)

    @cached_property
    def due(self) -> Any:
        """A questionnaire to offer; none beside something that matters more, or while an entry is being completed."""
        if self.saved or self.form or self.patient.help_shown_at or self.check_ups.urgent or self.red_flags:
            return None
        return questionnaires.due(patient=self.patient, on=self.today)

    @cached_property
    def next_visit(self) -> Visit | None:
        return next_visit(self.patient, now=self.at)

    @property
    def help(self) -> dict[str, Any]:
        return help_lines(self.patient)

    @property
    def has_moved_today(self) -> bool:
        return any(day.is_today and day.is_done for day in self.week)


def today_page(request: HttpRequest, *, at: datetime, error: str = "", form: DetailForm | None = None) -> TodayPage:
    patient = request.user.patient
    saved = form.entry if form else asked_for(request, patient)
    form = form or (DetailForm(entry=saved) if saved else None)
    undo_token, just_taken = take_undo(request), request.GET.get("intake", "")
    return TodayPage(
        patient=patient, at=at, saved=saved, form=form, undo_token=undo_token, error=error, just_taken=just_taken
    )


def asked_for(request: HttpRequest, patient: Patient) -> PainEntry | None:
    """The entry just saved, named in the address; anything else in its place is passed over."""
    try:
        uuid = UUID(request.GET.get("entry", ""))
    except ValueError:
        return None
    return patient.pain_entries.prefetch_related("sites").filter(uuid=uuid).first()
