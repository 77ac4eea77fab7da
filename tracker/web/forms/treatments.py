from collections import defaultdict
from datetime import date, datetime
from uuid import uuid4

from django import forms
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from tracker.domain.errors import DomainError
from tracker.domain.pain import NRS_MAX, NRS_MIN
from tracker.models import Patient, TreatmentAttempt, TreatmentType, User
from tracker.models.names import SITE_GROUPS
from tracker.services import treatment_days, treatments
from tracker.web.forms.fields import LongSelect, PlainText, day_field
from tracker.web.forms.refusable import RefusableForm

REFUSALS: dict[type[DomainError], tuple[str | None, str]] = {
    treatments.AttemptAlreadyOpen: (
        None,
        _("You have this treatment at this dose on your list, and it is not stopped."),
    ),
    treatments.AttemptAlreadyThere: (None, _("This treatment has been saved already, with other words.")),
    treatments.AttemptStopped: (None, _("This treatment has been stopped. To take it up again, add it as a new one.")),
    treatments.NameMissing: ("own_words", _("Say what it is.")),
    treatments.StartOutOfRange: ("started_on", _("Choose a day from 1900 to a year from now.")),
    treatments.StopBeforeStart: ("stopped_on", _("This day lies before the start.")),
    treatments.StopOutOfRange: ("stopped_on", _("Choose a day no later than a year from now.")),
    treatments.TrialTooShort: ("own_trial_days", _("A fair trial lasts at least until it can have begun to help.")),
    treatment_days.DayNotOfAttempt: ("from_day", _("Choose a day after the start and no later than today.")),
    treatment_days.AttemptPaused: (None, _("It is paused already.")),
    treatment_days.AttemptNotPaused: (None, _("It is not paused.")),
    treatment_days.AttemptNotUnderWay: (None, _("Only what is in use can be paused.")),
    treatment_days.PauseTooLong: (
        "from_day",
        _(
            "After more than four weeks it is a new start: note it as stopped on the first day of the pause, then “I use it again”."
        ),
    ),
    treatments.SameDose: ("dose", _("This is the dose you have now.")),
}

SCALE = [(str(number), str(number)) for number in range(NRS_MIN, NRS_MAX + 1)]


def types_by_class(types: dict[str, TreatmentType]) -> list[tuple[str, list[tuple[str, str]]]]:
    groups = defaultdict(list)
    for kind in types.values():
        groups[capfirst(kind.get_treatment_class_display())].append((kind.key, kind.name))
    return [("", _("Choose")), *groups.items()]


class ServiceForm(RefusableForm):
    refusals = REFUSALS


class AttemptForm(ServiceForm):
    """A treatment that is started now, was started earlier, or is put right."""

    uuid = forms.UUIDField(required=False, widget=forms.HiddenInput)
    treatment_type = forms.ChoiceField(label=_("What kind of treatment?"))
    own_words = PlainText(
        label=_("In your own words"),
        max_length=120,
        required=False,
        help_text=_("Its name, or what you do. Needed for “Something else”."),
    )
    dose = PlainText(label=_("How much, how often"), max_length=120, required=False)
    started_on = day_field(_("First day"))
    site = forms.ChoiceField(
        label=_("For which pain?"),
        choices=[("", _("Overall")), *SITE_GROUPS],
        required=False,
        widget=LongSelect,
        help_text=_("Overall is judged by every entry. A place is judged only by entries that name it."),
    )
    diagnosis = forms.ModelChoiceField(
        label=_("For which diagnosis?"), queryset=None, required=False, empty_label=_("None, or a new one below")
    )
    told_name = PlainText(label=_("What you were told you have"), max_length=200, required=False)
    told_by = PlainText(label=_("Who said so"), max_length=200, required=False)
    prescribed_by = PlainText(label=_("Who prescribed or recommended it"), max_length=200, required=False)
    own_onset_days = forms.IntegerField(
        label=_("Days until it can begin to help"), min_value=1, max_value=treatments.LONGEST_TRIAL, required=False
    )
    own_trial_days = forms.IntegerField(
        label=_("Days of a fair trial"), min_value=1, max_value=treatments.LONGEST_TRIAL, required=False
    )
    days_a_week = forms.TypedChoiceField(
        label=_("On how many days a week?"),
        choices=[("", _("Every day")), *((str(n), str(n)) for n in range(1, 7))],
        coerce=int,
        empty_value=None,
        required=False,
    )

    def __init__(self, *args, patient: Patient, today: date, attempt: TreatmentAttempt | None = None, **kwargs) -> None:
        self.attempt, self.today = attempt, today
        super().__init__(*args, initial=self._said_before() if attempt else {"started_on": today}, **kwargs)
        self.types = {kind.key: kind for kind in TreatmentType.objects.all()}
        self.fields["treatment_type"].choices = types_by_class(self.types)
        self.fields["diagnosis"].queryset = patient.diagnoses.all()
        self.fields["uuid"].initial = uuid4()
        if attempt and attempt.stopped_on:
            self.fields["stopped_on"] = day_field(_("First day without it"))
        if attempt:
            self.fields["side_effects"] = PlainText(
                label=_("Side effects, if there are any"),
                max_length=500,
                required=False,
                widget=forms.Textarea(attrs={"rows": 2}),
            )

    def _said_before(self) -> dict:
        said = treatments.content_of(self.attempt).columns
        return said | {"treatment_type": self.attempt.treatment_type.key}

    def clean(self) -> dict:
        cleaned = self.cleaned_data
        if cleaned.get("told_by") and not cleaned.get("told_name", "").strip():
            self.add_error("told_name", _("Say what you were told."))
        return cleaned

    def said(self) -> dict:
        cleaned = dict(self.cleaned_data)
        told_name, told_by = cleaned.pop("told_name"), cleaned.pop("told_by")
        told = treatments.Told(name=told_name, said_by=told_by) if told_name.strip() else None
        del cleaned["uuid"]
        return cleaned | {"treatment_type": self.types[cleaned["treatment_type"]], "told": told}

    def save(self, *, by: User, at: datetime) -> TreatmentAttempt | None:
        """The attempt, or None with the refusal as an error of this form."""
        when = {"by": by, "at": at, "on": self.today}
        if self.attempt is not None:
            return self.carried_out(lambda: treatments.change(attempt=self.attempt, **when, **self.said()))
        uuid = self.cleaned_data["uuid"] or uuid4()
        return self.carried_out(lambda: treatments.start(uuid=uuid, **when, **self.said()))


class StopForm(ServiceForm):
    stopped_on = day_field(_("First day without it"))
    reason = forms.ChoiceField(label=_("Why?"), choices=[("", _("Choose")), *TreatmentAttempt.StopReason.choices])
    side_effects = PlainText(
        label=_("Side effects, if there were any"),
        max_length=500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    def __init__(self, *args, attempt: TreatmentAttempt, today: date, **kwargs) -> None:
        self.attempt, self.today = attempt, today
        super().__init__(*args, initial={"stopped_on": today, "side_effects": attempt.side_effects}, **kwargs)

    def save(self, *, by: User, at: datetime) -> TreatmentAttempt | None:
        when = {"by": by, "at": at, "on": self.today}
        return self.carried_out(lambda: treatments.stop(attempt=self.attempt, **when, **self.cleaned_data))


class DoseForm(ServiceForm):
    """The old dose stops and the new one starts on the same day: two attempts, judged apart."""

    uuid = forms.UUIDField(required=False, widget=forms.HiddenInput)
    dose = PlainText(label=_("New dose: how much, how often"), max_length=120)
    from_day = day_field(_("First day at the new dose"))

    def __init__(self, *args, attempt: TreatmentAttempt, today: date, **kwargs) -> None:
        self.attempt, self.today = attempt, today
        super().__init__(*args, initial={"uuid": uuid4(), "from_day": today}, **kwargs)

    def save(self, *, by: User, at: datetime) -> TreatmentAttempt | None:
        said = {"dose": self.cleaned_data["dose"], "from_day": self.cleaned_data["from_day"]}
        uuid = self.cleaned_data["uuid"] or uuid4()
        return self.carried_out(
            lambda: treatments.change_dose(by=by, at=at, on=self.today, attempt=self.attempt, uuid=uuid, **said)
        )


class PauseForm(ServiceForm):
    from_day = day_field(_("First day without it"))

    def __init__(self, *args, attempt: TreatmentAttempt, today: date, **kwargs) -> None:
        self.attempt, self.today = attempt, today
        super().__init__(*args, initial={"from_day": today}, **kwargs)

    def save(self, *, by: User, at: datetime) -> TreatmentAttempt | None:
        when = {"by": by, "at": at, "on": self.today, "from_day": self.cleaned_data["from_day"]}
        return self.carried_out(lambda: treatment_days.pause(attempt=self.attempt, **when))


class ResumeForm(PauseForm):
    from_day = day_field(_("First day with it again"))

    def save(self, *, by: User, at: datetime) -> TreatmentAttempt | None:
        when = {"by": by, "at": at, "on": self.today, "from_day": self.cleaned_data["from_day"]}
        return self.carried_out(lambda: treatment_days.resume(attempt=self.attempt, **when))


class RestartForm(PauseForm):
    """Used again after a stop: a new attempt."""

    uuid = forms.UUIDField(required=False, widget=forms.HiddenInput)
    from_day = day_field(_("First day with it again"))

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["uuid"].initial = uuid4()

    def save(self, *, by: User, at: datetime) -> TreatmentAttempt | None:
        when = {"by": by, "at": at, "on": self.today, "from_day": self.cleaned_data["from_day"]}
        uuid = self.cleaned_data["uuid"] or uuid4()
        return self.carried_out(lambda: treatments.restart(attempt=self.attempt, uuid=uuid, **when))


class DayForm(forms.Form):
    """Done or not, in one tap."""

    day = forms.DateField()
    said = forms.ChoiceField(choices=[("done", ""), ("missed", ""), ("unknown", "")])


class RecallForm(ServiceForm):
    """Asked where the log holds too little from before the start."""

    recalled_nrs = forms.TypedChoiceField(
        label=_("In a usual week before you started, how bad was the pain on average? A guess will do."),
        coerce=int,
        choices=SCALE,
        widget=forms.RadioSelect,
    )

    def __init__(self, *args, attempt: TreatmentAttempt, today: date, **kwargs) -> None:
        self.attempt, self.today = attempt, today
        super().__init__(*args, initial={"recalled_nrs": attempt.recalled_nrs}, **kwargs)

    def save(self, *, by: User, at: datetime) -> TreatmentAttempt | None:
        when = {"by": by, "at": at, "on": self.today}
        return self.carried_out(lambda: treatments.change(attempt=self.attempt, **when, **self.cleaned_data))
