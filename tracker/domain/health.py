"""The closed list of health facts: what a check-up and a doctor who looks afresh ask for. Keys never change once stored.

Each is yes, no or unsure; what is not there was not said.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from tracker.domain.text import gettext_noop as _

YES, NO, UNSURE = "yes", "no", "unsure"
ANSWERS = (YES, NO, UNSURE)
EARLIEST_BIRTH_YEAR = 1900
ADULT_AGE = 18


class Section(StrEnum):
    """A short part of the page, with one thing that it is for."""

    NOW = "now"
    ILLNESS = "illness"
    HEART = "heart"
    BELLY = "belly"
    BONES = "bones"
    TABLETS = "tablets"


@dataclass(frozen=True, kw_only=True, slots=True)
class Fact:
    """One thing that is so, or not."""

    key: str
    text: str
    section: Section


def _facts(section: Section, *told: tuple[str, str]) -> list[Fact]:
    return [Fact(key=key, text=text, section=section) for key, text in told]


FACTS: tuple[Fact, ...] = (
    *_facts(
        Section.NOW,
        ("pregnant", _("Pregnant now")),
        ("late_pregnancy_or_birth", _("Pregnant for 20 weeks or more, or a birth in the last 6 weeks")),
        ("smoker", _("Smoking")),
    ),
    *_facts(
        Section.ILLNESS,
        ("cancer", _("Cancer, now or ever")),
        ("diabetes", _("Diabetes")),
        ("weak_immunity", _("Weak defences: chemotherapy, HIV, or medicine against rejection")),
        ("sickle_cell", _("Sickle cell disease")),
        ("numb_skin", _("Numb skin or nerve damage")),
    ),
    *_facts(
        Section.HEART,
        ("heart_disease", _("Heart disease")),
        ("aorta", _("A widened main artery, or Marfan, Ehlers-Danlos or Loeys-Dietz syndrome, yours or in the family")),
        ("high_blood_pressure", _("High blood pressure")),
        ("low_blood_pressure", _("Low blood pressure, or fainting")),
        ("past_clot", _("A blood clot in a leg or a lung, ever")),
        ("raynaud", _("Fingers that go white in the cold (Raynaud)")),
        ("implant", _("A pacemaker, or metal in the body")),
    ),
    *_facts(
        Section.BELLY,
        ("gallstones", _("Gallstones")),
        ("stomach_ulcer", _("A stomach ulcer, or the stomach germ H. pylori, ever")),
        ("kidney_stones", _("Kidney stones, ever")),
        ("single_kidney", _("Only one kidney")),
        ("kidney_disease", _("Kidney disease")),
        ("dialysis_or_transplant", _("Dialysis, or a transplant")),
    ),
    *_facts(
        Section.BONES,
        ("weak_bones", _("Osteoporosis, or getting shorter")),
        ("psoriasis", _("Psoriasis")),
        ("bowel_inflammation", _("An inflamed bowel (Crohn, colitis)")),
        ("eye_inflammation", _("An inflamed eye (uveitis), ever")),
        ("spine_inflammation_in_family", _("A parent, brother, sister or child with an inflamed spine")),
    ),
    *_facts(
        Section.TABLETS,
        ("blood_thinner", _("A blood thinner, or blood that clots badly")),
        ("steroids", _("Steroid tablets for 3 months or more")),
        ("anti_inflammatory", _("Anti-inflammatory tablets (ibuprofen, diclofenac, naproxen, aspirin)")),
        ("oestrogen", _("Tablets or patches with oestrogen")),
        ("statin", _("A statin (medicine against cholesterol)")),
        ("gel_allergy", _("An allergy to pain gels, or asthma set off by aspirin")),
    ),
)
FACT_KEYS = tuple(fact.key for fact in FACTS)


def are_facts(facts: Mapping[str, str]) -> bool:
    """Whether every key is on the list and every answer is one of the three."""
    return all(key in FACT_KEYS and answer in ANSWERS for key, answer in facts.items())


def is_birth_year(year: int, *, on: date) -> bool:
    """Whether an adult may have been born in that year."""
    return EARLIEST_BIRTH_YEAR <= year <= on.year - ADULT_AGE


def age(birth_year: int, *, on: date) -> int:
    """In whole years, on the last day of this year: with a year of birth alone, the age that makes us more careful."""
    return on.year - birth_year
