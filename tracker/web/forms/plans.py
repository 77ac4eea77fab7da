from datetime import date, datetime
from uuid import uuid4

from django import forms
from django.utils.formats import date_format
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from tracker.models import Appointment, Patient, TreatmentPlan, TreatmentType, User
from tracker.models.names import SITE_GROUPS
from tracker.services import appointments, treatment_plans, treatments
from tracker.web.forms.appointments import decided_as
from tracker.web.forms.fields import LongSelect, PlainText, day_field
from tracker.web.forms.treatments import REFUSALS

TODAY, READY, CLEAR, OTHER = "today", "ready", "clear", "other"


class PlanForm(forms.Form):
    """What to try next, of one kind, and from when on."""

    own_words = PlainText(label=_("In your own words"), max_length=120, required=False)
    dose = PlainText(label=_("How much, how often"), max_length=120, required=False)
    site = forms.ChoiceField(
        label=_("For which pain?"),
        choices=[("", _("Overall")), *SITE_GROUPS],
        required=False,
        widget=LongSelect,
        help_text=_("Overall is judged by every entry. A place is judged only by entries that name it."),
    )
    prescribed_by = PlainText(label=_("Who prescribed or recommended it"), max_length=200, required=False)
    when = forms.ChoiceField(label=_("When do you want to start?"), widget=forms.RadioSelect)
    planned_for = day_field(_("Another day"), required=False)

    def __init__(
        self, *args, patient: Patient, kind: TreatmentType, today: date, visit: Appointment | None = None, **kwargs
    ) -> None:
        self.kind, self.today, self.visit = kind, today, visit
        self.ready_on = treatment_plans.baseline_ready_on(patient, on=today)
        self.under_way = treatment_plans.under_way(patient, on=today)
        self.clear_on = max([self.ready_on, *(one.clear_on for one in self.under_way)])
        earlier = treatment_plans.plan_of(patient)
        if self.visit is None and earlier and earlier.treatment_type_id == kind.pk:
            self.visit = earlier.visit
        super().__init__(*args, initial=self._said_before(earlier), **kwargs)
        self.fields["when"].choices = self._days()
        if kind.key == treatments.OWN_TYPE:
            self.fields["own_words"].required = True

    def _said_before(self, earlier: TreatmentPlan | None) -> dict:
        if earlier and earlier.treatment_type_id == self.kind.pk:
            said = {name: getattr(earlier, name) for name in ("own_words", "dose", "site", "prescribed_by")}
            return said | {"when": OTHER, "planned_for": earlier.planned_for}
        decided = decided_as(self.visit, [self.kind]) if self.visit else {}
        return decided | {"when": TODAY if self.kind.is_prescribed else CLEAR if self.under_way else READY}

    def _days(self) -> list[tuple[str, str]]:
        """Prescribed or urgent care comes first and is never put off."""
        found = [(TODAY, _now("Today: it is prescribed, or should not wait"))]
        if self.ready_on > self.today:
            words = _now("%(day)s, after a week of logging, if it is safe to wait")
            found.append((READY, words % {"day": date_format(self.ready_on, "l j F")}))
        else:
            found.append((READY, _now("Today: my log is ready")))
        if self.clear_on > self.ready_on:
            words = _now("%(day)s, when what is under way has had its trial, if it is safe to wait")
            found.append((CLEAR, words % {"day": date_format(self.clear_on, "l j F")}))
        return [*found, (OTHER, _now("Another day, below"))]

    def clean(self) -> dict:
        cleaned = self.cleaned_data
        if cleaned.get("when") == OTHER and not cleaned.get("planned_for") and "planned_for" not in self.errors:
            self.add_error("planned_for", _("Choose a day."))
        return cleaned

    def save(self, *, by: User, at: datetime) -> TreatmentPlan | None:
        said = dict(self.cleaned_data)
        days = {TODAY: self.today, READY: self.ready_on, CLEAR: self.clear_on, OTHER: said.pop("planned_for")}
        said |= {"treatment_type": self.kind, "planned_for": days[said.pop("when")]}
        said |= {"uuid": uuid4(), "on": self.today}
        try:
            if self.visit is not None:
                return appointments.plan_next(by=by, appointment=self.visit, at=at, **said)
            return treatment_plans.put(by=by, at=at, **said)
        except treatments.NameMissing:
            self.add_error("own_words", REFUSALS[treatments.NameMissing][1])
        except treatments.StartOutOfRange:
            self.add_error("planned_for", _("Choose a day from today to a year from now."))
        return None
