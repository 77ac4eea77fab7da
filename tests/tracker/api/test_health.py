"""The health profile, medicines and intakes over the API."""

from datetime import timedelta

import pytest

from tests.tracker.api.conftest import NOW, TODAY, is_problem, new_uuid
from tracker.models import HealthProfile, Intake, Medicine
from tracker.services import medicines

PROFILE = "/health-profile/"
SAID = {"birth_year": 1980, "sex": "female", "facts": {"diabetes": "unsure"}, "allergies": " nuts\n"}


def add(person, **said):
    said = {"name": "Ibuprofen", "dose": "400 mg"} | said
    return medicines.add_medicine(by=person.user, uuid=new_uuid(), at=NOW, on=TODAY, **said)


class TestTheProfile:
    @pytest.mark.parametrize(
        "body",
        [
            {"birth_year": "1980"},
            {"birth_year": True},
            {"birth_year": 1e3},
            {"birth_year": 10**20},
            {"sex": "x"},
            {"sex": None},
            {"facts": {"dragons": "yes"}},
            {"facts": {"diabetes": "perhaps"}},
            {"facts": {"diabetes": ["yes"]}},
            {"facts": ["diabetes"]},
            {"facts": None},
            {"allergies": "x" * 2001},
            {"allergies": "\0"},
            {"colour": "red"},
            [],
        ],
    )
    def test_refuses_a_wrong_shape(self, api, body):
        assert is_problem(api.put(PROFILE, body), 400)
        assert not HealthProfile.objects.exists()

    @pytest.mark.parametrize("year", [1900, 2200, TODAY.year - 17])
    def test_refuses_the_birth_year_of_a_child(self, api, year):
        response = api.put(PROFILE, {"birth_year": year})
        assert response.status_code == (200 if year == 1900 else 422)

    def test_an_empty_one_is_there_before_anything_was_said(self, api):
        response = api.get(PROFILE)
        assert (response.status_code, response.headers["ETag"]) == (200, '"0"')
        assert (response.json()["facts"], response.json()["birth_year"]) == ({}, None)

    def test_comes_back_as_it_was_sent(self, api):
        sent = api.put(PROFILE, SAID)
        assert {name: sent.json()[name] for name in SAID} == SAID
        assert api.get(PROFILE).json() == sent.json()

    def test_a_put_says_all_and_a_patch_some(self, api):
        api.put(PROFILE, SAID)
        patched = api.patch(PROFILE, {"facts": {"smoker": "no", "diabetes": None}}).json()
        assert (patched["birth_year"], patched["facts"]) == (1980, {"smoker": "no"})
        assert api.put(PROFILE, {"sex": "male"}).json()["birth_year"] is None

    def test_an_old_etag_is_refused_with_the_profile_as_it_stands(self, api):
        old = api.get(PROFILE).headers["ETag"]
        new = api.put(PROFILE, SAID, headers={"If-Match": old}).headers["ETag"]
        refused = api.patch(PROFILE, {"sex": "male"}, headers={"If-Match": old})
        assert is_problem(refused, 412)
        assert refused.json()["current"]["sex"] == "female"
        assert api.get(PROFILE, headers={"If-None-Match": new}).status_code == 304

    def test_everybody_has_their_own(self, api, charlies):
        api.put(PROFILE, SAID)
        assert charlies.get(PROFILE).json()["allergies"] == ""


class TestMedicines:
    @pytest.mark.parametrize("body", [{}, {"name": ""}, {"name": 5}, {"name": "x", "is_as_needed": "yes"}, {"x": 1}])
    def test_refuse_a_wrong_shape(self, api, body):
        assert is_problem(api.put(f"/medicines/{new_uuid()}/", body), 400)

    @pytest.mark.parametrize(
        "body", [{"name": " "}, {"name": "x", "started_on": "2026-01-02", "stopped_on": "2026-01-01"}]
    )
    def test_refuse_a_broken_rule(self, api, body):
        assert is_problem(api.put(f"/medicines/{new_uuid()}/", body), 422)
        assert not Medicine.objects.exists()

    def test_a_put_sent_twice_is_one_medicine(self, api):
        address, body = f"/medicines/{new_uuid()}/", {"name": "Ibuprofen", "dose": "400 mg"}
        assert [api.put(address, body).status_code for _ in range(2)] == [201, 200]
        assert api.patch(address, {"stopped_on": str(TODAY)}).json()["stopped_on"] == str(TODAY)
        assert (len(api.get("/medicines/").json()["results"]), api.delete(address).status_code) == (1, 204)
        assert api.get(address).status_code == 404


class TestIntakes:
    def test_refuse_the_medicine_of_somebody_else(self, alice, charlies):
        response = charlies.put(f"/intakes/{new_uuid()}/", {"medicine": str(add(alice).uuid)})
        assert is_problem(response, 400)
        assert not Intake.objects.exists()

    def test_refuse_what_has_not_come_yet(self, alice, api):
        body = {"medicine": str(add(alice).uuid), "taken_at": (NOW + timedelta(days=1)).isoformat()}
        assert is_problem(api.put(f"/intakes/{new_uuid()}/", body), 422)

    def test_a_put_sent_twice_is_one_intake_at_the_usual_dose(self, alice, api):
        address, body = f"/intakes/{new_uuid()}/", {"medicine": str(add(alice).uuid)}
        first, again = api.put(address, body), api.put(address, body)
        assert (first.status_code, again.status_code, first.json()["dose"]) == (201, 200, "400 mg")
        assert first.json() == again.json()
        assert (api.delete(address).status_code, api.delete(address).status_code) == (204, 404)

    def test_are_listed_between_two_days_and_of_one_medicine(self, alice, api):
        one, other = add(alice), add(alice, name="Paracetamol")
        for medicine, days in ((one, 0), (one, 3), (other, 3)):
            medicines.take(
                by=alice.user, uuid=new_uuid(), medicine=medicine, at=NOW, taken_at=NOW - timedelta(days=days)
            )
        assert len(api.get("/intakes/").json()["results"]) == 3
        assert len(api.get(f"/intakes/?to={TODAY - timedelta(days=2)}").json()["results"]) == 2
        assert len(api.get(f"/intakes/?from={TODAY - timedelta(days=1)}").json()["results"]) == 1
        assert len(api.get(f"/intakes/?medicine={other.uuid}").json()["results"]) == 1

    def test_a_page_costs_the_same_however_many(self, alice, api, django_assert_num_queries):
        for _ in range(4):
            medicines.take(by=alice.user, uuid=new_uuid(), medicine=add(alice), at=NOW)
        with django_assert_num_queries(3, info="session, user with patient, intakes with medicines"):
            api.get("/intakes/")
