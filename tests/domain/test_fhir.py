from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest
from fhir.resources.R4B.medicationstatement import MedicationStatement
from fhir.resources.R4B.observation import Observation
from fhir.resources.R4B.patient import Patient
from fhir.resources.R4B.provenance import Provenance
from fhir.resources.R4B.questionnaireresponse import QuestionnaireResponse
from fhir.resources.R4B.riskassessment import RiskAssessment

from tracker.domain import fhir

FELT = datetime(2026, 3, 29, 0, 59, tzinfo=UTC)  # a minute before Berlin's clocks go forward
SUBJECT = uuid4()
NAMES = fhir.Names(
    sites={"neck": "Neck, middle", "low_back": "Low back, spine"},
    qualities={"burning": "burning"},
    triggers={"sitting": "sitting", "weather": "the weather"},
    eased_by={"walking": "a walk"},
)


def entry(**said: Any) -> dict[str, Any]:
    plain = dict.fromkeys(("interference", "sleep", "mood"))
    plain |= {"managed": "", "triggers": [], "eased_by": []}
    words = {"note": "", "helped": "", "sites": [], "zone": "Europe/Berlin", "nrs": 4}
    return {"uuid": uuid4(), "felt_at": FELT, "recorded_at": FELT} | plain | words | said


def observed(**said: Any) -> list[dict[str, Any]]:
    found = fhir.observations(entry(**said), subject=SUBJECT, names=NAMES)
    for resource in found:
        Observation.model_validate(resource)
    return found


@pytest.mark.parametrize("note", ["", "   ", "\t\n"])
def test_an_empty_note_is_not_there(note):
    assert "note" not in observed(note=note)[0]


def test_what_fhir_forbids_in_a_text_is_marked():
    (found,) = observed(note="a\x01b\nc")
    assert found["note"] == [{"text": "a\ufffdb\nc"}]


def test_a_rating_is_a_survey_score_in_loinc():
    (found,) = observed()
    assert found["category"][0]["coding"][0]["code"] == "survey"
    assert found["code"]["coding"][0]["system"] == "http://loinc.org"
    assert found["code"]["coding"][0]["code"] == "72514-3"
    assert (found["valueQuantity"]["value"], found["valueQuantity"]["unit"]) == (4, "{score}")


@pytest.mark.parametrize(
    ("felt_at", "zone", "written"),
    [
        pytest.param(FELT, "Europe/Berlin", "2026-03-29T01:59:00.000+01:00", id="just before the change"),
        pytest.param(FELT.replace(hour=1), "Europe/Berlin", "2026-03-29T03:59:00.000+02:00", id="after it"),
        pytest.param(FELT, "Asia/Kathmandu", "2026-03-29T06:44:00.000+05:45", id="a quarter of an hour"),
        pytest.param(
            datetime(1901, 1, 1, tzinfo=UTC), "Europe/Amsterdam", "1901-01-01T00:00:00.000+00:00", id="by the sun"
        ),
    ],
)
def test_the_time_has_the_offset_of_the_zone_it_was_felt_in(felt_at, zone, written):
    assert fhir.instant(felt_at, zone) == written


def test_a_rated_place_is_an_observation_of_its_own_and_others_are_named():
    sites = [{"site": "low_back", "nrs": 7, "quality": "burning"}, {"site": "neck", "nrs": None, "quality": ""}]
    whole, part = observed(sites=sites)
    assert whole["bodySite"] == {"text": "Neck, middle"}
    assert whole["hasMember"] == [{"reference": f"urn:uuid:{part['id']}", "type": "Observation"}]
    assert (part["bodySite"], part["valueQuantity"]["value"]) == ({"text": "Low back, spine"}, 7)
    assert part["component"][0]["valueString"] == "burning"


def test_the_same_entry_has_the_same_ids_each_time():
    same = entry(sites=[{"site": "neck", "nrs": 1, "quality": ""}])
    first, second = (fhir.observations(same, subject=SUBJECT, names=NAMES) for _ in range(2))
    assert [one["id"] for one in first] == [one["id"] for one in second]


def test_what_is_beside_the_number_is_in_components():
    said = {"triggers": ["sitting", "weather"], "eased_by": ["walking"]}
    (found,) = observed(interference=3, sleep=0, managed="cooked", helped="company", **said)
    assert [
        (part["code"]["text"], part.get("valueString") or part["valueQuantity"]["value"]) for part in found["component"]
    ] == [
        ("Pain in the way of life, 0 (not at all) to 10 (completely)", 3),
        ("Sleep last night, 0 (very badly) to 10 (very well)", 0),
        ("Managed today", "cooked"),
        ("May have set it off", "sitting; the weather"),
        ("What eased it", "a walk"),
        ("What helped", "company"),
    ]


@pytest.mark.parametrize(("name", "named"), [("", None), ("  ", None), ("Alice", [{"text": "Alice"}])])
def test_the_patient_is_nobody_unless_a_name_is_wanted(name, named):
    found = fhir.patient(SUBJECT, name=name)
    Patient.model_validate(found)
    assert found.get("name") == named


def test_a_check_up_is_a_response_without_codes():
    found = fhir.questionnaire_response(
        uuid4(),
        subject=SUBJECT,
        authored_at=FELT,
        is_finished=True,
        answers=[("fever", "Do you have a fever?", ["No"])],
        outcome="See someone in the next weeks",
    )
    QuestionnaireResponse.model_validate(found)
    assert (found["status"], [item["linkId"] for item in found["item"]]) == ("completed", ["fever", "ebb-level"])


def test_an_open_check_up_without_answers_is_valid_too():
    options = {"subject": SUBJECT, "authored_at": FELT, "is_finished": False, "answers": [], "outcome": ""}
    found = fhir.questionnaire_response(uuid4(), **options)
    QuestionnaireResponse.model_validate(found)
    assert found["status"] == "in-progress"


def assessed(**said: Any) -> dict[str, Any]:
    plain = {"level": "See a doctor within days", "act": "Book an appointment.", "rulebook_version": "abc"}
    lists = {"signs": [], "causes": [], "is_incomplete": False}
    found = fhir.risk_assessment(uuid4(), subject=SUBJECT, made_at=FELT, **(plain | lists | said))
    RiskAssessment.model_validate(found)
    return found


def test_the_outcome_rests_on_the_answers_and_names_its_rules():
    found = assessed(signs=["Fever with back pain"])
    assert found["basis"][0]["type"] == "QuestionnaireResponse"
    assert "rule book abc" in found["method"]["text"]
    assert found["prediction"][0]["rationale"] == "Fever with back pain"


def test_a_possible_cause_is_words_without_probability_or_code():
    cause = fhir.PossibleCause(title="Strained muscle", band="fits well", fits=("after a lift",), against=())
    prediction = assessed(causes=[cause])["prediction"][1]
    assert prediction["rationale"] == "For: after a lift"
    assert set(prediction) == {"outcome", "qualitativeRisk", "rationale"}
    assert "coding" not in prediction["qualitativeRisk"]


@pytest.mark.parametrize(("is_incomplete", "status"), [(True, "preliminary"), (False, "final")])
def test_open_alarm_questions_make_it_preliminary(is_incomplete, status):
    assert assessed(is_incomplete=is_incomplete)["status"] == status


def test_the_patient_is_the_author_of_it_all():
    targets = observed(sites=[{"site": "neck", "nrs": 1, "quality": ""}])
    found = fhir.provenance(uuid4(), targets=targets, subject=SUBJECT, recorded_at=FELT)
    Provenance.model_validate(found)
    assert [UUID(to["reference"].rsplit(":", 1)[1]) for to in found["target"]] == [UUID(one["id"]) for one in targets]
    assert found["agent"][0]["type"]["coding"][0]["code"] == "author"


def medicine(**said: Any) -> dict[str, Any]:
    days = {"started_on": None, "stopped_on": None}
    words = {"name": "Ibuprofen", "dose": "", "taken_for": "", "is_as_needed": True}
    return {"uuid": uuid4(), "changed_at": FELT} | days | words | said


@pytest.mark.parametrize(
    ("said", "status", "period"),
    [
        ({}, "active", None),
        ({"started_on": date(2026, 3, 30)}, "intended", {"start": "2026-03-30"}),
        (
            {"started_on": date(2026, 3, 1), "stopped_on": date(2026, 3, 29)},
            "stopped",
            {"start": "2026-03-01", "end": "2026-03-28"},
        ),
        (
            {"started_on": date(2026, 3, 1), "stopped_on": date(2026, 3, 1)},
            "stopped",
            {"start": "2026-03-01", "end": "2026-03-01"},
        ),
    ],
)
def test_a_medicine_is_told_in_words_with_its_days_and_without_a_code(said, status, period):
    found = fhir.medication_statement(medicine(**said), subject=SUBJECT, on=FELT.date())
    MedicationStatement.model_validate(found)
    assert found["medicationCodeableConcept"] == {"text": "Ibuprofen"}
    assert (found["status"], found.get("effectivePeriod")) == (status, period)


@pytest.mark.parametrize("words", ["\x01", "a\x00b", "\t", "é" * 120])
def test_a_medicine_with_a_strange_name_is_valid(words):
    strange = medicine(name=words, dose=words, taken_for=words)
    MedicationStatement.model_validate(fhir.medication_statement(strange, subject=SUBJECT, on=FELT.date()))


@pytest.mark.parametrize("dose", ["", "400 mg"])
def test_an_intake_is_part_of_its_medicine_and_keeps_the_clock_of_its_zone(dose):
    taken = {"uuid": uuid4(), "medicine": uuid4(), "dose": dose, "taken_at": FELT, "recorded_at": FELT}
    found = fhir.intake_statement(taken | {"zone": "Europe/Berlin"}, name="Ibuprofen", subject=SUBJECT)
    MedicationStatement.model_validate(found)
    assert found["partOf"][0]["reference"] == f"urn:uuid:{taken['medicine']}"
    assert found["effectiveDateTime"].endswith("+01:00")
