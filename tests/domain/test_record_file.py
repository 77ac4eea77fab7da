import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tracker.domain import record_file
from tracker.domain.record_file import Fault, RecordFile, WrongFile, WrongValue

SUITE = Path(__file__).parent.parent / "data" / "naughty" / "json_test_suite" / "test_parsing"


def read(content: bytes) -> list[tuple[str, object]]:
    return [(item.path, item.value) for item in RecordFile(content).items()]


def fault_of(content: bytes) -> WrongFile:
    with pytest.raises(WrongFile) as caught:
        read(content)
    return caught.value


@pytest.mark.parametrize(
    ("content", "fault", "line", "column"),
    [
        pytest.param(b"", Fault.NOT_JSON, 1, 1, id="nothing"),
        pytest.param(b"[]", Fault.NOT_JSON, 1, 1, id="a list"),
        pytest.param(b"{}", Fault.NOT_JSON, 1, 2, id="an empty object"),
        pytest.param(b'{"a":1}x', Fault.NOT_JSON, 1, 8, id="more after the end"),
        pytest.param(b'{"a":1', Fault.NOT_JSON, 1, 7, id="cut off"),
        pytest.param(b'{"a":1,\n"a":2}', Fault.NAME_TWICE, 2, 1, id="a name twice"),
        pytest.param(b'{\n"entries":[\n{"nrs":4},\n{"nrs":}\n]}', Fault.NOT_JSON, 4, 8, id="broken inside a row"),
        pytest.param(b'{\n"a":[\n{"x":1,"x":2}]}', Fault.NAME_TWICE, 3, 1, id="a name twice in a row"),
        pytest.param(b'{"a":[1 2]}', Fault.NOT_JSON, 1, 9, id="no comma"),
        pytest.param(b'{"a":\xff}', Fault.NOT_UTF8, 1, 6, id="not UTF-8"),
        pytest.param(b'{"a":NaN}', Fault.NOT_WHOLE, 1, 6, id="NaN"),
        pytest.param(b'{"a":1e999}', Fault.OUT_OF_RANGE, 1, 6, id="infinite"),
        pytest.param(b'{"a":' + b"9" * 5000 + b"}", Fault.OUT_OF_RANGE, 1, 6, id="far too many digits"),
        pytest.param(b'{"a":' + b"[" * 100_000, Fault.TOO_DEEP, 1, 7, id="nested without end"),
        pytest.param(b'{"a":{"b":' + b"[" * 100_000, Fault.TOO_DEEP, 1, 6, id="nested without end in an object"),
        pytest.param(b" " * (record_file.MAX_BYTES + 1), Fault.TOO_LARGE, 1, 1, id="too large"),
    ],
)
def test_a_broken_file_is_told_where_it_is_broken(content, fault, line, column):
    wrong = fault_of(content)
    assert (wrong.fault, wrong.line, wrong.column) == (fault, line, column)


@pytest.mark.parametrize("path", sorted(SUITE.glob("*.json")), ids=lambda path: path.name)
def test_nothing_that_calls_itself_json_breaks_the_reader(path):
    content = path.read_bytes()
    for whole in (content, b'{"entries":[' + content + b"]}"):
        try:
            read(whole)
        except WrongFile as wrong:
            assert wrong.line >= 1


@given(
    st.dictionaries(
        st.text(max_size=5), st.lists(st.dictionaries(st.text(max_size=5), st.text(max_size=9)), max_size=3), min_size=1
    ),
    st.sampled_from([None, 1]),
)
@settings(max_examples=150, deadline=None)
def test_what_json_writes_is_read_row_by_row(document, indent):
    content = json.dumps(document, indent=indent).encode()
    expected = [(f"{name}[{n}]", row) for name, rows in document.items() for n, row in enumerate(rows)]
    assert read(content) == expected


@pytest.mark.parametrize(
    ("kind", "value", "fault"),
    [
        pytest.param(record_file.nrs, 11, Fault.OUT_OF_RANGE, id="11 of 10"),
        pytest.param(record_file.nrs, True, Fault.NOT_WHOLE, id="true is no rating"),
        pytest.param(record_file.nrs, 4.0, Fault.NOT_WHOLE, id="4.0 is no rating"),
        pytest.param(record_file.whole, -1, Fault.OUT_OF_RANGE, id="minus one day"),
        pytest.param(record_file.uuid, "x", Fault.NOT_A_UUID, id="no key"),
        pytest.param(record_file.uuid, "{" + "0" * 34 + "}", Fault.NOT_A_UUID, id="a key in brackets"),
        pytest.param(record_file.instant, "2026-03-01T07:30:00", Fault.NOT_AN_INSTANT, id="no offset"),
        pytest.param(record_file.instant, "2026-03-01", Fault.NOT_AN_INSTANT, id="only a day"),
        pytest.param(record_file.instant, "0001-01-01T00:00:00+23:59", Fault.NOT_AN_INSTANT, id="before time"),
        pytest.param(record_file.instant, "1899-12-31T00:00:00Z", Fault.TOO_EARLY, id="before 1900"),
        pytest.param(record_file.instant, 5, Fault.NOT_AN_INSTANT, id="a number"),
        pytest.param(record_file.day, "2026-W01-1", Fault.NOT_A_DAY, id="a day of a week"),
        pytest.param(record_file.day, "2026-02-30", Fault.NOT_A_DAY, id="30 February"),
        pytest.param(record_file.wall_time, "25:00", Fault.NOT_A_TIME, id="hour 25"),
        pytest.param(record_file.wall_time, "07:00+01:00", Fault.NOT_A_TIME, id="a time with an offset"),
        pytest.param(record_file.flag, 1, Fault.NOT_TRUE_OR_FALSE, id="one is not true"),
        pytest.param(record_file.words(3), "four", Fault.TOO_LONG, id="too long"),
        pytest.param(record_file.words(9), "a\0b", Fault.NOT_STORABLE, id="NUL"),
        pytest.param(record_file.words(9), "\ud800", Fault.NOT_STORABLE, id="half a pair"),
        pytest.param(record_file.words(9), None, Fault.NOT_TEXT, id="null is no text"),
        pytest.param(record_file.one_of({"a"}), ["a"], Fault.NOT_OFFERED, id="a list is no choice"),
    ],
)
def test_a_wrong_value_is_refused(kind, value, fault):
    with pytest.raises(WrongValue) as caught:
        kind(value)
    assert caught.value.fault is fault


def test_what_a_message_repeats_can_be_printed():
    wrong = WrongValue(Fault.UNKNOWN, "\ud800\x1b[31m" + "x" * 500)
    assert wrong.given.isprintable() and len(wrong.given) <= 60


def test_a_row_is_told_by_the_path_of_the_value():
    kinds = {"nrs": record_file.nrs, "note": record_file.words(5)}
    with pytest.raises(WrongValue) as caught:
        record_file.read_list(
            [{"nrs": 4}, {"nrs": 11}], lambda row: record_file.read_row(row, kinds, may_lack={"note"})
        )
    assert (caught.value.path, caught.value.given) == ("[1].nrs", "11")


@pytest.mark.parametrize(
    ("row", "fault", "path"),
    [
        pytest.param([], Fault.NOT_AN_OBJECT, "", id="no object"),
        pytest.param({}, Fault.MISSING, ".nrs", id="missing"),
        pytest.param({"nrs": 1, "x": 2}, Fault.UNKNOWN, ".x", id="unknown"),
    ],
)
def test_a_row_has_what_it_must_and_nothing_else(row, fault, path):
    with pytest.raises(WrongValue) as caught:
        record_file.read_row(row, {"nrs": record_file.nrs})
    assert (caught.value.fault, caught.value.path) == (fault, path)


def test_an_instant_is_read_into_utc():
    assert record_file.instant("2026-03-01T07:30:00+05:45") == datetime(2026, 3, 1, 1, 45, tzinfo=UTC)


@pytest.mark.parametrize(
    ("head", "fault"),
    [
        ({}, Fault.OTHER_FORMAT),
        ({"format": "else", "version": 1}, Fault.OTHER_FORMAT),
        ({"format": record_file.FORMAT, "version": "1"}, Fault.OTHER_FORMAT),
        ({"format": record_file.FORMAT, "version": record_file.VERSION + 1}, Fault.NEWER_VERSION),
    ],
)
def test_another_programs_file_and_a_newer_one_are_told_apart(head, fault):
    with pytest.raises(WrongValue) as caught:
        record_file.check_head(head)
    assert caught.value.fault is fault
