"""Days and times of day as people and programs write them.

A day that can be read in one way only is read so. 03/04/2024 is the third of April to one writer and the fourth of March
to another: it keeps both readings until somebody who knows has decided.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, time, timedelta, timezone
from enum import StrEnum
from types import MappingProxyType

from tracker.domain.log_faults import Fault, WrongCell
from tracker.domain.words import folded


class DayOrder(StrEnum):
    DAY_FIRST = "day_first"
    MONTH_FIRST = "month_first"


@dataclass(frozen=True, kw_only=True, slots=True)
class Written:
    """One value: the day under each order in which it makes a day, and the time of day behind it, if there is one."""

    days: Mapping[DayOrder, date]
    clock: time | None = None

    @property
    def is_ambiguous(self) -> bool:
        return len(set(self.days.values())) > 1

    @property
    def shows(self) -> DayOrder | None:
        """The order that this value proves: no other makes a day of it."""
        return next(iter(self.days)) if len(self.days) == 1 else None

    def day(self, order: DayOrder | None) -> date | None:
        """The day, where there is no doubt or the order is known."""
        if not self.is_ambiguous:
            return next(iter(self.days.values()))
        return self.days[order] if order is not None else None


# Years of two digits, as POSIX reads them: 69 to 99 are of the last century.
_FIRST_OF_LAST_CENTURY = 69

_ISO = re.compile(r"(\d{4})([-/.])(\d{1,2})\2(\d{1,2})(?!\d)", re.ASCII)
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})(?!\d)", re.ASCII)
_NUMERIC = re.compile(r"(\d{1,2})(?:([-/])|(\.) ?)(\d{1,2})(?:\2|\3) ?(\d{4}|\d{2})(?!\d)", re.ASCII)
_WORD = r"([^\W\d_]{3,})\.?"
_YEAR = r"(\d{4}|['’]?\d{2})(?!\d)"
_DAY_NUMBER = r"(\d{1,2})(?:st|nd|rd|th|er|[.º°])?"
_DAY_MONTH_YEAR = re.compile(rf"{_DAY_NUMBER}(?:[ /-]| ?(?:of|de) )?{_WORD}(?:,? |-|/| del? ){_YEAR}", re.IGNORECASE)
_MONTH_DAY_YEAR = re.compile(rf"{_WORD}[ -]{_DAY_NUMBER},?[ -]{_YEAR}", re.IGNORECASE)
_YEAR_MONTH_DAY = re.compile(rf"(\d{{4}})[ -]{_WORD}[ -](\d{{1,2}})(?!\d)")
_WEEKDAY = re.compile(r"([^\W\d_]{2,}(?:-feira)?)[.,]{0,2} ?", re.IGNORECASE)
_BETWEEN = re.compile(r"(?:T|,? (?:at |um |à |às |a las |alle |ore |om )?)(?=\d)", re.IGNORECASE)
_CLOCK = re.compile(
    r"(?P<hour>\d{1,2})"
    r"(?:(?:[:.]| ?h ?)(?P<minute>\d{2})(?:[:.](?P<second>\d{2})(?:[.,](?P<part>\d{1,9}))?)?)?"
    r"(?P<bare> ?h| ?uhr| ?uur)?"
    r"(?: ?(?P<half>a\.? ?m|p\.? ?m)\.?)?"
    r"(?: ?(?P<offset>Z|UTC|GMT|[+-]\d{2}:?(?:\d{2})?))?",
    re.ASCII | re.IGNORECASE,
)
_BLANK = re.compile(r"\s+")

_MONTH_NAMES = (
    "january jan januar janner janvier janv enero ene gennaio gen januari janeiro",
    "february feb februar feber fevrier fevr fev febrero febbraio februari fevereiro",
    "march mar marz maerz mrz mars marzo maart mrt marco",
    "april apr avril avr abril abr aprile",
    "may mai mayo mag maggio mei maio",
    "june jun juni juin junio giu giugno junho",
    "july jul juli juillet juil julio lug luglio julho",
    "august aug aout agosto ago augustus",
    "september sep sept septembre septiembre setiembre set settembre setembro",
    "october oct oktober okt octobre octubre ott ottobre outubro out",
    "november nov novembre noviembre novembro",
    "december dec dezember dez decembre diciembre dic dicembre dezembro",
)
_MONTHS = {name: number for number, names in enumerate(_MONTH_NAMES, 1) for name in names.split()}
_WEEKDAY_NAMES = """
    monday mon montag mo lundi lun lunes lunedi maandag ma segunda seg
    tuesday tue tues dienstag di mardi mar martes martedi dinsdag terca ter
    wednesday wed mittwoch mi mercredi mer miercoles mie mercoledi woensdag wo quarta qua
    thursday thu thur thurs donnerstag do jeudi jeu jueves jue giovedi gio donderdag quinta qui
    friday fri freitag fr vendredi ven viernes vie venerdi vrijdag vr sexta sex
    saturday sat samstag sonnabend sa samedi sam sabado sab sabato zaterdag za
    sunday sun sonntag so dimanche dim domingo dom domenica zondag zo
"""
_WEEKDAYS = frozenset(_WEEKDAY_NAMES.split())


def read_moment(text: str) -> Written:
    """A day, with or without a time of day behind it. Raises WrongCell."""
    said = _BLANK.sub(" ", text.strip())
    if not said:
        raise WrongCell(Fault.NO_DAY)
    days, rest = _read_day(said)
    if not rest:
        return Written(days=days)
    between = _BETWEEN.match(rest)
    clock = _CLOCK.fullmatch(rest, between.end()) if between else None
    if clock is None:
        raise WrongCell(Fault.BAD_DAY)
    return Written(days=days, clock=_time(clock, fault=Fault.BAD_DAY))


def read_clock(text: str) -> time | None:
    """A time of day, with its offset from UTC if one is written; None where the cell is empty. Raises WrongCell."""
    said = _BLANK.sub(" ", text.strip())
    if not said:
        return None
    found = _CLOCK.fullmatch(said)
    if found is None:
        raise WrongCell(Fault.BAD_TIME)
    return _time(found, fault=Fault.BAD_TIME)


def _read_day(said: str) -> tuple[Mapping[DayOrder, date], str]:
    """The day under each order, and what stands behind it."""
    found = _day_at_start(said)
    if found is None and (weekday := _WEEKDAY.match(said)) and _is_weekday(weekday[1]):
        found = _day_at_start(said[weekday.end() :])
    if found is None:
        raise WrongCell(Fault.BAD_DAY)
    days, rest = found
    if not days:
        raise WrongCell(Fault.NO_SUCH_DAY)
    return days, rest


def _day_at_start(said: str) -> tuple[Mapping[DayOrder, date], str] | None:
    """None where it is not written as a day; without days where no calendar has it."""
    if found := _ISO.match(said) or _COMPACT.match(said):
        year, *_, month, day = found.groups()
        return _in_any_order(int(year), int(month), int(day)), said[found.end() :]
    if found := _NUMERIC.match(said):
        return _numeric(found), said[found.end() :]
    for pattern, places in ((_DAY_MONTH_YEAR, (3, 2, 1)), (_MONTH_DAY_YEAR, (3, 1, 2)), (_YEAR_MONTH_DAY, (1, 2, 3))):
        found = pattern.match(said)
        if found and (month := _MONTHS.get(folded(found[places[1]]))):
            return _in_any_order(_year(found[places[0]]), month, int(found[places[2]])), said[found.end() :]
    return None


def _numeric(found: re.Match[str]) -> Mapping[DayOrder, date]:
    first, slash_or_dash, dot, second, year = found.groups()
    if slash_or_dash == "-" and len(year) == 2:
        # Here the year may as well stand first.
        raise WrongCell(Fault.BAD_DAY)
    if dot:
        return _in_any_order(_year(year), int(second), int(first))
    readings = {
        DayOrder.DAY_FIRST: _date(_year(year), int(second), int(first)),
        DayOrder.MONTH_FIRST: _date(_year(year), int(first), int(second)),
    }
    return {order: day for order, day in readings.items() if day is not None}


def _in_any_order(year: int, month: int, day: int) -> Mapping[DayOrder, date]:
    read = _date(year, month, day)
    return MappingProxyType(dict.fromkeys(DayOrder, read)) if read else {}


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _year(digits: str) -> int:
    number = int(digits.lstrip("'’"))
    if len(digits) == 4:
        return number
    return number + (1900 if number >= _FIRST_OF_LAST_CENTURY else 2000)


def _is_weekday(word: str) -> bool:
    return folded(word).removesuffix(" feira") in _WEEKDAYS


def _time(found: re.Match[str], *, fault: Fault) -> time:
    hour, half = int(found["hour"]), (found["half"] or "").lower()[:1]
    if found["minute"] is None and not half and not found["bare"]:
        raise WrongCell(fault)
    if half:
        if not 1 <= hour <= 12:
            raise WrongCell(fault)
        hour = hour % 12 + (12 if half == "p" else 0)
    microsecond = int((found["part"] or "").ljust(6, "0")[:6])
    try:
        zone = _offset(found["offset"])
        return time(hour, int(found["minute"] or 0), int(found["second"] or 0), microsecond, tzinfo=zone)
    except ValueError:
        raise WrongCell(fault) from None


def _offset(written: str | None) -> timezone | None:
    if written is None:
        return None
    if written.upper() in ("Z", "UTC", "GMT"):
        return UTC
    digits = written[1:].replace(":", "").ljust(4, "0")
    hours, minutes = int(digits[:2]), int(digits[2:])
    if minutes > 59:
        raise ValueError(minutes)
    shift = timedelta(hours=hours, minutes=minutes)
    return timezone(-shift if written[0] == "-" else shift)
