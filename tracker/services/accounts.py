"""Opening a record, and the patient's own settings."""

from collections.abc import Collection
from datetime import datetime
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from allauth.account.models import EmailAddress
from django.contrib.auth.password_validation import validate_password
from django.core.validators import validate_email
from django.db import transaction

from tracker.domain import schedule
from tracker.domain.beside import ASKED, in_order
from tracker.domain.errors import DomainError
from tracker.models import AuditEvent, Patient, User
from tracker.services import reminders

CONSENT_VERSION = "2026-11"
# Zone files that name no place: the server's own clock, which another server has otherwise, and one that is not set.
NO_PLACES = {"localtime", "Factory"}


class NotAdult(DomainError):
    """Ebb is for people of 18 and over."""


class NoConsent(DomainError):
    """Health data are stored only with the person's consent."""


class UnknownZone(DomainError):
    """Not the name of a time zone."""


@cache
def zone_names() -> frozenset[str]:
    """Every IANA name; read once, since it costs a walk over the zone files."""
    return frozenset(available_timezones() - NO_PLACES)


def known_zone(name: str) -> str:
    """Return the IANA name unchanged; raise UnknownZone if there is none such."""
    if name not in zone_names():
        raise UnknownZone(name)
    return name


@transaction.atomic
def open_record(
    *, by: User, is_adult: bool, consents: bool, at: datetime, zone: str = "UTC", display_name: str = ""
) -> Patient:
    """The person's record; asked for twice, the first one stays as it is."""
    if not is_adult:
        raise NotAdult
    if not consents:
        raise NoConsent
    said = {"zone": known_zone(zone), "display_name": display_name}
    consent = {"is_adult": True, "consented_at": at, "consent_version": CONSENT_VERSION}
    patient, is_new = Patient.objects.get_or_create(user=by, defaults=said | consent)
    if is_new:
        AuditEvent.objects.create(actor=by, patient=patient, verb="opened", subject="record")
    return patient


@transaction.atomic
def appoint_operator(*, email: str, password: str | None) -> User:
    """Let someone see the page of figures, and nothing of any patient. An account that exists keeps its password;
    without one, `password` is that of a new account. Raises ValidationError for an address or a password that is none.
    """
    user = User.objects.filter(email__iexact=email).first()
    if user is None:
        validate_email(email)
        validate_password(password or "", User(email=email))
        user = User.objects.create_user(email, password)
    User.objects.filter(pk=user.pk).update(is_staff=True)
    # Whoever may run commands here vouches for the address: a mail could not reach them on a new server.
    address = EmailAddress.objects.get_or_create(user=user, email=user.email, defaults={"primary": True})[0]
    EmailAddress.objects.filter(pk=address.pk).update(verified=True)
    return user


def dismiss_operator(*, email: str) -> bool:
    """Whether there was one."""
    return bool(User.objects.filter(email__iexact=email, is_staff=True).update(is_staff=False, is_superuser=False))


@transaction.atomic
def change_settings(*, by: User, at: datetime, **changes: Any) -> Patient:
    """Change display name, quiet hours, region and the like; a changed zone goes through confirm_zone."""
    patient = _change(by, **changes)
    if {"quiet_from", "quiet_until"} & changes.keys():
        reminders.move_with_quiet_hours(patient=patient, at=at)
    return patient


def _change(by: User, **changes: Any) -> Patient:
    patient = by.patient
    for name, value in changes.items():
        setattr(patient, name, value)
    patient.save(update_fields=list(changes))
    subject = f"settings {' '.join(changes)}"[:80]
    AuditEvent.objects.create(actor=by, patient=patient, verb="changed", subject=subject)
    return patient


@transaction.atomic
def choose_asked(*, by: User, asked: Collection[str]) -> Patient:
    """What the patient wants to be asked beside the number. What was said before stays. Raises NotOnTheList."""
    return _change(by, asked=list(in_order(asked, ASKED)))


@transaction.atomic
def confirm_zone(*, by: User, zone: str, at: datetime, follows_device: bool | None = None) -> Patient:
    """This is the zone from now on; `follows_device` also says whether it goes with the device when that travels."""
    patient = by.patient
    if follows_device is not None and follows_device != patient.follows_device:
        _change(by, follows_device=follows_device)
    patient.zone, patient.zone_confirmed_at, patient.zone_declined = known_zone(zone), at, ""
    patient.save(update_fields=["zone", "zone_confirmed_at", "zone_declined"])
    reminders.replan(patient=patient, at=at)
    AuditEvent.objects.create(actor=by, patient=patient, verb="changed", subject=f"zone to {zone}")
    return patient


@transaction.atomic
def meet_device(*, by: User, zone: str, at: datetime) -> bool:
    """A device of the patient's says in which zone it is; return whether to ask them about it.

    The clock goes with the device if that is what the patient wants; a zone that was declined is not asked about again,
    nor is one asked about whose clock will differ in another season. Back at home, a later journey to the same place is
    a new one. Raises UnknownZone.
    """
    patient = by.patient
    there, home = ZoneInfo(known_zone(zone)), ZoneInfo(patient.zone)
    if zone == patient.zone or schedule.keep_the_same_clock(there, home, at=at):
        if patient.zone_declined:
            _change(by, zone_declined="")
        return False
    if patient.follows_device:
        confirm_zone(by=by, zone=zone, at=at)
        return False
    return zone != patient.zone_declined and schedule.clocks_part_on(there, home, at=at) is not None


def keep_zone(*, by: User, declined: str) -> Patient:
    """Stay with the zone that is set, though a device is in the one declined. Raises UnknownZone."""
    return _change(by, zone_declined=known_zone(declined), follows_device=False)


@transaction.atomic
def follow_device(*, by: User, zone: str, at: datetime) -> Patient:
    """From now on the clock goes where the device goes, which is in this zone. Raises UnknownZone."""
    _change(by, follows_device=True)
    return confirm_zone(by=by, zone=zone, at=at)
