from datetime import UTC, date, datetime, time, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.domain.log_faults import Fault, WrongCell
from tracker.domain.written_time import DayOrder, read_clock, read_moment

DAYS = st.dates(date(1900, 1, 1), date(2100, 12, 31))
CLOCKS = st.times()
MONTHS = {
    "en": [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ],
    "de": [
        "Januar",
        "Februar",
        "März",
        "April",
        "Mai",
        "Juni",
        "Juli",
        "August",
        "September",
        "Oktober",
        "November",
        "Dezember",
    ],
    "fr": [
        "janvier",
        "février",
        "mars",
        "avril",
        "mai",
        "juin",
        "juillet",
        "août",
        "septembre",
        "octobre",
        "novembre",
        "décembre",
    ],
    "es": [
        "enero",
        "febrero",
        "marzo",
        "abril",
        "mayo",
        "junio",
        "julio",
        "agosto",
        "septiembre",
        "octubre",
        "noviembre",
        "diciembre",
    ],
    "it": [
        "gennaio",
        "febbraio",
        "marzo",
        "aprile",
        "maggio",
        "giugno",
        "luglio",
        "agosto",
        "settembre",
        "ottobre",
        "novembre",
        "dicembre",
    ],
    "nl": [
        "januari",
        "februari",
        "maart",
        "april",
        "mei",
        "juni",
        "juli",
        "augustus",
        "september",
        "oktober",
        "november",
        "december",
    ],
    "pt": [
        "janeiro",
        "fevereiro",
        "março",
        "abril",
        "maio",
        "junho",
        "julho",
        "agosto",
        "setembro",
        "outubro",
        "novembro",
        "dezembro",
    ],
}


def fault_of(read, text: str) -> Fault:
    with pytest.raises(WrongCell) as wrong:
        read(text)
    return wrong.value.fault


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("", Fault.NO_DAY),
        ("  ", Fault.NO_DAY),
        ("yesterday", Fault.BAD_DAY),
        ("March 2024", Fault.BAD_DAY),
        ("2026-W09-7", Fault.BAD_DAY),
        ("10000-01-01", Fault.BAD_DAY),
        ("1/2/2024/3", Fault.BAD_DAY),
        ("01-02-24", Fault.BAD_DAY),
        ("1-2/2024", Fault.BAD_DAY),
        ("٣/٤/2024", Fault.BAD_DAY),
        ("2024-03-01 25:00", Fault.BAD_DAY),
        ("2024-03-01 13:00 pm", Fault.BAD_DAY),
        ("2024-03-01 07:30+25:00", Fault.BAD_DAY),
        ("2024-03-01 07:30+02:60", Fault.BAD_DAY),
        ("2024-03-01 7", Fault.BAD_DAY),
        ("31/02/2024", Fault.NO_SUCH_DAY),
        ("30.2.2024", Fault.NO_SUCH_DAY),
        ("2023-02-29", Fault.NO_SUCH_DAY),
        ("Feb 30, 2024", Fault.NO_SUCH_DAY),
        ("0000-01-01", Fault.NO_SUCH_DAY),
        ("13/13/2024", Fault.NO_SUCH_DAY),
    ],
)
def test_what_is_no_day_is_refused(text, fault):
    assert fault_of(read_moment, text) is fault


@pytest.mark.parametrize(
    "text", ["7", "25:00", "07:60", "13 pm", "0:30 am", "noon", "7:5", "24:00", "07:30+24:00", "-7:30"]
)
def test_what_is_no_time_is_refused(text):
    assert fault_of(read_clock, text) is Fault.BAD_TIME


@pytest.mark.parametrize(
    ("text", "clock"),
    [
        ("", None),
        ("7:30", time(7, 30)),
        (" 07:30:15 ", time(7, 30, 15)),
        ("07:30:15.5", time(7, 30, 15, 500_000)),
        ("7:30 PM", time(19, 30)),
        ("7:30\u202fp.m.", time(19, 30)),
        ("12:15 am", time(0, 15)),
        ("12 p. m.", time(12)),
        ("7am", time(7)),
        ("7h30", time(7, 30)),
        ("7 h", time(7)),
        ("7.30 Uhr", time(7, 30)),
        ("07:30Z", time(7, 30, tzinfo=UTC)),
        ("07:30 -0330", time(7, 30, tzinfo=timezone(-timedelta(hours=3, minutes=30)))),
    ],
)
def test_a_time_is_read_in_many_ways(text, clock):
    assert read_clock(text) == clock


@pytest.mark.parametrize(
    "text",
    [
        "2024-03-05",
        "2024/3/5",
        "20240305",
        "5.3.2024",
        "05.03.24",
        "5. 3. 2024",
        "5 March 2024",
        "5th of March 2024",
        "05-Mar-24",
        "5/Mar/2024",
        "2024-Mar-05",
        "March 5, 2024",
        "Mar. 5th, 2024",
        "Tuesday, March 5, 2024",
        "Tue 5 Mar 2024",
        "Di, 5. März 2024",
        "mar 5 mars 2024",
        "5 de marzo de 2024",
        "terça-feira, 5 de março de 2024",
        "di 5 mrt 2024",
    ],
)
def test_a_day_without_doubt_is_read_in_many_ways(text):
    written = read_moment(text)
    assert (written.day(None), written.clock, written.is_ambiguous, written.shows) == (
        date(2024, 3, 5),
        None,
        False,
        None,
    )


@pytest.mark.parametrize(
    ("text", "clock"),
    [
        ("2024-03-05T07:30", time(7, 30)),
        ("2024-03-05 07:30:00Z", time(7, 30, tzinfo=UTC)),
        ("5.3.2024, 7.30 Uhr", time(7, 30)),
        ("5.3.24 um 07:30", time(7, 30)),
        ("March 5, 2024 at 7:30 PM", time(19, 30)),
        ("3/5/2024 7:30:00 PM", time(19, 30)),
        ("5 mars 2024 à 7h30", time(7, 30)),
    ],
)
def test_a_time_behind_a_day_is_read(text, clock):
    written = read_moment(text)
    assert (written.day(DayOrder.MONTH_FIRST), written.clock) == (date(2024, 3, 5), clock)


def test_a_day_of_two_readings_keeps_both():
    written = read_moment("03/04/2024")
    assert (written.is_ambiguous, written.shows, written.day(None)) == (True, None, None)
    assert written.day(DayOrder.DAY_FIRST) == date(2024, 4, 3)
    assert written.day(DayOrder.MONTH_FIRST) == date(2024, 3, 4)


@pytest.mark.parametrize(
    ("text", "shows"), [("25/04/2024", "day_first"), ("04/25/2024", "month_first"), ("5/5/2024", None)]
)
def test_a_day_of_one_reading_shows_the_order(text, shows):
    written = read_moment(text)
    assert (written.is_ambiguous, written.shows) == (False, shows)


@pytest.mark.parametrize(("text", "year"), [("1.1.00", 2000), ("1.1.68", 2068), ("1.1.69", 1969), ("1 Jan '99", 1999)])
def test_years_of_two_digits_are_read_as_posix_does(text, year):
    assert read_moment(text).day(None) == date(year, 1, 1)


@given(DAYS, CLOCKS)
def test_iso_comes_back_as_it_was(day, clock):
    moment = datetime.combine(day, clock)
    for text in (moment.isoformat(), moment.isoformat(" ")):
        written = read_moment(text)
        assert datetime.combine(written.day(None), written.clock) == moment


@given(DAYS, st.sampled_from(DayOrder), st.sampled_from("/-"), st.booleans())
def test_numbers_come_back_in_the_order_in_which_they_were_written(day, order, separator, with_zeros):
    two = "02" if with_zeros else ""
    numbers = [f"{day.day:{two}}", f"{day.month:{two}}"]
    first, second = numbers if order is DayOrder.DAY_FIRST else reversed(numbers)
    assert read_moment(f"{first}{separator}{second}{separator}{day.year}").day(order) == day


@given(DAYS, st.sampled_from(sorted(MONTHS)), st.booleans())
def test_named_months_come_back_in_seven_languages(day, language, is_short):
    name = MONTHS[language][day.month - 1]
    name = name[:3] if is_short and language in ("en", "pt", "es", "it") else name
    for text in (
        f"{day.day} {name} {day.year}",
        f"{day.day}. {name.upper()} {day.year}",
        f"{name} {day.day}, {day.year}",
    ):
        assert read_moment(text).day(None) == day


@given(DAYS, st.times(timezones=st.none()).map(lambda clock: clock.replace(second=0, microsecond=0)))
def test_twelve_hours_come_back_as_twenty_four(day, clock):
    text = f"{day.isoformat()} {clock.hour % 12 or 12}:{clock.minute:02} {'PM' if clock.hour >= 12 else 'AM'}"
    assert read_moment(text).clock == clock


@given(st.text(max_size=40))
def test_nothing_that_is_written_breaks_the_reader(text):
    for read in (read_moment, read_clock):
        try:
            read(text)
        except WrongCell as wrong:
            assert wrong.fault in Fault
