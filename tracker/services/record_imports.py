"""Taking an exported record back in: first what would happen, then it happens, whole or not at all.

What is in the record already stays as it is. Verdicts and advice are worked out again by night; settings and reminders
are the patient's to make; the audit of another record is not this record's.
"""

import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, fields
from datetime import datetime
from functools import partial
from hashlib import sha256
from typing import Any
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

from django.db import models, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from assessments import services as checkups
from assessments.engine.questionnaire import AnswerError
from tracker.domain import record_file
from tracker.domain.beside import EASED_BY, TRIGGERS
from tracker.domain.errors import DomainError
from tracker.domain.health import are_facts
from tracker.domain.pacing import MOVE_KEYS
from tracker.domain.record_file import Fault, Item, Kind, RecordFile, WrongFile, WrongValue
from tracker.domain.record_table import RecordTable, is_record_table
from tracker.domain.schedule import local_date
from tracker.models import (
    AuditEvent,
    EntrySite,
    EntryTombstone,
    ExerciseProgramme,
    ExerciseSession,
    Intake,
    LogImport,
    PainEntry,
    Patient,
    RedFlagScreen,
    TreatmentType,
    User,
)
from tracker.models.pain import NOTE_LENGTH
from tracker.services import changes, exports, health, import_history, medicines, questionnaires, treatments
from tracker.services.accounts import zone_names
from tracker.services.exports import SECTIONS, Row, Section
from tracker.services.imports import LogFileRefused
from tracker.services.pain_log import CLOCK_SKEW

_BATCH = 1_000
_SECTION = {section.name: section for section in SECTIONS}
_HEAD = ("format", "version", "exported_at", "profile")
TAKEN: tuple[str, ...] = (
    "entries",
    "tombstones",
    "diagnoses",
    "attempts",
    "sessions",
    "programme",
    "assessments",
    "questionnaires",
    "health_profile",
    "medicines",
    "intakes",
    "red_flag_screens",
)
# What is about the row and not said by the patient: two rows are equal without it.
_ABOUT = {"uuid", "recorded_at", "created_at", "changed_at", "source", "log_import"}
_QUESTION_ID = re.compile(r"[a-z][a-z0-9_]{0,39}", re.ASCII)
_MOST_SHORT_QUESTIONS = 40
_EMPTY: tuple[Any, ...] = (None, "", [])


@dataclass(kw_only=True)
class Tally:
    """What becomes of the rows of one list: different ones are in the record already, and say something else."""

    n_new: int = 0
    n_present: int = 0
    n_different: int = 0
    n_deleted: int = 0
    n_left: int = 0

    @property
    def n_rows(self) -> int:
        return self.n_new + self.n_present + self.n_different + self.n_deleted + self.n_left


@dataclass(frozen=True, kw_only=True)
class RecordPreview:
    """What an import would do, list by list."""

    tallies: Mapping[str, Tally]

    @property
    def n_new(self) -> int:
        return sum(tally.n_new for tally in self.tallies.values())

    @property
    def n_rows(self) -> int:
        return sum(tally.n_rows for tally in self.tallies.values())


@dataclass(frozen=True, kw_only=True)
class _Placed:
    """A row, and where it stands in the file."""

    item: Item
    row: Row


@dataclass(kw_only=True)
class _Plan:
    file: RecordFile | RecordTable
    patient: Patient
    at: datetime
    rows: dict[str, list[_Placed]] = field(default_factory=lambda: {name: [] for name in TAKEN})
    tallies: dict[str, Tally] = field(default_factory=lambda: {name: Tally() for name in TAKEN if name != "programme"})
    brought: dict[str, list[str]] = field(default_factory=dict)

    def wrong(self, placed: _Placed, fault: Fault, path: str, given: Any = "") -> WrongFile:
        return self.file.wrong(WrongValue(fault, given, path), placed.item.at, placed.item.path)


def is_record(content: bytes) -> bool:
    """Whether Ebb has exported this, or at least nobody else writes so: its first 64 bytes tell."""
    return record_file.is_json(content) or is_record_table(content)


def preview(*, by: User, content: bytes, at: datetime) -> RecordPreview:
    """Read the file and compare it with the record; changes nothing. Raises LogFileRefused."""
    with transaction.atomic():
        plan, _ = _prepare(by, content, at)
        _bring_the_rest(by, plan)
        transaction.set_rollback(True)
    return RecordPreview(tallies=plan.tallies)


@transaction.atomic
def run(*, by: User, content: bytes, filename: str, at: datetime, uuid: UUID | None = None) -> LogImport:
    """Add what is not in the record yet. Raises LogFileRefused, and then nothing has changed."""
    plan, new = _prepare(by, content, at)
    _bring_the_rest(by, plan)
    tally = plan.tallies["entries"]
    log_import = LogImport.objects.create(
        patient=plan.patient,
        uuid=uuid or uuid4(),
        filename=_printable(filename),
        digest=sha256(content).hexdigest(),
        imported_at=at,
        n_rows=tally.n_rows,
        n_added=tally.n_new,
        n_duplicates=tally.n_rows - tally.n_new,
        n_rounded=0,
        brought=plan.brought,
    )
    _add_entries(plan, new, log_import)
    _add_tombstones(plan)
    _add_intakes(plan, log_import)
    AuditEvent.objects.create(
        actor=by, patient=plan.patient, verb="imported", subject=f"{len(new)} pain entries of a record"
    )
    return log_import


def _prepare(by: User, content: bytes, at: datetime) -> tuple[_Plan, list[Row]]:
    """The file, read and compared, and the entries that are new. Holds the patient's row."""
    patient = Patient.objects.select_for_update().get(pk=by.patient.pk)
    try:
        plan = _read(content, patient, at)
    except WrongFile as wrong:
        raise LogFileRefused([words(wrong)]) from None
    return plan, _compare_entries(by, plan)


def _read(content: bytes, patient: Patient, at: datetime) -> _Plan:
    file = RecordTable(content) if is_record_table(content) else RecordFile(content)
    plan = _Plan(file=file, patient=patient, at=at)
    head: dict[str, Any] = {}
    readers = {name: _reader(_SECTION[name]) for name in TAKEN}
    last = None
    for item in plan.file.items():
        last = item
        if item.number is None and item.section in _HEAD:
            head[item.section] = item.value
            continue
        _check(plan, item, lambda: record_file.check_head(head), path="")
        if item.section not in _SECTION:
            raise plan.file.wrong(WrongValue(Fault.UNKNOWN, item.section), item.at, item.section)
        if item.number is None:
            raise plan.file.wrong(WrongValue(Fault.NOT_A_LIST), item.at, item.section)
        if item.section in TAKEN:
            row = _check(plan, item, partial(readers[item.section], item.value))
            plan.rows[item.section].append(_Placed(item=item, row=row))
    if last is not None:
        _check(plan, last, lambda: record_file.check_head(head), path="")
    _check_each(plan)
    return plan


def _check(plan: _Plan, item: Item, read: Any, path: str | None = None) -> Any:
    try:
        return read()
    except WrongValue as error:
        raise plan.file.wrong(error, item.at, item.path if path is None else path) from None


def _reader(section: Section) -> Any:
    """Reads one row of a section: what the model keeps, in the model's own bounds."""
    kinds, may_lack = _kinds(section)
    return lambda value: record_file.read_row(value, kinds, may_lack=may_lack)


def _kinds(section: Section) -> tuple[dict[str, Kind], set[str]]:
    columns = {column.name: column for column in section.model._meta.concrete_fields if column.name in section.columns}
    special = _special(section.name)
    kinds = {name: special.get(name) or _kind(column) for name, column in columns.items()}
    may_lack = {name for name, column in columns.items() if column.null or column.blank or column.has_default()}
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
        case "sessions":
            return {"exercises_done": partial(record_file.read_list, kind=record_file.one_of(MOVE_KEYS))}
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
        case "assessments":
            return {"prefilled": record_file.anything, "answers": record_file.anything, "outcome": record_file.anything}
    return {}


def _facts(value: Any) -> dict[str, str]:
    """Yes, no or unsure by health fact."""
    if not isinstance(value, dict):
        raise WrongValue(Fault.NOT_AN_OBJECT)
    for key, answer in value.items():
        if not isinstance(answer, str) or not are_facts({key: answer}):
            raise WrongValue(Fault.NOT_OFFERED, answer, f".{key}")
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


def _check_each(plan: _Plan) -> None:
    """What no single value shows: the same key twice, days to come, days that do not fit."""
    for name, places in plan.rows.items():
        seen: set[UUID] = set()
        for placed in places:
            uuid = placed.row.get("uuid")
            if uuid in seen:
                raise plan.wrong(placed, Fault.TWICE, ".uuid", str(uuid))
            if uuid is not None:
                seen.add(uuid)
            if name == "entries":
                _check_entry(plan, placed)
            if name == "intakes":
                _check_moments(plan, placed, "taken_at")
            if name == "sessions" and placed.row["local_date"] > _today(plan):
                raise plan.wrong(placed, Fault.IN_FUTURE, ".local_date", placed.row["local_date"].isoformat())


def _check_entry(plan: _Plan, placed: _Placed) -> None:
    row = placed.row
    _check_moments(plan, placed, "felt_at")
    (name, n), *_others = Counter(site["site"] for site in row.get("sites", [])).most_common(1) or [("", 0)]
    if n > 1:
        raise plan.wrong(placed, Fault.TWICE, ".sites", name)


def _check_moments(plan: _Plan, placed: _Placed, when: str) -> None:
    """Of a row that is about one moment: nothing to come, and the local day fits."""
    row = placed.row
    for name in (when, "recorded_at"):
        if row[name] > plan.at + CLOCK_SKEW:
            raise plan.wrong(placed, Fault.IN_FUTURE, f".{name}", row[name].isoformat())
    if abs((row["local_date"] - row[when].date()).days) > 1:
        raise plan.wrong(placed, Fault.OTHER_DAY, ".local_date", row["local_date"].isoformat())


def _today(plan: _Plan) -> Any:
    return local_date(plan.at, ZoneInfo(plan.patient.zone))


def _compare_entries(by: User, plan: _Plan) -> list[Row]:
    given = {placed.row["uuid"]: placed.row for placed in plan.rows["entries"]}
    present = {row["uuid"]: row for row in exports.rows(exports.ENTRIES, by) if row["uuid"] in given}
    deleted = import_history.deleted_by_hand(plan.patient)
    tally, new = plan.tallies["entries"], []
    for uuid, row in given.items():
        if uuid in present:
            is_same = _said(row) == _said(present[uuid])
            tally.n_present += is_same
            tally.n_different += not is_same
        elif uuid in deleted:
            tally.n_deleted += 1
        else:
            new.append(row)
    tally.n_new = len(new)
    _compare_tombstones(plan, {*given, *plan.patient.pain_entries.values_list("uuid", flat=True)})
    return new


def _compare_tombstones(plan: _Plan, living: Collection[UUID]) -> None:
    known = set(plan.patient.entry_tombstones.values_list("uuid", flat=True))
    tally = plan.tallies["tombstones"]
    for placed in plan.rows["tombstones"]:
        if placed.row["uuid"] in known:
            tally.n_present += 1
        elif placed.row["uuid"] in living:
            tally.n_different += 1
        else:
            tally.n_new += 1
    plan.rows["tombstones"] = [row for row in plan.rows["tombstones"] if row.row["uuid"] not in {*known, *living}]


def _said(row: Row) -> dict[str, Any]:
    """What two rows are compared by; what a file leaves out is empty, the order of places means nothing."""
    said = {
        name: value for name, value in row.items() if name not in _ABOUT and name != "sites" and value not in _EMPTY
    }
    sites = {site["site"]: (site.get("nrs"), site.get("quality", "")) for site in row.get("sites", [])}
    return said | {"sites": sites}


def _add_entries(plan: _Plan, new: Iterable[Row], log_import: LogImport) -> None:
    rows = list(new)
    import_history.forget_tombstones(plan.patient, [row["uuid"] for row in rows])
    numbers = changes.allot(plan.patient, len(rows))
    # An entry is changed when it comes in, so that other devices of the patient hear of it.
    ours = {"patient": plan.patient, "changed_at": plan.at, "log_import": log_import}
    entries = PainEntry.objects.bulk_create(
        (
            PainEntry(**{name: value for name, value in row.items() if name != "sites"} | ours, change_number=number)
            for number, row in zip(numbers, rows, strict=True)
        ),
        batch_size=_BATCH,
    )
    EntrySite.objects.bulk_create(
        (
            EntrySite(entry=entry, **site)
            for entry, row in zip(entries, rows, strict=True)
            for site in row.get("sites", [])
        ),
        batch_size=_BATCH,
    )


def _add_tombstones(plan: _Plan) -> None:
    numbers = changes.allot(plan.patient, len(plan.rows["tombstones"]))
    EntryTombstone.objects.bulk_create(
        (
            EntryTombstone(patient=plan.patient, **placed.row, change_number=number)
            for number, placed in zip(numbers, plan.rows["tombstones"], strict=True)
        ),
        batch_size=_BATCH,
    )


def _bring_the_rest(by: User, plan: _Plan) -> None:
    """All but the entries: few rows, each through the service that a page would call."""
    try:
        diagnoses = _bring_diagnoses(by, plan)
        _bring_attempts(by, plan, diagnoses)
        _bring_questionnaires(by, plan)
        _bring_sessions(plan)
        _bring_check_ups(by, plan)
        _bring_screens(plan)
        _bring_profile(by, plan)
        _bring_medicines(by, plan)
        _compare_intakes(plan)
    except WrongFile as wrong:
        raise LogFileRefused([words(wrong)]) from None


def _bring_diagnoses(by: User, plan: _Plan) -> dict[UUID, Any]:
    """The diagnoses by the key that the file gives them."""
    known = {diagnosis.uuid: diagnosis for diagnosis in plan.patient.diagnoses.all()}
    tally = plan.tallies["diagnoses"]
    for placed in plan.rows["diagnoses"]:
        row = placed.row
        if (earlier := known.get(row["uuid"])) is not None:
            is_same = all(getattr(earlier, name) == value for name, value in row.items())
            tally.n_present += is_same
            tally.n_different += not is_same
            continue
        with _refusals(plan, placed):
            diagnosis = treatments.note_diagnosis(by=by, **row)
        # The same words of the same clinician are the same diagnosis.
        is_new = diagnosis.uuid == row["uuid"]
        tally.n_new += is_new
        tally.n_present += not is_new
        known[row["uuid"]] = diagnosis
        if is_new:
            plan.brought.setdefault("diagnoses", []).append(str(diagnosis.uuid))
    return known


def _bring_attempts(by: User, plan: _Plan, diagnoses: Mapping[UUID, Any]) -> None:
    types = {kind.key: kind for kind in TreatmentType.objects.all()}
    known = {attempt.uuid: attempt for attempt in plan.patient.attempts.select_related("treatment_type", "diagnosis")}
    tally = plan.tallies["attempts"]
    for placed in plan.rows["attempts"]:
        row = placed.row
        key = row.get("diagnosis")
        if key is not None and key not in diagnoses:
            raise plan.wrong(placed, Fault.NOT_THERE, ".diagnosis", str(key))
        said = {name.name: row[name.name] for name in fields(treatments.Content) if name.name in row}
        said |= {"treatment_type": types[row["treatment_type"]], "diagnosis": diagnoses[key] if key else None}
        if (earlier := known.get(row["uuid"])) is not None:
            is_same = treatments.content_of(earlier) == treatments.Content(**said)
            tally.n_present += is_same
            tally.n_different += not is_same
            continue
        try:
            with _refusals(plan, placed):
                attempt = treatments.start(by=by, uuid=row["uuid"], at=plan.at, on=_today(plan), **said)
        except treatments.AttemptAlreadyOpen:
            tally.n_different += 1
            continue
        plan.patient.attempts.filter(pk=attempt.pk).update(created_at=row["created_at"])
        tally.n_new += 1
        plan.brought.setdefault("attempts", []).append(str(row["uuid"]))


def _bring_questionnaires(by: User, plan: _Plan) -> None:
    """What another version has scored, and what is about a treatment that is not here, stays in the file."""
    known = {response.uuid: response for response in plan.patient.questionnaire_responses.all()}
    attempts = {None: None} | {attempt.uuid: attempt for attempt in plan.patient.attempts.all()}
    tally = plan.tallies["questionnaires"]
    for placed in plan.rows["questionnaires"]:
        row = placed.row
        if (earlier := known.get(row["uuid"])) is not None:
            is_same = (earlier.instrument, earlier.answers) == (row["instrument"], row["answers"])
            tally.n_present += is_same
            tally.n_different += not is_same
            continue
        is_kept, about = False, row.get("attempt")
        with _refusals(plan, placed):
            is_kept = about in attempts and questionnaires.bring_back(
                by=by, at=plan.at, row=row, attempt=attempts[about]
            )
        tally.n_new += is_kept
        tally.n_left += not is_kept
        if is_kept:
            plan.brought.setdefault("questionnaires", []).append(str(row["uuid"]))


def _bring_sessions(plan: _Plan) -> None:
    known = list(plan.patient.exercise_sessions.all())
    by_uuid, by_day = {one.uuid: one for one in known}, {one.local_date: one for one in known}
    tally, new = plan.tallies["sessions"], []
    for placed in plan.rows["sessions"]:
        row = placed.row
        earlier = by_uuid.get(row["uuid"]) or by_day.get(row["local_date"])
        if earlier is None:
            new.append(ExerciseSession(patient=plan.patient, **row))
            by_day[row["local_date"]] = new[-1]
        else:
            is_same = _said(row) == _said({name: getattr(earlier, name) for name in row})
            tally.n_present += is_same
            tally.n_different += not is_same
    tally.n_new = len(new)
    ExerciseSession.objects.bulk_create(new, batch_size=_BATCH)
    if new:
        plan.brought["sessions"] = [str(session.uuid) for session in new]
    for placed in plan.rows["programme"][:1]:
        ExerciseProgramme.objects.get_or_create(patient=plan.patient, defaults=placed.row)


def _bring_check_ups(by: User, plan: _Plan) -> None:
    tally = plan.tallies["assessments"]
    known = set(by.assessments.values_list("uuid", flat=True))
    for placed in plan.rows["assessments"]:
        row = placed.row
        if row["uuid"] in known:
            tally.n_present += 1
            continue
        try:
            checkups.bring_back(by=by, at=plan.at, **row)
        except AnswerError as error:
            raise plan.wrong(placed, Fault.REFUSED, ".answers", str(error)) from None
        except (checkups.OtherRulebook, checkups.CheckupOff):
            tally.n_left += 1
            continue
        tally.n_new += 1
        plan.brought.setdefault("assessments", []).append(str(row["uuid"]))


def _bring_screens(plan: _Plan) -> None:
    known = {screen.uuid: screen for screen in plan.patient.red_flag_screens.all()}
    tally, new = plan.tallies["red_flag_screens"], []
    for placed in plan.rows["red_flag_screens"]:
        row = placed.row
        if row["answered_at"] > plan.at + CLOCK_SKEW:
            raise plan.wrong(placed, Fault.IN_FUTURE, ".answered_at", row["answered_at"].isoformat())
        if (earlier := known.get(row["uuid"])) is None:
            new.append(RedFlagScreen(patient=plan.patient, **row))
            continue
        is_same = all(getattr(earlier, name) == value for name, value in row.items())
        tally.n_present += is_same
        tally.n_different += not is_same
    tally.n_new = len(new)
    RedFlagScreen.objects.bulk_create(new, batch_size=_BATCH)
    if new:
        plan.brought["red_flag_screens"] = [str(screen.uuid) for screen in new]


def _bring_profile(by: User, plan: _Plan) -> None:
    """The profile that is there stays."""
    earlier, tally = health.profile_of(plan.patient), plan.tallies["health_profile"]
    for placed in plan.rows["health_profile"][:1]:
        said = {one.name: placed.row[one.name] for one in fields(health.Content) if one.name in placed.row}
        if earlier is None:
            with _refusals(plan, placed):
                health.save_profile(by=by, at=plan.at, on=_today(plan), **said)
            tally.n_new += 1
        else:
            is_same = health.content_of(earlier) == health.Content(**said)
            tally.n_present += is_same
            tally.n_different += not is_same


def _bring_medicines(by: User, plan: _Plan) -> None:
    known = {medicine.uuid: medicine for medicine in plan.patient.medicines.all()}
    tally = plan.tallies["medicines"]
    for placed in plan.rows["medicines"]:
        row = placed.row
        said = {one.name: row[one.name] for one in fields(medicines.Content) if one.name in row}
        if (earlier := known.get(row["uuid"])) is not None:
            is_same = medicines.content_of(earlier) == medicines.Content(**said)
            tally.n_present += is_same
            tally.n_different += not is_same
            continue
        with _refusals(plan, placed):
            medicines.add_medicine(by=by, uuid=row["uuid"], at=plan.at, on=_today(plan), **said)
        tally.n_new += 1
        plan.brought.setdefault("medicines", []).append(str(row["uuid"]))


def _compare_intakes(plan: _Plan) -> None:
    """Afterwards the plan holds the new ones alone. There may be many, so they are written at once, in the end."""
    listed = dict(plan.patient.medicines.values_list("uuid", "pk"))
    present = {intake.uuid: intake for intake in plan.patient.intakes.select_related("medicine")}
    tally, new = plan.tallies["intakes"], []
    for placed in plan.rows["intakes"]:
        row = placed.row
        if row["medicine"] not in listed:
            raise plan.wrong(placed, Fault.NOT_THERE, ".medicine", str(row["medicine"]))
        if (earlier := present.get(row["uuid"])) is None:
            row["medicine_id"] = listed[row["medicine"]]
            new.append(placed)
            continue
        there = {name: getattr(earlier, name) for name in row} | {"medicine": earlier.medicine.uuid}
        is_same = _said(row) == _said(there)
        tally.n_present += is_same
        tally.n_different += not is_same
    tally.n_new, plan.rows["intakes"] = len(new), new


def _add_intakes(plan: _Plan, log_import: LogImport) -> None:
    ours = {"patient": plan.patient, "log_import": log_import}
    rows = (
        {name: value for name, value in placed.row.items() if name != "medicine"} for placed in plan.rows["intakes"]
    )
    Intake.objects.bulk_create((Intake(**row | ours) for row in rows), batch_size=_BATCH)


class _refusals:
    """A rule of meaning that the row breaks becomes a fault of the file."""

    def __init__(self, plan: _Plan, placed: _Placed) -> None:
        self.plan, self.placed = plan, placed

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        if isinstance(error, DomainError) and not isinstance(error, treatments.AttemptAlreadyOpen):
            told = (type(error).__doc__ or "").split("\n")[0]
            raise self.plan.wrong(self.placed, Fault.REFUSED, "", told) from None


def _printable(filename: str) -> str:
    return "".join(character for character in filename if character.isprintable())[:255]


def words(wrong: WrongFile) -> str:
    """One sentence that says where, what, and what is wanted."""
    where = _("Line %(line)d, column %(column)d") % {"line": wrong.line, "column": wrong.column}
    if not wrong.column:
        where = _("Line %(line)d") % {"line": wrong.line}
    path = f", {wrong.path}" if wrong.path else ""
    return f"{where}{path}: " + str(_WORDS[wrong.fault]) % {
        "given": wrong.given,
        "megabytes": record_file.MAX_BYTES // 1_000_000,
    }


_WORDS = {
    Fault.TOO_LARGE: _lazy("the file is larger than %(megabytes)d megabytes."),
    Fault.NOT_UTF8: _lazy("this letter is not written in UTF-8."),
    Fault.NOT_JSON: _lazy("the file is broken here: this is not JSON. Export it once more, and leave it as it is."),
    Fault.TOO_DEEP: _lazy("this is nested far too deeply."),
    Fault.NAME_TWICE: _lazy("the same name stands twice in one object."),
    Fault.OTHER_FORMAT: _lazy("this is not a file that Ebb has exported."),
    Fault.NEWER_VERSION: _lazy(
        "a newer Ebb has written this file (version %(given)s). Bring this Ebb up to date first."
    ),
    Fault.MISSING: _lazy("this is missing."),
    Fault.UNKNOWN: _lazy("Ebb knows nothing of this name."),
    Fault.NOT_A_LIST: _lazy("this must be a list."),
    Fault.NOT_AN_OBJECT: _lazy("this must be an object, in curly brackets."),
    Fault.NOT_A_UUID: _lazy("“%(given)s” is not a key such as 0b5dbb6e-6d5c-4f0e-9a37-6f2c3b9d7e10."),
    Fault.NOT_AN_INSTANT: _lazy("“%(given)s” is not a moment such as 2026-03-01T07:30:00Z."),
    Fault.NOT_A_DAY: _lazy("“%(given)s” is not a day such as 2026-03-01."),
    Fault.NOT_A_TIME: _lazy("“%(given)s” is not a time of day such as 07:30."),
    Fault.NOT_WHOLE: _lazy("“%(given)s” is not a whole number."),
    Fault.OUT_OF_RANGE: _lazy("“%(given)s” is not on the scale."),
    Fault.NOT_TEXT: _lazy("this must be text."),
    Fault.TOO_LONG: _lazy("this text is longer than there is room for."),
    Fault.NOT_STORABLE: _lazy("this text holds a character that cannot be stored."),
    Fault.NOT_OFFERED: _lazy("“%(given)s” is not on the list for this."),
    Fault.NOT_TRUE_OR_FALSE: _lazy("this must be true or false."),
    Fault.TWICE: _lazy("“%(given)s” stands here a second time."),
    Fault.TOO_EARLY: _lazy("“%(given)s” is before the year 1900."),
    Fault.IN_FUTURE: _lazy("“%(given)s” has not come yet."),
    Fault.OTHER_DAY: _lazy("“%(given)s” is not the day on which it was felt."),
    Fault.NOT_THERE: _lazy("“%(given)s” is neither in the file nor in your record."),
    Fault.BROKEN_TABLE: _lazy(
        "a quotation mark is in the wrong place, or this line has more or fewer values than names."
    ),
    Fault.OTHER_COLUMNS: _lazy("the first line does not name the columns of Ebb's own table."),
    Fault.LINES_DIFFER: _lazy("the lines of this entry say different things beside its places."),
    Fault.REFUSED: _lazy("this cannot be taken over. %(given)s"),
}
