"""All of an exported record but its entries: few rows, each through the service that a page would call."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any
from uuid import UUID

from assessments import services as checkups
from assessments.engine.questionnaire import AnswerError
from tracker.domain.errors import DomainError
from tracker.domain.record_file import Fault
from tracker.models import (
    Advice,
    ExerciseProgramme,
    ExerciseSession,
    Intake,
    LogImport,
    Patient,
    RedFlagScreen,
    TreatmentType,
    User,
)
from tracker.services import health, medicines, proposals, questionnaires, treatment_days, treatment_plans, treatments
from tracker.services.exports import Row
from tracker.services.pain_log import CLOCK_SKEW
from tracker.services.record_reading import TAKEN, Placed, RecordRows

_BATCH = 1_000
# What is about the row and not said by the patient: two rows are equal without it.
ABOUT = {"uuid", "recorded_at", "created_at", "changed_at", "source", "log_import"}
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


@dataclass(kw_only=True)
class Plan:
    """What a file holds, and what becomes of it in a record."""

    patient: Patient
    record: RecordRows
    is_look: bool = False  # only to see what would happen: all is taken back
    tallies: dict[str, Tally] = field(default_factory=lambda: {name: Tally() for name in TAKEN if name != "programme"})
    brought: dict[str, list[str]] = field(default_factory=dict)
    diagnoses: dict[UUID, Any] = field(default_factory=dict)  # by the keys of the file


def said_of(row: Row) -> dict[str, Any]:
    """What two rows are compared by; what a file leaves out is empty, the order of places means nothing."""
    said = {name: value for name, value in row.items() if name not in ABOUT and name != "sites" and value not in _EMPTY}
    sites = {site["site"]: (site.get("nrs"), site.get("quality", "")) for site in row.get("sites", [])}
    return said | {"sites": sites}


def bring(by: User, plan: Plan) -> None:
    """All but the entries: few rows, each through the service that a page would call."""
    plan.diagnoses = _bring_diagnoses(by, plan)
    _bring_attempts(by, plan, plan.diagnoses)
    _bring_next(by, plan)
    _bring_questionnaires(by, plan)
    _bring_sessions(plan)
    _bring_check_ups(by, plan)
    _bring_screens(plan)
    _bring_profile(by, plan)
    _bring_medicines(by, plan)
    _compare_intakes(plan)
    _bring_proposals(by, plan)
    _bring_advice(plan)


def _bring_diagnoses(by: User, plan: Plan) -> dict[UUID, Any]:
    """The diagnoses by the key that the file gives them."""
    known = {diagnosis.uuid: diagnosis for diagnosis in plan.patient.diagnoses.all()}
    tally = plan.tallies["diagnoses"]
    for placed in plan.record.rows["diagnoses"]:
        row = placed.row
        if (earlier := known.get(row["uuid"])) is not None:
            is_same = all(getattr(earlier, name) == value for name, value in row.items())
            tally.n_present += is_same
            tally.n_different += not is_same
            continue
        with refusals(plan, placed):
            diagnosis = treatments.note_diagnosis(by=by, **row)
        # The same words of the same clinician are the same diagnosis.
        is_new = diagnosis.uuid == row["uuid"]
        tally.n_new += is_new
        tally.n_present += not is_new
        known[row["uuid"]] = diagnosis
        if is_new:
            plan.brought.setdefault("diagnoses", []).append(str(diagnosis.uuid))
    return known


def _bring_attempts(by: User, plan: Plan, diagnoses: Mapping[UUID, Any]) -> None:
    types = {kind.key: kind for kind in TreatmentType.objects.all()}
    known = {attempt.uuid: attempt for attempt in plan.patient.attempts.select_related("treatment_type", "diagnosis")}
    tally = plan.tallies["attempts"]
    for placed in plan.record.rows["attempts"]:
        row = placed.row
        key = row.get("diagnosis")
        if key is not None and key not in diagnoses:
            raise plan.record.wrong(placed, Fault.NOT_THERE, ".diagnosis", str(key))
        said = {name.name: row[name.name] for name in fields(treatments.Content) if name.name in row}
        said |= {"treatment_type": types[row["treatment_type"]], "diagnosis": diagnoses[key] if key else None}
        if (earlier := known.get(row["uuid"])) is not None:
            is_same = treatments.content_of(earlier) == treatments.Content(**said)
            tally.n_present += is_same
            tally.n_different += not is_same
            continue
        try:
            with refusals(plan, placed):
                attempt = treatments.start(by=by, uuid=row["uuid"], at=plan.record.at, on=plan.record.today, **said)
        except treatments.AttemptAlreadyOpen:
            tally.n_different += 1
            continue
        plan.patient.attempts.filter(pk=attempt.pk).update(created_at=row["created_at"])
        treatment_days.bring_back(attempt=attempt, days=row.get("days", []), paused_on=row.get("paused_on"))
        tally.n_new += 1
        plan.brought.setdefault("attempts", []).append(str(row["uuid"]))


def _bring_next(by: User, plan: Plan) -> None:
    """What is meant to come next. A plan that is there stays; one that has been begun meanwhile is done with."""
    earlier, tally = treatment_plans.plan_of(plan.patient), plan.tallies["treatment_plan"]
    for placed in plan.record.rows["treatment_plan"][:1]:
        said = {name: value for name, value in placed.row.items() if name in treatment_plans.SAID}
        said["treatment_type"] = TreatmentType.objects.get(key=said["treatment_type"])
        if earlier is not None:
            is_same = all(getattr(earlier, name) == value for name, value in said.items())
            tally.n_present += is_same
            tally.n_different += not is_same
            continue
        if plan.patient.attempts.filter(uuid=placed.row["uuid"]).exists():
            tally.n_present += 1
            continue
        # Its day may have passed: a day that comes and goes begins nothing.
        on = min(plan.record.today, said["planned_for"])
        with refusals(plan, placed):
            treatment_plans.put(by=by, uuid=placed.row["uuid"], at=plan.record.at, on=on, **said)
        tally.n_new += 1
        plan.brought["treatment_plan"] = [str(placed.row["uuid"])]


def _bring_questionnaires(by: User, plan: Plan) -> None:
    """What another version has scored, and what is about a treatment that is not here, stays in the file."""
    known = {response.uuid: response for response in plan.patient.questionnaire_responses.all()}
    attempts = {None: None} | {attempt.uuid: attempt for attempt in plan.patient.attempts.all()}
    tally = plan.tallies["questionnaires"]
    for placed in plan.record.rows["questionnaires"]:
        row = placed.row
        if (earlier := known.get(row["uuid"])) is not None:
            is_same = (earlier.instrument, earlier.answers) == (row["instrument"], row["answers"])
            tally.n_present += is_same
            tally.n_different += not is_same
            continue
        is_kept, about = False, row.get("attempt")
        with refusals(plan, placed):
            is_kept = about in attempts and questionnaires.bring_back(
                by=by, at=plan.record.at, row=row, attempt=attempts[about]
            )
        tally.n_new += is_kept
        tally.n_left += not is_kept
        if is_kept:
            plan.brought.setdefault("questionnaires", []).append(str(row["uuid"]))


def _bring_sessions(plan: Plan) -> None:
    known = list(plan.patient.exercise_sessions.all())
    by_uuid, by_day = {one.uuid: one for one in known}, {one.local_date: one for one in known}
    tally, new = plan.tallies["sessions"], []
    for placed in plan.record.rows["sessions"]:
        row = placed.row
        earlier = by_uuid.get(row["uuid"]) or by_day.get(row["local_date"])
        if earlier is None:
            new.append(ExerciseSession(patient=plan.patient, **row))
            by_day[row["local_date"]] = new[-1]
        else:
            is_same = said_of(row) == said_of({name: getattr(earlier, name) for name in row})
            tally.n_present += is_same
            tally.n_different += not is_same
    tally.n_new = len(new)
    ExerciseSession.objects.bulk_create(new, batch_size=_BATCH)
    if new:
        plan.brought["sessions"] = [str(session.uuid) for session in new]
    for placed in plan.record.rows["programme"][:1]:
        ExerciseProgramme.objects.get_or_create(patient=plan.patient, defaults=placed.row)


def _bring_check_ups(by: User, plan: Plan) -> None:
    tally = plan.tallies["assessments"]
    known = set(by.assessments.values_list("uuid", flat=True))
    for placed in plan.record.rows["assessments"]:
        row = placed.row
        if row["uuid"] in known:
            tally.n_present += 1
            continue
        try:
            checkups.bring_back(by=by, at=plan.record.at, **row)
        except AnswerError as error:
            raise plan.record.wrong(placed, Fault.REFUSED, ".answers", str(error)) from None
        except (checkups.OtherRulebook, checkups.CheckupOff):
            tally.n_left += 1
            continue
        tally.n_new += 1
        plan.brought.setdefault("assessments", []).append(str(row["uuid"]))


def _bring_screens(plan: Plan) -> None:
    known = {screen.uuid: screen for screen in plan.patient.red_flag_screens.all()}
    tally, new = plan.tallies["red_flag_screens"], []
    for placed in plan.record.rows["red_flag_screens"]:
        row = placed.row
        if row["answered_at"] > plan.record.at + CLOCK_SKEW:
            raise plan.record.wrong(placed, Fault.IN_FUTURE, ".answered_at", row["answered_at"].isoformat())
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


def _bring_profile(by: User, plan: Plan) -> None:
    """The profile that is there stays."""
    earlier, tally = health.profile_of(plan.patient), plan.tallies["health_profile"]
    for placed in plan.record.rows["health_profile"][:1]:
        said = {one.name: placed.row[one.name] for one in fields(health.Content) if one.name in placed.row}
        if earlier is None:
            with refusals(plan, placed):
                health.save_profile(by=by, at=plan.record.at, on=plan.record.today, **said)
            tally.n_new += 1
        else:
            is_same = health.content_of(earlier) == health.Content(**said)
            tally.n_present += is_same
            tally.n_different += not is_same


def _bring_medicines(by: User, plan: Plan) -> None:
    known = {medicine.uuid: medicine for medicine in plan.patient.medicines.all()}
    tally = plan.tallies["medicines"]
    for placed in plan.record.rows["medicines"]:
        row = placed.row
        said = {one.name: row[one.name] for one in fields(medicines.Content) if one.name in row}
        if (earlier := known.get(row["uuid"])) is not None:
            is_same = medicines.content_of(earlier) == medicines.Content(**said)
            tally.n_present += is_same
            tally.n_different += not is_same
            continue
        with refusals(plan, placed):
            medicines.add_medicine(by=by, uuid=row["uuid"], at=plan.record.at, on=plan.record.today, **said)
        tally.n_new += 1
        plan.brought.setdefault("medicines", []).append(str(row["uuid"]))


def _compare_intakes(plan: Plan) -> None:
    """Afterwards the plan holds the new ones alone. There may be many, so they are written at once, in the end."""
    listed = dict(plan.patient.medicines.values_list("uuid", "pk"))
    present = {intake.uuid: intake for intake in plan.patient.intakes.select_related("medicine")}
    tally, new = plan.tallies["intakes"], []
    for placed in plan.record.rows["intakes"]:
        row = placed.row
        if row["medicine"] not in listed:
            raise plan.record.wrong(placed, Fault.NOT_THERE, ".medicine", str(row["medicine"]))
        if (earlier := present.get(row["uuid"])) is None:
            row["medicine_id"] = listed[row["medicine"]]
            new.append(placed)
            continue
        there = {name: getattr(earlier, name) for name in row} | {"medicine": earlier.medicine.uuid}
        is_same = said_of(row) == said_of(there)
        tally.n_present += is_same
        tally.n_different += not is_same
    tally.n_new, plan.record.rows["intakes"] = len(new), new


def _bring_proposals(by: User, plan: Plan) -> None:
    known = {proposal.uuid: proposal for proposal in plan.patient.proposals.all()}
    tally = plan.tallies["proposals"]
    for placed in plan.record.rows["proposals"]:
        row = placed.row
        said = {one.name: row[one.name] for one in fields(proposals.Content) if one.name in row}
        if (earlier := known.get(row["uuid"])) is not None:
            is_same = proposals.content_of(earlier) == proposals.Content(**said)
            tally.n_present += is_same
            tally.n_different += not is_same
            continue
        with refusals(plan, placed):
            proposals.put(by=by, uuid=row["uuid"], at=plan.record.at, on=plan.record.today, advises=False, **said)
        tally.n_new += 1
        plan.brought.setdefault("proposals", []).append(str(row["uuid"]))


def _bring_advice(plan: Plan) -> None:
    """What was advised and what the patient did with it, so that it is not said again. No mail goes out for it."""
    attempts = {attempt.uuid: attempt for attempt in plan.patient.attempts.all()}
    known = {(one.kind, one.evidence): one for one in plan.patient.advice.all()}
    tally = plan.tallies["advice"]
    for placed in plan.record.rows["advice"]:
        row = placed.row | {"verdict": None, "announced_at": placed.row.get("announced_at") or plan.record.at}
        about = row.pop("attempt", None)
        row["evidence"] = row.get("evidence") or f"attempt:{about}"  # as an Ebb wrote it that advised on attempts alone
        if (earlier := known.get((row["kind"], row["evidence"]))) is not None:
            is_same = earlier.state == row["state"]
            tally.n_present += is_same
            tally.n_different += not is_same
            continue
        if about is not None and about not in attempts:
            tally.n_left += 1
            continue
        if (row["state"] == Advice.State.LATER) != (row.get("later_until") is not None):
            raise plan.record.wrong(placed, Fault.REFUSED, ".later_until", "Advice that is put off has its day.")
        said = Advice.objects.create(patient=plan.patient, attempt=attempts.get(about), **row)
        known[said.kind, said.evidence] = said
        tally.n_new += 1
        plan.brought.setdefault("advice", []).append(str(said.pk))


def add_intakes(plan: Plan, log_import: LogImport) -> None:
    ours = {"patient": plan.patient, "log_import": log_import}
    rows = (
        {name: value for name, value in placed.row.items() if name != "medicine"}
        for placed in plan.record.rows["intakes"]
    )
    Intake.objects.bulk_create((Intake(**row | ours) for row in rows), batch_size=_BATCH)


class refusals:
    """A rule of meaning that the row breaks becomes a fault of the file."""

    def __init__(self, plan: Plan, placed: Placed) -> None:
        self.plan, self.placed = plan, placed

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        if isinstance(error, DomainError) and not isinstance(error, treatments.AttemptAlreadyOpen):
            told = (type(error).__doc__ or "").split("\n")[0]
            raise self.plan.record.wrong(self.placed, Fault.REFUSED, "", told) from None
