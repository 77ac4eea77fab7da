"""The page that plans the next treatment."""

from dataclasses import dataclass
from datetime import date
from functools import cached_property
from itertools import groupby

from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from tracker.models import Patient, TreatmentPlan, TreatmentType
from tracker.services import treatment_plans
from tracker.services.treatment_plans import UnderWay


def types_to_choose() -> list[tuple[str, list[TreatmentType]]]:
    """By class, as they are listed."""
    kinds = TreatmentType.objects.all()
    return [
        (capfirst(name), list(group)) for name, group in groupby(kinds, key=lambda k: k.get_treatment_class_display())
    ]


@dataclass(kw_only=True)
class PlanPage:
    patient: Patient
    today: date

    @cached_property
    def plan(self) -> TreatmentPlan | None:
        return treatment_plans.plan_of(self.patient)

    @cached_property
    def under_way(self) -> list[UnderWay]:
        return treatment_plans.under_way(self.patient, on=self.today)

    @cached_property
    def has_baseline(self) -> bool:
        return treatment_plans.has_baseline(self.patient, on=self.today)

    @property
    def days_to_go(self) -> str:
        n = (self.plan.planned_for - self.today).days if self.plan else 0
        if n <= 0:
            return _("The day you chose has come.")
        return ngettext("%(n)s day to go: log your pain each day.", "%(n)s days to go: log your pain each day.", n) % {
            "n": n
        }
