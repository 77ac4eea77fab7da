"""The health profile in short sections, each with what it is for."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.forms.boundfield import BoundField
from django.utils.translation import gettext as translated
from django.utils.translation import gettext_lazy as _

from tracker.domain.health import FACTS, Fact, Section
from tracker.models.names import FACT_NAMES
from tracker.web.forms.health import ANSWERS, ProfileForm, fact_field

# Title, and why we ask.
WORDS = {
    Section.NOW: (_("About you"), _("Some signs mean more at some ages, and before and after a birth.")),
    Section.ILLNESS: (_("Illnesses"), _("After some of them, new pain is looked at sooner.")),
    Section.HEART: (
        _("Heart and blood vessels"),
        _("The heart can be felt in the back. And heat or baths are not safe for everybody."),
    ),
    Section.BELLY: (
        _("Stomach, gall bladder, kidneys"),
        _("They lie close to the spine and can hurt there. Some tablets are hard on them."),
    ),
    Section.BONES: (
        _("Bones, joints, skin, eyes"),
        _("Weak bones can break without a fall. An inflamed spine can be treated."),
    ),
    Section.TABLETS: (
        _("Tablets that matter"),
        _("Ebb never guesses this from the name of a medicine, so please say it here."),
    ),
}
OWN_WORDS = "own_words"
FIELDS = {Section.NOW: ("birth_year", "sex"), OWN_WORDS: ("allergies", "conditions", "operations", "implants")}


@dataclass(frozen=True, kw_only=True)
class Asked:
    """One fact with its answers: (value, words, whether it is the one given)."""

    name: str
    text: str
    answers: list[tuple[str, str, bool]]
    errors: list[str]


@dataclass(frozen=True, kw_only=True)
class Part:
    key: str
    title: str
    why: str
    fields: list[BoundField]
    facts: list[Asked]
    n_said: int

    @property
    def n_asked(self) -> int:
        return len(self.fields) + len(self.facts)

    @property
    def is_open(self) -> bool:
        """The first one, and what has an error."""
        has_errors = any(field.errors for field in self.fields) or any(fact.errors for fact in self.facts)
        return has_errors or self.key == Section.NOW


def parts(form: ProfileForm) -> Iterator[Part]:
    for section, (title, why) in WORDS.items():
        yield _part(form, section, title, why, [fact for fact in FACTS if fact.section is section])
    why = translated("For the check-up these words are not read. They are for a doctor who looks at your pain afresh.")
    yield _part(form, OWN_WORDS, translated("In your own words"), why, [])


def _part(form: ProfileForm, key: str, title: str, why: str, facts: list[Fact]) -> Part:
    fields = [form[name] for name in FIELDS.get(key, ())]
    asked = [_asked(form[fact_field(fact.key)], fact) for fact in facts]
    n_said = sum(bool(field.value()) for field in [*fields, *(form[one.name] for one in asked)])
    return Part(key=key, title=title, why=why, fields=fields, facts=asked, n_said=n_said)


def _asked(field: BoundField, fact: Fact) -> Asked:
    given = field.value() or ""
    answers = [(value, words, value == given) for value, words in ANSWERS]
    return Asked(name=field.html_name, text=str(FACT_NAMES[fact.key]), answers=answers, errors=list(field.errors))
