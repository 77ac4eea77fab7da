"""Questionnaires: what is refused, and the published scoring, with the vectors of our evidence page."""

from dataclasses import replace
from importlib import resources
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assessments.engine.findings import RulebookError
from assessments.engine.instrument_loading import load_instruments, standard_instruments
from assessments.engine.instruments import (
    AnswersRefused,
    Movement,
    accept,
    movement,
    needs_help,
    offered_next,
    scores_of,
)

INSTRUMENTS = standard_instruments()
FORBIDDEN = ("you have ", "diagnosis of", "ruled out", "stop taking", "psychosomatic")
PHQ_9 = [f"phq_{number}" for number in range(1, 10)]
RMDQ = [f"rmdq_{number}" for number in range(1, 25)]
PLACES = [item.id for item in INSTRUMENTS["fibromyalgia"].items if item.type == "tick"]


def file() -> str:
    return (resources.files("assessments") / "rules" / "instruments.toml").read_text()


def scored(key: str, answers: dict[str, Any]) -> dict[str, Any]:
    return scores_of(INSTRUMENTS[key], accept(INSTRUMENTS[key], answers))


def faults(key: str, answers: Any) -> dict[str, str]:
    with pytest.raises(AnswersRefused) as refused:
        accept(INSTRUMENTS[key], answers)
    return refused.value.faults


def own_words(instrument: Any) -> list[str]:
    bands = [band.words for score in instrument.scores for band in score.bands]
    return [instrument.about, *bands, *(words for one in instrument.criteria for words in (one.met, one.not_met))]


class TestTheLoaderRefuses:
    @pytest.mark.parametrize(
        ("before", "after", "words"),
        [
            pytest.param('key = "phq_4"', 'key = "peg"', "there twice", id="the same key twice"),
            pytest.param('id = "enjoyment"', 'id = "pain"', "'pain' is there twice", id="the same item twice"),
            pytest.param('licence = "Free', 'permit = "Free', "permit", id="an unknown field"),
            pytest.param('recall = "the past week"', 'recall = " "', "says no recall", id="no recall period"),
            pytest.param("review_needed =", "stem =", "neither reviewed nor review_needed", id="nobody has looked"),
            pytest.param('type = "scale"', 'type = "slider"', "unknown type 'slider'", id="an unknown type"),
            pytest.param('low = "No pain"', 'low = ""', "words at both ends", id="a scale without an end"),
            pytest.param('"pain", "enjoyment", "activity"]', '"pain", "x"]', "unknown 'x'", id="an unknown item"),
            pytest.param('"pain", "enjoyment", "activity"]', '"pain", "pain"]', "twice", id="an item counted twice"),
            pytest.param('how = "mean"', 'how = "median"', "unknown way 'median'", id="an unknown way to score"),
            pytest.param("at_most = 12", "at_most = 13", "runs from 0 to 12", id="a range that no answers give"),
            pytest.param("{ from = 3, text", "{ from = 0, text", "overlap", id="bands that overlap"),
            pytest.param("{ from = 0, text", "{ from = 1, text", "leave something out", id="bands with a gap"),
            pytest.param(
                "{ from = 9, text", "{ from = 13, text", "leave something out", id="a band that nobody reaches"
            ),
            pytest.param("at_most = 10, low", "at_most = 0, low", "words at both ends", id="a scale of one value"),
            pytest.param('key = "gad_7" }', 'key = "x_7" }', "unknown 'x_7'", id="an offer that leads nowhere"),
            pytest.param('{ item = "phq_9", at_least = 1', '{ item = "phq_9", at_least = 4', "nobody", id="no alarm"),
            pytest.param('of = "lasting"', 'of = "colour"', "tests the unknown 'colour'", id="an unknown test"),
            pytest.param("value = 1, text", "value = 0, text", "a value twice", id="two answers of one value"),
            pytest.param("percent = 30, points = 1,", "", "a change of nothing", id="a change of nothing"),
        ],
    )
    def test_what_does_not_hold_together(self, before, after, words):
        assert before in file()
        with pytest.raises(RulebookError, match=words):
            load_instruments(file().replace(before, after, 1).encode())

    def test_nothing_of_what_ships(self):
        assert set(INSTRUMENTS) == {"peg", "phq_4", "phq_9", "gad_7", "rmdq", "global_change", "fibromyalgia"}


class TestRefuses:
    @pytest.mark.parametrize("answers", [None, [], "7", 7, True])
    def test_what_is_no_object(self, answers):
        assert faults("peg", answers) == {"answers": "must be an object of items and answers"}

    @pytest.mark.parametrize("value", [-1, 11, 4.5, 4.0, "4", True, [], {}, 10**30, float("nan")])
    def test_what_is_not_on_the_scale(self, value):
        answers = {"pain": value, "enjoyment": 6, "activity": 5}
        assert faults("peg", answers) == {"pain": "must be a whole number from 0 to 10"}

    def test_items_that_are_none(self):
        answers = {"pain": 7, "enjoyment": 6, "activity": 5, "sleep\ud800": 1}
        assert faults("peg", answers) == {"sleep\\ud800": "is not an item of this questionnaire"}

    @pytest.mark.parametrize("missing", [{}, {"activity": None}], ids=["left out", "null"])
    def test_a_peg_with_two_answers(self, missing):
        assert faults("peg", {"pain": 7, "enjoyment": 6} | missing) == {"activity": "is not answered"}

    def test_a_phq_4_or_gad_7_with_one_missing(self):
        assert list(faults("phq_4", {"gad_1": 3, "gad_2": 1, "phq_1": 2})) == ["phq_2"]
        assert list(faults("gad_7", {f"gad_{number}": 1 for number in range(1, 7)})) == ["gad_7"]

    def test_a_phq_9_with_three_missing(self):
        assert list(faults("phq_9", dict.fromkeys(PHQ_9[:6], 1))) == PHQ_9[6:]

    def test_all_that_is_wrong_at_once(self):
        assert list(faults("peg", {"pain": 11, "x": 1})) == ["x", "pain", "enjoyment", "activity"]


class TestScores:
    @pytest.mark.parametrize(
        ("answers", "mean"), [((7, 6, 5), 6.0), ((8, 8, 9), 8.3), ((0, 0, 0), 0), ((0, 0, 2), 0.7)]
    )
    def test_the_peg_is_the_mean_with_one_decimal(self, answers, mean):
        assert scored("peg", dict(zip(("pain", "enjoyment", "activity"), answers, strict=True))) == {"mean": mean}

    def test_the_phq_4_has_a_total_and_two_halves(self):
        answers = dict(zip(("gad_1", "gad_2", "phq_1", "phq_2"), (3, 1, 2, 1), strict=True))
        assert scored("phq_4", answers) == {"total": 7, "anxiety": 4, "mood": 3}
        assert offered_next(INSTRUMENTS["phq_4"], {"total": 7, "anxiety": 4, "mood": 3}) == ["gad_7", "phq_9"]

    def test_below_3_no_half_calls_for_more(self):
        assert offered_next(INSTRUMENTS["phq_4"], {"total": 4, "anxiety": 2, "mood": 2}) == []

    @pytest.mark.parametrize(
        ("total", "band"),
        [
            (0, "Minimal"),
            (4, "Minimal"),
            (5, "Mild"),
            (9, "Mild"),
            (10, "Moderate"),
            (14, "Moderate"),
            (15, "Moderately severe"),
            (19, "Moderately severe"),
            (20, "Severe"),
            (27, "Severe"),
        ],
    )
    def test_the_bands_of_the_phq_9_do_not_overlap(self, total, band):
        assert INSTRUMENTS["phq_9"].main_score.band(total).text == band

    @pytest.mark.parametrize(
        ("total", "band"),
        [(0, "Few signs"), (2, "Few signs"), (3, "Mild"), (5, "Mild"), (6, "Moderate"), (8, "Moderate"), (9, "Strong")],
    )
    def test_the_bands_of_the_phq_4(self, total, band):
        assert INSTRUMENTS["phq_4"].main_score.band(total).text == band

    @pytest.mark.parametrize(("total", "band"), [(4, "Minimal"), (5, "Mild"), (10, "Moderate"), (15, "Severe")])
    def test_the_bands_of_the_gad_7(self, total, band):
        assert INSTRUMENTS["gad_7"].main_score.band(total).text == band

    def test_halves_and_more_are_rounded_up(self):
        assert scored("phq_9", dict.fromkeys(PHQ_9[:7], 0) | {"phq_1": 2})["total"] == 3  # 2 of 7 lines: 2.57 of 9

    def test_two_missing_of_the_phq_9_count_as_the_mean_of_the_others(self):
        assert scored("phq_9", dict.fromkeys(PHQ_9[2:], 1)) == {"total": 9}
        assert scored("phq_9", dict.fromkeys(PHQ_9[1:], 1) | {"phq_9": 0}) == {"total": 8}  # 7 * 9 / 8 = 7.875

    def test_the_roland_morris_counts_ticks_and_a_blank_is_no_tick(self):
        assert scored("rmdq", {}) == {"total": 0}
        assert scored("rmdq", dict.fromkeys(RMDQ[:9], 1)) == {"total": 9}
        assert accept(INSTRUMENTS["rmdq"], {"rmdq_2": 1})["rmdq_1"] == 0

    @pytest.mark.parametrize(
        ("wpi", "sss", "regions", "months", "holds"),
        [
            pytest.param(7, 5, 4, 3, True, id="many places, some troubles"),
            pytest.param(3, 12, 4, 6, False, id="three places are too few"),
            pytest.param(6, 9, 4, 6, True, id="fewer places, many troubles"),
            pytest.param(9, 9, 3, 6, False, id="three parts of the body are too few"),
            pytest.param(7, 4, 4, 6, False, id="too few troubles for seven places"),
            pytest.param(9, 9, 4, 2, False, id="two months are too short"),
        ],
    )
    def test_the_criteria_of_2016(self, wpi, sss, regions, months, holds):
        (criteria,) = INSTRUMENTS["fibromyalgia"].criteria
        values = {"wpi": wpi, "sss": sss, "regions": regions, "lasting": int(months >= 3)}
        assert criteria.holds(values) is holds

    def test_jaw_chest_and_belly_are_places_but_no_parts_of_the_body(self):
        others = {"tired": 3, "unrefreshed": 3, "foggy": 3, "headache": 1, "cramps": 1, "low_mood": 1, "lasting": 1}
        scores = scored("fibromyalgia", others | dict.fromkeys(("jaw_left", "jaw_right", "chest", "belly"), 1))
        assert scores == {"wpi": 4, "sss": 12, "regions": 0, "criteria": False}
        everywhere = scored("fibromyalgia", others | dict.fromkeys(PLACES, 1))
        assert everywhere == {"wpi": 19, "sss": 12, "regions": 5, "criteria": True}


class TestHelp:
    def test_a_nine_that_is_alone_still_calls_for_help(self):
        answers = dict.fromkeys(PHQ_9, 0) | {"phq_9": 1}
        assert scored("phq_9", answers) == {"total": 1}
        assert needs_help(INSTRUMENTS["phq_9"], answers)

    def test_left_out_is_not_a_no(self):
        assert needs_help(INSTRUMENTS["phq_9"], dict.fromkeys(PHQ_9[:8], 0))

    def test_a_no_and_other_questionnaires_do_not(self):
        assert not needs_help(INSTRUMENTS["phq_9"], dict.fromkeys(PHQ_9, 3) | {"phq_9": 0})
        assert not needs_help(INSTRUMENTS["phq_4"], {"gad_1": 3, "gad_2": 3, "phq_1": 3, "phq_2": 3})


class TestMovement:
    @pytest.mark.parametrize(
        ("key", "before", "now", "told"),
        [
            pytest.param("peg", 7.0, 4.9, Movement.BETTER, id="30 % exactly, which floats would miss"),
            pytest.param("peg", 7.0, 5.0, Movement.LITTLE_BETTER, id="less than 30 %"),
            pytest.param("peg", 2.0, 1.3, Movement.LITTLE_BETTER, id="30 % of little is less than a point"),
            pytest.param("peg", 9.7, 6.8, Movement.LITTLE_BETTER, id="a hair less than 30 %"),
            pytest.param("peg", 5.0, 6.7, Movement.WORSE, id="more by a third"),
            pytest.param("peg", 0.0, 0.7, Movement.LITTLE_WORSE, id="from nothing, less than a point"),
            pytest.param("peg", 0.0, 1.0, Movement.WORSE, id="from nothing, a point"),
            pytest.param("phq_9", 15, 10, Movement.BETTER, id="5 points"),
            pytest.param("phq_9", 10, 14, Movement.LITTLE_WORSE, id="4 points"),
            pytest.param("gad_7", 10, 6, Movement.BETTER, id="4 points of the GAD-7"),
            pytest.param("rmdq", 12, 7, Movement.BETTER, id="5 sentences"),
            pytest.param("rmdq", 20, 15, Movement.BETTER, id="5 from 20 on"),
            pytest.param("rmdq", 4, 9, Movement.WORSE, id="5 from 4 on"),
            pytest.param("rmdq", 3, 8, None, id="cannot be told from below 4"),
            pytest.param("rmdq", 21, 15, None, id="cannot be told from above 20"),
            pytest.param("rmdq", 21, 21, Movement.SAME, id="the same is the same"),
            pytest.param("phq_4", 9, 1, None, id="no change is published for the PHQ-4"),
        ],
    )
    def test_a_change_is_told_apart_from_chance(self, key, before, now, told):
        assert movement(INSTRUMENTS[key].main_score, before=before, now=now) is told


class TestWhatARefusalNames:
    def test_the_range_where_there_is_one(self):
        assert faults("global_change", {"compared": 0})["compared"] == "must be a whole number from 1 to 7"

    def test_each_value_where_there_are_gaps(self):
        instrument = INSTRUMENTS["global_change"]
        (item,) = (item for item in instrument.items if item.id == "compared")
        with_gaps = replace(item, choices=(item.choices[0], item.choices[2]))
        items = tuple(with_gaps if one is item else one for one in instrument.items)
        with pytest.raises(AnswersRefused) as refused:
            accept(replace(instrument, items=items), {"compared": 2})
        assert refused.value.faults["compared"] == "must be one of 1, 3"


class TestWhatShips:
    @pytest.mark.parametrize("key", INSTRUMENTS)
    def test_every_score_has_a_band_for_each_of_its_values_or_none(self, key):
        for score in INSTRUMENTS[key].scores:
            bands = [score.band(value) for value in range(score.at_least, score.at_most + 1)]
            assert all(bands) or not any(bands)

    def test_no_word_of_ours_says_more_than_a_questionnaire_can(self):
        ours = [words for instrument in INSTRUMENTS.values() for words in own_words(instrument)]
        assert [words for words in ours if any(never in words.lower() for never in FORBIDDEN)] == []

    @given(st.data())
    def test_any_accepted_answers_are_scored_within_the_range(self, data):
        instrument = data.draw(st.sampled_from(list(INSTRUMENTS.values())))
        answers = {item.id: data.draw(st.sampled_from(item.values)) for item in instrument.items}
        scores = scores_of(instrument, accept(instrument, answers))
        assert all(score.at_least <= scores[score.id] <= score.at_most for score in instrument.scores)

    @given(st.recursive(st.none() | st.booleans() | st.floats() | st.text() | st.integers(), st.lists), st.text())
    def test_nonsense_is_refused_and_nothing_else(self, value, name):
        with pytest.raises(AnswersRefused):
            accept(INSTRUMENTS["peg"], {name: value})
