from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from tracker.domain.column_mapping import ColumnMapping, Guess, Meaning, WrongMapping, guess
from tracker.domain.log_faults import Fault
from tracker.domain.log_file import MAX_PROBLEMS, LogFile, Question, read_log, round_half_up
from tracker.domain.table_file import read_table
from tracker.domain.written_time import DayOrder

BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)  # 10:30 in Berlin
REAL_LOG = Path(__file__).parent.parent / "data" / "real_pain_log.csv"


def read(text: str | bytes, zone: ZoneInfo = BERLIN, mapping: ColumnMapping | None = None) -> LogFile:
    content = text.encode() if isinstance(text, str) else text
    table = read_table(content, encoding=mapping.encoding if mapping else None)
    suggestion = Guess(mapping=mapping, is_sure=True) if mapping else guess(table)
    return read_log(table, guess=suggestion, zone=zone, now=NOW)


def told(*columns: str, **others) -> ColumnMapping:
    return ColumnMapping(columns=tuple(Meaning(one) for one in columns), **others)


def faults(text: str | bytes, mapping: ColumnMapping | None = None) -> list[tuple[Fault, int, str]]:
    return [(problem.fault, problem.line, problem.column) for problem in read(text, mapping=mapping).problems]


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
        pytest.param(",3", Fault.NO_DAY, "day", id="no day"),
        pytest.param("2026-W09-7,3", Fault.BAD_DAY, "day", id="a week date"),
        pytest.param("2026-02-30,3", Fault.NO_SUCH_DAY, "day", id="a day that no calendar has"),
        pytest.param("0000-01-01,3", Fault.NO_SUCH_DAY, "day", id="the year 0"),
        pytest.param("10000-01-01,3", Fault.BAD_DAY, "day", id="the year 10000"),
        pytest.param("0001-01-01T00:00:00+14:00,3", Fault.TOO_EARLY, "day", id="before all time in UTC"),
        pytest.param("9999-12-31T23:59:00-14:00,3", Fault.IN_FUTURE, "day", id="after all time in UTC"),
        pytest.param("31.02.2026,3", Fault.NO_SUCH_DAY, "day", id="another day that no calendar has"),
        pytest.param("01-02-26,3", Fault.BAD_DAY, "day", id="two digits that may be a day or a year"),
        pytest.param("1899-12-31,3", Fault.TOO_EARLY, "day", id="before 1900"),
        pytest.param("2026-11-24,3", Fault.IN_FUTURE, "day", id="tomorrow"),
        pytest.param("2026-11-23T10:31,3", Fault.IN_FUTURE, "day", id="in a minute"),
        pytest.param("2026-03-01,3,4", Fault.WRONG_LENGTH, "3", id="a value too many"),
        pytest.param("2026-03-01", Fault.WRONG_LENGTH, "2", id="a value too few"),
    ],
)
def test_a_wrong_line_is_named_with_its_column(line, fault, column):
    assert faults(f"day,pain\n2026-02-28,2\n{line}\n") == [(fault, 3, column)]


@pytest.mark.parametrize(
    ("line", "fault", "column"),
    [
        pytest.param("2026-03-01,3,25:00,,", Fault.BAD_TIME, "time", id="an hour that no day has"),
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
        pytest.param(b"day,pain\n", Fault.EMPTY, 2, "day", id="only a header"),
        pytest.param(b"day,mood\n2026-03-01,3\n", Fault.NO_PAIN_COLUMN, 1, "pain", id="no rating column"),
        pytest.param(b"a,b\n1,2\n", Fault.NO_DAY_COLUMN, 1, "day", id="no day column"),
    ],
)
def test_a_table_that_is_no_log_is_named_as_such(content, fault, line, column):
    assert (fault, line, column) in faults(content)


def test_a_mapping_of_another_table_is_refused():
    with pytest.raises(WrongMapping):
        read("day,pain\n2026-03-01,3\n", mapping=told("day", "pain", "note"))


def test_one_wrong_line_refuses_the_whole_file():
    assert read("day,pain\n2026-03-01,3\n2026-03-02,11\n").rows == ()


def test_a_value_that_is_wrong_again_and_again_is_told_once_with_the_number_of_its_lines():
    lines = "2026-03-01,4,my middle\n2026-03-02,4,knee_left\n" * 30
    (problem,) = read("day,pain,place\n" + lines + "2026-03-03,4,my middle\n").problems
    assert (problem.line, problem.given, problem.n_more) == (2, "my middle", 30)


def test_no_more_problems_are_told_than_a_person_can_read():
    log = read("day,pain\n" + "".join(f"2026-03-01,{wrong}\n" for wrong in range(11, 61)))
    assert (len(log.problems), log.n_more_problems) == (MAX_PROBLEMS, 50 - MAX_PROBLEMS)


def test_every_wrong_value_of_a_line_is_named():
    assert faults("day,pain\nyesterday,lots\n") == [(Fault.BAD_DAY, 2, "day"), (Fault.NOT_A_NUMBER, 2, "pain")]


def test_the_real_log_is_read_to_the_last_row():
    log = read(REAL_LOG.read_bytes())
    assert (len(log.rows), log.n_days, log.n_rounded, log.n_repeated) == (862, 862, 130, 0)
    assert [(change.given, change.kept, n) for change, n in log.conversions] == [
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
    assert (len(log.rows), log.unused_columns) == (1, ["weather"])


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


def test_a_line_of_the_same_minute_that_says_the_same_is_left_out_and_counted():
    log = read("day,time,pain,note\n2026-03-01,07:30,3,a\n2026-03-01,07:30,3,a\n2026-03-01,07:30,3,b\n")
    assert ([row.note for row in log.rows], log.n_repeated, log.n_repeated_left_out) == (["a", "b"], 0, 1)


def test_a_note_is_kept_as_it_is_written():
    (row,) = read('day,pain,note\n2026-03-01,3,"  two\r\nlines, ""quoted"" "\n').rows
    assert row.note == '  two\r\nlines, "quoted" '


@pytest.mark.parametrize(
    ("written", "site"), [("low_back", "low_back"), ("Knee, Left", "knee_left"), ("left knee", "knee_left"), ("", "")]
)
def test_a_site_goes_by_its_key_or_its_name(written, site):
    (row,) = read(f'day,pain,site\n2026-03-01,3,"{written}"\n').rows
    assert row.site == site


@pytest.mark.parametrize(
    ("value", "nrs"), [("0", 0), ("0.49", 0), ("0.5", 1), ("2.5", 3), ("3.5", 4), ("9.5", 10), ("10", 10)]
)
def test_halves_are_rounded_up(value, nrs):
    assert round_half_up(Decimal(value)) == nrs


def test_a_decimal_comma_is_a_number():
    log = read("Datum;Schmerz\n01.03.2026;3,4\n")
    assert [(row.value, row.nrs) for row in log.rows] == [(Decimal("3.4"), 3)]


class TestScales:
    @pytest.mark.parametrize(
        ("meaning", "written", "kept", "is_rounded"),
        [
            ("pain_0_100", "0", 0, None),
            ("pain_0_100", "40", 4, False),
            ("pain_0_100", "45", 5, True),
            ("pain_0_100", "44,9", 4, True),
            ("pain_0_100", "100", 10, False),
            ("pain_1_5", "1", 0, False),
            ("pain_1_5", "2", 3, True),
            ("pain_1_5", "3", 5, False),
            ("pain_1_5", "4", 8, True),
            ("pain_1_5", "5", 10, False),
            ("pain", "10", 10, None),
        ],
    )
    def test_a_value_of_another_scale_is_stretched_and_told(self, meaning, written, kept, is_rounded):
        log = read(f"a;b\n2026-03-01;{written}\n", mapping=told("day", meaning))
        assert [row.nrs for row in log.rows] == [kept]
        assert [change.is_rounded for change, _ in log.conversions] == ([] if is_rounded is None else [is_rounded])
        assert log.n_rounded == bool(is_rounded)

    @pytest.mark.parametrize(("meaning", "written"), [("pain", "45"), ("pain_0_100", "101"), ("pain_1_5", "0")])
    def test_a_value_beyond_the_chosen_scale_is_refused(self, meaning, written):
        assert faults(f"a,b\n2026-03-01,{written}\n", told("day", meaning)) == [(Fault.OUT_OF_RANGE, 2, "b")]

    def test_no_scale_is_chosen_without_the_patient(self):
        assert faults("day,pain\n2026-03-01,45\n") == [(Fault.OUT_OF_RANGE, 2, "pain")]

    def test_what_stands_beside_the_pain_has_scales_of_its_own(self):
        log = read(
            "d,p,s,m,i,h\n2026-03-01,3,50,1,,tea\n",
            mapping=told("day", "pain", "sleep_0_100", "mood_1_5", "interference", "helped"),
        )
        (row,) = log.rows
        assert (row.sleep, row.mood, row.interference, row.helped) == (5, 0, None, "tea")


class TestDayOrder:
    def test_the_other_rows_of_the_column_decide(self):
        log = read("day,pain\n03/04/2024,1\n25/04/2024,2\n")
        assert [row.local_date for row in log.rows] == [date(2024, 4, 3), date(2024, 4, 25)]
        log = read("day,pain\n03/04/2024,1\n04/25/2024,2\n")
        assert [row.local_date for row in log.rows] == [date(2024, 3, 4), date(2024, 4, 25)]

    def test_nothing_decides_and_it_is_asked(self):
        log = read("day,pain\n03/04/2024,1\n05/06/2024,2\n")
        assert (log.questions, log.rows, log.doubtful_day) == ({Question.DAY_ORDER}, (), "03/04/2024")
        assert dict(log.doubtful_days) == {
            DayOrder.DAY_FIRST: date(2024, 4, 3),
            DayOrder.MONTH_FIRST: date(2024, 3, 4),
        }

    def test_rows_that_contradict_each_other_do_not_decide(self):
        assert read("day,pain\n03/04/2024,1\n25/04/2024,2\n04/25/2024,3\n").questions == {Question.DAY_ORDER}

    def test_a_mixed_column_without_doubt_is_read(self):
        log = read("day,pain\n25/04/2024,1\n04/26/2024,2\n2024-04-27,3\n28.4.2024,4\nApril 29 2024,5\n05/05/2024,6\n")
        assert [row.local_date.day for row in log.rows] == [25, 26, 27, 28, 29, 5]

    @pytest.mark.parametrize(("order", "day"), [("day_first", date(2024, 4, 3)), ("month_first", date(2024, 3, 4))])
    def test_what_the_patient_says_is_done(self, order, day):
        log = read("day,pain\n03/04/2024,1\n", mapping=told("day", "pain", day_order=DayOrder(order)))
        assert [row.local_date for row in log.rows] == [day]

    def test_what_the_patient_said_of_another_file_does_not_outdo_this_one(self):
        mapping = told("day", "pain", day_order=DayOrder.MONTH_FIRST)
        log = read("day,pain\n03/04/2024,1\n25/04/2024,2\n", mapping=mapping)
        assert log.rows[0].local_date == date(2024, 4, 3)

    def test_a_day_that_no_calendar_has_decides_nothing(self):
        log = read("day,pain\n03/04/2024,1\n31/02/2024,2\n")
        assert (log.questions, log.problems[0].fault) == ({Question.DAY_ORDER}, Fault.NO_SUCH_DAY)


class TestColumns:
    def test_the_rest_is_added_to_the_note_with_its_name(self):
        log = read(
            "day,pain,note,weather,dose\n2026-03-01,3,bad,rain,\n",
            mapping=told("day", "pain", "note", "add_to_note", "add_to_note"),
        )
        assert log.rows[0].note == "bad\nweather: rain"

    def test_a_note_that_grows_too_long_is_refused(self):
        text = f"day,pain,note,more\n2026-03-01,3,{'x' * 3_999},y\n"
        assert faults(text, told("day", "pain", "note", "add_to_note")) == [(Fault.NOTE_TOO_LONG, 2, "note")]

    def test_what_helped_has_a_length_of_its_own(self):
        text = f"day,pain,h\n2026-03-01,3,{'x' * 501}\n"
        assert faults(text, told("day", "pain", "helped")) == [(Fault.HELPED_TOO_LONG, 2, "h")]

    def test_midnight_behind_a_day_is_no_time(self):
        (row,) = read("Datum,Zeit,Schmerz\n01.03.2026 00:00:00,07:30,3\n").rows
        assert row.felt_at == datetime(2026, 3, 1, 6, 30, tzinfo=UTC)

    def test_a_time_in_a_column_of_days_is_not_dropped(self):
        assert faults("a,b\n2026-03-01 07:30,3\n", told("day", "pain")) == [(Fault.HAS_TIME, 2, "a")]

    def test_a_time_with_its_own_offset_is_heeded(self):
        (row,) = read("day,time,pain\n2026-03-01,07:30+05:30,3\n").rows
        assert row.felt_at == datetime(2026, 3, 1, 2, tzinfo=UTC)

    def test_without_a_header_columns_go_by_number_and_have_to_be_checked(self):
        log = read("2026-03-01,3\n2026-03-02,4\n")
        assert (log.questions, log.header) == ({Question.COLUMNS}, ["1", "2"])
        assert len(read("2026-03-01,3\n2026-03-02,4\n", mapping=told("day", "pain", has_header=False)).rows) == 2

    def test_empty_values_too_many_at_the_end_are_nothing(self):
        assert len(read("day,pain\n2026-03-01,3,,\n").rows) == 1

    def test_lines_without_a_rating_are_left_out_only_if_the_patient_says_so(self):
        text = "day,pain,note\n2026-03-01,3,\n2026-03-02,,forgot\n"
        assert faults(text) == [(Fault.NO_PAIN, 3, "pain")]
        log = read(text, mapping=told("day", "pain", "note", leave_out_unrated=True))
        assert (len(log.rows), log.n_unrated_left_out) == (1, 1)

    def test_letters_in_doubt_have_to_be_confirmed(self):
        text = "day,pain,note\n2026-03-01,3,schön\n".encode("windows-1252")
        log = read(text)
        assert log.questions == {Question.ENCODING}
        known = told("day", "pain", "note", encoding=log.table.file.encoding)
        assert [row.note for row in read(text, mapping=known).rows] == ["schön"]

    def test_progress_is_told(self):
        heard: list[int] = []
        table = read_table(("day,pain\n" + "2026-03-01,3\n" * 2_500).encode())
        read_log(table, guess=guess(table), zone=BERLIN, now=NOW, tell=heard.append)
        assert heard == [1_000, 2_000]
