"""The browsers on which a patient wants messages."""

import uuid as uuids
from datetime import datetime

from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from tracker import emails
from tracker.domain.errors import DomainError
from tracker.domain.text import storable
from tracker.models import AuditEvent, PushDevice, User
from tracker.services import web_push
from tracker.services.locks import locked

MAX_DEVICES = 10
LONGEST_NAME = 80


class UnknownPushService(DomainError):
    """The address does not lead to a maker of browsers that this instance hands messages to."""


class BadDeviceKeys(DomainError):
    """The keys are not those of a browser."""


class TooManyDevices(DomainError):
    """More devices than anyone uses."""


class DeviceNotReached(DomainError):
    """The test message was not taken."""


@transaction.atomic
def put(
    *, by: User, uuid: uuids.UUID, name: str, endpoint: str, public_key: str, auth_secret: str, at: datetime
) -> tuple[PushDevice, bool]:
    """Make the device with this uuid be that browser: (device, whether it is new). The same browser stays one."""
    if not web_push.is_allowed(endpoint):
        raise UnknownPushService
    if not web_push.are_keys(public_key, auth_secret):
        raise BadDeviceKeys
    patient = locked(by)
    PushDevice.objects.filter(endpoint=endpoint).exclude(patient=patient, uuid=uuid).delete()
    earlier = patient.push_devices.filter(uuid=uuid).first()
    if earlier is None and patient.push_devices.count() >= MAX_DEVICES:
        raise TooManyDevices
    told = {"name": storable(name, longest=LONGEST_NAME), "endpoint": endpoint, "gone_at": None}
    told |= {"public_key": public_key, "auth_secret": auth_secret}
    device, is_new = patient.push_devices.update_or_create(
        uuid=uuid, defaults=told, create_defaults=told | {"created_at": at}
    )
    AuditEvent.objects.create(actor=by, patient=patient, verb="added", subject=f"device {device.uuid}")
    return device, is_new


@transaction.atomic
def remove(*, by: User, device: PushDevice) -> None:
    AuditEvent.objects.create(actor=by, patient=by.patient, verb="deleted", subject=f"device {device.uuid}")
    by.patient.push_devices.filter(pk=device.pk).delete()


def try_out(*, by: User, device: PushDevice, at: datetime) -> PushDevice:
    """Send it one message now. Raises DeviceNotReached; whether the device is gone for good stands in its row."""
    with translation.override(by.patient.language):
        message = web_push.Message(
            title=_("This is a test"),
            body=_("Messages from Ebb reach this device."),
            url=emails.site_link("reminder_ways"),
            tag=str(uuids.uuid4()),
        )
    try:
        web_push.tell(devices=[device], message=message, at=at)
    except emails.MailError as error:
        raise DeviceNotReached from error
    finally:
        device.refresh_from_db()
    return device
