"""Which channels are open: to one patient, or to those of a few due rows, read in a query or two for all of them."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from tracker.models import MailStop, Occurrence, Patient, PushDevice, Reminder
from tracker.services import mail_stops

Channel = Reminder.Channel


@dataclass(kw_only=True)
class Ways:
    """Of patients, by their keys."""

    stopped_mail: set[int] = field(default_factory=set)
    devices: dict[int, list[PushDevice]] = field(default_factory=dict)

    def of(self, occurrence: Occurrence) -> list[str]:
        """Those that are wanted and open, a device first: it answers at once."""
        wanted, patient_id = occurrence.reminder.channel_set, occurrence.reminder.patient_id
        found = []
        if Channel.PUSH in wanted and self.devices.get(patient_id):
            found.append(Channel.PUSH.value)
        if Channel.EMAIL in wanted and patient_id not in self.stopped_mail:
            found.append(Channel.EMAIL.value)
        return found


def read(occurrences: Iterable[Occurrence]) -> Ways:
    wanted: dict[str, dict[int, str]] = defaultdict(dict)
    for reminder in (occurrence.reminder for occurrence in occurrences):
        for channel in reminder.channel_set:
            wanted[channel][reminder.patient_id] = reminder.patient.user.email
    ways = Ways()
    if mailed := wanted[Channel.EMAIL]:
        stops = MailStop.objects.filter(patient__in=mailed).values_list("patient", "address")
        ways.stopped_mail = {pk for pk, address in stops if address == mailed[pk]}
    if pushed := wanted[Channel.PUSH]:
        ways.devices = defaultdict(list)
        for device in PushDevice.objects.filter(patient__in=pushed, gone_at__isnull=True):
            ways.devices[device.patient_id].append(device)
    return ways


def open_to(patient: Patient) -> set[str]:
    """The channels that reach a patient now."""
    has_device = patient.push_devices.filter(gone_at__isnull=True).exists()
    is_open = {Channel.PUSH.value: has_device, Channel.EMAIL.value: mail_stops.stop_of(patient) is None}
    return {channel for channel, opens in is_open.items() if opens}


def why_none(occurrence: Occurrence) -> str:
    if Channel.EMAIL in occurrence.reminder.channel_set:
        return "mail to this address is stopped"
    return "no device takes messages"
