from datetime import timedelta

import pytest

from tests.tracker.api.conftest import NOW, TODAY, is_problem, new_uuid, start_attempt
from tracker.models import Patient, QuestionnaireResponse
from tracker.services import questionnaires

PEG = {"instrument": "peg", "answers": {"pain": 7, "enjoyment": 6, "activity": 5}}
PHQ_9 = {f"phq_{number}": 0 for number in range(1, 10)}


def put(api, body, uuid=None):
    return api.put(f"/questionnaires/{uuid or new_uuid()}/", body)


def pointers(response):
    return {error["pointer"] for error in response.json()["errors"]}


class TestRefuses:
    def test_answers_by_the_item_that_is_wrong(self, api):
        response = put(api, {"instrument": "peg", "answers": {"pain": 11, "enjoyment": 6, "x/y": 1}})
        assert is_problem(response, 400)
        assert pointers(response) == {"#/answers/pain", "#/answers/activity", "#/answers/x~1y"}

    @pytest.mark.parametrize("value", [None, [], "7", 7, True, 10**18])
    def test_answers_that_are_no_object(self, api, value):
        response = put(api, {"instrument": "peg", "answers": value})
        assert is_problem(response, 400) and pointers(response) == {"#/answers"}

    @pytest.mark.parametrize(
        ("changes", "status"),
        [
            pytest.param({"instrument": "odi"}, 400, id="no such questionnaire"),
            pytest.param({"version": "krebs-1999"}, 422, id="another wording"),
            pytest.param({"answered_at": (NOW + timedelta(days=1)).isoformat()}, 422, id="still to come"),
            pytest.param({"answered_at": "0001-01-01T00:00:00+14:00"}, 400, id="before the year 1"),
            pytest.param({"answered_at": "1899-12-31T00:00:00Z"}, 422, id="long ago"),
            pytest.param({"answered_at": "2026-03-01T07:30:00"}, 400, id="no offset"),
            pytest.param({"zone": "Mars/Base"}, 422, id="no such zone"),
            pytest.param({"attempt": "0b5dbb6e-6d5c-4f0e-9a37-6f2c3b9d7e10"}, 400, id="no such treatment"),
            pytest.param({"scores": {"mean": 0}, "colour": 1}, 400, id="an unknown name"),
        ],
    )
    def test_what_does_not_fit(self, api, changes, status):
        assert is_problem(put(api, PEG | changes), status)
        assert not QuestionnaireResponse.objects.exists()

    def test_a_treatment_of_somebody_else(self, api, charlie):
        attempt = start_attempt(charlie)
        body = {"instrument": "global_change", "answers": {"compared": 2}, "attempt": str(attempt.uuid)}
        assert pointers(put(api, body)) == {"#/attempt"}

    def test_other_answers_under_the_same_uuid(self, api):
        uuid = new_uuid()
        assert put(api, PEG, uuid).status_code == 201
        assert is_problem(put(api, {"instrument": "peg", "answers": PEG["answers"] | {"pain": 8}}, uuid), 409)

    def test_to_put_off_what_is_never_offered_or_to_the_past(self, api):
        body = {"instrument": "phq_9", "until": str(TODAY + timedelta(days=2))}
        assert is_problem(api.post("/questionnaires/put-off/", body), 422)
        assert is_problem(api.post("/questionnaires/put-off/", {"instrument": "peg", "until": "2026-01-01"}), 422)


class TestAnswers:
    def test_are_scored_kept_and_sent_twice_one_response(self, api):
        uuid = new_uuid()
        first, second = (put(api, PEG, uuid) for _ in range(2))
        assert (first.status_code, second.status_code) == (201, 200)
        assert first.json() == second.json() == api.get(f"/questionnaires/{uuid}/").json()
        assert (first.json()["scores"], first.json()["help"]) == ({"mean": 6.0}, None)

    def test_come_late_from_a_device_without_network(self, api):
        body = PEG | {"answered_at": "2026-03-01T23:30:00Z", "zone": "Europe/Berlin", "version": "krebs-2009"}
        shown = put(api, body).json()
        assert (shown["local_date"], shown["zone"]) == ("2026-03-02", "Europe/Berlin")

    def test_that_call_for_help_say_where_it_is(self, api):
        Patient.objects.update(emergency_region="uk")
        shown = put(api, {"instrument": "phq_9", "answers": PHQ_9 | {"phq_9": 1}}).json()
        assert shown["scores"] == {"total": 1}
        assert [line["number"] for line in shown["help"]["crisis"]] == ["116123"]
        assert [line["number"] for line in shown["help"]["emergency"]] == ["999"]
        assert api.get("/questionnaires/due/").json()["help"] == shown["help"]
        assert api.post("/questionnaires/help-seen/").status_code == 204
        assert api.get("/questionnaires/due/").json()["help"] is None

    def test_are_listed_newest_first_and_by_questionnaire_and_day(self, api):
        for day in ("2026-03-01", "2026-03-08"):
            put(api, PEG | {"answered_at": f"{day}T12:00:00Z"})
        put(api, {"instrument": "rmdq", "answers": {"rmdq_2": 1}})
        days = [row["local_date"] for row in api.get("/questionnaires/?instrument=peg").json()["results"]]
        assert days == ["2026-03-08", "2026-03-01"]
        assert len(api.get("/questionnaires/?instrument=peg&to=2026-03-02").json()["results"]) == 1
        assert is_problem(api.get("/questionnaires/?instrument=odi"), 400)

    def test_are_deleted_for_good(self, api):
        uuid = new_uuid()
        put(api, PEG, uuid)
        assert api.delete(f"/questionnaires/{uuid}/").status_code == 204
        assert is_problem(api.get(f"/questionnaires/{uuid}/"), 404)

    def test_name_the_treatment_that_they_are_about(self, api, alice):
        attempt = start_attempt(alice)
        body = {"instrument": "global_change", "answers": {"compared": 2}, "attempt": str(attempt.uuid)}
        assert put(api, body).json()["attempt"] == str(attempt.uuid)


class TestDefinitions:
    def test_an_unknown_one_is_not_there(self, api):
        assert is_problem(api.get("/instruments/odi/"), 404)

    def test_each_says_all_that_it_takes_to_show_and_score_it(self, api):
        listed = api.get("/instruments/").json()
        assert [one["key"] for one in listed] == list(questionnaires.all_instruments())
        for one in listed:
            assert api.get(f"/instruments/{one['key']}/").json() == one

    @pytest.mark.parametrize("key", questionnaires.all_instruments())
    def test_a_client_can_score_by_the_definition_alone(self, api, key):
        one = api.get(f"/instruments/{key}/").json()
        answers = {
            item["id"]: ([c["value"] for c in item["choices"]] or [0, item["at_most"]])[-1] for item in one["items"]
        }
        assert put(api, {"instrument": key, "answers": answers}).json()["scores"] == by_hand(one, answers)


def by_hand(one, answers):
    scores = {}
    for score in one["scores"]:
        given = [answers[item] for item in score["items"]]
        match score["how"]:
            case "sum":
                scores[score["id"]] = sum(given)
            case "mean":
                scores[score["id"]] = round(sum(given) / len(given), 1)
            case "groups":
                scores[score["id"]] = sum(any(answers[item] for item in group) for group in score["groups"])
    values = answers | scores
    for criterion in one["criteria"]:
        hold = [all(holds(test, values) for test in tests) for tests in (criterion["every"], *criterion["some"])]
        scores[criterion["id"]] = hold[0] and any(hold[1:])
    return scores


def holds(test, values):
    return test["at_least"] <= values[test["of"]] <= test["at_most"]


class TestWhatIsDue:
    def test_is_named_and_put_off(self, api):
        Patient.objects.update(consented_at=NOW - timedelta(days=30))
        assert api.get("/questionnaires/due/").json() == {"instrument": "peg", "help": None}
        body = {"instrument": "peg", "until": str(TODAY + timedelta(days=3))}
        assert api.post("/questionnaires/put-off/", body).status_code == 204
        assert api.get("/questionnaires/due/").json()["instrument"] is None

    def test_is_nobody_elses(self, api, charlies):
        put(api, {"instrument": "phq_9", "answers": PHQ_9 | {"phq_9": 3}})
        charlies.post("/questionnaires/help-seen/")
        assert charlies.get("/questionnaires/due/").json() == {"instrument": None, "help": None}
        assert api.get("/questionnaires/due/").json()["help"] is not None
