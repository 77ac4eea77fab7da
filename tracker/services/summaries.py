"""The page for a clinician: what the patient wants on it, shown, as PDF, as a bundle. Forgotten after a day.

A PDF is made in the request where that is quick. Else the row is the queue: it waits until a worker takes it, whatever
happens to worker or broker meanwhile.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, fields
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils import translation

from tracker.domain.brief import MAY_BE_LEFT_OUT, Brief, Part
from tracker.domain.errors import DomainError
from tracker.domain.pain import EARLIEST_DAY
from tracker.domain.schedule import local_date
from tracker.domain.sheet import Sheet
from tracker.domain.text import storable
from tracker.models import AuditEvent, Patient, SecondOpinion, Share, Summary, Tick, User
from tracker.models.second_opinions import LONG_TEXT
from tracker.services import brief_bundle, brief_words, briefs, said_so_far, second_opinions, summary_pdf
from tracker.services.locks import locked

KEPT_FOR = timedelta(days=1)
MOST_SUMMARIES = 6  # of one patient at a time; the oldest go first
DEFAULT_DAYS = 84
# Up to here a PDF takes a few tenths of a second; letters that lean on others take much longer than plain ones.
AT_ONCE_SIGNS = 30_000
LEFT_OUT_OF_SHARE = (Part.NOTES.value, Part.FILES.value)  # of a link to a summary
LEASE = timedelta(minutes=5)
MOST_TRIES = 3

State = Summary.State


class SummaryOutOfRange(DomainError):
    """A day that cannot be, a paper or a part that is not on its list."""


@dataclass(frozen=True, kw_only=True)
class Wish:
    """All that the patient says of the page."""

    first_day: date
    last_day: date
    question: str = ""
    goal: str = ""
    worry: str = ""
    is_blind: bool = False
    left_out: tuple[str, ...] = (Part.NOTES.value,)
    paper: str = Summary.Paper.A4.value
    opinion: SecondOpinion | None = None

    @property
    def columns(self) -> dict[str, Any]:
        values = {one.name: getattr(self, one.name) for one in fields(self)}
        return values | {"left_out": list(self.left_out), "is_blind": self.is_blind or self.opinion is not None}


@transaction.atomic
def put(*, by: User, uuid: UUID, at: datetime, wish: Wish) -> tuple[Summary, bool]:
    """Keep what is wanted under this uuid: (summary, whether it is new). A PDF that was made for another wish is gone."""
    patient = locked(by)
    _check(wish, patient, local_date(at, ZoneInfo(patient.zone)))
    fresh = {"made_at": at, "state": State.ON_SCREEN, "content": b"", "n_tries": 0, "claimed_until": None}
    summary, is_new = Summary.objects.update_or_create(patient=patient, uuid=uuid, defaults=wish.columns | fresh)
    if is_new:
        own = patient.summaries.wished_by_patient()
        own.exclude(pk__in=list(own.values_list("pk", flat=True)[:MOST_SUMMARIES])).delete()
        AuditEvent.objects.create(actor=by, patient=patient, verb="made", subject=f"summary {uuid}")
    return summary, is_new


def of_opinion(*, by: User, uuid: UUID, at: datetime, opinion: SecondOpinion, paper: str) -> Summary:
    """The blind brief of a second opinion, for paper and for a clinic's computer."""
    on = local_date(at, ZoneInfo(by.patient.zone))
    first_day = opinion.log_from or on - second_opinions.LOG_DAYS
    wish = Wish(first_day=first_day, last_day=on, opinion=opinion, paper=paper)
    return put(by=by, uuid=uuid, at=at, wish=wish)[0]


def of_share(share: Share, *, at: datetime, on: date, paper: str = Summary.Paper.A4.value) -> Summary:
    """What a link shows, as it is kept for a worker; not kept yet. A link to a log has none."""
    opinion = share.opinion if share.scope == Share.Scope.BRIEF else None
    wish = Wish(
        first_day=share.first_day or on - second_opinions.LOG_DAYS,
        last_day=share.last_day or on,
        opinion=opinion,
        left_out=() if opinion else LEFT_OUT_OF_SHARE,
        paper=paper,
    )
    return Summary(patient=share.patient, share=share, uuid=uuid4(), made_at=at, **wish.columns)


def remove(*, by: User, summary: Summary) -> None:
    by.patient.summaries.filter(pk=summary.pk).delete()


def brief_of(summary: Summary, *, on: date) -> Brief:
    """Of the record as it is now. Blind, every sentence in doubt is held back, but for what an opinion decides."""
    patient = summary.patient
    if summary.opinion is not None:
        return second_opinions.blind_brief(summary.opinion, on=on).brief
    return briefs.brief(
        patient=patient,
        first_day=summary.first_day,
        last_day=summary.last_day,
        on=on,
        question=summary.question,
        goal=summary.goal,
        worry=summary.worry,
        left_out=summary.left_out,
        screen=second_opinions.screen_of(patient) if summary.is_blind else None,
    )


def sheet_of(summary: Summary, *, on: date) -> Sheet:
    """In the words of the language that is active."""
    return words_of(summary, brief_of(summary, on=on))


def words_of(summary: Summary, brief: Brief) -> Sheet:
    return brief_words.sheet(brief, so_far=None if brief.is_blind else said_so_far.said_so_far(summary.patient))


def pdf(*, by: User, summary: Summary, on: date) -> bytes | None:
    """The PDF: at once where that is quick, else None, and a worker makes it."""
    if summary.state in (State.WAITING, State.RUNNING):
        return None
    content = bytes(summary.content) if summary.state == State.READY else quick_pdf(summary, sheet_of(summary, on=on))
    if content is None:
        by.patient.summaries.filter(pk=summary.pk).update(state=State.WAITING, n_tries=0)
        return None
    _note(by, summary, "pdf")
    return content


def quick_pdf(summary: Summary, sheet: Sheet) -> bytes | None:
    """None where it takes longer than a request should."""
    if n_signs(sheet) > AT_ONCE_SIGNS:
        return None
    return summary_pdf.pdf(sheet, paper=summary_pdf.Paper(summary.paper))


def bundle(*, by: User, summary: Summary, on: date, at: datetime) -> dict[str, Any]:
    """The same content as a FHIR document."""
    _note(by, summary, "fhir")
    return bundle_of(summary, on=on, at=at)


def bundle_of(summary: Summary, *, on: date, at: datetime) -> dict[str, Any]:
    brief = brief_of(summary, on=on)
    return brief_bundle.bundle(brief, words_of(summary, brief), at=at)


def n_signs(sheet: Sheet) -> int:
    """How much there is to lay out."""
    blocks = [*sheet.appendix, *sheet.fullest.blocks]
    return sum(len(block.text) + sum(len(cell) for row in block.rows for cell in row) for block in blocks)


def make_due(*, clock: Callable[[], datetime]) -> None:
    """Make every PDF that waits, one after another."""
    while (summary := _claim(clock())) is not None:
        _work_on(summary, clock())
    Tick.objects.update_or_create(name="summaries", defaults={"ticked_at": clock()})


def forget_old(*, at: datetime) -> None:
    Summary.objects.filter(made_at__lt=at - KEPT_FOR).delete()


def _claim(at: datetime) -> Summary | None:
    """The next one that waits, for this worker alone."""
    for pk, n_tries in Summary.objects.due(at).values_list("pk", "n_tries"):
        free = Summary.objects.due(at).filter(pk=pk, n_tries=n_tries).order_by()
        if free.update(state=State.RUNNING, claimed_until=at + LEASE, n_tries=n_tries + 1):
            return Summary.objects.select_related("patient__user", "opinion__patient").get(pk=pk)
    return None


def _work_on(summary: Summary, at: datetime) -> None:
    """To an end that the patient sees. What breaks here is tried again; after some tries it is said to have failed."""
    ours = Summary.objects.filter(pk=summary.pk, state=State.RUNNING, n_tries=summary.n_tries)
    if summary.n_tries > MOST_TRIES:
        ours.update(state=State.FAILED)
        return
    try:
        with translation.override(summary.patient.language):
            sheet = sheet_of(summary, on=local_date(at, ZoneInfo(summary.patient.zone)))
        content = summary_pdf.pdf(sheet, paper=summary_pdf.Paper(summary.paper))
    except Exception:
        ours.update(state=State.WAITING)
        raise
    ours.update(state=State.READY, content=content)


def _check(wish: Wish, patient: Patient, on: date) -> None:
    for text in (wish.question, wish.goal, wish.worry):
        storable(text, longest=LONG_TEXT)
    parts: Iterable[str] = (part.value for part in MAY_BE_LEFT_OUT)
    in_range = (
        (wish.opinion is None or wish.opinion.patient_id == patient.pk)
        and EARLIEST_DAY <= wish.first_day <= wish.last_day <= on
        and set(wish.left_out) <= set(parts)
        and wish.paper in Summary.Paper.values
    )
    if not in_range:
        raise SummaryOutOfRange


def _note(by: User, summary: Summary, kind: str) -> None:
    AuditEvent.objects.create(
        actor=by, patient_id=summary.patient_id, verb="exported", subject=f"summary {summary.uuid} as {kind}"
    )
