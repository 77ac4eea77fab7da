"""What is done through a link by whoever holds it: read, ask, write down a view, open the sealed part. All of it noted.

Each act looks at the link once more with the patient's row held, so that one that was ended a moment ago does nothing.
"""

from datetime import date, datetime
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from tracker.domain.brief import Brief, SealedPart
from tracker.domain.errors import DomainError
from tracker.domain.sheet import Sheet
from tracker.models import (
    Attachment,
    IndependentView,
    PainEntry,
    Patient,
    SecondOpinion,
    Share,
    ShareQuestion,
    ShareView,
)
from tracker.services import brief_words, briefs, second_opinions, sharing
from tracker.services.second_opinions import LOG_DAYS

MAX_VIEWS = 20  # written through one link
LEFT_OUT_OF_SUMMARY = ("notes", "files")


class TooManyViews(DomainError):
    """As many views were written through this link as may be."""


class NotOfThisLink(DomainError):
    """What was asked for is not part of what the link shows."""


def open_link(*, share: Share, passphrase: str, device: str, at: datetime) -> None:
    """Raise unless the passphrase fits; the patient will see that it was opened."""
    sharing.unlock(share=share, passphrase=passphrase, at=at)
    sharing.note(share=share, act=ShareView.Act.OPENED, device=device, at=at)


def brief_of(share: Share, *, on: date) -> Brief:
    """The brief of a link to a brief or to a summary; `on` is the patient's today."""
    if share.scope == Share.Scope.BRIEF:
        return second_opinions.blind_brief(_opinion(share), on=on).brief
    return briefs.brief(
        patient=share.patient,
        first_day=share.first_day or on - LOG_DAYS,
        last_day=share.last_day or on,
        on=on,
        left_out=LEFT_OUT_OF_SUMMARY,
    )


def sheet_of(share: Share, *, on: date) -> Sheet:
    """The brief in the words of the language that is active. A summary tells what was said so far; a blind brief never."""
    is_blind = share.scope == Share.Scope.BRIEF
    return brief_words.sheet(
        brief_of(share, on=on), diagnoses=() if is_blind else second_opinions.diagnosis_lines(share.patient)
    )


def log_of(share: Share) -> QuerySet[PainEntry]:
    """The entries of a link to a period, oldest first."""
    if share.first_day is None or share.last_day is None:
        raise NotOfThisLink
    entries = share.patient.pain_entries.between(share.first_day, share.last_day)
    return entries.order_by("felt_at", "id").prefetch_related("sites")


def sealed_of(share: Share, *, on: date) -> SealedPart:
    """What others have said. Only for a link that opens it, once a view stands."""
    opinion = _opinion(share)
    if not share.opens_sealed:
        raise NotOfThisLink
    if not opinion.views.exists():
        raise second_opinions.ViewMissing
    held_back = second_opinions.blind_brief(opinion, on=on).held_back
    return second_opinions.sealed_part(opinion, held_back=held_back)


def file_of(share: Share, uuid: UUID, *, with_sealed: bool, device: str, at: datetime, on: date) -> Attachment:
    """A file that goes with the brief, or with the sealed part once that is open."""
    _opinion(share)
    entitled = {file.uuid for file in brief_of(share, on=on).files}
    if with_sealed:
        entitled |= {file.uuid for file in sealed_of(share, on=on).reports}
    file = share.patient.attachments.filter(uuid=uuid).first() if uuid in entitled else None
    if file is None:
        raise NotOfThisLink
    sharing.note(share=share, act=ShareView.Act.ATTACHMENT, device=device, at=at)
    return file


@transaction.atomic
def write_view(*, share: Share, uuid: UUID, device: str, at: datetime, **said: str) -> IndependentView:
    current = _held(share, at)
    opinion = _opinion(current)
    earlier = opinion.views.filter(uuid=uuid).first()
    if earlier is not None:
        return earlier
    if opinion.views.filter(share=current).count() >= MAX_VIEWS:
        raise TooManyViews
    view = second_opinions.write_view(by=None, opinion=opinion, uuid=uuid, at=at, share=current, **said)
    sharing.note(share=current, act=ShareView.Act.WROTE_VIEW, device=device, at=at)
    return view


@transaction.atomic
def ask(*, share: Share, uuid: UUID, text: str, asked_by: str, device: str, at: datetime) -> ShareQuestion:
    current = _held(share, at)
    earlier = current.questions.filter(uuid=uuid).first()
    if earlier is not None:
        return earlier
    question = sharing.ask(share=current, uuid=uuid, text=text, asked_by=asked_by, at=at)
    sharing.note(share=current, act=ShareView.Act.ASKED, device=device, at=at)
    return question


@transaction.atomic
def open_sealed(*, share: Share, device: str, at: datetime) -> None:
    """For a clinician: only after a view stands, and only through a link that may."""
    current = _held(share, at)
    opinion = _opinion(current)
    if not current.opens_sealed:
        raise NotOfThisLink
    second_opinions.open_sealed(by=None, opinion=opinion, at=at)
    sharing.note(share=current, act=ShareView.Act.OPENED_SEALED, device=device, at=at)


def _opinion(share: Share) -> SecondOpinion:
    """Only a link to a brief has one that may be seen through it."""
    if share.scope != Share.Scope.BRIEF or share.opinion is None:
        raise NotOfThisLink
    return share.opinion


def _held(share: Share, at: datetime) -> Share:
    """As it is now; its patient's row is held to the end of the transaction."""
    Patient.objects.select_for_update().get(pk=share.patient_id)
    current = Share.objects.select_related("patient__user", "opinion__patient").get(pk=share.pk)
    if current.revoked_at is not None or current.expires_at <= at:
        raise sharing.ShareEnded
    return current
