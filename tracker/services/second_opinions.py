"""A second opinion from its question to the comparison: the only way in, from a page, the API, a link."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields, replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import QuerySet

from assessments.engine.loading import standard_rulebook
from tracker.domain.brief import (
    MAY_BE_LEFT_OUT,
    WEEKS_SHOWN,
    Brief,
    FileLine,
    Part,
    Passage,
    SealedPart,
    handed_over,
    is_held_back,
)
from tracker.domain.errors import DomainError
from tracker.domain.pain import EARLIEST_DAY
from tracker.domain.schedule import local_date
from tracker.domain.screening import Screen, Sentence
from tracker.domain.text import storable
from tracker.models import (
    Attachment,
    AuditEvent,
    Comparison,
    Diagnosis,
    IndependentView,
    Patient,
    SecondOpinion,
    Share,
    TreatmentAttempt,
    User,
)
from tracker.models.second_opinions import LONG_TEXT
from tracker.services import briefs, said_so_far, treatments
from tracker.services.locks import locked

LOG_DAYS = timedelta(weeks=WEEKS_SHOWN) - timedelta(days=1)  # before today, unless told otherwise
MAX_OPEN = 20  # at once, per patient
DECISIONS = frozenset({"show", "hold_back"})
SHORT_TEXT = 200
TEXTS = ("question", "goal", "worry", "earlier_advice")


class OpinionAlreadyThere(DomainError):
    """This uuid names another second opinion of the same patient."""


class OpinionOutOfRange(DomainError):
    """A part that cannot be left out, a day, a file or a decision that is not on its list."""


class TooManyOpinions(DomainError):
    """As many second opinions are being prepared as there may be."""


class ViewMissing(DomainError):
    """The sealed part opens after an independent view was written down."""


class ViewEmpty(DomainError):
    """A view says at least what it is, or what to do."""


@dataclass(frozen=True, kw_only=True)
class Content:
    """All of a second opinion that the patient says while preparing it."""

    question: str = ""
    goal: str = ""
    worry: str = ""
    refer_to: str = ""
    attempt: TreatmentAttempt | None = None
    log_from: date | None = None
    left_out: tuple[str, ...] = ()
    attached: tuple[str, ...] = ()
    earlier_advice: str = ""

    @property
    def columns(self) -> dict[str, Any]:
        values = {one.name: getattr(self, one.name) for one in fields(self)}
        return values | {"left_out": list(self.left_out), "attached": list(self.attached)}


@dataclass(frozen=True, kw_only=True)
class Said:
    """A clinician's view in their own words, or as the patient noted it after the visit."""

    clinician: str = ""
    diagnosis: str = ""
    ground: str = ""
    advice: str = ""


def content_of(opinion: SecondOpinion) -> Content:
    values = {one.name: getattr(opinion, one.name) for one in fields(Content)}
    return Content(**values | {"left_out": tuple(opinion.left_out), "attached": tuple(opinion.attached)})


@transaction.atomic
def prepare(*, by: User, uuid: UUID, at: datetime, on: date, **said: Any) -> SecondOpinion:
    """Begin to prepare one; sent again, it is the same."""
    patient = locked(by)
    content = _checked(Content(**said), patient, on)
    earlier = patient.second_opinions.filter(uuid=uuid).first()
    if earlier is not None:
        if content_of(earlier) != content:
            raise OpinionAlreadyThere(uuid)
        return earlier
    if patient.second_opinions.filter(closed_at__isnull=True).count() >= MAX_OPEN:
        raise TooManyOpinions
    opinion = SecondOpinion.objects.create(patient=patient, uuid=uuid, created_at=at, changed_at=at, **content.columns)
    _audit(by, opinion, "began")
    return opinion


@transaction.atomic
def change(*, by: User, opinion: SecondOpinion, at: datetime, on: date, **changes: Any) -> SecondOpinion:
    """Change what is given of what the patient says; nothing is written where nothing changes."""
    current = _current(by, opinion)
    before = content_of(current)
    content = _checked(replace(before, **changes), current.patient, on)
    if content != before:
        for name, value in content.columns.items():
            setattr(current, name, value)
        _save(by, current, at, "changed")
    return current


@transaction.atomic
def decide(*, by: User, opinion: SecondOpinion, decisions: dict[str, str], at: datetime) -> SecondOpinion:
    """Note what the patient wants of single sentences, by their digests, beside what was decided before."""
    current = _current(by, opinion)
    are_digests = all(len(digest) == 16 and digest.isalnum() for digest in decisions)
    if not are_digests or not set(decisions.values()) <= DECISIONS:
        raise OpinionOutOfRange
    decided = current.decided | decisions
    if decided != current.decided:
        current.decided = decided
        _save(by, current, at, "decided")
    return current


@transaction.atomic
def close(*, by: User, opinion: SecondOpinion, at: datetime) -> SecondOpinion:
    """Nothing more is to come of it. Its links end with it."""
    current = _current(by, opinion)
    if current.closed_at is None:
        current.closed_at = at
        _save(by, current, at, "closed")
        current.shares.filter(revoked_at__isnull=True).update(revoked_at=at)
    return current


@transaction.atomic
def remove(*, by: User, opinion: SecondOpinion) -> None:
    """Delete one that was begun by mistake, with its views, comparisons and links."""
    current = _current(by, opinion)
    _audit(by, current, "deleted")
    current.delete()


@transaction.atomic
def write_view(
    *, by: User | None, opinion: SecondOpinion, uuid: UUID, at: datetime, share: Share | None = None, **said: str
) -> IndependentView:
    """Write down the independent view: by the patient, or through a link where `by` is None. Never changed again."""
    current = _by_whom(by, opinion)
    content = _checked_view(Said(**said))
    earlier = current.views.filter(uuid=uuid).first()
    if earlier is not None:
        return earlier
    who = IndependentView.WrittenBy.CLINICIAN if share is not None else IndependentView.WrittenBy.PATIENT
    words = {one.name: getattr(content, one.name) for one in fields(content)}
    view = current.views.create(uuid=uuid, written_by=who, share=share, written_at=at, **words)
    _audit(by, current, "wrote view")
    return view


@transaction.atomic
def open_sealed(*, by: User | None, opinion: SecondOpinion, at: datetime) -> SecondOpinion:
    """Open the sealed part: for a clinician (`by` is None) only after a view stands; for the patient always. Noted once."""
    current = _by_whom(by, opinion)
    if by is None and not current.views.exists():
        raise ViewMissing
    if current.sealed_opened_at is None:
        opened_by = SecondOpinion.OpenedBy.CLINICIAN if by is None else SecondOpinion.OpenedBy.PATIENT
        current.sealed_opened_at, current.sealed_opened_by = at, opened_by
        _save(by, current, at, "opened sealed part")
    return current


@transaction.atomic
def compare(
    *,
    by: User,
    opinion: SecondOpinion,
    diagnosis: Diagnosis,
    outcome: str,
    at: datetime,
    on: date,
    called_now: str = "",
    said_by: str = "",
    what_changes: str = "",
) -> Comparison:
    """Say how an earlier diagnosis stands after the new view; `called_now` is noted as a diagnosis of its own."""
    current = _current(by, opinion)
    if not current.views.exists():
        raise ViewMissing
    earlier = current.patient.diagnoses.filter(pk=diagnosis.pk).first()
    if earlier is None or outcome not in Comparison.Outcome.values:
        raise OpinionOutOfRange
    storable(what_changes, longest=LONG_TEXT)
    replaced_by = _called_now(by, current, earlier, outcome, name=called_now, said_by=said_by, said_on=on)
    comparison, _ = Comparison.objects.update_or_create(
        opinion=current,
        diagnosis=earlier,
        defaults={
            "outcome": outcome,
            "replaced_by": replaced_by,
            "what_changes": what_changes,
            "compared_at": at,
        },
    )
    _audit(by, current, "compared")
    return comparison


def specialists() -> list[tuple[str, str]]:
    """Whom one could see: key and name, as the rule book has them."""
    return [(key, one.name) for key, one in standard_rulebook().specialists.items()]


def screen_of(patient: Patient) -> Screen:
    """Reads free text with the names of this patient's own diagnoses and clinicians."""
    diagnoses = list(patient.diagnoses.values_list("name", "said_by"))
    attempts = patient.attempts.exclude(prescribed_by="").values_list("prescribed_by", flat=True)
    visits = list(patient.appointments.values_list("with_whom", "place"))
    views = IndependentView.objects.filter(opinion__patient=patient).values_list("diagnosis", "clinician")
    proposers = patient.proposals.values_list("proposed_by", flat=True)
    return Screen(
        diagnoses=[name for name, _ in diagnoses] + [name for name, _ in views],
        people=[*(who for _, who in [*diagnoses, *views]), *attempts, *proposers, *(who for who, _ in visits)],
        places=[place for _, place in visits],
    )


@dataclass(frozen=True, kw_only=True)
class Screened:
    """A sentence that the screen doubts, and what becomes of it."""

    sentence: Sentence
    is_shown: bool


@dataclass(frozen=True, kw_only=True)
class TextInDoubt:
    """A text with such sentences: as it was written, piece by piece, and as it is handed over."""

    pieces: tuple[tuple[str, bool], ...]  # the words, and whether they are held back
    handed_over: Passage
    doubtful: tuple[Screened, ...]  # those that no earlier text has


@dataclass(frozen=True, kw_only=True)
class BlindBrief:
    """What goes out, and every text that was looked at twice for it, in order and once each."""

    brief: Brief
    texts: tuple[TextInDoubt, ...]

    @property
    def doubtful(self) -> tuple[Screened, ...]:
        """Each sentence once."""
        return tuple(one for text in self.texts for one in text.doubtful)

    @property
    def n_undecided(self) -> int:
        return sum(not one.is_shown for one in self.doubtful)

    @property
    def held_back(self) -> tuple[str, ...]:
        return tuple(one.sentence.text.strip() for one in self.doubtful if not one.is_shown)


def blind_brief(opinion: SecondOpinion, *, on: date) -> BlindBrief:
    """What the new clinician is handed first, as the record stands now; `on` is the patient's today."""
    patient, screen = opinion.patient, screen_of(opinion.patient)
    heard: list[str] = []
    brief = briefs.brief(
        patient=patient,
        first_day=opinion.log_from or on - LOG_DAYS,
        last_day=on,
        on=on,
        question=opinion.question,
        goal=opinion.goal,
        worry=opinion.worry,
        refer_to=opinion.refer_to,
        attached=opinion.attached,
        left_out=opinion.left_out,
        screen=screen,
        decided=opinion.decided,
        heard=heard,
    )
    return BlindBrief(brief=brief, texts=tuple(_texts_in_doubt(heard, screen, opinion.decided)))


def _texts_in_doubt(texts: Iterable[str], screen: Screen, decided: Mapping[str, str]) -> Iterator[TextInDoubt]:
    met: set[str] = set()
    for text in dict.fromkeys(texts):
        sentences = screen.sentences(text)
        new = [
            Screened(sentence=one, is_shown=decided.get(one.digest) == "show")
            for one in {one.digest: one for one in sentences}.values()
            if (one.is_in_doubt or one.digest in decided) and one.digest not in met
        ]
        met |= {one.sentence.digest for one in new}
        if new:
            pieces = tuple((one.text, is_held_back(one, decided=decided)) for one in sentences)
            shown = handed_over(text, screen=screen, decided=decided)
            yield TextInDoubt(pieces=pieces, handed_over=shown, doubtful=tuple(new))


def sealed_part(opinion: SecondOpinion, *, held_back: Iterable[str] = ()) -> SealedPart:
    """What others have said before this opinion. Whoever shows it has opened it first."""
    first_view = opinion.views.first()
    zone = ZoneInfo(opinion.patient.zone)
    return SealedPart(
        diagnoses=said_so_far.diagnosis_lines(said_so_far.earlier_diagnoses(opinion)),
        proposals=said_so_far.proposal_lines(
            opinion.patient, until=local_date(first_view.written_at, zone) if first_view else None
        ),
        views=said_so_far.earlier_views(opinion),
        reports=tuple(file_line(one) for one in reports_of(opinion).defer("content")),
        earlier_advice=opinion.earlier_advice,
        held_back=tuple(held_back),
    )


def files_of(opinion: SecondOpinion) -> QuerySet[Attachment]:
    """Files that go with the blind brief."""
    if Part.FILES in opinion.left_out:
        return opinion.patient.attachments.none()
    return opinion.patient.attachments.filter(uuid__in=opinion.attached).exclude(kind__in=Attachment.SEALED_KINDS)


def reports_of(opinion: SecondOpinion) -> QuerySet[Attachment]:
    """Files of the sealed part."""
    return opinion.patient.attachments.filter(uuid__in=opinion.attached, kind__in=Attachment.SEALED_KINDS)


def file_line(file: Attachment, *, title: Passage | None = None) -> FileLine:
    """`title`: as it is handed over, where it is not shown as it was written."""
    return FileLine(
        uuid=file.uuid,
        kind=file.kind,
        title=Passage(text=file.title) if title is None else title,
        made_on=file.made_on,
        media_type=file.media_type,
        n_bytes=file.n_bytes,
    )


def _called_now(
    by: User, opinion: SecondOpinion, earlier: Diagnosis, outcome: str, *, name: str, said_by: str, said_on: date
) -> Diagnosis | None:
    """The name that stands instead of an earlier one. Compared anew, it is put right or, if nothing rests on it, gone."""
    key = said_so_far.brought_by(opinion.uuid, earlier.uuid)
    if name.strip() and outcome in (Comparison.Outcome.REFINED, Comparison.Outcome.DIFFERENT):
        return treatments.note_diagnosis(by=by, uuid=key, name=name, said_by=said_by, said_on=said_on, ground="")
    brought = opinion.patient.diagnoses.filter(uuid=key, attempts=None, comparisons=None).first()
    if brought is not None:
        treatments.remove_diagnosis(by=by, diagnosis=brought)
    return None


def _current(by: User, opinion: SecondOpinion) -> SecondOpinion:
    """As it is now, its patient's row held to the end of the transaction."""
    return locked(by).second_opinions.select_related("patient", "attempt").get(pk=opinion.pk)


def _by_whom(by: User | None, opinion: SecondOpinion) -> SecondOpinion:
    if by is not None:
        return _current(by, opinion)
    Patient.objects.select_for_update().get(pk=opinion.patient_id)
    return SecondOpinion.objects.select_related("patient").get(pk=opinion.pk)


def _checked(content: Content, patient: Patient, on: date) -> Content:
    for name in TEXTS:
        storable(getattr(content, name), longest=LONG_TEXT)
    storable(content.refer_to, longest=40)
    files = {str(uuid) for uuid in patient.attachments.values_list("uuid", flat=True)}
    in_range = (
        set(content.left_out) <= set(MAY_BE_LEFT_OUT)
        and set(content.attached) <= files
        and (content.attempt is None or content.attempt.patient_id == patient.pk)
        and (content.log_from is None or EARLIEST_DAY <= content.log_from <= on)
    )
    if not in_range:
        raise OpinionOutOfRange
    return content


def _checked_view(said: Said) -> Said:
    for name in ("clinician", "diagnosis"):
        storable(getattr(said, name), longest=SHORT_TEXT)
    for name in ("ground", "advice"):
        storable(getattr(said, name), longest=LONG_TEXT)
    if not said.diagnosis.strip() and not said.advice.strip():
        raise ViewEmpty
    return said


def _save(by: User | None, opinion: SecondOpinion, at: datetime, verb: str) -> None:
    opinion.changed_at = at
    opinion.save(force_update=True)
    _audit(by, opinion, verb)


def _audit(by: User | None, opinion: SecondOpinion, verb: str) -> None:
    AuditEvent.objects.create(
        actor=by, patient_id=opinion.patient_id, verb=verb, subject=f"second opinion {opinion.uuid}"
    )
