"""What is done through a link by whoever holds it: read, ask, write down a view, open the sealed part. All of it noted.

Each act looks at the link once more with the patient's row held, so that one that was ended a moment ago does nothing.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Q, QuerySet

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
    Summary,
)
from tracker.services import second_opinions, sharing, summaries

MAX_VIEWS = 20  # written through one link
FRESH_FOR = timedelta(minutes=15)  # so long a PDF that a worker made is what the link shows

State = Summary.State


class TooManyViews(DomainError):
    """As many views were written through this link as may be."""


class NotOfThisLink(DomainError):
    """What was asked for is not part of what the link shows."""


def open_link(*, share: Share, passphrase: str, device: str, at: datetime) -> None:
    """Raise unless the passphrase fits; the patient will see that it was opened."""
    sharing.unlock(share=share, passphrase=passphrase, at=at)
    sharing.note(share=share, act=ShareView.Act.OPENED, device=device, at=at)


@dataclass(frozen=True, kw_only=True)
class Shown:
    """What a link to a brief or to a summary shows: built once for a page. A summary tells what was said so far."""

    brief: Brief
    sheet: Sheet


def shown_by(share: Share, *, at: datetime, on: date) -> Shown:
    """In the words of the language that is active; `on` is the patient's today."""
    summary = _summary(share, at=at, on=on)
    brief = summaries.brief_of(summary, on=on)
    return Shown(brief=brief, sheet=summaries.words_of(summary, brief))


def pdf(*, share: Share, paper: str, device: str, at: datetime, on: date) -> bytes | None:
    """What the link shows, for paper; None while a worker makes it. One that was made a while ago is made anew."""
    kept = share.summaries.filter(paper=paper).first()
    if kept is not None and kept.state in (State.WAITING, State.RUNNING):
        return None
    is_ready = kept is not None and kept.state == State.READY and at < kept.made_at + FRESH_FOR
    content = bytes(kept.content) if kept is not None and is_ready else _made_now(share, paper, at=at, on=on)
    if content is not None:
        sharing.note(share=share, act=ShareView.Act.PRINTED, device=device, at=at)
    return content


def paper_state(share: Share, paper: str) -> str:
    """How far the worker is with it; empty where there is nothing to wait for."""
    return share.summaries.filter(paper=paper).values_list("state", flat=True).first() or ""


def bundle(*, share: Share, device: str, at: datetime, on: date) -> dict[str, Any]:
    """What the link shows, as a FHIR document."""
    made = summaries.bundle_of(_summary(share, at=at, on=on), on=on, at=at)
    sharing.note(share=share, act=ShareView.Act.FHIR, device=device, at=at)
    return made


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
    if not may_open_sealed(share):
        raise second_opinions.ViewMissing
    held_back = second_opinions.blind_brief(opinion, on=on).held_back
    return second_opinions.sealed_part(opinion, held_back=held_back)


def may_open_sealed(share: Share) -> bool:
    """Whether a view stands that this link may open it for: one written through it, or noted by the patient.

    What a clinician wrote through another link opens nothing here: whoever has this one has not written anything yet.
    """
    written = Q(share=share) | Q(written_by=IndependentView.WrittenBy.PATIENT)
    return share.opens_sealed and _opinion(share).views.filter(written).exists()


def file_of(share: Share, uuid: UUID, *, with_sealed: bool, device: str, at: datetime) -> Attachment:
    """A file that goes with the brief, or with the sealed part once that is open."""
    opinion = _opinion(share)
    files = second_opinions.files_of(opinion)
    if with_sealed and may_open_sealed(share):
        files = files | second_opinions.reports_of(opinion)
    file = files.filter(uuid=uuid).first()
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
    if not may_open_sealed(current):
        raise second_opinions.ViewMissing
    second_opinions.open_sealed(by=None, opinion=opinion, at=at)
    sharing.note(share=current, act=ShareView.Act.OPENED_SEALED, device=device, at=at)


def _summary(share: Share, *, at: datetime, on: date, paper: str = Summary.Paper.A4.value) -> Summary:
    if share.scope == Share.Scope.LOG or paper not in Summary.Paper.values:
        raise NotOfThisLink
    return summaries.of_share(share, at=at, on=on, paper=paper)


def _made_now(share: Share, paper: str, *, at: datetime, on: date) -> bytes | None:
    """Where that takes too long it is left to a worker."""
    summary = _summary(share, at=at, on=on, paper=paper)
    content = summaries.quick_pdf(summary, summaries.sheet_of(summary, on=on))
    if content is None:
        _leave_to_a_worker(share, summary, at)
    return content


@transaction.atomic
def _leave_to_a_worker(share: Share, summary: Summary, at: datetime) -> None:
    """In place of an older one; asked for twice at once it is made once."""
    kept = _held(share, at).summaries.filter(paper=summary.paper)
    if not kept.filter(state__in=(State.WAITING, State.RUNNING)).exists():
        kept.delete()
        summary.state = State.WAITING
        summary.save(force_insert=True)


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
