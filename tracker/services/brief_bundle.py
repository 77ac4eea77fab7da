"""A brief as a FHIR R4 document: the same words as on paper, and the same numbers as resources. Written by the patient.

Codes: LOINC for PEG and PHQ-4, HL7's own systems, UCUM. Diagnoses are words alone, never a Condition: nobody diagnoses
here. Which resource stands for what: see docs/decisions.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from html import escape
from typing import Any
from uuid import UUID, uuid4

from django.utils.translation import gettext as _

from tracker.domain import fhir
from tracker.domain.brief import AnswerLine, Brief, Count, MedicineLine, Score, TriedLine, Week
from tracker.domain.fhir import Resource, text
from tracker.domain.sheet import Block, Sheet
from tracker.models import TreatmentType
from tracker.models.names import EASED_BY_NAMES, FACT_NAMES, TRIGGER_NAMES
from tracker.services import brief_words

PEG, PHQ_4 = ("91147-9", "PEG score"), ("70272-0", "PHQ-4 total")
GENDERS = ("female", "male", "other")
MEDICINES = (TreatmentType.Class.MEDICINE, TreatmentType.Class.TOPICAL)
CLINICAL = "http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical"
VERIFIED = "http://terminology.hl7.org/CodeSystem/allergyintolerance-verification"
XHTML = "http://www.w3.org/1999/xhtml"


def bundle(brief: Brief, sheet: Sheet, *, at: datetime) -> Resource:
    """`sheet`: the same brief in words. Whoever it is about has no number here: ids are made for this one bundle."""
    subject = uuid4()
    resources = list(_resources(brief, subject))
    composition = _composition(brief, sheet, resources, subject, at)
    made = fhir.provenance(uuid4(), targets=[composition, *resources], subject=subject, recorded_at=at)
    return {
        "resourceType": "Bundle",
        "type": "document",
        "identifier": {"system": "urn:ietf:rfc:3986", "value": f"urn:uuid:{uuid4()}"},
        "timestamp": fhir.instant(at),
        "entry": [fhir.bundled(one) for one in (composition, _patient(brief, subject), *resources, made)],
    }


def _patient(brief: Brief, subject: UUID) -> Resource:
    gender = {"gender": brief.sex} if brief.sex in GENDERS else {}
    return fhir.patient(subject, name=brief.name) | gender


def _composition(brief: Brief, sheet: Sheet, resources: Sequence[Resource], subject: UUID, at: datetime) -> Resource:
    """Page 1 and the appendix as sections; the last section names what stands here as a resource."""
    first = [block for block in sheet.fullest.blocks if block.kind != "chart"]
    blocks = [*first, Block(kind="text", title=_("The last 12 weeks"), text=sheet.chart.words), *sheet.appendix]
    sections = [{"title": block.title or sheet.title, "text": _narrative(block)} for block in blocks]
    entries = {"title": _("As data"), "entry": [_to(one) for one in resources]}
    return {
        "resourceType": "Composition",
        "id": str(uuid4()),
        "status": "final",
        "type": {"text": _("Summary of the patient for a clinician")},
        "subject": _reference("Patient", subject),
        "date": fhir.instant(at),
        "author": [_reference("Patient", subject)],
        "title": sheet.title,
        "section": [*sections, entries] if resources else sections,
    }


def _narrative(block: Block) -> Resource:
    rows = [block.head, *block.rows] if block.head else block.rows
    lines = "".join(f"<tr>{''.join(f'<td>{_safe(cell)}</td>' for cell in row)}</tr>" for row in rows)
    told = f"<table><tbody>{lines}</tbody></table>" if lines else f"<p>{_safe(block.text)}</p>"
    return {"status": "generated", "div": f'<div xmlns="{XHTML}">{told}</div>'}


def _safe(words: str) -> str:
    return escape(text(words) or "–")


def _resources(brief: Brief, subject: UUID) -> Iterator[Resource]:
    yield from (_week(week, brief, subject) for week in brief.weeks if week.mean is not None)
    yield from (_score(one, PEG, subject) for one in brief.peg)
    yield from (_score(one, PHQ_4, subject) for one in brief.phq4)
    yield from (_tried(one, brief, subject) for one in brief.tried)
    yield from (_medicine(line, brief, subject) for line in brief.medicines)
    if told := text(brief.allergies.text):
        yield _allergy(told, subject)
    if goal := text(brief.goal.text):
        yield _own("Goal", subject, lifecycleStatus="active", description={"text": goal})
    for title, lines in ((_("Alarm questions"), brief.red_flags), (_("The story"), brief.story)):
        if lines:
            yield _answers(title, lines, brief, subject)
    if brief.facts:
        facts = [AnswerLine(question=str(FACT_NAMES[key]), answer=said, on=None, key=key) for key, said in brief.facts]
        yield _answers(_("Health facts"), facts, brief, subject)
    counted = [*_counted(brief.triggers, TRIGGER_NAMES), *_counted(brief.eased_by, EASED_BY_NAMES)]
    if counted:
        yield _observation(_("Named in entries of the period"), brief.last_day, subject, component=counted)


def _own(kind: str, subject: UUID, **said: Any) -> Resource:
    return {"resourceType": kind, "id": str(uuid4()), "subject": _reference("Patient", subject)} | said


def _observation(name: str, on: date, subject: UUID, **said: Any) -> Resource:
    return _own(
        "Observation",
        subject,
        status="final",
        category=fhir.SURVEY,
        code={"text": name},
        effectiveDateTime=on.isoformat(),
        performer=[_reference("Patient", subject)],
        **said,
    )


def _week(week: Week, brief: Brief, subject: UUID) -> Resource:
    """A mean of ratings is no rating, so it has no code of one."""
    last = min(week.first_day + timedelta(days=6), brief.last_day)
    made = _observation(_("Pain, mean of the week, 0 to 10"), last, subject, valueQuantity=_quantity(week.mean or 0.0))
    made["component"] = [
        {"code": {"text": name}, "valueQuantity": _quantity(value)}
        for name, value in ((_("Lowest"), week.lowest), (_("Highest"), week.highest), (_("Days"), week.n_days_logged))
        if value is not None
    ]
    del made["effectiveDateTime"]
    return made | {"effectivePeriod": {"start": week.first_day.isoformat(), "end": last.isoformat()}}


def _score(one: Score, code: tuple[str, str], subject: UUID) -> Resource:
    loinc, name = code
    made = _observation(name, one.on, subject, valueQuantity=_quantity(one.value))
    return made | {"code": {"coding": [{"system": "http://loinc.org", "code": loinc}], "text": name}}


def _tried(one: TriedLine, brief: Brief, subject: UUID) -> Resource:
    """A medicine that was taken, or something that was done; how it went stands in words."""
    name = text(" ".join(filter(None, [one.own_words.text or one.treatment_type, one.dose]))) or one.treatment_type
    last = max(one.stopped_on - timedelta(days=1), one.started_on) if one.stopped_on else None
    period = {"start": one.started_on.isoformat()} | ({"end": last.isoformat()} if last else {})
    note = [{"text": text(brief_words.how_it_went(one)) or "–"}]
    is_over = one.stopped_on is not None and one.stopped_on <= brief.last_day
    if one.treatment_class in MEDICINES:
        return _own(
            "MedicationStatement",
            subject,
            status="stopped" if is_over else "active",
            medicationCodeableConcept={"text": name},
            effectivePeriod=period,
            informationSource=_reference("Patient", subject),
            note=note,
        )
    status = "completed" if is_over else "in-progress"
    return _own("Procedure", subject, status=status, code={"text": name}, performedPeriod=period, note=note)


def _medicine(line: MedicineLine, brief: Brief, subject: UUID) -> Resource:
    said = {
        "uuid": uuid4(),
        "name": line.name,
        "dose": line.dose,
        "taken_for": "",
        "is_as_needed": line.is_as_needed,
        "started_on": line.started_on,
        "stopped_on": line.stopped_on,
        "changed_at": datetime.combine(brief.made_on, time(), UTC),
    }
    return fhir.medication_statement(said, subject=subject, on=brief.last_day)


def _allergy(told: str, subject: UUID) -> Resource:
    return {
        "resourceType": "AllergyIntolerance",
        "id": str(uuid4()),
        "clinicalStatus": {"coding": [{"system": CLINICAL, "code": "active"}]},
        "verificationStatus": {"coding": [{"system": VERIFIED, "code": "unconfirmed"}]},
        "code": {"text": told},
        "patient": _reference("Patient", subject),
        "recorder": _reference("Patient", subject),
    }


def _answers(title: str, lines: Iterable[AnswerLine], brief: Brief, subject: UUID) -> Resource:
    """What was not asked is an item without an answer."""
    items = [
        {"linkId": f"{n}-{line.key}", "text": text(line.question) or line.key}
        | ({"answer": [{"valueString": said}]} if (said := text(brief_words.answered(line))) else {})
        for n, line in enumerate(lines, start=1)
    ]
    on = max((line.on for line in lines if line.on), default=brief.made_on)
    return _own(
        "QuestionnaireResponse",
        subject,
        status="completed",
        authored=on.isoformat(),
        author=_reference("Patient", subject),
        source=_reference("Patient", subject),
        item=[{"linkId": "0", "text": title, "item": items}],
    )


def _counted(counts: Iterable[Count], names: brief_words.Names) -> Iterator[Resource]:
    for one in counts:
        yield {"code": {"text": str(names.get(one.key, one.key))}, "valueInteger": one.n_entries}


def _quantity(value: float) -> Resource:
    return {"value": round(value, 1), "unit": "{score}", "system": "http://unitsofmeasure.org", "code": "{score}"}


def _to(resource: Resource) -> Resource:
    return _reference(resource["resourceType"], UUID(resource["id"]))


def _reference(kind: str, uuid: UUID) -> Resource:
    return {"reference": f"urn:uuid:{uuid}", "type": kind}
