"""Links for people without an account: made, opened, watched and ended by the patient.

A link is a key that only this installation can make from the row's uuid, so that the patient can see it again, and a
copy of the database opens nothing.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from hashlib import sha256
from uuid import UUID

from django.contrib.auth.hashers import check_password, make_password
from django.core.signing import Signer
from django.db import transaction
from django.db.models import Count, Max, Q, QuerySet

from tracker.domain.errors import DomainError
from tracker.domain.pain import EARLIEST_DAY
from tracker.domain.text import storable
from tracker.models import AuditEvent, Patient, SecondOpinion, Share, ShareQuestion, ShareView, User
from tracker.models.second_opinions import LONG_TEXT
from tracker.services.locks import locked

DAYS = 14  # by default
LONGEST = 90  # days
MAX_OPEN = 50  # links at once, per patient
SHORTEST_PASSPHRASE = 8  # characters
LONGEST_PASSPHRASE = 200
TRIES = 5  # wrong passphrases in a row before a pause
PAUSE = timedelta(minutes=15)
MAX_QUESTIONS = 50  # of one link
NAME_LENGTH = 200
_SALT = "tracker.share"


class ShareUnknown(DomainError):
    """Not a link that Ebb made."""


class ShareEnded(DomainError):
    """Its time is over, or the patient has ended it."""


class ShareLocked(DomainError):
    """Too many wrong passphrases; there is a pause."""


class WrongPassphrase(DomainError):
    """Not the passphrase of this link."""


class PassphraseNeeded(DomainError):
    """The sealed part is never shared without one."""


class PassphraseTooShort(DomainError):
    """Or longer than anybody types."""


class ShareOutOfRange(DomainError):
    """A scope, a period or a length of time that a link cannot have, or a second opinion of somebody else."""


class ShareAlreadyThere(DomainError):
    """This uuid names another link."""


class TooManyShares(DomainError):
    """As many links are open as there may be."""


class TooManyQuestions(DomainError):
    """As many questions as one link takes."""


class QuestionEmpty(DomainError):
    """There is nothing in the question or the answer."""


@dataclass(frozen=True, kw_only=True)
class Wish:
    """What a new link is to show, to whom and how long."""

    scope: str
    opinion: SecondOpinion | None = None
    first_day: date | None = None
    last_day: date | None = None
    meant_for: str = ""
    days: int = DAYS
    passphrase: str = ""
    opens_sealed: bool = False


@transaction.atomic
def create(*, by: User, uuid: UUID, at: datetime, on: date, wish: Wish) -> Share:
    """Make a link; sent again, it is the same one."""
    patient = locked(by)
    _check(wish, patient, on)
    earlier = patient.shares.filter(uuid=uuid).first()
    if earlier is not None:
        if (earlier.scope, earlier.opinion, earlier.opens_sealed) != (wish.scope, wish.opinion, wish.opens_sealed):
            raise ShareAlreadyThere(uuid)
        return earlier
    if patient.shares.open(at).count() >= MAX_OPEN:
        raise TooManyShares
    share = Share.objects.create(
        patient=patient,
        uuid=uuid,
        scope=wish.scope,
        opinion=wish.opinion,
        first_day=wish.first_day,
        last_day=wish.last_day,
        meant_for=wish.meant_for,
        token_digest=digest_of(patient, uuid),
        passphrase=make_password(wish.passphrase) if wish.passphrase else "",
        opens_sealed=wish.opens_sealed,
        created_at=at,
        expires_at=at + timedelta(days=wish.days),
    )
    _audit(by, share, "shared")
    return share


@transaction.atomic
def revoke(*, by: User, share: Share, at: datetime) -> Share:
    """End a link at once; whoever has it sees nothing from the next click on."""
    current = locked(by).shares.get(pk=share.pk)
    if current.revoked_at is None:
        current.revoked_at = at
        current.save(update_fields=["revoked_at"])
        _audit(by, current, "ended link")
    return current


def digest_of(patient: Patient, uuid: UUID) -> str:
    """By which a link is known, without the link itself."""
    return _digest(_token(patient, uuid))


def token_of(share: Share) -> str:
    """The secret part of the link's address."""
    return _token(share.patient, share.uuid)


def listed(patient: Patient) -> QuerySet[Share]:
    """Newest first, with `n_opened`, when it was `last_opened_at`, and how many questions wait for an answer."""
    opened = Q(shown__act=ShareView.Act.OPENED)
    return patient.shares.select_related("opinion").annotate(
        n_opened=Count("shown", filter=opened, distinct=True),
        last_opened_at=Max("shown__at", filter=opened),
        n_waiting=Count("questions", filter=Q(questions__answered_at__isnull=True), distinct=True),
    )


def by_token(token: str, *, at: datetime) -> Share:
    """The link with this secret, if it still shows something."""
    share = Share.objects.select_related("patient__user", "opinion").filter(token_digest=_digest(token)).first()
    if share is None or not share.patient.user.is_active:
        raise ShareUnknown
    if share.revoked_at is not None or share.expires_at <= at:
        raise ShareEnded
    return share


def unlock(*, share: Share, passphrase: str, at: datetime) -> None:
    """Raise unless this is its passphrase. Wrong tries are counted, shown to the patient, and pause it after some."""
    if not share.passphrase:
        return
    # Counted before it is checked, and in a transaction of its own, so that many at once are as slow as one after another.
    with transaction.atomic():
        current = Share.objects.select_for_update().get(pk=share.pk)
        if current.locked_until is not None and at < current.locked_until:
            raise ShareLocked
        current.n_wrong_tries += 1
        if current.n_wrong_tries % TRIES == 0:
            current.locked_until = at + PAUSE
        current.save(update_fields=["n_wrong_tries", "locked_until"])
    if not check_password(passphrase, share.passphrase):
        note(share=share, act=ShareView.Act.WRONG_PASSPHRASE, device="", at=at)
        raise WrongPassphrase
    Share.objects.filter(pk=share.pk).update(n_wrong_tries=0, locked_until=None)


def note(*, share: Share, act: str, device: str, at: datetime) -> ShareView:
    """Write down for the patient what was done through the link."""
    return ShareView.objects.create(share=share, act=act, device=device[:80], at=at)


@transaction.atomic
def ask(*, share: Share, uuid: UUID, text: str, asked_by: str, at: datetime) -> ShareQuestion:
    """A clinician asks the patient something; sent again, it is the same question."""
    Patient.objects.select_for_update().get(pk=share.patient_id)
    storable(text, longest=LONG_TEXT)
    storable(asked_by, longest=NAME_LENGTH)
    if not text.strip():
        raise QuestionEmpty
    earlier = share.questions.filter(uuid=uuid).first()
    if earlier is not None:
        return earlier
    if share.questions.count() >= MAX_QUESTIONS:
        raise TooManyQuestions
    return ShareQuestion.objects.create(share=share, uuid=uuid, text=text, asked_by=asked_by, asked_at=at)


@transaction.atomic
def answer(*, by: User, question: ShareQuestion, text: str, at: datetime) -> ShareQuestion:
    """The patient answers, or answers anew."""
    locked(by)
    current = ShareQuestion.objects.select_related("share").get(pk=question.pk, share__patient__user=by)
    storable(text, longest=LONG_TEXT)
    if not text.strip():
        raise QuestionEmpty
    current.answer, current.answered_at = text, at
    current.save(update_fields=["answer", "answered_at"])
    _audit(by, current.share, "answered question of")
    return current


def _check(wish: Wish, patient: Patient, on: date) -> None:
    storable(wish.meant_for, longest=NAME_LENGTH)
    storable(wish.passphrase, longest=LONGEST_PASSPHRASE)
    if wish.opens_sealed and not wish.passphrase:
        raise PassphraseNeeded
    if wish.passphrase and len(wish.passphrase) < SHORTEST_PASSPHRASE:
        raise PassphraseTooShort
    is_brief = wish.scope == Share.Scope.BRIEF
    days = [day for day in (wish.first_day, wish.last_day) if day is not None]
    in_range = (
        wish.scope in Share.Scope.values
        and 1 <= wish.days <= LONGEST
        and (wish.opinion is not None or not is_brief)
        and (is_brief or not wish.opens_sealed)
        and (wish.opinion is None or (wish.opinion.patient_id == patient.pk and wish.opinion.closed_at is None))
        and (wish.scope != Share.Scope.LOG or len(days) == 2)
        and days == sorted(days)
        and all(EARLIEST_DAY <= day <= on for day in days)
    )
    if not in_range:
        raise ShareOutOfRange


def _token(patient: Patient, uuid: UUID) -> str:
    return Signer(salt=_SALT).signature(f"{patient.pk}:{uuid}")


def _digest(token: str) -> str:
    return sha256(token.encode(errors="replace")).hexdigest()


def _audit(by: User, share: Share, verb: str) -> None:
    AuditEvent.objects.create(actor=by, patient_id=share.patient_id, verb=verb, subject=f"link {share.uuid}")
