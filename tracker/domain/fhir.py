"""FHIR R4 resources as plain dicts, from plain values.

Codes: LOINC 72514-3 for a rating of pain, and those of the scores of published questionnaires (with LOINC's notice, see NOTICE), HL7's own code systems, UCUM. Places and
all else are words: SNOMED CT needs a licence in many countries.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid5
from zoneinfo import ZoneInfo

from tracker.domain.beside import ANCHORS

Resource = dict[str, Any]

PAIN_CODE = {
    "coding": [
        {
            "system": "http://loinc.org",
            "code": "72514-3",
            "display": "Pain severity - 0-10 verbal numeric rating [Score] - Reported",
        }
    ],
    "text": "Pain, 0 to 10",
}
SURVEY = [{"coding": [{"system": "http://terminology.hl7.org/CodeSystem/observation-category", "code": "survey"}]}]
AUTHOR = {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/provenance-participant-type", "code": "author"}]}
# What FHIR keeps out of every string.
_FORBIDDEN = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")
_SITE_NAMESPACE = UUID("5d9a6b2e-0f53-5c1d-8f0e-6f0f4f8c2a11")
_RISK_NAMESPACE = UUID("0b1a1d63-6d5e-5f57-9c39-7f0b0a8a2d42")


def instant(moment: datetime, zone: str = "UTC") -> str:
    """As FHIR's dateTime and instant, with the offset that the clock of the zone had then."""
    local = moment.astimezone(ZoneInfo(zone))
    seconds = (local.utcoffset() or moment - moment).total_seconds()
    if seconds % 60:  # local mean times of long ago have seconds, which FHIR does not know
        local = moment.astimezone(ZoneInfo("UTC"))
    return local.isoformat(timespec="milliseconds")


def text(words: str) -> str | None:
    """The words without what FHIR forbids; None where nothing is left to say."""
    shown = _FORBIDDEN.sub("\ufffd", words)
    return shown if shown.strip() else None


def patient(uuid: UUID, *, name: str = "") -> Resource:
    """Nobody in particular, unless a name is wanted."""
    return {"resourceType": "Patient", "id": str(uuid)} | _if("name", [{"text": text(name)}] if text(name) else None)


@dataclass(frozen=True, kw_only=True)
class Names:
    """What the keys of the closed lists are called."""

    sites: Mapping[str, str]
    qualities: Mapping[str, str]
    triggers: Mapping[str, str]
    eased_by: Mapping[str, str]


def observations(entry: Mapping[str, Any], *, subject: UUID, names: Names) -> list[Resource]:
    """One entry: the rating, and one more for each place that was rated on its own. The entry's row comes first."""
    rated = [site for site in entry["sites"] if site["nrs"] is not None]
    unrated = [site for site in entry["sites"] if site["nrs"] is None]
    parts = [_observation(entry, subject, _site_uuid(entry, site), site["nrs"]) for site in rated]
    for part, site in zip(parts, rated, strict=True):
        part["bodySite"] = {"text": names.sites[site["site"]]}
        part |= _if("component", [_words("Quality", names.qualities[site["quality"]])] if site["quality"] else None)
    whole = _observation(entry, subject, entry["uuid"], entry["nrs"])
    named = "; ".join(_place(site, names) for site in unrated)
    whole |= _if("bodySite", {"text": named} if named else None)
    whole |= _if("component", _components(entry, names))
    whole |= _if("note", [{"text": text(entry["note"])}] if text(entry["note"]) else None)
    whole |= _if("hasMember", [_to("Observation", UUID(part["id"])) for part in parts])
    return [whole, *parts]


def questionnaire_response(
    uuid: UUID,
    *,
    subject: UUID,
    authored_at: datetime,
    is_finished: bool,
    answers: Iterable[tuple[str, str, Sequence[str | int]]],
    outcome: str,
) -> Resource:
    """A check-up or a questionnaire; `answers` are (id, question, answers in words or as numbers). No licensed codes."""
    items = [
        {"linkId": key, "text": question, "answer": [_answer(words) for words in said]}
        for key, question, said in answers
    ]
    if outcome:
        told = "How soon to see someone, as Ebb worked it out from these answers"
        items.append({"linkId": "ebb-level", "text": told, "answer": [{"valueString": outcome}]})
    return {
        "resourceType": "QuestionnaireResponse",
        "id": str(uuid),
        "status": "completed" if is_finished else "in-progress",
        "subject": _to("Patient", subject),
        "authored": instant(authored_at),
        "author": _to("Patient", subject),
        "source": _to("Patient", subject),
    } | _if("item", items)


def score_observation(
    response: Mapping[str, Any], score: str, *, subject: UUID, title: str, loinc: str, value: float
) -> Resource:
    """The score of an answered questionnaire that has a code of its own; `response` is its row."""
    return {
        "resourceType": "Observation",
        "id": str(uuid5(_SITE_NAMESPACE, f"{response['uuid']} {score}")),
        "status": "final",
        "category": SURVEY,
        "code": {"coding": [{"system": "http://loinc.org", "code": loinc}], "text": title},
        "subject": _to("Patient", subject),
        "effectiveDateTime": instant(response["answered_at"], response["zone"]),
        "performer": [_to("Patient", subject)],
        "valueQuantity": _score(value),
        "derivedFrom": [_to("QuestionnaireResponse", response["uuid"])],
    }


@dataclass(frozen=True, kw_only=True)
class PossibleCause:
    """What a check-up found to fit, in words; never a condition of the patient."""

    title: str
    band: str
    fits: tuple[str, ...]
    against: tuple[str, ...]


def risk_assessment(
    checkup: UUID,
    *,
    subject: UUID,
    made_at: datetime,
    level: str,
    act: str,
    signs: Iterable[str],
    causes: Iterable[PossibleCause],
    rulebook_version: str,
    is_incomplete: bool,
) -> Resource:
    """What the rules made of a check-up, resting on its answers. Words alone: no probability, no code, no Condition."""
    urgency: Resource = {"outcome": {"text": "How soon to see someone"}, "qualitativeRisk": {"text": level}}
    predictions = [urgency | _if("rationale", text("; ".join(signs))), *map(_prediction, causes)]
    told = "From a patient questionnaire, not a diagnosis: to be talked over with a clinician."
    return {
        "resourceType": "RiskAssessment",
        "id": str(uuid5(_RISK_NAMESPACE, str(checkup))),
        "status": "preliminary" if is_incomplete else "final",
        "method": {"text": f"Ebb check-up, fixed rules written by people, rule book {rulebook_version}"},
        "subject": _to("Patient", subject),
        "occurrenceDateTime": instant(made_at),
        "basis": [_to("QuestionnaireResponse", checkup)],
        "prediction": predictions,
        "mitigation": act,
        "note": [{"text": told}],
    }


def _prediction(cause: PossibleCause) -> Resource:
    reasons = [("For: ", cause.fits), ("Against: ", cause.against)]
    said = ". ".join(name + "; ".join(texts) for name, texts in reasons if texts)
    return {"outcome": {"text": cause.title}, "qualitativeRisk": {"text": cause.band}} | _if("rationale", text(said))


def medication_statement(medicine: Mapping[str, Any], *, subject: UUID, on: date) -> Resource:
    """A medicine on the patient's list, in the patient's words: names are not looked up, and have no code."""
    dose, purpose = text(medicine["dose"]), text(medicine["taken_for"])
    first, end = medicine["started_on"], medicine["stopped_on"]
    last = end and max(first or date.min, end - timedelta(days=1))
    period = _if("start", first and first.isoformat()) | _if("end", last and last.isoformat())
    is_over, is_planned = end is not None and end <= on, first is not None and first > on
    return (
        _statement(medicine["uuid"], medicine["name"], subject)
        | {"status": "stopped" if is_over else "intended" if is_planned else "active"}
        | {"dateAsserted": instant(medicine["changed_at"])}
        | {"dosage": [_if("text", dose) | {"asNeededBoolean": medicine["is_as_needed"]}]}
        | _if("effectivePeriod", period)
        | _if("reasonCode", [{"text": purpose}] if purpose else None)
    )


def intake_statement(intake: Mapping[str, Any], *, name: str, subject: UUID) -> Resource:
    """That a medicine was taken once."""
    dose = text(intake["dose"])
    return (
        _statement(intake["uuid"], name, subject)
        | {"status": "completed", "partOf": [_to("MedicationStatement", intake["medicine"])]}
        | {"effectiveDateTime": instant(intake["taken_at"], intake["zone"])}
        | {"dateAsserted": instant(intake["recorded_at"])}
        | _if("dosage", [{"text": dose}] if dose else None)
    )


def _statement(uuid: UUID, name: str, subject: UUID) -> Resource:
    return {
        "resourceType": "MedicationStatement",
        "id": str(uuid),
        "medicationCodeableConcept": {"text": text(name) or "Medicine"},
        "subject": _to("Patient", subject),
        "informationSource": _to("Patient", subject),
    }


def provenance(uuid: UUID, *, targets: Iterable[Resource], subject: UUID, recorded_at: datetime) -> Resource:
    """That the patient wrote all this."""
    return {
        "resourceType": "Provenance",
        "id": str(uuid),
        "target": [_to(target["resourceType"], UUID(target["id"])) for target in targets],
        "recorded": instant(recorded_at),
        "agent": [{"type": AUTHOR, "who": _to("Patient", subject)}],
    }


def bundled(resource: Resource) -> dict[str, Any]:
    """One entry of a bundle."""
    return {"fullUrl": f"urn:uuid:{resource['id']}", "resource": resource}


def _observation(entry: Mapping[str, Any], subject: UUID, uuid: UUID, nrs: int) -> Resource:
    return {
        "resourceType": "Observation",
        "id": str(uuid),
        "status": "final",
        "category": SURVEY,
        "code": PAIN_CODE,
        "subject": _to("Patient", subject),
        "effectiveDateTime": instant(entry["felt_at"], entry["zone"]),
        "issued": instant(entry["recorded_at"]),
        "performer": [_to("Patient", subject)],
        "valueQuantity": _score(nrs),
    }


def _components(entry: Mapping[str, Any], names: Names) -> list[Resource]:
    scores = [("Pain in the way of life", "interference"), ("Sleep last night", "sleep"), ("Mood", "mood")]
    rated = [
        {"code": {"text": _between(name, *ANCHORS[key])}, "valueQuantity": _score(entry[key])}
        for name, key in scores
        if entry[key] is not None
    ]
    said = {
        "Managed today": text(entry["managed"]),
        "May have set it off": "; ".join(names.triggers[key] for key in entry["triggers"]),
        "What eased it": "; ".join(names.eased_by[key] for key in entry["eased_by"]),
        "What helped": text(entry["helped"]),
    }
    return rated + [_words(name, words) for name, words in said.items() if words]


def _between(name: str, low: str, high: str) -> str:
    return f"{name}, 0 ({low}) to 10 ({high})"


def _answer(said: str | int) -> Resource:
    return {"valueInteger": said} if isinstance(said, int) else {"valueString": said}


def _words(name: str, words: str) -> Resource:
    return {"code": {"text": name}, "valueString": words}


def _score(value: float) -> Resource:
    return {"value": value, "unit": "{score}", "system": "http://unitsofmeasure.org", "code": "{score}"}


def _place(site: Mapping[str, Any], names: Names) -> str:
    quality = f" ({names.qualities[site['quality']]})" if site["quality"] else ""
    return names.sites[site["site"]] + quality


def _site_uuid(entry: Mapping[str, Any], site: Mapping[str, Any]) -> UUID:
    return uuid5(_SITE_NAMESPACE, f"{entry['uuid']} {site['site']}")


def _to(kind: str, uuid: UUID) -> Resource:
    return {"reference": f"urn:uuid:{uuid}", "type": kind}


def _if(name: str, value: Any) -> Resource:
    """FHIR knows no empty values: what is empty is not there."""
    return {name: value} if value else {}
