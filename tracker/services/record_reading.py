"""Reading an exported record: rows of what comes back, each value in the bounds that its model sets.

Nothing of a patient is asked or changed here; what becomes of the rows is decided in record_imports and record_parts.
"""

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import partial
from typing import Any
from uuid import UUID

from django.db import models

from tracker.domain import record_file
from tracker.domain.attached_file import MAX_BYTES
from tracker.domain.beside import EASED_BY, TRIGGERS
from tracker.domain.brief import MAY_BE_LEFT_OUT
from tracker.domain.daily_set import Wish
from tracker.domain.health import are_facts
from tracker.domain.log_file import TELL_EVERY
from tracker.domain.move_gate import are_answers
from tracker.domain.moves import MOVE_KEYS, Version
from tracker.domain.record_file import Fault, Item, Kind, RecordFile, WrongFile, WrongValue
from tracker.domain.record_table import RecordTable, is_record_table
from tracker.models import TreatmentType
from tracker.models.pain import NOTE_LENGTH
from tracker.services.accounts import zone_names
from tracker.services.exercises import MOST_OF_A_MOVE
from tracker.services.exports import SECTIONS, Row, Section
from tracker.services.pain_log import CLOCK_SKEW
from tracker.services.record_files import Apart

_SECTION = {section.name: section for section in SECTIONS}
_HEAD = ("format", "version", "exported_at", "profile")
TAKEN: tuple[str, ...] = (
    "entries",
    "tombstones",
    "diagnoses",
    "attempts",
    "treatment_plan",
    "sessions",
    "programme",
    "assessments",
    "questionnaires",
    "health_profile",
    "medicines",
    "intakes",
    "red_flag_screens",
    "proposals",
    "advice",
    "attachments",
    "second_opinions",
    "shares",
    "independent_views",
    "comparisons",
    "share_views",
    "share_questions",
    "appointments",
    "visit_questions",
)
# Of what may be missing though the row needs it: then the row stays in the file.
_MAY_LACK = {"attachments": {"content"}}
_QUESTION_ID = re.compile(r"[a-z][a-z0-9_]{0,39}", re.ASCII)
_MOST_SHORT_QUESTIONS = 40
_DIGEST, _MOST_SENTENCES = re.compile(r"[0-9a-f]{16}", re.ASCII), 100_000
# Columns that name another row: of the lists that may, and of those that must.
_NAMED = {
    "shares": ("opinion",),
    "independent_views": ("share",),
    "comparisons": ("replaced_by",),
    "appointments": ("opinion", "next_attempt"),
}
_OWNED_BY = {
    "independent_views": ("opinion",),
    "comparisons": ("opinion", "diagnosis"),
    "share_views": ("share",),
    "share_questions": ("share",),
    "visit_questions": ("appointment",),
}
_MOST_FIGURES, _LONGEST_FIGURE = 20, 250


@dataclass(frozen=True, kw_only=True)
class Placed:
    """A row, and where it stands in the file."""

    item: Item
    row: Row


@dataclass(kw_only=True)
class RecordRows:
    """What a file holds of each list that comes back."""

    file: RecordFile | RecordTable
    at: datetime
    today: date
    rows: dict[str, list[Placed]] = field(default_factory=lambda: {name: [] for name in TAKEN})
    aside: Apart | None = None  # files that do not stand in the file itself

    def wrong(self, placed: Placed, fault: Fault, path: str, given: Any = "") -> WrongFile:
        return self.file.wrong(WrongValue(fault, given, path), placed.item.at, placed.item.path)


def is_record(content: bytes) -> bool:
    """Whether Ebb has exported this, or at least nobody else writes so: its first 64 bytes tell."""
    return record_file.is_json(content) or is_record_table(content)


def read_record(
    content: bytes,
    *,
    at: datetime,
    today: date,
    tell: Callable[[int], None] | None = None,
    aside: Apart | None = None,
) -> RecordRows:
    """Every row that comes back, each in its bounds; `tell` hears how many were read. Raises WrongFile."""
    file = RecordTable(content) if is_record_table(content) else RecordFile(content)
    record = RecordRows(file=file, at=at, today=today, aside=aside)
    head: dict[str, Any] = {}
    readers = {name: _reader(_SECTION[name]) for name in TAKEN}
    last = None
    for number, item in enumerate(record.file.items(), 1):
        last = item
        if tell is not None and number % TELL_EVERY == 0:
            tell(number)
        if item.number is None and item.section in _HEAD:
            head[item.section] = item.value
            continue
        _check(record, item, lambda: record_file.check_head(head), path="")
        if item.section not in _SECTION:
            raise record.file.wrong(WrongValue(Fault.UNKNOWN, item.section), item.at, item.section)
        if item.number is None:
            raise record.file.wrong(WrongValue(Fault.NOT_A_LIST), item.at, item.section)
        if item.section in TAKEN:
            row = _check(record, item, partial(readers[item.section], item.value))
            record.rows[item.section].append(Placed(item=item, row=row))
    if last is not None:
        _check(record, last, lambda: record_file.check_head(head), path="")
    _check_each(record)
    return record


def _check(record: RecordRows, item: Item, read: Any, path: str | None = None) -> Any:
    try:
        return read()
    except WrongValue as error:
        raise record.file.wrong(error, item.at, item.path if path is None else path) from None


def _reader(section: Section) -> Any:
    """Reads one row of a section: what the model keeps, in the model's own bounds."""
    kinds, may_lack = _kinds(section)
    return lambda value: record_file.read_row(value, kinds, may_lack=may_lack)


def _kinds(section: Section) -> tuple[dict[str, Kind], set[str]]:
    columns = {column.name: column for column in section.model._meta.concrete_fields if column.name in section.columns}
    special = _special(section.name)
    kinds = {name: special.get(name) or _kind(column) for name, column in columns.items()}
    may_lack = {name for name, column in columns.items() if column.null or column.blank or column.has_default()}
    may_lack |= _MAY_LACK.get(section.name, set())
    for part in section.parts:
        kinds[part.name] = partial(record_file.read_list, kind=_reader(part))
        may_lack.add(part.name)
    return kinds, may_lack


def _special(name: str) -> dict[str, Kind]:
    match name:
        case "questionnaires":
            return {
                "zone": record_file.one_of(zone_names()),
                "answers": record_file.anything,
                "scores": record_file.anything,
                "attempt": record_file.optional(record_file.uuid),
            }
        case "entries":
            return {
                "zone": record_file.one_of(zone_names()),
                "log_import": record_file.optional(record_file.uuid),
                "triggers": record_file.some_of(TRIGGERS),
                "eased_by": record_file.some_of(EASED_BY),
            }
        case "attempts":
            keys = frozenset(TreatmentType.objects.values_list("key", flat=True))
            return {
                "treatment_type": record_file.one_of(keys),
                "diagnosis": record_file.optional(record_file.uuid),
            }
        case "treatment_plan":
            return {
                "treatment_type": record_file.one_of(frozenset(TreatmentType.objects.values_list("key", flat=True))),
                "visit": record_file.optional(record_file.uuid),
            }
        case "sessions":
            moves = partial(record_file.read_list, kind=record_file.one_of(MOVE_KEYS))
            return {
                "exercises_done": moves,
                "hurt": moves,
                "amounts": _by_move(_amount),
                "versions": _by_move(record_file.one_of(set(Version))),
                "zone": record_file.one_of({"", *zone_names()}),
            }
        case "programme":
            return {
                "gate": _gate,
                "wishes": _by_move(record_file.one_of(set(Wish))),
                "swapped_that_day": _by_move(record_file.one_of(MOVE_KEYS)),
            }
        case "health_profile":
            return {"facts": _facts}
        case "intakes":
            return {
                "medicine": record_file.uuid,
                "zone": record_file.one_of(zone_names()),
                "log_import": record_file.optional(record_file.uuid),
            }
        case "red_flag_screens":
            return {"nrs": record_file.nrs, "answers": record_file.optional(_short_answers)}
        case "advice":
            return {
                "attempt": record_file.optional(record_file.uuid),
                "verdict": record_file.optional(record_file.day),
                "because": _plain_values,
            }
        case "second_opinions":
            return {
                "attempt": record_file.optional(record_file.uuid),
                "left_out": record_file.some_of([part.value for part in MAY_BE_LEFT_OUT]),
                "attached": partial(record_file.read_list, kind=record_file.uuid),
                "decided": _decided,
            }
        case "attachments":
            return {"content": record_file.content(MAX_BYTES), "n_bytes": record_file.size(MAX_BYTES)}
        case "assessments":
            return {"prefilled": record_file.anything, "answers": record_file.anything, "outcome": record_file.anything}
    return dict.fromkeys(_NAMED.get(name, ()), record_file.optional(record_file.uuid)) | dict.fromkeys(
        _OWNED_BY.get(name, ()), record_file.uuid
    )


def _decided(value: Any) -> dict[str, str]:
    """What becomes of single sentences, by their digests."""
    if not isinstance(value, dict) or len(value) > _MOST_SENTENCES:
        raise WrongValue(Fault.NOT_AN_OBJECT)
    for digest, decision in value.items():
        if not _DIGEST.fullmatch(digest):
            raise WrongValue(Fault.UNKNOWN, digest, f".{digest[:20]}")
        if decision not in ("show", "hold_back"):
            raise WrongValue(Fault.NOT_OFFERED, decision, f".{digest}")
    return value


def _facts(value: Any) -> dict[str, str]:
    """Yes, no or unsure by health fact."""
    if not isinstance(value, dict):
        raise WrongValue(Fault.NOT_AN_OBJECT)
    for key, answer in value.items():
        if not isinstance(answer, str) or not are_facts({key: answer}):
            raise WrongValue(Fault.NOT_OFFERED, answer, f".{key}")
    return value


def _by_move(kind: Kind) -> Kind:
    """Something for each of some moves."""

    def read(value: Any) -> dict[str, Any]:
        if not isinstance(value, dict):
            raise WrongValue(Fault.NOT_AN_OBJECT)
        for key in value:
            if key not in MOVE_KEYS:
                raise WrongValue(Fault.NOT_OFFERED, key, f".{key}")
        return {key: kind(said) for key, said in value.items()}

    return read


def _amount(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= MOST_OF_A_MOVE:
        raise WrongValue(Fault.OUT_OF_RANGE, str(value))
    return value


def _gate(value: Any) -> dict[str, str]:
    """What was answered to the safety points."""
    if not isinstance(value, dict):
        raise WrongValue(Fault.NOT_AN_OBJECT)
    for key, answer in value.items():
        if not isinstance(answer, str) or not are_answers({key: answer}):
            raise WrongValue(Fault.NOT_OFFERED, answer, f".{key}")
    return value


def _plain_values(value: Any) -> dict[str, Any]:
    """The figures that advice rests on: texts, numbers and lists of texts."""
    if not isinstance(value, dict) or len(value) > _MOST_FIGURES:
        raise WrongValue(Fault.NOT_AN_OBJECT)
    text = record_file.words(_LONGEST_FIGURE)
    for figure in value.values():
        for given in figure if isinstance(figure, list) else [figure]:
            if not isinstance(given, int | float):
                text(given)
    return value


def _short_answers(value: Any) -> dict[str, str]:
    """Yes, no or unsure by short question; those of another edition are kept as they were."""
    if not isinstance(value, dict) or len(value) > _MOST_SHORT_QUESTIONS:
        raise WrongValue(Fault.NOT_AN_OBJECT)
    for key, answer in value.items():
        if not _QUESTION_ID.fullmatch(key):
            raise WrongValue(Fault.UNKNOWN, key, f".{key}")
        if answer not in ("yes", "no", "unsure"):
            raise WrongValue(Fault.NOT_OFFERED, answer, f".{key}")
    return value


def _kind(column: Any) -> Kind:
    kind = _kind_of_value(column)
    return record_file.optional(kind) if column.null else kind


def _kind_of_value(column: Any) -> Kind:
    match column:
        case models.UUIDField():
            return record_file.uuid
        case models.DateTimeField():
            return record_file.instant
        case models.DateField():
            return record_file.day
        case models.TimeField():
            return record_file.wall_time
        case models.BooleanField():
            return record_file.flag
        case models.IntegerField():
            return record_file.nrs if _is_rating(column) else record_file.whole
        case models.CharField() | models.TextField() if column.choices:
            offered = {key for key, _ in column.flatchoices} | ({""} if column.blank else set())
            return record_file.one_of(offered)
        case models.CharField() | models.TextField():
            return record_file.words(column.max_length or NOTE_LENGTH)
    raise NotImplementedError(f"{column} has no kind: say in _special how it is read")


def _is_rating(column: Any) -> bool:
    """Held to 0 to 10 by a constraint of its table."""
    return any(rule.name.endswith(f"_{column.name}_0_to_10") for rule in column.model._meta.constraints)


def _check_each(record: RecordRows) -> None:
    """What no single value shows: the same key twice, days to come, days that do not fit."""
    for name, places in record.rows.items():
        seen: set[UUID] = set()
        for placed in places:
            uuid = placed.row.get("uuid")
            if uuid in seen:
                raise record.wrong(placed, Fault.TWICE, ".uuid", str(uuid))
            if uuid is not None:
                seen.add(uuid)
            if name == "entries":
                _check_entry(record, placed)
            if name == "intakes":
                _check_moments(record, placed, "taken_at")
            if name == "sessions" and placed.row["local_date"] > record.today:
                raise record.wrong(placed, Fault.IN_FUTURE, ".local_date", placed.row["local_date"].isoformat())


def _check_entry(record: RecordRows, placed: Placed) -> None:
    row = placed.row
    _check_moments(record, placed, "felt_at")
    (name, n), *_others = Counter(site["site"] for site in row.get("sites", [])).most_common(1) or [("", 0)]
    if n > 1:
        raise record.wrong(placed, Fault.TWICE, ".sites", name)


def _check_moments(record: RecordRows, placed: Placed, when: str) -> None:
    """Of a row that is about one moment: nothing to come, and the local day fits."""
    row = placed.row
    for name in (when, "recorded_at"):
        if row[name] > record.at + CLOCK_SKEW:
            raise record.wrong(placed, Fault.IN_FUTURE, f".{name}", row[name].isoformat())
    if abs((row["local_date"] - row[when].date()).days) > 1:
        raise record.wrong(placed, Fault.OTHER_DAY, ".local_date", row["local_date"].isoformat())
