"""Operations and other procedures that somebody has proposed: the only way in, from a form, the API, a file."""

from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from tracker.domain.advice import Kind
from tracker.domain.errors import DomainError
from tracker.domain.pain import EARLIEST_DAY
from tracker.domain.text import storable
from tracker.models import Advice, AuditEvent, Proposal, User
from tracker.services import advice
from tracker.services.locks import locked

LENGTHS = {"name": 200, "proposed_by": 200, "reason": 500}
MOST = 200


class ProposalNameMissing(DomainError):
    """A proposed procedure needs a name."""


class ProposalDayOutOfRange(DomainError):
    """Before the earliest day, or after today."""


class ProposalOutOfRange(DomainError):
    """A decision that is not on the list."""


class TooManyProposals(DomainError):
    """More proposals than anyone can have been given."""


@dataclass(frozen=True, kw_only=True)
class Content:
    """All that the patient says of a proposal."""

    name: str
    proposed_by: str = ""
    proposed_on: date | None = None
    reason: str = ""
    decision: str = Proposal.Decision.OPEN

    @property
    def columns(self) -> dict[str, Any]:
        return {field.name: getattr(self, field.name) for field in fields(self)}


def content_of(proposal: Proposal) -> Content:
    return Content(**{field.name: getattr(proposal, field.name) for field in fields(Content)})


@transaction.atomic
def put(*, by: User, uuid: UUID, at: datetime, on: date, advises: bool = True, **said: Any) -> tuple[Proposal, bool]:
    """Make the proposal with this uuid hold exactly what is said: (proposal, whether it is new).

    What there is to advise about it is advised at once, unless `advises` is false: an operation may be near.
    """
    patient, content = locked(by), _checked(Content(**said), on)
    earlier = patient.proposals.filter(uuid=uuid).first()
    if earlier is not None and content_of(earlier) == content:
        return earlier, False
    if earlier is None and patient.proposals.count() >= MOST:
        raise TooManyProposals
    proposal, is_new = Proposal.objects.update_or_create(
        patient=patient, uuid=uuid, defaults=content.columns | {"changed_at": at}
    )
    _audit(by, proposal, "noted" if is_new else "changed")
    if advises:
        advice.look(patient=patient, at=at)
    return proposal, is_new


@transaction.atomic
def remove(*, by: User, proposal: Proposal) -> None:
    """Forget one that was put down by mistake, and what was advised about it."""
    patient = locked(by)
    _audit(by, proposal, "deleted")
    Advice.objects.filter(patient=patient, kind=Kind.PROCEDURE, evidence=f"proposal:{proposal.uuid}").delete()
    patient.proposals.filter(pk=proposal.pk).delete()


def _checked(content: Content, on: date) -> Content:
    for name, longest in LENGTHS.items():
        storable(getattr(content, name), longest=longest)
    if not content.name.strip():
        raise ProposalNameMissing
    if content.proposed_on is not None and not EARLIEST_DAY <= content.proposed_on <= on:
        raise ProposalDayOutOfRange
    if content.decision not in Proposal.Decision.values:
        raise ProposalOutOfRange
    return content


def _audit(by: User, proposal: Proposal, verb: str) -> None:
    AuditEvent.objects.create(actor=by, patient_id=proposal.patient_id, verb=verb, subject=f"proposal {proposal.uuid}")
