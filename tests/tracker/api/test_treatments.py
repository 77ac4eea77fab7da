from datetime import timedelta

import pytest

from tests.tracker.api.conftest import MARKER, TODAY, is_problem, judge, new_uuid, start_attempt
from tracker.models import TreatmentType

pytestmark = pytest.mark.usefixtures("at_noon")

MASSAGE = {"treatment_type": "massage", "started_on": str(TODAY - timedelta(days=10))}


@pytest.mark.parametrize(
    ("body", "status"),
    [
        pytest.param({"started_on": "2026-01-01"}, 400, id="no type"),
        pytest.param(MASSAGE | {"treatment_type": "snake oil"}, 400, id="no such type"),
        pytest.param(MASSAGE | {"treatment_type": ["massage"]}, 400, id="a type that is no text"),
        pytest.param(MASSAGE | {"started_on": "20260101"}, 400, id="a day written otherwise"),
        pytest.param(MASSAGE | {"started_on": "0001-01-01"}, 400, id="before 1900"),
        pytest.param(MASSAGE | {"started_on": "9999-12-31"}, 422, id="planned too far ahead"),
        pytest.param(
            MASSAGE | {"stopped_on": "2020-01-01", "stop_reason": "done"}, 422, id="stopped before it started"
        ),
        pytest.param(MASSAGE | {"recalled_nrs": 11}, 400, id="a remembered pain off the scale"),
        pytest.param(MASSAGE | {"own_trial_days": 10**18}, 400, id="a trial without end"),
        pytest.param(MASSAGE | {"own_onset_days": 30, "own_trial_days": 3}, 422, id="a trial too short"),
        pytest.param(MASSAGE | {"treatment_type": "own"}, 422, id="an own treatment without a name"),
        pytest.param(MASSAGE | {"diagnosis": "nonsense"}, 400, id="a diagnosis that is no uuid"),
        pytest.param(MASSAGE | {"diagnosis": 5}, 400, id="a diagnosis by number"),
        pytest.param(MASSAGE | {"diagnosis": str(new_uuid())}, 400, id="a diagnosis that is not there"),
        pytest.param(MASSAGE | {"site": "the sky"}, 400, id="no such site"),
    ],
)
def test_an_attempt_that_cannot_be_is_refused(api, alice, body, status):
    assert is_problem(api.put(f"/attempts/{new_uuid()}/", body), status)
    assert not alice.patient.attempts.exists()


def test_another_patients_diagnosis_cannot_be_named(charlies, charlie, record):
    body = MASSAGE | {"diagnosis": str(record["diagnosis"].uuid)}
    assert is_problem(charlies.put(f"/attempts/{new_uuid()}/", body), 400)
    assert not charlie.patient.attempts.exists()


def test_an_attempt_put_twice_is_one_attempt(api, alice):
    path = f"/attempts/{new_uuid()}/"
    assert [api.put(path, MASSAGE).status_code for _ in range(2)] == [201, 200]
    attempt = api.get(path).json()
    assert (attempt["name"], attempt["trial_days"], attempt["latest_verdict"]) == ("Massage", 28, None)
    assert alice.patient.attempts.count() == 1


def test_the_same_treatment_does_not_run_twice_at_once(api, alice):
    api.put(f"/attempts/{new_uuid()}/", MASSAGE)
    assert is_problem(api.put(f"/attempts/{new_uuid()}/", MASSAGE), 409)


def test_an_attempt_is_changed_by_what_a_patch_names(api):
    path = f"/attempts/{new_uuid()}/"
    api.put(path, MASSAGE | {"dose": "weekly"})
    attempt = api.patch(path, {"side_effects": " sore "}).json()
    assert (attempt["side_effects"], attempt["dose"]) == (" sore ", "weekly")


def test_a_stopped_attempt_stays_stopped(api):
    path = f"/attempts/{new_uuid()}/"
    api.put(path, MASSAGE)
    stop = {"stopped_on": str(TODAY), "stop_reason": "no_help"}
    assert api.post(f"{path}stop/", stop).json()["stopped_on"] == str(TODAY)
    assert api.post(f"{path}stop/", stop).status_code == 200
    assert is_problem(api.post(f"{path}stop/", stop | {"stop_reason": "better"}), 409)
    assert is_problem(api.patch(path, {"stopped_on": None, "stop_reason": ""}), 409)
    assert is_problem(api.post(f"{path}stop/", {"stopped_on": "x"}), 400)


def test_the_kinds_of_treatment_are_told_with_their_times(api):
    kinds = {kind["key"]: kind for kind in api.get("/treatment-types/").json()}
    assert len(kinds) == TreatmentType.objects.count()
    assert (kinds["massage"]["expected_onset_days"], kinds["massage"]["adequate_trial_days"]) == (3, 28)


def test_a_diagnosis_is_put_right_under_its_uuid(api, alice):
    path = f"/diagnoses/{new_uuid()}/"
    api.put(path, {"name": "Strian", "said_by": "Dr Silva", "ground": "felt the back"})
    again = api.put(path, {"name": "Strain", "said_by": "Dr Silva"})
    assert (again.status_code, again.json()["name"], again.json()["ground"]) == (200, "Strain", "")
    assert alice.patient.diagnoses.get().name == "Strain"


def test_a_diagnosis_in_the_same_words_keeps_its_first_uuid(api, alice):
    body = {"name": "Strain", "said_by": "Dr Roe", "said_on": "2026-01-05", "ground": "MRI"}
    first, second = new_uuid(), new_uuid()
    assert api.put(f"/diagnoses/{first}/", body).status_code == 201
    again = api.put(f"/diagnoses/{second}/", body)
    assert (again.status_code, again.json()["uuid"]) == (200, str(first))
    assert [row["name"] for row in api.get("/diagnoses/").json()["results"]] == ["Strain"]
    assert is_problem(api.put(f"/diagnoses/{second}/", {"name": ""}), 400)


def test_verdicts_are_listed_for_one_attempt_and_for_all(api, alice):
    attempts = [start_attempt(alice, dose=dose) for dose in ("a", "b")]
    for attempt in attempts:
        for days in range(3):
            judge(attempt, as_of=TODAY - timedelta(days=days))
    one = api.get(f"/attempts/{attempts[0].uuid}/verdicts/").json()["results"]
    everything = api.get("/verdicts/?limit=100").json()["results"]
    assert [verdict["as_of"] for verdict in one] == [str(TODAY - timedelta(days=days)) for days in range(3)]
    assert {verdict["attempt"] for verdict in everything} == {str(attempt.uuid) for attempt in attempts}
    assert len(everything) == 6


@pytest.mark.parametrize("method", ["put", "post", "patch", "delete"])
@pytest.mark.parametrize("path", ["/verdicts/", "/treatment-types/"])
def test_what_is_read_only_takes_no_writing(api, method, path):
    assert is_problem(getattr(api, method)(path, {}), 405)


def test_advice_is_answered(api, record):
    path = f"/advice/{record['advice'].pk}/"
    assert api.get(path).json()["verdict"]["outcome"] == "not_working"
    assert api.patch(path, {"state": "dismissed"}).json()["state"] == "dismissed"
    assert is_problem(api.patch(path, {"state": "new"}), 400)
    assert is_problem(api.patch(path, {}), 400)
    assert is_problem(api.get("/advice/99999999999999999999/"), 404)


def test_a_page_of_attempts_costs_the_same_however_many(api, alice, django_assert_num_queries):
    for n in (1, 5):
        for step in range(n):
            judge(start_attempt(alice, dose=f"{n} {step}"))
        with django_assert_num_queries(5, info="session, user with patient, attempts, verdicts, visits"):
            api.get("/attempts/")
        with django_assert_num_queries(3, info="session, user with patient, verdicts"):
            api.get("/verdicts/")


def test_an_attempt_put_down_by_mistake_can_be_deleted(api):
    path = f"/attempts/{new_uuid()}/"
    api.put(path, MASSAGE)
    undo = api.delete(path).json()
    assert is_problem(api.get(path), 404)
    assert api.post("/attempts/restore/", undo).status_code == 200
    assert api.get(path).json()["name"] == "Massage"


def test_a_deletion_is_not_taken_back_by_a_stranger(api, charlies, alice):
    path = f"/attempts/{new_uuid()}/"
    api.put(path, MASSAGE)
    undo = api.delete(path).json()
    assert is_problem(charlies.post("/attempts/restore/", undo), 409)
    assert is_problem(api.post("/attempts/restore/", {"undo": "x"}), 409)
    assert not alice.patient.attempts.exists()


def test_days_are_said_and_taken_back(api):
    path = f"/attempts/{new_uuid()}/"
    api.put(path, MASSAGE)
    day = f"{path}days/{MASSAGE['started_on']}/"
    assert api.put(day, {"state": "missed"}).json()["state"] == "missed"
    assert [row["state"] for row in api.get(f"{path}days/").json()["results"]] == ["missed"]
    assert is_problem(api.put(day, {"state": "paused"}), 400)
    assert is_problem(api.put(f"{path}days/1999-01-01/", {"state": "done"}), 422)
    assert is_problem(api.put(f"{path}days/2026-02-31/", {"state": "done"}), 404)
    assert api.delete(day).status_code == 204
    assert api.get(f"{path}days/").json()["results"] == []


def test_a_pause_and_its_end(api):
    path = f"/attempts/{new_uuid()}/"
    api.put(path, MASSAGE | {"started_on": str(TODAY - timedelta(days=10))})
    assert is_problem(api.post(f"{path}resume/", {"from_day": str(TODAY)}), 409)
    paused = api.post(f"{path}pause/", {"from_day": str(TODAY - timedelta(days=4))}).json()
    assert paused["paused_on"] == str(TODAY - timedelta(days=4))
    resumed = api.post(f"{path}resume/", {"from_day": str(TODAY)}).json()
    assert (resumed["paused_on"], resumed["paused_days"], resumed["trial_days"]) == (None, 4, 28 + 4)


def test_another_dose_and_another_start_are_new_attempts(api, alice):
    path, dosed, again = f"/attempts/{new_uuid()}/", str(new_uuid()), str(new_uuid())
    api.put(path, MASSAGE | {"started_on": str(TODAY - timedelta(days=10)), "dose": "weekly"})
    change = {"uuid": dosed, "dose": "daily", "from_day": str(TODAY - timedelta(days=3))}
    assert api.post(f"{path}dose/", change).json()["dose"] == "daily"
    assert api.post(f"{path}restart/", {"uuid": again, "from_day": str(TODAY)}).status_code == 201
    assert is_problem(api.post(f"/attempts/{dosed}/restart/", {"uuid": again, "from_day": str(TODAY)}), 409)
    assert alice.patient.attempts.count() == 3


def test_a_plan_becomes_an_attempt_once(api, charlies, alice):
    plan = {"uuid": str(new_uuid()), "treatment_type": "heat", "own_words": MARKER, "planned_for": str(TODAY)}
    assert api.put("/treatment-plan/", plan).json()["own_words"] == MARKER
    assert api.get("/treatment-plan/").json()["plan"]["uuid"] == plan["uuid"]
    assert charlies.get("/treatment-plan/").json()["plan"] is None
    begun = {"uuid": plan["uuid"], "started_on": str(TODAY)}
    assert is_problem(charlies.post("/treatment-plan/begin/", begun), 409)
    assert [api.post("/treatment-plan/begin/", begun).json()["uuid"] for _ in range(2)] == [plan["uuid"]] * 2
    assert api.get("/treatment-plan/").json()["plan"] is None
    assert alice.patient.attempts.get().own_words == MARKER


def test_an_attempt_names_the_visit_at_which_it_was_planned(api, charlies):
    visit, plan = str(new_uuid()), {"uuid": str(new_uuid()), "treatment_type": "heat", "planned_for": str(TODAY)}
    api.put(f"/appointments/{visit}/", {"starts_at": f"{TODAY}T10:00:00Z"})
    assert is_problem(charlies.put("/treatment-plan/", plan | {"visit": visit}), 400)
    assert api.put("/treatment-plan/", plan | {"visit": visit}).json()["visit"] == visit
    begun = api.post("/treatment-plan/begin/", {"uuid": plan["uuid"], "started_on": str(TODAY)}).json()
    assert (begun["decided_at_visits"], api.get(f"/attempts/{plan['uuid']}/").json()["decided_at_visits"]) == (
        [visit],
    ) * 2
    assert api.get(f"/appointments/{visit}/").json()["next_attempt"] == plan["uuid"]


def test_a_plan_in_the_past_is_refused_and_one_can_be_dropped(api):
    plan = {"uuid": str(new_uuid()), "treatment_type": "heat", "planned_for": str(TODAY - timedelta(days=1))}
    assert is_problem(api.put("/treatment-plan/", plan), 422)
    assert api.put("/treatment-plan/", plan | {"planned_for": str(TODAY)}).status_code == 200
    assert api.delete("/treatment-plan/").status_code == 204
    assert api.get("/treatment-plan/").json()["plan"] is None
