"""What the keys of the closed lists are called, in the patient's language."""

from collections.abc import Iterable

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from tracker.domain import health, sites
from tracker.domain.brief import Part

Choices = tuple[tuple[str, Promise], ...]


def _translated(names: Iterable[tuple[str, str]]) -> Choices:
    return tuple((key, _(name)) for key, name in names)


SITES = _translated(sites.SITES)
SITE_NAMES = dict(SITES)
SITE_GROUPS = tuple(
    (_(name), tuple((site.key, SITE_NAMES[site.key]) for site in sites.BODY if site.group == group))
    for group, name in sites.GROUP_NAMES.items()
)
QUALITIES = _translated(sites.QUALITIES)
QUALITY_NAMES = dict(QUALITIES)
FACT_NAMES = dict(_translated((fact.key, fact.text) for fact in health.FACTS))

TRIGGERS: Choices = (
    ("sitting", _("sitting")),
    ("standing", _("standing")),
    ("lying", _("lying down")),
    ("bending", _("bending")),
    ("lifting", _("lifting or carrying")),
    ("twisting", _("twisting")),
    ("walking", _("walking")),
    ("driving", _("driving")),
    ("housework", _("housework")),
    ("screen_work", _("work at a screen")),
    ("exercise", _("exercise or sport")),
    ("too_little_movement", _("too little movement")),
    ("deep_breath", _("a deep breath or cough")),
    ("eating", _("eating")),
    ("poor_sleep", _("a bad night")),
    ("stress", _("stress")),
    ("cold", _("cold")),
    ("weather", _("the weather")),
    ("nothing_known", _("nothing I know of")),
)
TRIGGER_NAMES = dict(TRIGGERS)
EASED_BY: Choices = (
    ("rest", _("rest")),
    ("lying_down", _("lying down")),
    ("movement", _("moving")),
    ("walking", _("a walk")),
    ("stretching", _("stretching")),
    ("warmth", _("warmth")),
    ("cold", _("cold")),
    ("bath", _("a bath or shower")),
    ("massage", _("massage")),
    ("ointment", _("ointment or gel")),
    ("medicine", _("medicine")),
    ("breathing", _("calm breathing")),
    ("change_of_position", _("another position")),
    ("company", _("company")),
    ("distraction", _("something else to think about")),
    ("sleep", _("sleep")),
    ("nothing", _("nothing")),
)
EASED_BY_NAMES = dict(EASED_BY)

# What may be asked beside the number, and what that means for the patient.
ASKED: Choices = (
    ("interference", _("How much the pain is in your way")),
    ("sleep", _("How you slept")),
    ("mood", _("Your mood")),
    ("managed", _("What you managed today")),
    ("triggers", _("What may have set it off")),
    ("eased_by", _("What eased it")),
    ("helped", _("What helped, in your own words")),
    ("medicine", _("Medicine that you took")),
    ("peg", _("Three questions about your week (PEG)")),
    ("phq_4", _("Four questions about mood and worry (PHQ-4)")),
)


def site_choices() -> Choices:
    """For model fields: a choice that is called leaves no copy of the list in the migrations."""
    return SITES


# The parts of a brief that a patient may leave out.
PART_NAMES = {
    Part.PERSON: _("Age and sex"),
    Part.CONDITIONS: _("Other illnesses"),
    Part.STORY: _("How it began and what it is like, from your newest check-up"),
    Part.FUNCTION: _("Daily life, sleep and mood"),
    Part.TRIED: _("What was tried, and what it did"),
    Part.GOAL: _("What you would like to do again"),
    Part.WORRY: _("What worries you"),
    Part.NOTES: _("Notes from the log, in the appendix"),
    Part.FILES: _("Files"),
}
