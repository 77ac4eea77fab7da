"""Everything of one patient as a file, streamed: nothing here grows with the length of the record."""

import json
from base64 import b64encode
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from enum import StrEnum
from itertools import chain, islice
from typing import Any
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

from allauth.account.models import EmailAddress
from django.apps import apps
from django.db.models import Model, QuerySet

from assessments.engine.instruments import Instrument
from assessments.engine.loading import standard_rulebook
from tracker.domain import csv_text, fhir
from tracker.domain.record_file import FORMAT, VERSION
from tracker.domain.record_table import COLUMNS, KEY_LISTS
from tracker.models import (
    Advice,
    Appointment,
    Attachment,
    AuditEvent,
    CalendarFeed,
    Comparison,
    Diagnosis,
    EntrySite,
    EntryTombstone,
    ExerciseProgramme,
    ExerciseSession,
    HealthProfile,
    IndependentView,
    Intake,
    LogImport,
    MailStop,
    Medicine,
    Occurrence,
    PainEntry,
    Patient,
    Proposal,
    PushDevice,
    QuestionnaireResponse,
    RedFlagScreen,
    Reminder,
    SecondOpinion,
    Share,
    ShareQuestion,
    ShareView,
    TreatmentAttempt,
    TreatmentDay,
    TreatmentPlan,
    User,
    Verdict,
    VisitQuestion,
)
from tracker.models.names import EASED_BY, QUALITIES, SITES, TRIGGERS
from tracker.services import questionnaires, tried_file

Row = dict[str, Any]

ROWS_AT_ONCE = 2_000  # read from the database
PIECE = 1 << 16  # bytes sent at once
TARGETS = 1_000  # of one FHIR Provenance


class Format(StrEnum):
    JSON = "json"
    CSV = "csv"
    TRIED = "tried"
    FHIR = "fhir"

    @property
    def content_type(self) -> str:
        return _CONTENT_TYPES[self]


_CONTENT_TYPES = {
    Format.JSON: "application/json",
    Format.CSV: "text/csv; charset=utf-8",
    Format.TRIED: "text/csv; charset=utf-8",
    Format.FHIR: "application/fhir+json",
}


@dataclass(frozen=True, kw_only=True)
class Section:
    """One list of the JSON file: all rows of a model that belong to a patient.

    `keys` say by what another row is named instead of its number here, `left_out` which columns stay out and why.
    The rows of `parts`, which come in the order of the whole, are nested in it.
    """

    name: str
    model: type[Model]
    owner: str
    order: tuple[str, ...]
    keys: Mapping[str, str] = field(default_factory=dict)
    left_out: Mapping[str, str] = field(default_factory=dict)
    parts: tuple["Section", ...] = ()
    bytes_each: int = 200  # roughly, to say how big a file gets
    rows_at_once: int = ROWS_AT_ONCE  # few where rows are large

    @property
    def columns(self) -> dict[str, str]:
        """Name in the file -> lookup."""
        named = [column.name for column in self.model._meta.concrete_fields if not column.primary_key]
        return {name: self.keys.get(name, name) for name in named if name not in self.left_out}

    def rows(self, user: User) -> QuerySet[Any]:
        return self.model._default_manager.filter(**{self.owner: user})

    def read(self, user: User, *first: str) -> Iterator[tuple[Any, ...]]:
        """Values of the lookups `first`, then of the columns."""
        lookups = (*first, *self.columns.values())
        return self.rows(user).order_by(*self.order).values_list(*lookups).iterator(chunk_size=self.rows_at_once)


OWNER = "whose file it is"
MACHINERY = "how Ebb works, nothing about the patient"
SECRET = "opens something to whoever has it"

SITES_OF_ENTRIES = Section(
    name="sites",
    model=EntrySite,
    owner="entry__patient__user",
    order=("entry__felt_at", "entry__uuid", "site"),
    left_out={"entry": "the row it is nested in"},
    bytes_each=50,
)
ENTRIES = Section(
    name="entries",
    model=PainEntry,
    owner="patient__user",
    order=("felt_at", "uuid"),
    keys={"log_import": "log_import__uuid"},
    left_out={"patient": OWNER, "change_number": MACHINERY},
    parts=(SITES_OF_ENTRIES,),
    bytes_each=460,
)
ASSESSMENTS = Section(
    name="assessments",
    model=apps.get_model("assessments", "Assessment"),
    owner="user",
    order=("started_at", "uuid"),
    left_out={"user": OWNER},
    bytes_each=9_000,
)
RED_FLAG_SCREENS = Section(
    name="red_flag_screens",
    model=RedFlagScreen,
    owner="patient__user",
    order=("answered_at", "uuid"),
    left_out={"patient": OWNER},
    bytes_each=450,
)
DAYS_OF_ATTEMPTS = Section(
    name="days",
    model=TreatmentDay,
    owner="attempt__patient__user",
    order=("attempt__started_on", "attempt__uuid", "local_date"),
    left_out={"attempt": "the row it is nested in"},
    bytes_each=50,
)
ATTEMPTS = Section(
    name="attempts",
    model=TreatmentAttempt,
    owner="patient__user",
    order=("started_on", "uuid"),
    keys={"treatment_type": "treatment_type__key", "diagnosis": "diagnosis__uuid"},
    left_out={"patient": OWNER},
    parts=(DAYS_OF_ATTEMPTS,),
    bytes_each=500,
)
MEDICINES = Section(
    name="medicines",
    model=Medicine,
    owner="patient__user",
    order=("name", "uuid"),
    left_out={"patient": OWNER},
    bytes_each=250,
)
INTAKES = Section(
    name="intakes",
    model=Intake,
    owner="patient__user",
    order=("taken_at", "uuid"),
    keys={"medicine": "medicine__uuid", "log_import": "log_import__uuid"},
    left_out={"patient": OWNER},
    bytes_each=260,
)
RESPONSES = Section(
    name="questionnaires",
    model=QuestionnaireResponse,
    owner="patient__user",
    order=("answered_at", "uuid"),
    keys={"attempt": "attempt__uuid"},
    left_out={"patient": OWNER},
    bytes_each=450,
)
OPINIONS = (
    Section(
        name="second_opinions",
        model=SecondOpinion,
        owner="patient__user",
        order=("created_at", "uuid"),
        keys={"attempt": "attempt__uuid"},
        left_out={"patient": OWNER},
        bytes_each=2_000,
    ),
    Section(
        name="independent_views",
        model=IndependentView,
        owner="opinion__patient__user",
        order=("written_at", "id"),
        keys={"opinion": "opinion__uuid", "share": "share__uuid"},
        bytes_each=1_000,
    ),
    Section(
        name="comparisons",
        model=Comparison,
        owner="opinion__patient__user",
        order=("compared_at", "id"),
        keys={"opinion": "opinion__uuid", "diagnosis": "diagnosis__uuid", "replaced_by": "replaced_by__uuid"},
    ),
    Section(
        name="attachments",
        model=Attachment,
        owner="patient__user",
        order=("added_at", "uuid"),
        left_out={"patient": OWNER},
        rows_at_once=1,
        bytes_each=1_000_000,
    ),
    Section(
        name="shares",
        model=Share,
        owner="patient__user",
        order=("created_at", "uuid"),
        keys={"opinion": "opinion__uuid"},
        left_out={"patient": OWNER, "token_digest": SECRET, "passphrase": SECRET},
        bytes_each=400,
    ),
    Section(
        name="share_views",
        model=ShareView,
        owner="share__patient__user",
        order=("at", "id"),
        keys={"share": "share__uuid"},
        bytes_each=120,
    ),
    Section(
        name="share_questions",
        model=ShareQuestion,
        owner="share__patient__user",
        order=("asked_at", "id"),
        keys={"share": "share__uuid"},
    ),
    Section(
        name="appointments",
        model=Appointment,
        owner="patient__user",
        order=("starts_at", "uuid"),
        keys={"opinion": "opinion__uuid", "next_attempt": "next_attempt__uuid"},
        left_out={"patient": OWNER},
        bytes_each=600,
    ),
    Section(
        name="visit_questions",
        model=VisitQuestion,
        owner="appointment__patient__user",
        order=("appointment__starts_at", "position", "id"),
        keys={"appointment": "appointment__uuid"},
    ),
)
SECTIONS = (
    ENTRIES,
    Section(
        name="tombstones",
        model=EntryTombstone,
        owner="patient__user",
        order=("deleted_at", "uuid"),
        left_out={"patient": OWNER, "change_number": MACHINERY},
        bytes_each=100,
    ),
    Section(
        name="diagnoses",
        model=Diagnosis,
        owner="patient__user",
        order=("name", "uuid"),
        left_out={"patient": OWNER},
    ),
    Section(
        name="proposals",
        model=Proposal,
        owner="patient__user",
        order=("name", "uuid"),
        left_out={"patient": OWNER},
    ),
    ATTEMPTS,
    Section(
        name="treatment_plan",
        model=TreatmentPlan,
        owner="patient__user",
        order=("id",),
        keys={"treatment_type": "treatment_type__key", "visit": "visit__uuid"},
        left_out={"patient": OWNER},
    ),
    RESPONSES,
    Section(
        name="verdicts",
        model=Verdict,
        owner="attempt__patient__user",
        order=("attempt__uuid", "as_of", "id"),
        keys={"attempt": "attempt__uuid"},
        bytes_each=620,
    ),
    Section(
        name="advice",
        model=Advice,
        owner="patient__user",
        order=("created_at", "id"),
        keys={"attempt": "attempt__uuid", "verdict": "verdict__as_of"},
        left_out={"patient": OWNER},
    ),
    Section(
        name="reminders",
        model=Reminder,
        owner="patient__user",
        order=("kind", "uuid"),
        keys={"medicine": "medicine__uuid"},
        left_out={"patient": OWNER, "unsubscribe_key": SECRET, "planned_until": MACHINERY},
    ),
    Section(
        name="occurrences",
        model=Occurrence,
        owner="reminder__patient__user",
        order=("due_at", "id"),
        keys={"reminder": "reminder__uuid", "appointment": "appointment__uuid"},
        left_out={"lease_until": MACHINERY, "lease_token": MACHINERY},
        bytes_each=520,
    ),
    Section(
        name="push_devices",
        model=PushDevice,
        owner="patient__user",
        order=("created_at", "id"),
        left_out={"patient": OWNER, "endpoint": SECRET, "public_key": SECRET, "auth_secret": SECRET},
    ),
    Section(
        name="mail_stop",
        model=MailStop,
        owner="patient__user",
        order=("id",),
        left_out={"patient": OWNER},
    ),
    Section(
        name="calendar_feed",
        model=CalendarFeed,
        owner="patient__user",
        order=("id",),
        left_out={"patient": OWNER, "key": SECRET},
    ),
    Section(
        name="sessions",
        model=ExerciseSession,
        owner="patient__user",
        order=("local_date",),
        left_out={"patient": OWNER},
    ),
    Section(
        name="programme",
        model=ExerciseProgramme,
        owner="patient__user",
        order=("id",),
        left_out={"patient": OWNER},
    ),
    Section(
        name="health_profile",
        model=HealthProfile,
        owner="patient__user",
        order=("id",),
        left_out={"patient": OWNER},
        bytes_each=1_000,
    ),
    MEDICINES,
    INTAKES,
    ASSESSMENTS,
    RED_FLAG_SCREENS,
    *OPINIONS,
    Section(
        name="imports",
        model=LogImport,
        owner="patient__user",
        order=("imported_at", "uuid"),
        left_out={"patient": OWNER},
        bytes_each=300,
    ),
    Section(
        name="email_addresses",
        model=EmailAddress,
        owner="user",
        order=("email",),
        left_out={"user": OWNER},
        bytes_each=80,
    ),
    Section(
        name="audit_events",
        model=AuditEvent,
        owner="patient__user",
        order=("at", "id"),
        left_out={"patient": OWNER},
        bytes_each=150,
    ),
)
PARTS = (SITES_OF_ENTRIES, DAYS_OF_ATTEMPTS)
PROFILE_LEFT_OUT = {
    "id": MACHINERY,
    "change_number": MACHINERY,
    "advised_on": MACHINERY,
    "user": OWNER,
    "password": SECRET,
    "is_superuser": "a right on this installation",
    "is_staff": "a right on this installation",
    "is_active": "a right on this installation",
}


def pieces(*, by: User, kind: Format, at: datetime, with_name: bool = False) -> Iterator[bytes]:
    """The file of the kind asked for, piece by piece. That it was asked for is written down first.

    `with_name`: the FHIR bundle says who it is about.
    """
    AuditEvent.objects.create(actor=by, patient=by.patient, verb="exported", subject=f"record as {kind}")
    match kind:
        case Format.JSON:
            texts = _json_file(by, at)
        case Format.CSV:
            texts = _csv_file(by)
        case Format.TRIED:
            texts = tried_file.lines(by)
        case Format.FHIR:
            texts = _fhir_file(by, at, with_name=with_name)
    return _gathered(texts)


def filename(kind: Format, on: date) -> str:
    """Says nothing about pain: a folder of downloads is seen by others."""
    endings = {Format.FHIR: "fhir.json", Format.TRIED: "tried.csv"}
    return f"ebb-{on}.{endings.get(kind, str(kind))}"


def sizes(*, by: User) -> dict[Format, int]:
    """About how many bytes each file will have."""
    counts = {section.name: section.rows(by).count() for section in (*SECTIONS, *PARTS)}
    by_name = {section.name: section.bytes_each for section in (*SECTIONS, *PARTS)}
    entries, sites = counts["entries"], counts["sites"]
    return {
        Format.JSON: 1_000 + sum(n * by_name[name] for name, n in counts.items()),
        Format.CSV: 200 + 240 * max(entries, sites),
        Format.TRIED: 250 + 200 * counts["attempts"],
        Format.FHIR: 1_000
        + 1_150 * (entries + sites)
        + 2_000 * counts["assessments"]
        + 900 * (counts["medicines"] + counts["intakes"]),
    }


def rows(section: Section, user: User) -> Iterator[Row]:
    """The rows of a section, each with its parts."""
    if not section.parts:
        yield from (dict(zip(section.columns, values, strict=True)) for values in section.read(user))
        return
    names, place = list(section.columns), [list(section.columns).index(name) for name in section.order]
    parts = {part.name: _Parts(part, user) for part in section.parts}
    for values in section.read(user):
        row = dict(zip(names, values, strict=True))
        key = tuple(values[number] for number in place)
        yield row | {name: part.of(key) for name, part in parts.items()}


class _Parts:
    """Walks through the parts beside their wholes, so that neither has to be held."""

    def __init__(self, part: Section, user: User) -> None:
        self.names = list(part.columns)
        self.n_keys = len(part.order) - 1  # the last one orders the parts of one whole
        self.read = part.read(user, *part.order[: self.n_keys])
        self.next = next(self.read, None)

    def of(self, key: tuple[Any, ...]) -> list[Row]:
        found = []
        # What was added or taken away in the middle of a download is passed over.
        while self.next is not None and (its_key := self.next[: self.n_keys]) <= key:
            if its_key == key:
                found.append(dict(zip(self.names, self.next[self.n_keys :], strict=True)))
            self.next = next(self.read, None)
        return found


def profile(user: User) -> Row:
    """What the patient said about themselves, and the account."""
    columns = [*User._meta.concrete_fields, *Patient._meta.concrete_fields]
    named = {column.name: column for column in columns if column.name not in PROFILE_LEFT_OUT}
    return {
        name: getattr(user if column.model is User else user.patient, name) for name, column in sorted(named.items())
    }


def _json_file(user: User, at: datetime) -> Iterator[str]:
    """One row on each line, so that a line number says where something is."""
    encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), default=_as_text).encode
    head = {"format": FORMAT, "version": VERSION, "exported_at": at, "profile": profile(user)}
    yield "{\n" + ",\n".join(f'"{name}":{encode(value)}' for name, value in head.items())
    for section in SECTIONS:
        yield f',\n"{section.name}":['
        yield from _between(map(encode, _with_actor(section, user)))
        yield "\n]"
    yield "\n}\n"


def _with_actor(section: Section, user: User) -> Iterator[Row]:
    """Who did something is told, other people's addresses are not."""
    if section.model is not AuditEvent:
        return rows(section, user)
    actors = {None: None, user.pk: "patient"}
    return (row | {"actor": actors.get(row["actor"], "somebody else")} for row in rows(section, user))


def _csv_file(user: User) -> Iterator[str]:
    """The pain log alone: a line for each place of an entry, or one without. Excel wants the mark in front."""
    yield "\ufeff" + csv_text.lines([COLUMNS])
    entries = rows(ENTRIES, user)
    while chunk := list(islice(entries, ROWS_AT_ONCE)):
        yield csv_text.lines(line for row in chunk for line in _csv_lines(row))


def _csv_lines(row: Row) -> Iterator[list[Any]]:
    local = row | {"felt_at": row["felt_at"].astimezone(ZoneInfo(row["zone"]))}
    local |= {name: " ".join(row[name]) for name in KEY_LISTS}
    for site in row["sites"] or [{"site": "", "nrs": None, "quality": ""}]:
        cells = local | {f"site_{name}": value for name, value in site.items()} | {"site": site["site"]}
        yield [_as_text(cell) if isinstance(cell, _WORDED) else cell for cell in map(cells.__getitem__, COLUMNS)]


def _fhir_file(user: User, at: datetime, *, with_name: bool) -> Iterator[str]:
    encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
    subject = uuid4()
    head = {"resourceType": "Bundle", "type": "collection", "timestamp": fhir.instant(at)}
    yield encode(head)[:-1] + ',"entry":['
    name = user.patient.display_name if with_name else ""
    resources = chain(
        _observations(user, subject),
        _check_ups(user, subject),
        _screens(user, subject),
        _responses(user, subject),
        _medicines(user, subject, at.date()),
    )
    everything = chain([fhir.patient(subject, name=name)], _with_provenance(resources, subject, at))
    yield from _between(encode(fhir.bundled(resource)) for resource in everything)
    yield "\n]}\n"


def _observations(user: User, subject: UUID) -> Iterator[fhir.Resource]:
    called = {"sites": SITES, "qualities": QUALITIES, "triggers": TRIGGERS, "eased_by": EASED_BY}
    names = fhir.Names(**{name: {key: str(words) for key, words in choices} for name, choices in called.items()})
    for row in rows(ENTRIES, user):
        yield from fhir.observations(row, subject=subject, names=names)


def _responses(user: User, subject: UUID) -> Iterator[fhir.Resource]:
    """Answered questionnaires, and those of their scores that have a code."""
    for row in rows(RESPONSES, user):
        asked = questionnaires.all_instruments().get(row["instrument"])
        if asked and asked.version != row["version"]:
            asked = None
        yield fhir.questionnaire_response(
            row["uuid"],
            subject=subject,
            authored_at=row["answered_at"],
            is_finished=True,
            answers=list(_answered(row["answers"], asked)),
            outcome="",
        )
        for score in asked.scores if asked else ():
            if score.loinc and score.id in row["scores"]:
                yield fhir.score_observation(
                    row,
                    score.id,
                    subject=subject,
                    title=score.title,
                    loinc=score.loinc,
                    value=row["scores"][score.id],
                )


def _answered(answers: Mapping[str, int], asked: Instrument | None) -> Iterator[tuple[str, str, list[str | int]]]:
    """(id, question, answer): words where the questionnaire has words, else the number."""
    items = {item.id: item for item in asked.items} if asked else {}
    for key, value in answers.items():
        item = items.get(key)
        if item is None or item.type == "scale":
            yield key, item.text if item else key, [value]
        else:
            yield key, item.text, [item.words(value)]


def _check_ups(user: User, subject: UUID) -> Iterator[fhir.Resource]:
    for row in rows(ASSESSMENTS, user):
        yield from _check_up(row, subject)


def _screens(user: User, subject: UUID) -> Iterator[fhir.Resource]:
    """The short red-flag questions that were answered; what was put off says nothing of the patient."""
    asked = standard_rulebook().short_set
    for row in rows(RED_FLAG_SCREENS, user):
        if row["answers"] is not None:
            yield fhir.questionnaire_response(
                row["uuid"],
                subject=subject,
                authored_at=row["answered_at"],
                is_finished=True,
                answers=[
                    (key, asked[key].text if key in asked else key, [answer]) for key, answer in row["answers"].items()
                ],
                outcome="",
            )


def _check_up(row: Row, subject: UUID) -> list[fhir.Resource]:
    """The answers as they were asked, and what the rules made of them then."""
    outcome = row["outcome"] or {}
    response = fhir.questionnaire_response(
        row["uuid"],
        subject=subject,
        authored_at=row["finished_at"] or row["started_at"],
        is_finished=row["finished_at"] is not None,
        answers=_said(row),
        outcome=outcome.get("headline", ""),
    )
    if not outcome:
        return [response]
    made = fhir.risk_assessment(
        row["uuid"],
        subject=subject,
        made_at=row["finished_at"],
        level=outcome["headline"],
        act=outcome["act"],
        signs=[rule["title"] for rule in outcome["fired"]],
        causes=[_possible_cause(cause) for cause in outcome["causes"]],
        rulebook_version=outcome["rulebook_version"],
        is_incomplete=outcome["incomplete"],
    )
    return [response, made]


def _possible_cause(cause: Mapping[str, Any]) -> fhir.PossibleCause:
    fits, against = tuple(cause["fits"]), tuple(cause["against"])
    return fhir.PossibleCause(title=cause["title"], band=cause["band"].replace("_", " "), fits=fits, against=against)


def _said(row: Row) -> list[tuple[str, str, list[str]]]:
    """(id, question, answers in words): of a finished check-up as they were kept, else by the questions of today."""
    if kept := (row["outcome"] or {}).get("answered"):
        return [(entry["question"], entry["text"], entry["words"]) for entry in kept]
    questions = standard_rulebook().questions
    return [
        (key, questions[key].text, questions[key].words(answer)) if key in questions else (key, key, [str(answer)])
        for key, answer in row["answers"].items()
    ]


def check_up_bundle(*, by: User, uuid: UUID, at: datetime) -> dict[str, Any]:
    """One check-up as a FHIR bundle. It is the patient's own act, and is written down."""
    row = next(row for row in rows(ASSESSMENTS, by) if row["uuid"] == uuid)
    AuditEvent.objects.create(actor=by, patient=by.patient, verb="exported", subject=f"check-up {uuid} as fhir")
    subject = uuid4()
    resources = [fhir.patient(subject), *_check_up(row, subject)]
    made = fhir.provenance(uuid4(), targets=resources[1:], subject=subject, recorded_at=at)
    entries = [fhir.bundled(resource) for resource in (*resources, made)]
    return {"resourceType": "Bundle", "type": "collection", "timestamp": fhir.instant(at), "entry": entries}


def _medicines(user: User, subject: UUID, on: date) -> Iterator[fhir.Resource]:
    """Each medicine, and each time that it was taken."""
    names = {}
    for row in rows(MEDICINES, user):
        names[row["uuid"]] = row["name"]
        yield fhir.medication_statement(row, subject=subject, on=on)
    for row in rows(INTAKES, user):
        # One that was added in the middle of the download is passed over.
        if row["medicine"] in names:
            yield fhir.intake_statement(row, name=names[row["medicine"]], subject=subject)


def _with_provenance(
    resources: Iterator[fhir.Resource], subject: UUID, recorded_at: datetime
) -> Iterator[fhir.Resource]:
    while chunk := list(islice(resources, TARGETS)):
        yield from chunk
        yield fhir.provenance(uuid4(), targets=chunk, subject=subject, recorded_at=recorded_at)


_WORDED = (datetime, date, time, UUID)


def _as_text(value: Any) -> str:
    """What JSON has no form for; instants of the database are in UTC."""
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, bytes | memoryview):
        return b64encode(value).decode()
    raise TypeError(type(value))


def _between(items: Iterable[str]) -> Iterator[str]:
    for number, item in enumerate(items):
        yield (",\n" if number else "\n") + item


def _gathered(texts: Iterator[str]) -> Iterator[bytes]:
    """Many small texts as few pieces of some size."""
    waiting, size = [], 0
    for text in texts:
        waiting.append(text)
        size += len(text)
        if size >= PIECE:
            yield "".join(waiting).encode()
            waiting, size = [], 0
    yield "".join(waiting).encode()
