"""What the start page shows, gathered once, in a constant number of queries."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cached_property
from uuid import UUID, uuid4

from django.http import HttpRequest
from django.utils.formats import date_format
from django.utils.safestring import SafeString
from django.utils.timezone import localdate, localtime
from django.utils.translation import gettext as _

from tracker.models import Advice, PainEntry, Patient, Reminder
from tracker.services import verdicts
from tracker.web.charts import range_charts
from tracker.web.forms.entries import DetailForm
from tracker.web.presenters.entries import Places, places, take_undo

CHART_DAYS = 45
LOGGED_DAYS = 14
CHART_WIDTHS = ("narrow", "middle")


@dataclass(frozen=True, kw_only=True)
class WeekDay:
    letter: str
    name: str
    is_done: bool
    is_today: bool


@dataclass(kw_only=True)
class TodayPage:
    patient: Patient
    at: datetime
    saved: PainEntry | None = None
    form: DetailForm | None = None
    undo_token: str = ""
    error: str = ""

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

    @cached_property
    def places(self) -> Places | None:
        return places(self.form, self.patient, at=self.at) if self.form else None

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
    def advice(self) -> list[Advice]:
        return list(verdicts.open_advice(self.patient))

    @cached_property
    def attempts(self) -> list:
        under_way = self.patient.attempts.under_way(self.today).newest_first().select_related("treatment_type")
        return list(verdicts.with_latest_verdict(under_way))

    @cached_property
    def moves_at(self) -> time | None:
        kind = Reminder.Kind.MORNING_MOVES
        return self.patient.reminders.filter(kind=kind, is_active=True).values_list("wall_time", flat=True).first()

    @cached_property
    def week(self) -> list[WeekDay]:
        monday = self.today - timedelta(days=self.today.weekday())
        days = [monday + timedelta(days=n) for n in range(7)]
        done = set(self.patient.exercise_sessions.filter(local_date__in=days).values_list("local_date", flat=True))
        return [
            WeekDay(
                letter=date_format(day, "D")[:1],
                name=date_format(day, "l"),
                is_done=day in done,
                is_today=day == self.today,
            )
            for day in days
        ]


def today_page(request: HttpRequest, *, at: datetime, error: str = "", form: DetailForm | None = None) -> TodayPage:
    patient = request.user.patient
    saved = form.entry if form else _asked_for(request, patient)
    form = form or (DetailForm(entry=saved) if saved else None)
    return TodayPage(patient=patient, at=at, saved=saved, form=form, undo_token=take_undo(request), error=error)


def _asked_for(request: HttpRequest, patient: Patient) -> PainEntry | None:
    """The entry just saved, named in the address; anything else in its place is passed over."""
    try:
        uuid = UUID(request.GET.get("entry", ""))
    except ValueError:
        return None
    return patient.pain_entries.prefetch_related("sites").filter(uuid=uuid).first()
