from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from tracker.domain.log_file import MAX_BYTES, MAX_PROBLEMS, MAX_ROWS, Fault, LogFile, read_log, round_half_up

BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)  # 10:30 in Berlin
REAL_LOG = Path(__file__).parent.parent / "data" / "real_pain_log.csv"


def read(text: str | bytes, zone: ZoneInfo = BERLIN) -> LogFile:
    return read_log(text.encode() if isinstance(text, str) else text, zone=zone, now=NOW)


def faults(text: str | bytes) -> list[tuple[Fault, int, str]]:
    return [(problem.fault, problem.line, problem.column) for problem in read(text).problems]


@pytest.mark.parametrize(
    ("line", "fault", "column"),
    [
        pytest.param("2026-03-01,11", Fault.OUT_OF_RANGE, "pain", id="above the scale"),
        pytest.param("2026-03-01,10.4", Fault.OUT_OF_RANGE, "pain", id="above the scale, though it would round to 10"),
        pytest.param("2026-03-01,-1", Fault.OUT_OF_RANGE, "pain", id="below the scale"),
        pytest.param("2026-03-01,", Fault.NO_PAIN, "pain", id="no rating"),
        pytest.param("2026-03-01,   ", Fault.NO_PAIN, "pain", id="only spaces"),
        pytest.param("2026-03-01,bad", Fault.NOT_A_NUMBER, "pain", id="a word"),
        pytest.param("2026-03-01,nan", Fault.NOT_A_NUMBER, "pain", id="not a number by name"),
        pytest.param("2026-03-01,1e0", Fault.NOT_A_NUMBER, "pain", id="an exponent"),
        pytest.param("2026-03-01,٣", Fault.NOT_A_NUMBER, "pain", id="a digit of another script"),
        pytest.param('2026-03-01,"3,5"', Fault.NOT_A_NUMBER, "pain", id="a decimal comma"),
        pytest.param(",3", Fault.NO_DAY, "day", id="no day"),
        pytest.param("01/03/2026,3", Fault.BAD_DAY, "day", id="another way to write a day"),
        pytest.param("20260301,3", Fault.BAD_DAY, "day", id="a day without dashes"),
        pytest.param("2026-W09-7,3", Fault.BAD_DAY, "day", id="a week date"),
        pytest.param("2026-02-30,3", Fault.BAD_DAY, "day", id="a day that no calendar has"),
        pytest.param("0000-01-01,3", Fault.BAD_DAY, "day", id="the year 0"),
        pytest.param("10000-01-01,3", Fault.BAD_DAY, "day", id="the year 10000"),
        pytest.param("0001-01-01T00:00:00+14:00,3", Fault.TOO_EARLY, "day", id="before all time in UTC"),
        pytest.param("9999-12-31T23:59:00-14:00,3", Fault.IN_FUTURE, "day", id="after all time in UTC"),
        pytest.param("1899-12-31,3", Fault.TOO_EARLY, "day", id="before 1900"),
        pytest.param("2026-11-24,3", Fault.IN_FUTURE, "day", id="tomorrow"),
        pytest.param("2026-11-23T10:31,3", Fault.IN_FUTURE, "day", id="in a minute"),
        pytest.param("2026-03-01,3,4", Fault.WRONG_LENGTH, "3", id="a value too many"),
        pytest.param("2026-03-01", Fault.WRONG_LENGTH, "2", id="a value too few"),
        pytest.param('"2026-03-01,3', Fault.BROKEN_QUOTES, "1", id="a quotation mark never closed"),
    ],
)
def test_a_wrong_line_is_named_with_its_column(line, fault, column):
    assert faults(f"day,pain\n2026-02-28,2\n{line}\n") == [(fault, 3, column)]


@pytest.mark.parametrize(
    ("line", "fault", "column"),
    [
        pytest.param("2026-03-01,3,25:00,,", Fault.BAD_TIME, "time", id="an hour that no day has"),
        pytest.param("2026-03-01,3,7 am,,", Fault.BAD_TIME, "time", id="another way to write a time"),
        pytest.param("2026-11-23,3,10:31,,", Fault.IN_FUTURE, "time", id="later today"),
        pytest.param("2026-03-01T07:00,3,08:00,,", Fault.TIME_TWICE, "time", id="two times"),
        pytest.param("2026-03-01,3,,the sky,", Fault.UNKNOWN_SITE, "site", id="a place that is none"),
        pytest.param("2026-03-01,3,,," + "x" * 4001, Fault.NOTE_TOO_LONG, "note", id="a note too long"),
    ],
)
def test_a_wrong_optional_value_is_named_with_its_column(line, fault, column):
    assert faults(f"day,pain,time,site,note\n{line}\n") == [(fault, 2, column)]


@pytest.mark.parametrize(
    ("content", "fault", "line", "column"),
    [
        pytest.param(b"", Fault.EMPTY, 1, "1", id="nothing"),
        pytest.param(b"\xef\xbb\xbf\n\n", Fault.EMPTY, 1, "1", id="only a byte-order mark"),
        pytest.param(b"day,pain\n", Fault.EMPTY, 2, "day", id="only a header"),
        pytest.param(b"day,pain\n2026-03-01,3\nPK\x00", Fault.NOT_TEXT, 3, "3", id="binary"),
        pytest.param(b"day,pain,note\n2026-03-01,3,\xe4", Fault.NOT_UTF8, 2, "14", id="Latin-1"),
        pytest.param(b"2026-03-01,3\n", Fault.NO_DAY_COLUMN, 1, "day", id="no header"),
        pytest.param(b"day,mood\n2026-03-01,3\n", Fault.NO_PAIN_COLUMN, 1, "pain", id="no rating column"),
        pytest.param(b"day,pain,Date\n2026-03-01,3,\n", Fault.COLUMN_TWICE, 1, "Date", id="two columns for the day"),
        pytest.param(b"x" * (MAX_BYTES + 1), Fault.TOO_LARGE, 1, "1", id="too large"),
        pytest.param(b"day,pain,note\n2026-03-01,3," + b"x" * 200_000, Fault.BROKEN_QUOTES, 2, "1", id="a huge value"),
    ],
)
def test_a_file_that_is_no_log_is_named_as_such(content, fault, line, column):
    assert (fault, line, column) in faults(content)


def test_more_rows_than_allowed_are_refused():
    assert faults("day,pain\n" + "2026-03-01,3\n" * (MAX_ROWS + 1)) == [(Fault.TOO_MANY_ROWS, MAX_ROWS + 2, "day")]


def test_one_wrong_line_refuses_the_whole_file():
    assert read("day,pain\n2026-03-01,3\n2026-03-02,11\n").rows == ()


def test_no_more_problems_are_told_than_a_person_can_read():
    log = read("day,pain\n" + "2026-03-01,11\n" * 50)
    assert (len(log.problems), log.n_more_problems) == (MAX_PROBLEMS, 50 - MAX_PROBLEMS)


def test_every_wrong_value_of_a_line_is_named():
    assert faults("day,pain\nyesterday,lots\n") == [(Fault.BAD_DAY, 2, "day"), (Fault.NOT_A_NUMBER, 2, "pain")]


def test_the_real_log_is_read_to_the_last_row():
    log = read(REAL_LOG.read_bytes())
    assert (len(log.rows), log.n_days, log.n_rounded, log.n_repeated) == (862, 862, 130, 0)
    assert log.roundings == [
        (Decimal("1.5"), 2, 1),
        (Decimal("3.2"), 3, 102),
        (Decimal("3.4"), 3, 26),
        (Decimal("3.6"), 4, 1),
    ]
    assert (log.rows[0].local_date, log.rows[-1].local_date) == (date(2018, 1, 31), date(2021, 6, 16))


@pytest.mark.parametrize(
    "header",
    ["day,pain", "Date,NRS", "FELT_AT,score", " day , pain_max ", "\ufeffday,pain", '"day","pain"', "day;pain"],
)
def test_columns_are_known_by_several_names(header):
    log = read(f"{header}\n2026-03-01{';' if ';' in header else ','}3\n")
    assert [(row.local_date, row.nrs) for row in log.rows] == [(date(2026, 3, 1), 3)]


def test_columns_of_no_use_are_named_and_left_aside():
    log = read("day,pain,weather\n2026-03-01,3,rain\n")
    assert (len(log.rows), log.unused_columns) == (1, ("weather",))


@pytest.mark.parametrize(
    ("cells", "felt_at"),
    [
        pytest.param("2026-03-01,", datetime(2026, 3, 1, 11, tzinfo=UTC), id="a day alone is felt at noon"),
        pytest.param("2026-11-23,", NOW, id="today is felt now while noon is still to come"),
        pytest.param("2026-03-01,07:30", datetime(2026, 3, 1, 6, 30, tzinfo=UTC), id="a time of the patient's clock"),
        pytest.param("2026-07-01T07:30,", datetime(2026, 7, 1, 5, 30, tzinfo=UTC), id="a day with a time"),
        pytest.param("2026-07-01 07:30:00Z,", datetime(2026, 7, 1, 7, 30, tzinfo=UTC), id="a day with time and offset"),
        pytest.param("2026-03-29,02:30", datetime(2026, 3, 29, 1, 30, tzinfo=UTC), id="a time that the clock skips"),
        pytest.param("2026-10-25,02:30", datetime(2026, 10, 25, 0, 30, tzinfo=UTC), id="a time that comes twice"),
    ],
)
def test_a_rating_is_felt_at_one_instant(cells, felt_at):
    (row,) = read(f"day,time,pain\n{cells},3\n").rows
    assert row.felt_at == felt_at


def test_the_same_line_is_the_same_row_in_every_reading():
    first, second = (read(f"day,pain\n2026-03-01,{value}\n").rows[0].uuid for value in ("3", "3.0"))
    assert first == second


def test_lines_alike_within_a_file_are_rows_of_their_own():
    log = read("day,pain\n2026-03-01,3\n2026-03-01,3\n")
    assert (len({row.uuid for row in log.rows}), log.n_repeated) == (2, 1)


def test_the_zone_of_the_reader_does_not_change_who_a_row_is():
    there, here = (read("day,pain\n2026-03-01,3\n", ZoneInfo(zone)) for zone in ("Pacific/Auckland", "America/Lima"))
    assert there.rows[0].uuid == here.rows[0].uuid


def test_a_note_is_kept_as_it_is_written():
    (row,) = read('day,pain,note\n2026-03-01,3,"  two\r\nlines, ""quoted"" "\n').rows
    assert row.note == '  two\r\nlines, "quoted" '


@pytest.mark.parametrize(("written", "site"), [("low_back", "low_back"), ("Knee, Left", "knee_left"), ("", "")])
def test_a_site_goes_by_its_key_or_its_name(written, site):
    (row,) = read(f'day,pain,site\n2026-03-01,3,"{written}"\n').rows
    assert row.site == site


@pytest.mark.parametrize(
    ("value", "nrs"), [("0", 0), ("0.49", 0), ("0.5", 1), ("2.5", 3), ("3.5", 4), ("9.5", 10), ("10", 10)]
)
def test_halves_are_rounded_up(value, nrs):
    assert round_half_up(Decimal(value)) == nrs
