from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

from django import forms
from django.utils.text import Truncator
from django.utils.timezone import localdate
from django.utils.translation import gettext as now_translated
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from tracker.domain.errors import DomainError
from tracker.domain.pain import EARLIEST_DAY
from tracker.domain.visits import ClockSkips, instant_of
from tracker.models import Appointment, Patient, SecondOpinion, TreatmentAttempt, TreatmentType, User
from tracker.models.second_opinions import LONG_TEXT
from tracker.services import appointments, treatments
from tracker.services.appointments import LENGTHS
from tracker.web.forms.fields import PlainText, day_field, time_field
from tracker.web.forms.refusable import RefusableForm
from tracker.web.forms.treatments import AttemptForm

DAY_WORDS = _("Choose a day from 1900 to five years from now.")
REFUSALS: dict[type[DomainError], tuple[str | None, str]] = {
    appointments.AppointmentAlreadyThere: (None, _("This appointment has been saved already, with other words.")),
    appointments.AppointmentOutOfRange: ("day", DAY_WORDS),
    appointments.NoSuchOpinion: ("opinion", _("This second opinion is gone. Choose another, or none.")),
    appointments.ReminderOutOfRange: ("remind_before", _("A mail comes between five minutes and two weeks before.")),
    appointments.TooManyAppointments: (None, _("There are as many appointments as there can be. Delete one first.")),
    appointments.TooManyQuestions: (
        "new_question",
        _("There are as many questions as there can be. Remove one first."),
    ),
    ClockSkips: ("wall_time", _("The clocks jump over this time on that day. Choose another time.")),
}
TELLS = 8  # letters of the first word of a name, from which on it tells a kind of treatment
REMIND = {
    "": _("No mail"),
    "60": _("1 hour before"),
    "120": _("2 hours before"),
    "1440": _("1 day before"),
    "2880": _("2 days before"),
    "10080": _("1 week before"),
}


def text_area(label: str, *, longest: int = LONG_TEXT, rows: int = 3, help_text: str = "") -> PlainText:
    widget = forms.Textarea(attrs={"rows": rows})
    return PlainText(label=label, max_length=longest, required=False, widget=widget, help_text=help_text)


class AppointmentForm(RefusableForm):
    """When, with whom, where and why; the time is the one on the clocks there."""

    refusals = REFUSALS

    uuid = forms.UUIDField(required=False, widget=forms.HiddenInput)
    day = day_field(_("Day"))
    wall_time = time_field(_("Time"))
    with_whom = PlainText(label=_("With whom"), max_length=LENGTHS["with_whom"], required=False)
    place = PlainText(label=_("Where"), max_length=LENGTHS["place"], required=False)
    purpose = text_area(_("What it is for"), rows=2)
    remind_before = forms.TypedChoiceField(
        label=_("Tell me by mail"),
        required=False,
        coerce=int,
        empty_value=None,
        help_text=_(
            "One mail, in neutral words. If it fell into your quiet hours, it comes before they begin where it still can."
        ),
    )
    opinion = forms.ModelChoiceField(
        label=_("For which second opinion?"), queryset=None, required=False, empty_label=_("None"), to_field_name="uuid"
    )

    def __init__(
        self,
        *args: Any,
        patient: Patient,
        appointment: Appointment | None = None,
        opinion: SecondOpinion | None = None,
        **kwargs: Any,
    ) -> None:
        self.patient, self.appointment = patient, appointment
        self.zone = ZoneInfo(appointment.zone if appointment else patient.zone)
        initial = _said_before(appointment) if appointment else {"remind_before": 1440, "opinion": opinion}
        super().__init__(*args, initial=initial | {"uuid": uuid4()}, **kwargs)
        self.fields["remind_before"].choices = _remind_choices(initial["remind_before"])
        opinions = patient.second_opinions.order_by("-created_at")
        self.fields["opinion"].queryset = opinions
        self.fields["opinion"].label_from_instance = _named
        self.fields["wall_time"].help_text = _("On the clocks of %(zone)s.") % {"zone": self.zone.key}
        if not opinions.exists():
            del self.fields["opinion"]

    def clean(self) -> dict[str, Any]:
        said = self.cleaned_data
        day, wall_time = said.get("day"), said.get("wall_time")
        if day and not EARLIEST_DAY <= day <= localdate() + appointments.LONGEST_AHEAD:
            self.add_error("day", DAY_WORDS)
        elif day and wall_time:
            wall_time = wall_time.replace(second=0, microsecond=0)
            said["starts_at"] = self.carried_out(lambda: instant_of(day, wall_time, self.zone))
        return said

    def save(self, *, by: User, at: datetime) -> Appointment | None:
        said = dict(self.cleaned_data)
        uuid = said.pop("uuid") or uuid4()
        del said["day"], said["wall_time"]
        if self.appointment is not None:
            return self.carried_out(lambda: appointments.change(by=by, appointment=self.appointment, at=at, **said))
        zone = self.zone.key
        return self.carried_out(lambda: appointments.add(by=by, uuid=uuid, at=at, zone=zone, **said))


class VisitForm(RefusableForm):
    """The page of a visit: answers, the decision, one more question. Whatever is tapped, what was typed is kept."""

    refusals = REFUSALS

    decided = text_area(_("What was decided"), longest=LENGTHS["decided"])
    new_uuid = forms.UUIDField(required=False, widget=forms.HiddenInput)
    new_question = text_area(_("One more question"), rows=2)
    take = PlainText(max_length=LONG_TEXT, required=False)
    drop = forms.UUIDField(required=False)

    def __init__(self, *args: Any, appointment: Appointment, **kwargs: Any) -> None:
        self.appointment, self.questions = appointment, list(appointment.questions.all())
        super().__init__(*args, initial={"decided": appointment.decided, "new_uuid": uuid4()}, **kwargs)
        for number, question in enumerate(self.questions, 1):
            label = now_translated("Answer to question %(n)s") % {"n": number}
            self.fields[str(question.uuid)] = text_area(label, rows=2)
            self.initial[str(question.uuid)] = question.answer

    def save(self, *, by: User, at: datetime) -> Appointment | None:
        return self.carried_out(lambda: self._save(by=by, at=at))

    def _save(self, *, by: User, at: datetime) -> Appointment:
        said, which = self.cleaned_data, {"by": by, "appointment": self.appointment, "at": at}
        answers = {one.uuid: said[str(one.uuid)] for one in self.questions if str(one.uuid) in self.data}
        changed = appointments.note(**which, answers=answers, decided=said["decided"])
        asked: list[tuple[UUID | None, str]] = [(said["new_uuid"], said["new_question"]), (None, said["take"])]
        for uuid, text in asked:
            if text.strip():
                appointments.ask(**which, uuid=uuid or uuid4(), text=text)
        if said["drop"]:
            appointments.drop_question(**which, question=said["drop"])
        return changed


class BeginForm(AttemptForm):
    """What was decided, as a new attempt with all that the visit says of it filled in."""

    def __init__(self, *args: Any, appointment: Appointment, **kwargs: Any) -> None:
        self.appointment = appointment
        super().__init__(*args, **kwargs)
        self.initial |= decided_as(appointment, self.types.values())

    def save(self, *, by: User, at: datetime) -> TreatmentAttempt | None:
        uuid, said = self.cleaned_data["uuid"] or uuid4(), self.said()
        which = {"by": by, "appointment": self.appointment, "uuid": uuid, "at": at, "on": self.today}
        return self.carried_out(lambda: appointments.begin(**which, **said))


def decided_as(appointment: Appointment, kinds: Iterable[TreatmentType]) -> dict[str, str]:
    """What was decided, as far as it says which treatment it is: the kind that it names, whole or by its first word."""
    decided = appointment.decided.strip()
    longest_first = sorted(kinds, key=lambda kind: -len(kind.name))
    first_words = [(kind.name.split()[0], kind) for kind in longest_first]
    told = [(kind.name, kind) for kind in longest_first] + [one for one in first_words if len(one[0]) >= TELLS]
    found = (kind.key for words, kind in told if words.casefold() in decided.casefold())
    key = next(found, treatments.OWN_TYPE)
    fits = len(decided) <= treatments.LENGTHS["own_words"] and "\n" not in decided
    return {
        "treatment_type": key,
        "own_words": decided if fits else "",
        "prescribed_by": appointment.with_whom[: treatments.LENGTHS["prescribed_by"]],
    }


def _said_before(appointment: Appointment) -> dict[str, Any]:
    local = appointment.starts_at.astimezone(ZoneInfo(appointment.zone))
    said = {name: getattr(appointment, name) for name in ("with_whom", "place", "purpose", "remind_before", "opinion")}
    return said | {"day": local.date(), "wall_time": local.time()}


def _remind_choices(chosen: int | None) -> list[tuple[str, str]]:
    """What is on the list, and what a device has chosen beside it."""
    if chosen is None or str(chosen) in REMIND:
        return list(REMIND.items())
    words = ngettext("%(n)d minute before", "%(n)d minutes before", chosen) % {"n": chosen}
    return [*REMIND.items(), (str(chosen), words)]


def _named(opinion: SecondOpinion) -> str:
    question = " ".join(opinion.question.split())
    return Truncator(question).chars(80) or now_translated("No question yet")
