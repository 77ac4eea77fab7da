"""What is known for a second opinion, in two envelopes: the facts, and what others said."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from tracker.domain import health as domain
from tracker.models import Diagnosis, Medicine, Patient, Proposal, TreatmentAttempt
from tracker.models.names import SITE_NAMES
from tracker.services import health, verdicts
from tracker.services import verdict_words as words
from tracker.services.health import Content

WEEKS = 12  # of the pain log, in short
N_SITES = 3


@dataclass(frozen=True, kw_only=True)
class Treated:
    """One treatment and what it did, in a row."""

    attempt: TreatmentAttempt
    badge: str
    change: str


@dataclass(kw_only=True)
class PreparePage:
    patient: Patient
    today: date

    @cached_property
    def diagnoses(self) -> list[Diagnosis]:
        return list(self.patient.diagnoses.all())

    @cached_property
    def proposals(self) -> list[Proposal]:
        return list(self.patient.proposals.all())

    @cached_property
    def treated(self) -> list[Treated]:
        attempts = self.patient.attempts.filter(started_on__lte=self.today).newest_first()
        rows = verdicts.with_latest_verdict(attempts.select_related("treatment_type"))
        return [
            Treated(
                attempt=attempt,
                badge=words.badge(attempt.latest_verdict),
                change=words.change_in_words(attempt.latest_verdict) if attempt.latest_verdict else "",
            )
            for attempt in rows
        ]

    @property
    def pain(self) -> Sequence[str]:
        """Where and how bad, from the log."""
        first = self.today - timedelta(weeks=WEEKS)
        entries = self.patient.pain_entries.between(first, self.today)
        days = list(entries.by_day())
        if not days:
            return [_("Nothing was logged in the last 12 weeks.")]
        mean = sum(day_mean for _day, _low, _high, day_mean, _n in days) / len(days)
        worst = max(high for _day, _low, high, _mean, _n in days)
        told = {"n": len(days), "mean": f"{mean:.1f}", "worst": worst}
        lines = [_("Last 12 weeks: %(n)s days logged, %(mean)s of 10 on an average day, %(worst)s at worst.") % told]
        most_named = sorted(entries.by_site(), key=lambda site: -site.n_days)[:N_SITES]
        if most_named:
            sites = ", ".join(str(SITE_NAMES.get(site.site, site.site)) for site in most_named)
            lines.append(_("Named most often: %(sites)s.") % {"sites": sites})
        if since := self.patient.pain_entries.first_days(1):
            lines.append(_("In the log since %(day)s.") % {"day": date_format(since[0])})
        return lines

    @cached_property
    def profile(self) -> Content:
        return health.content_of(health.profile_of(self.patient))

    @property
    def facts(self) -> Sequence[tuple[str, str]]:
        """What a new doctor must never be without. What is empty was not said, which is not the same as no."""
        yes = [_(fact.text) for fact in domain.FACTS if self.profile.facts.get(fact.key) == domain.YES]
        unsure = [_(fact.text) for fact in domain.FACTS if self.profile.facts.get(fact.key) == domain.UNSURE]
        not_said = _("not noted")
        return [
            (_("Medicines"), ", ".join(map(str, self.medicines)) or not_said),
            (_("Allergies"), self.profile.allergies or not_said),
            (_("Operations"), self.profile.operations or not_said),
            (_("Implants"), self.profile.implants or not_said),
            (_("Illnesses"), self.profile.conditions or not_said),
            (_("Yes to"), "; ".join(yes) or not_said),
            (_("Unsure about"), "; ".join(unsure) or not_said),
        ]

    @cached_property
    def medicines(self) -> list[Medicine]:
        return list(self.patient.medicines.in_use(self.today).order_by("name"))
