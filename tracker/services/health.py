"""The health profile: one per patient, each part of it optional."""

from dataclasses import dataclass, field, fields
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction

from tracker.domain import health
from tracker.domain.errors import DomainError
from tracker.domain.text import storable
from tracker.models import AuditEvent, HealthProfile, Patient, User
from tracker.models.health import FREE_TEXT_LENGTH
from tracker.services.locks import locked
from tracker.services.pain_log import ANY, Condition

TEXTS = ("conditions", "operations", "implants", "allergies")


class BirthYearOutOfRange(DomainError):
    """Before 1900, or not the birth year of an adult."""


class ProfileChanged(DomainError):
    """The profile is not as the caller takes it to be; `current` is how it is, None if nothing was said yet."""

    def __init__(self, current: HealthProfile | None) -> None:
        super().__init__(current)
        self.current = current


class ProfileOutOfRange(DomainError):
    """A sex, a health fact or an answer that is not on its list."""


@dataclass(frozen=True, kw_only=True)
class Content:
    """All that a profile says."""

    birth_year: int | None = None
    sex: str = ""
    facts: dict[str, str] = field(default_factory=dict)
    conditions: str = ""
    operations: str = ""
    implants: str = ""
    allergies: str = ""

    @property
    def columns(self) -> dict[str, Any]:
        return {one.name: getattr(self, one.name) for one in fields(self)}


def content_of(profile: HealthProfile | None) -> Content:
    if profile is None:
        return Content()
    return Content(**{one.name: getattr(profile, one.name) for one in fields(Content)})


def profile_of(patient: Patient) -> HealthProfile | None:
    return HealthProfile.objects.filter(patient=patient).first()


@transaction.atomic
def save_profile(*, by: User, at: datetime, on: date, condition: Condition = ANY, **said: Any) -> HealthProfile:
    """Make the profile hold exactly what Content is given; `on` is the patient's today."""
    patient = locked(by)
    earlier = profile_of(patient)
    content = _checked(Content(**said), on)
    if earlier is not None and content == content_of(earlier):
        return earlier
    _refuse_unexpected(condition, earlier)
    # A later state never has the version of an earlier one, whatever the clock says.
    changed_at = max(at, earlier.changed_at + timedelta(microseconds=1)) if earlier else at
    told = content.columns | {"changed_at": changed_at}
    profile, _ = HealthProfile.objects.update_or_create(patient=patient, defaults=told)
    verb = "changed" if earlier else "added"
    AuditEvent.objects.create(actor=by, patient=patient, verb=verb, subject="health profile")
    return profile


@transaction.atomic
def change_profile(
    *, by: User, at: datetime, on: date, condition: Condition = ANY, facts: dict[str, Any] | None = None, **said: Any
) -> HealthProfile:
    """Change what is given. Of the facts too: None takes one back, the others stay."""
    before = content_of(profile_of(locked(by)))
    told = before.facts | (facts or {})
    said = before.columns | said | {"facts": {key: answer for key, answer in told.items() if answer is not None}}
    return save_profile(by=by, at=at, on=on, condition=condition, **said)


def _checked(content: Content, on: date) -> Content:
    if content.birth_year is not None and not health.is_birth_year(content.birth_year, on=on):
        raise BirthYearOutOfRange
    if content.sex not in HealthProfile.Sex.values or not health.are_facts(content.facts):
        raise ProfileOutOfRange
    for name in TEXTS:
        storable(getattr(content, name), longest=FREE_TEXT_LENGTH)
    return content


def _refuse_unexpected(condition: Condition, profile: HealthProfile | None) -> None:
    """A profile is always there, if only an empty one."""
    version = profile.version if profile else 0
    is_expected = condition.is_there is not False and (condition.versions is None or version in condition.versions)
    if not is_expected:
        raise ProfileChanged(profile)
