"""What the record knows already of the questions of a check-up. Ticks and yes only: what may be new is always asked.

Who takes what is asked in the profile; it is never guessed from the name of a medicine.
"""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from assessments.services import ToldBefore
from tracker.domain.health import ADULT_AGE, YES, age
from tracker.domain.schedule import local_date
from tracker.models import HealthProfile, Patient, Verdict
from tracker.services import health, verdicts
from tracker.services.health import Content

# Question -> option -> facts of the profile, any of which ticks it.
TICKS: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "conditions": {
        "cancer": ("cancer",),
        "weak_immunity": ("weak_immunity", "steroids", "dialysis_or_transplant"),
        "diabetes": ("diabetes",),
        "blood_thinner": ("blood_thinner",),
        "aorta": ("aorta",),
        "clot_risk": ("past_clot", "oestrogen"),
        "weak_bones": ("weak_bones",),
        "steroids": ("steroids",),
        "pregnant": ("late_pregnancy_or_birth",),
        "special_care": ("sickle_cell", "dialysis_or_transplant"),
        "heart_pressure": ("heart_disease", "low_blood_pressure"),
        "numb_skin": ("numb_skin", "raynaud"),
        "nsaid": ("anti_inflammatory",),
        "ointment_no": ("gel_allergy", "pregnant", "late_pregnancy_or_birth"),
    },
    "weakness_signs": {"statin": ("statin",)},
    "stomach": {
        "nsaid": ("anti_inflammatory", "steroids", "blood_thinner"),
        "ulcer_before": ("stomach_ulcer",),
        "alcohol_stones": ("gallstones",),
    },
    "inflamed": {
        "relative": ("spine_inflammation_in_family",),
        "psoriasis": ("psoriasis",),
        "bowel": ("bowel_inflammation",),
    },
}
KIDNEY_DANGER = ("single_kidney", "dialysis_or_transplant", "pregnant", "late_pregnancy_or_birth")
HEART_RISK_AGE = 65  # as the question has it

# Where the log says that it hurts -> the option. Sites of one side name that side of the spine.
PLACES: Mapping[str, tuple[str, ...]] = {
    "middle": ("upper_back", "between_shoulder_blades", "mid_back"),
    "one_side": tuple(
        f"{site}_{side}" for site in ("upper_back", "beside_blade", "mid_back") for side in ("left", "right")
    ),
    "left": ("shoulder_left", "arm_left", "shoulder_blade_left"),
    "right_upper": ("belly_upper_right", "shoulder_blade_right"),
    "upper_belly": ("belly_upper", "belly_upper_left"),
    "flank": ("flank_left", "flank_right"),
    "front": ("ribs_left", "ribs_right", "chest"),
    "neck": ("neck", "neck_left", "neck_right"),
    "low": ("low_back", "low_back_left", "low_back_right", "buttock_left", "buttock_right"),
}
PLACES_OF = timedelta(days=28)
NAMED_ON_DAYS = 2  # once may be chance
THREE_MONTHS = timedelta(days=92)
STILL_LOGGED = timedelta(days=28)
SEVERAL = 2  # treatments


def told_before(user: Any, *, at: datetime) -> ToldBefore:
    """What is settled (the age), and what is likely and only filled in."""
    patient: Patient | None = getattr(user, "patient", None)
    if patient is None:
        return ToldBefore()
    on = local_date(at, ZoneInfo(patient.zone))
    profile = health.content_of(health.profile_of(patient))
    years = age(profile.birth_year, on=on) if profile.birth_year else None
    likely = _of_profile(profile, years) | _of_log(patient, on) | _of_treatments(patient)
    if years is not None and years < ADULT_AGE:  # ends the check-up: not before the alarm questions were asked
        return ToldBefore(likely=likely | {"age": years})
    return ToldBefore(settled={"age": years} if years else {}, likely=likely)


def _of_profile(profile: Content, years: int | None) -> dict[str, Any]:
    so = {fact for fact, answer in profile.facts.items() if answer == YES}
    ticked = {
        question: [option for option, facts in options.items() if so.intersection(facts)]
        for question, options in TICKS.items()
    }
    is_woman, is_old = profile.sex == HealthProfile.Sex.FEMALE, (years or 0) >= HEART_RISK_AGE
    yes = {"heart_risk": is_woman or is_old or "diabetes" in so, "kidney_danger": bool(so.intersection(KIDNEY_DANGER))}
    return {question: ticks for question, ticks in ticked.items() if ticks} | {
        question: YES for question, is_so in yes.items() if is_so
    }


def _of_log(patient: Patient, on: date) -> dict[str, Any]:
    """Where it hurts of late, and that it has gone on for long. A short log says nothing about how long."""
    lately = patient.pain_entries.between(on - PLACES_OF, on).filter(nrs__gt=0)
    named = {site.site for site in lately.by_site() if site.n_days >= NAMED_ON_DAYS}
    where = [option for option, sites in PLACES.items() if named.intersection(sites)]
    known: dict[str, Any] = {"where": where} if where else {}
    felt = patient.pain_entries.filter(nrs__gt=0)
    first, last = felt.first_days(1), felt.last_days(1)
    if first and first[0] <= on - THREE_MONTHS and last[0] >= on - STILL_LOGGED:
        known["duration"] = "over_3m"
    return known


def _of_treatments(patient: Patient) -> dict[str, Any]:
    latest = [attempt.latest_verdict for attempt in verdicts.with_latest_verdict(patient.attempts.all())]
    n_in_vain = sum(verdict is not None and verdict.outcome == Verdict.Outcome.NOT_WORKING for verdict in latest)
    return {"sensitive": ["tried_much"]} if n_in_vain >= SEVERAL else {}
