"""The health profile: its service and its page."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.urls import reverse

from tests.conftest import client_for
from tracker.domain.health import FACT_KEYS
from tracker.domain.text import TextNotStorable
from tracker.models import AuditEvent, HealthProfile
from tracker.services import health
from tracker.services.pain_log import Condition

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
TODAY = NOW.date()
PAGE = reverse("health")


def save(person, *, at=NOW, **said):
    return health.save_profile(by=person.user, at=at, on=TODAY, **said)


def text_of(response):
    return " ".join(response.content.decode().split())


class TestTheService:
    @pytest.mark.parametrize(
        ("said", "refusal"),
        [
            pytest.param({"birth_year": 1899}, health.BirthYearOutOfRange, id="born too early"),
            pytest.param({"birth_year": 2009}, health.BirthYearOutOfRange, id="born too late"),
            pytest.param({"sex": "x"}, health.ProfileOutOfRange, id="no such sex"),
            pytest.param({"facts": {"dragons": "yes"}}, health.ProfileOutOfRange, id="no such fact"),
            pytest.param({"facts": {"diabetes": "perhaps"}}, health.ProfileOutOfRange, id="no such answer"),
            pytest.param({"allergies": "a\0b"}, TextNotStorable, id="NUL"),
            pytest.param({"conditions": "x" * 2001}, TextNotStorable, id="too long"),
            pytest.param({"implants": "\ud800"}, TextNotStorable, id="half a pair"),
        ],
    )
    def test_refuses_what_a_profile_cannot_hold(self, alice, said, refusal):
        with pytest.raises(refusal):
            save(alice, **said)
        assert not HealthProfile.objects.exists()
        assert not AuditEvent.objects.filter(subject="health profile").exists()

    def test_refuses_to_write_over_what_the_caller_has_not_seen(self, alice):
        profile = save(alice, birth_year=1980)
        with pytest.raises(health.ProfileChanged) as refused:
            save(alice, birth_year=1981, condition=Condition(versions=frozenset({profile.version - 1})))
        assert refused.value.current == profile
        save(alice, birth_year=1981, condition=Condition(versions=frozenset({profile.version})))

    def test_keeps_what_is_said_and_writes_it_down(self, alice):
        save(alice, birth_year=1980, sex="female", facts={"diabetes": "unsure"}, allergies=" penicillin \r\n")
        profile = health.profile_of(alice.patient)
        assert (profile.birth_year, profile.facts, profile.allergies) == (
            1980,
            {"diabetes": "unsure"},
            " penicillin \r\n",
        )
        assert AuditEvent.objects.filter(subject="health profile", verb="added").count() == 1

    def test_the_same_again_changes_nothing(self, alice):
        first = save(alice, birth_year=1980)
        again = save(alice, birth_year=1980, at=NOW + timedelta(days=1))
        assert (again.changed_at, AuditEvent.objects.filter(subject="health profile").count()) == (first.changed_at, 1)

    def test_a_change_has_a_later_version_even_where_the_clock_stands_still(self, alice):
        first = save(alice, birth_year=1980).version
        assert save(alice, birth_year=1981).version > first

    def test_a_change_of_one_fact_leaves_the_others(self, alice):
        save(alice, birth_year=1980, facts={"diabetes": "yes", "cancer": "no"})
        said = {"diabetes": None, "smoker": "no"}
        profile = health.change_profile(by=alice.user, at=NOW, on=TODAY, facts=said)
        assert (profile.birth_year, profile.facts) == (1980, {"cancer": "no", "smoker": "no"})


class TestThePage:
    def test_a_stranger_is_asked_to_log_in(self, client, db):
        assert "/accounts/login/" in client.get(PAGE).headers["Location"]

    @pytest.mark.parametrize("year", ["1899", "2024", "abc", "-1", "9" * 30, "0"])
    def test_a_wrong_year_is_told_and_nothing_is_saved(self, alice, alice_client, year):
        response = alice_client.post(PAGE, {"birth_year": year, "fact_diabetes": "yes"})
        assert (response.status_code, HealthProfile.objects.exists()) == (422, False)
        assert 'name="fact_diabetes" value="yes" checked' in text_of(response)

    def test_nothing_of_another_patient_is_on_it(self, alice, charlie):
        save(alice, birth_year=1955, allergies="xyzzy of alice")
        page = text_of(client_for(charlie).get(PAGE))
        assert "xyzzy" not in page and "1955" not in page

    def test_a_new_patient_is_asked_one_question(self, alice_client):
        page = text_of(alice_client.get(PAGE))
        assert page.index("Do you take any medicine?") < page.index("Year of birth")
        assert "None at the moment" not in page

    def test_every_fact_is_asked_with_four_answers_and_none_but_unsaid_is_chosen(self, alice_client):
        page = text_of(alice_client.get(PAGE))
        assert all(page.count(f'name="fact_{key}"') == 4 for key in FACT_KEYS)
        assert page.count(" checked") == len(FACT_KEYS)

    def test_saving_says_so_and_shows_it_again(self, alice, alice_client):
        sent = {
            "birth_year": "1980",
            "sex": "female",
            "fact_diabetes": "unsure",
            "fact_cancer": "",
            "allergies": "nuts",
        }
        page = text_of(alice_client.post(PAGE, sent, follow=True))
        assert "Your health profile is saved." in page
        assert 'name="fact_diabetes" value="unsure" checked' in page
        assert health.profile_of(alice.patient).facts == {"diabetes": "unsure"}

    def test_line_breaks_of_the_browser_are_no_change(self, alice, alice_client):
        first = save(alice, allergies="nuts\nwasps")
        alice_client.post(PAGE, {"allergies": "nuts\r\nwasps"})
        assert health.profile_of(alice.patient).changed_at == first.changed_at

    def test_it_is_found_from_settings_and_treatments(self, alice_client):
        assert all(f'href="{PAGE}"' in text_of(alice_client.get(page)) for page in ("/settings/", "/treatments/"))

    def test_it_never_costs_more_queries_the_more_is_said(self, alice, alice_client, django_assert_max_num_queries):
        save(alice, birth_year=1980, facts=dict.fromkeys(FACT_KEYS, "no"), allergies="x")
        with django_assert_max_num_queries(5):
            alice_client.get(PAGE)


def test_a_birth_year_stays_that_of_an_adult_on_new_years_eve(alice):
    eve = date(2026, 12, 31)
    assert health.save_profile(by=alice.user, at=NOW, on=eve, birth_year=2008).birth_year == 2008
