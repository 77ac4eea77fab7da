"""Stops mail to an address that will never work or does not want it, and starts it again when the patient says so."""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F

from tracker import emails
from tracker.domain import bounces
from tracker.models import AuditEvent, MailStop, Occurrence, Patient, User

# A report that comes later is about a mail that nobody remembers.
REMEMBERED = timedelta(days=14)
Reason = MailStop.Reason


def stop_of(patient: Patient) -> MailStop | None:
    """What keeps mail to the patient's present address back."""
    stop = MailStop.objects.filter(patient=patient).first()
    return stop if stop and stop.address == patient.user.email else None


def n_stopped() -> int:
    return MailStop.objects.filter(address=F("patient__user__email")).count()


def note_refusal(*, patient: Patient, error: emails.MailError, at: datetime) -> None:
    """The server of the address refused it while we were talking."""
    if error.stage == "recipient" and bounces.is_final_reply(error.code, str(error)):
        stop(patient=patient, reason=Reason.REFUSED, words=str(error), at=at)


def note_reports(*, content: bytes, at: datetime) -> list[tuple[bounces.Report, bool]]:
    """Read a mail that came back: each report in it, and whether mail was stopped for it.

    Whoever can name the secret Message-ID of a mail of the last days, and its recipient, has seen that mail.
    """
    return [(report, _note(report, at=at)) for report in bounces.read(content)]


def note_event(*, message_id: str, address: str, is_complaint: bool, is_final: bool, words: str, at: datetime) -> bool:
    """What a provider's signed word says."""
    patient = _patient_of(message_id, address, at=at) or _patient_at(address)
    if patient is None or not (is_complaint or is_final):
        return False
    reason = Reason.COMPLAINED if is_complaint else Reason.BOUNCED
    stop(patient=patient, reason=reason, words=words, at=at)
    return True


@transaction.atomic
def stop(*, patient: Patient, reason: str, words: str, at: datetime) -> None:
    told = {"address": patient.user.email, "reason": reason, "words": _printable(words), "stopped_at": at}
    MailStop.objects.update_or_create(patient=patient, defaults=told)
    AuditEvent.objects.create(actor=None, patient=patient, verb="stopped", subject=f"mail: {reason}")


@transaction.atomic
def start_again(*, by: User) -> None:
    if MailStop.objects.filter(patient=by.patient).delete()[0]:
        AuditEvent.objects.create(actor=by, patient=by.patient, verb="started", subject="mail")


def start_all_again(*, since: datetime) -> int:
    """After a mistake of a mail server: lift what was stopped since then."""
    return MailStop.objects.filter(stopped_at__gte=since).delete()[0]


def _note(report: bounces.Report, *, at: datetime) -> bool:
    patient = _patient_of(report.message_id, report.address, at=at)
    if patient is None or not report.is_final:
        return False
    is_complaint = report.kind is bounces.Kind.COMPLAINT
    stop(patient=patient, reason=Reason.COMPLAINED if is_complaint else Reason.BOUNCED, words=report.words, at=at)
    return True


def _patient_of(message_id: str, address: str, *, at: datetime) -> Patient | None:
    if not message_id or "\x00" in message_id:
        return None
    sent = Occurrence.objects.filter(message_id=message_id[:120], started_at__gt=at - REMEMBERED)
    row = sent.select_related("reminder__patient__user").first()
    if row is None or (address and address.lower() != row.reminder.patient.user.email.lower()):
        return None
    return row.reminder.patient


def _patient_at(address: str) -> Patient | None:
    if not address or "\x00" in address:
        return None
    return Patient.objects.filter(user__email__iexact=address).select_related("user").first()


def _printable(words: str) -> str:
    """What a foreign server said, as one line that any page can show."""
    return " ".join("".join(c if c.isprintable() else " " for c in words).split())[:200]
