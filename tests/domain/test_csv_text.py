import csv
from io import StringIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tracker.domain.csv_text import lines, neutral, plain

TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=60)
RISKY = st.builds(str.__add__, st.text("=+-@\t\r\n'＝＋－＠", min_size=1, max_size=3), TEXTS)
FORMULAS = [
    "=1+1",
    '=HYPERLINK("http://evil.example","click")',
    "=cmd|' /C calc'!A0",
    "+1+cmd|' /C calc'!A0",
    "-2+3",
    "@SUM(A1:A9)",
    "\t=1+1",
    "\r=1+1",
    "\n=1+1",
    "＝1+1",
    "＠SUM(A1)",
]


def cells(text: str) -> list[list[str]]:
    return list(csv.reader(StringIO(text, newline=""), strict=True))


@pytest.mark.parametrize("formula", FORMULAS)
def test_no_cell_begins_like_a_formula(formula):
    assert neutral(formula) == f"'{formula}"


@pytest.mark.parametrize("text", ["'", "''", "'tis worse", "'=1+1", *FORMULAS])
def test_what_was_put_in_front_is_taken_away_and_no_more(text):
    assert plain(neutral(text)) == text


@pytest.mark.parametrize("text", ["", "worse - much worse", "a=b", " =1", "ok'"])
def test_other_text_stays_as_it_is(text):
    assert neutral(text) == text


@given(row=st.lists(TEXTS | RISKY, min_size=2, max_size=4))
@settings(max_examples=300, deadline=None)
def test_any_text_comes_back_byte_for_byte(row):
    (read,) = cells(lines([row]))
    assert [plain(cell) for cell in read] == row
    assert not any(cell[:1] in set("=+-@\t\r\n") for cell in read)


def test_lines_end_in_cr_lf_and_breaks_in_a_text_are_kept():
    assert lines([["a", None, 3], ['say "ah"', "x\ny", ""]]) == 'a,,3\r\n"say ""ah""","x\ny",\r\n'
