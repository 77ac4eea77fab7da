from datetime import date

import pytest

from tracker.domain.health import FACT_KEYS, FACTS, Section, age, are_facts, is_birth_year

TODAY = date(2026, 11, 23)


@pytest.mark.parametrize(
    "facts",
    [
        pytest.param({"dragons": "yes"}, id="no such fact"),
        pytest.param({"diabetes": "perhaps"}, id="no such answer"),
        pytest.param({"diabetes": ""}, id="an empty answer"),
    ],
)
def test_what_is_not_on_the_list_is_no_fact(facts):
    assert not are_facts(facts)


def test_every_fact_can_be_yes_no_and_unsure():
    assert all(are_facts(dict.fromkeys(FACT_KEYS, answer)) for answer in ("yes", "no", "unsure"))
    assert are_facts({})


@pytest.mark.parametrize(("year", "fits"), [(0, False), (1899, False), (1900, True), (2008, True), (2009, False)])
def test_a_birth_year_is_that_of_an_adult(year, fits):
    assert is_birth_year(year, on=TODAY) is fits


def test_no_key_stands_twice_and_every_section_has_facts():
    assert len(set(FACT_KEYS)) == len(FACT_KEYS)
    assert {fact.section for fact in FACTS} == set(Section)


def test_the_age_is_the_one_of_the_end_of_the_year():
    assert age(1980, on=TODAY) == 46
