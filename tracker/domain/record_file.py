"""Reads the JSON file that an export writes: the record of one patient.

The file is one object: `format`, `version`, and lists of rows. It is read row by row, so that whatever is wrong can be
told with its line, its column and the path of the value.
"""

import json
import math
import re
from base64 import b64decode
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from enum import StrEnum
from typing import Any, NoReturn
from uuid import UUID

from tracker.domain.errors import DomainError
from tracker.domain.pain import EARLIEST_DAY, is_nrs

FORMAT = "ebb-record"
VERSION = 1
MAX_BYTES = 50_000_000

Kind = Callable[[Any], Any]

_GIVEN_LENGTH = 60
_BLANK = re.compile(r"[ \t\r\n]*")
_SET_ASIDE = re.compile(r"file:(\d{1,6})", re.ASCII)
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_WHOLE = range(-(2**31), 2**31)


class Fault(StrEnum):
    """What is wrong at one place of a file; the outer layer has the words."""

    TOO_LARGE = "too_large"
    NOT_UTF8 = "not_utf8"
    NOT_JSON = "not_json"
    TOO_DEEP = "too_deep"
    NAME_TWICE = "name_twice"
    OTHER_FORMAT = "other_format"
    NEWER_VERSION = "newer_version"
    MISSING = "missing"
    UNKNOWN = "unknown"
    NOT_A_LIST = "not_a_list"
    NOT_AN_OBJECT = "not_an_object"
    NOT_A_UUID = "not_a_uuid"
    NOT_AN_INSTANT = "not_an_instant"
    NOT_A_DAY = "not_a_day"
    NOT_A_TIME = "not_a_time"
    NOT_WHOLE = "not_whole"
    OUT_OF_RANGE = "out_of_range"
    NOT_TEXT = "not_text"
    TOO_LONG = "too_long"
    NOT_STORABLE = "not_storable"
    NOT_OFFERED = "not_offered"
    NOT_TRUE_OR_FALSE = "not_true_or_false"
    TWICE = "twice"
    TOO_EARLY = "too_early"
    IN_FUTURE = "in_future"
    OTHER_DAY = "other_day"
    NOT_THERE = "not_there"
    REFUSED = "refused"
    BROKEN_TABLE = "broken_table"
    OTHER_COLUMNS = "other_columns"
    LINES_DIFFER = "lines_differ"


class WrongValue(DomainError):
    """A value that cannot be taken; `path` leads to it from where the reader stood."""

    def __init__(self, fault: Fault, given: Any = "", path: str = "") -> None:
        super().__init__(fault, path)
        self.fault, self.path, self.given = fault, path, _shown(given)

    def under(self, path: str) -> "WrongValue":
        return WrongValue(self.fault, self.given, path + self.path)


class WrongFile(DomainError):
    """The first thing that is wrong with a file, and where. Lines and columns count from 1; a table has no columns (0)."""

    def __init__(self, fault: Fault, *, line: int = 1, column: int = 1, path: str = "", given: str = "") -> None:
        super().__init__(fault, line, column, path)
        self.fault, self.line, self.column, self.path, self.given = fault, line, column, _shown(path), _shown(given)


@dataclass(frozen=True, kw_only=True, slots=True)
class Item:
    """One row of a list, or (without a number) a value of the file itself, and where it begins."""

    section: str
    number: int | None
    at: int
    value: Any

    @property
    def path(self) -> str:
        return self.section if self.number is None else f"{self.section}[{self.number}]"


def is_json(content: bytes) -> bool:
    """Whether this looks like JSON; no table of values begins so."""
    return content[:64].removeprefix(b"\xef\xbb\xbf").lstrip()[:1] in (b"{", b"[")


class RecordFile:
    """The file as text, and the places in it."""

    def __init__(self, content: bytes) -> None:
        if len(content) > MAX_BYTES:
            raise WrongFile(Fault.TOO_LARGE)
        try:
            self.text = content.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            line, before = content.count(b"\n", 0, error.start) + 1, content.rfind(b"\n", 0, error.start)
            raise WrongFile(Fault.NOT_UTF8, line=line, column=error.start - before) from None
        self._decoder = json.JSONDecoder(
            object_pairs_hook=_object, parse_constant=_not_json, parse_int=_whole, parse_float=_finite
        )

    def wrong(self, error: WrongValue, at: int, path: str = "") -> WrongFile:
        line, before = self.text.count("\n", 0, at) + 1, self.text.rfind("\n", 0, at)
        path = (path + error.path).removeprefix(".")
        return WrongFile(error.fault, line=line, column=at - before, path=path, given=error.given)

    def items(self) -> Iterator[Item]:
        """Everything in the file, in its order. Raises WrongFile."""
        at, seen = self._expect("{", self._skip(0)), set[str]()
        while True:
            name_at = at
            section, at = self._value(at, "")
            if not isinstance(section, str):
                raise self.wrong(WrongValue(Fault.NOT_JSON), name_at)
            if section in seen:
                raise self.wrong(WrongValue(Fault.NAME_TWICE, section), name_at)
            seen.add(section)
            at = self._expect(":", at)
            if self.text[at : at + 1] == "[":
                at = yield from self._list(section, at + 1)
            else:
                began = at
                value, at = self._value(at, section)
                yield Item(section=section, number=None, at=began, value=value)
            if self.text[at : at + 1] == ",":
                at = self._skip(at + 1)
                continue
            at = self._expect("}", at)
            if at != len(self.text):
                raise self.wrong(WrongValue(Fault.NOT_JSON), at)
            return

    def _list(self, section: str, at: int) -> Any:
        at, number = self._skip(at), 0
        if self.text[at : at + 1] == "]":
            return self._skip(at + 1)
        while True:
            began = at
            value, at = self._value(at, f"{section}[{number}]")
            yield Item(section=section, number=number, at=began, value=value)
            number += 1
            if self.text[at : at + 1] == ",":
                at = self._skip(at + 1)
                continue
            return self._expect("]", at)

    def _value(self, at: int, path: str) -> tuple[Any, int]:
        try:
            value, end = self._decoder.raw_decode(self.text, at)
        except json.JSONDecodeError as error:
            raise self.wrong(WrongValue(Fault.NOT_JSON), error.pos, path) from None
        except RecursionError:
            raise self.wrong(WrongValue(Fault.TOO_DEEP), at, path) from None
        except WrongValue as error:
            raise self.wrong(error, at, path) from None
        return value, self._skip(end)

    def _expect(self, sign: str, at: int) -> int:
        if self.text[at : at + 1] != sign:
            raise self.wrong(WrongValue(Fault.NOT_JSON), at)
        return self._skip(at + 1)

    def _skip(self, at: int) -> int:
        found = _BLANK.match(self.text, at)
        return found.end() if found else at


def check_head(items: Mapping[str, Any]) -> None:
    """Refuse another program's file, and one that a later Ebb wrote. Raises WrongValue."""
    if items.get("format") != FORMAT:
        raise WrongValue(Fault.OTHER_FORMAT, items.get("format", ""), "format")
    version = items.get("version")
    if type(version) is not int or version < 1:
        raise WrongValue(Fault.OTHER_FORMAT, version, "version")
    if version > VERSION:
        raise WrongValue(Fault.NEWER_VERSION, version, "version")


def read_row(value: Any, kinds: Mapping[str, Kind], *, may_lack: Collection[str] = ()) -> dict[str, Any]:
    """The row with each value in its own type. Raises WrongValue with the path below the row."""
    if not isinstance(value, dict):
        raise WrongValue(Fault.NOT_AN_OBJECT)
    if unknown := sorted(value.keys() - kinds.keys()):
        raise WrongValue(Fault.UNKNOWN, unknown[0], f".{unknown[0]}")
    row = {}
    for name, kind in kinds.items():
        if name in value:
            row[name] = _read(kind, value[name], f".{name}")
        elif name not in may_lack:
            raise WrongValue(Fault.MISSING, name, f".{name}")
    return row


def read_list(value: Any, kind: Kind) -> list[Any]:
    if not isinstance(value, list):
        raise WrongValue(Fault.NOT_A_LIST)
    return [_read(kind, inner, f"[{number}]") for number, inner in enumerate(value)]


def _read(kind: Kind, value: Any, path: str) -> Any:
    try:
        return kind(value)
    except WrongValue as error:
        raise error.under(path) from None


# Kinds of values: each gives the value in its own type, or raises WrongValue.


def anything(value: Any) -> Any:
    return value


def optional(kind: Kind) -> Kind:
    return lambda value: None if value is None else kind(value)


def uuid(value: Any) -> UUID:
    if not isinstance(value, str) or len(value) != 36:
        raise WrongValue(Fault.NOT_A_UUID, value)
    try:
        return UUID(value)
    except ValueError:
        raise WrongValue(Fault.NOT_A_UUID, value) from None


def instant(value: Any) -> datetime:
    """In UTC. Without an offset nobody knows when it was."""
    try:
        moment = datetime.fromisoformat(value) if isinstance(value, str) and "T" in value else None
        if moment is not None and moment.tzinfo is not None:
            moment = moment.astimezone(UTC)
    except (ValueError, OverflowError):
        moment = None
    if moment is None or moment.tzinfo is None:
        raise WrongValue(Fault.NOT_AN_INSTANT, value)
    if moment.date() < EARLIEST_DAY:
        raise WrongValue(Fault.TOO_EARLY, value)
    return moment


def day(value: Any) -> date:
    try:
        read = date.fromisoformat(value) if isinstance(value, str) and _DAY.fullmatch(value) else None
    except ValueError:
        read = None
    if read is None:
        raise WrongValue(Fault.NOT_A_DAY, value)
    if read < EARLIEST_DAY:
        raise WrongValue(Fault.TOO_EARLY, value)
    return read


def wall_time(value: Any) -> time:
    try:
        read = time.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        read = None
    if read is None or read.tzinfo is not None:
        raise WrongValue(Fault.NOT_A_TIME, value)
    return read


def flag(value: Any) -> bool:
    if not isinstance(value, bool):
        raise WrongValue(Fault.NOT_TRUE_OR_FALSE, value)
    return value


def nrs(value: Any) -> int:
    if type(value) is not int:
        raise WrongValue(Fault.NOT_WHOLE, value)
    if not is_nrs(value):
        raise WrongValue(Fault.OUT_OF_RANGE, value)
    return value


def whole(value: Any) -> int:
    """A count or a number of days."""
    if type(value) is not int:
        raise WrongValue(Fault.NOT_WHOLE, value)
    if not 0 <= value <= 32_767:
        raise WrongValue(Fault.OUT_OF_RANGE, value)
    return value


def size(most: int) -> Kind:
    """In bytes."""

    def read(value: Any) -> int:
        if type(value) is not int:
            raise WrongValue(Fault.NOT_WHOLE, value)
        if not 0 <= value <= most:
            raise WrongValue(Fault.OUT_OF_RANGE, value)
        return value

    return read


@dataclass(frozen=True, slots=True)
class SetAside:
    """A file that was taken out of the record before it was read; see set_aside."""

    number: int


def content(most: int) -> Kind:
    """Of a file, written in base64, or the number under which it was set aside."""

    def read(value: Any) -> bytes | SetAside:
        if not isinstance(value, str):
            raise WrongValue(Fault.NOT_TEXT, value)
        if aside := _SET_ASIDE.fullmatch(value):
            return SetAside(int(aside[1]))
        if len(value) > most * 4 // 3 + 4:
            raise WrongValue(Fault.TOO_LONG, value)
        try:
            return b64decode(value, validate=True)
        except ValueError:
            raise WrongValue(Fault.NOT_STORABLE) from None

    return read


def words(longest: int) -> Kind:
    """Text, byte for byte."""

    def read(value: Any) -> str:
        if not isinstance(value, str):
            raise WrongValue(Fault.NOT_TEXT, value)
        if len(value) > longest:
            raise WrongValue(Fault.TOO_LONG, value)
        if "\0" in value or any("\ud800" <= character <= "\udfff" for character in value):
            raise WrongValue(Fault.NOT_STORABLE)
        return value

    return read


def one_of(offered: Collection[str]) -> Kind:
    def read(value: Any) -> str:
        if not isinstance(value, str) or value not in offered:
            raise WrongValue(Fault.NOT_OFFERED, value)
        return value

    return read


def some_of(offered: Sequence[str]) -> Kind:
    """A list of keys, each once, given back in the order of what is offered."""
    kind = one_of(offered)

    def read(value: Any) -> list[str]:
        given = read_list(value, kind)
        for number, key in enumerate(given):
            if key in given[:number]:
                raise WrongValue(Fault.TWICE, key, f"[{number}]")
        return [key for key in offered if key in given]

    return read


def _shown(given: Any) -> str:
    """What can be printed of it, and not too much."""
    text = str(given) if isinstance(given, str | int | float | None) else "…"
    return "".join(character for character in text[:_GIVEN_LENGTH] if character.isprintable())


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) != len(pairs):
        raise WrongValue(Fault.NAME_TWICE)
    return value


def _not_json(constant: str) -> NoReturn:
    raise WrongValue(Fault.NOT_WHOLE, constant)


def _whole(digits: str) -> int:
    if len(digits) > 11 or (number := int(digits)) not in _WHOLE:
        raise WrongValue(Fault.OUT_OF_RANGE, digits)
    return number


def _finite(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number):
        raise WrongValue(Fault.OUT_OF_RANGE, digits)
    return number
