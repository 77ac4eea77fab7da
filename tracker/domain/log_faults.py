"""What can be wrong with a pain log in a file, and where; the outer layer has the words."""

from dataclasses import dataclass
from enum import StrEnum

GIVEN_LENGTH = 40  # characters of a wrong value that are told


class Fault(StrEnum):
    """What is wrong at one place of a file."""

    TOO_LARGE = "too_large"
    TOO_MANY_ROWS = "too_many_rows"
    TOO_MANY_COLUMNS = "too_many_columns"
    EMPTY = "empty"
    IS_EXCEL = "is_excel"
    IS_SPREADSHEET = "is_spreadsheet"
    IS_DOCUMENT = "is_document"
    IS_PDF = "is_pdf"
    IS_PICTURE = "is_picture"
    IS_ARCHIVE = "is_archive"
    IS_MARKUP = "is_markup"
    NOT_TEXT = "not_text"
    NOT_UTF8 = "not_utf8"
    BROKEN_QUOTES = "broken_quotes"
    NO_DAY_COLUMN = "no_day_column"
    NO_PAIN_COLUMN = "no_pain_column"
    WRONG_LENGTH = "wrong_length"
    NO_DAY = "no_day"
    BAD_DAY = "bad_day"
    NO_SUCH_DAY = "no_such_day"
    TOO_EARLY = "too_early"
    IN_FUTURE = "in_future"
    BAD_TIME = "bad_time"
    TIME_TWICE = "time_twice"
    HAS_TIME = "has_time"
    NO_PAIN = "no_pain"
    NOT_A_NUMBER = "not_a_number"
    OUT_OF_RANGE = "out_of_range"
    UNKNOWN_SITE = "unknown_site"
    NOTE_TOO_LONG = "note_too_long"
    HELPED_TOO_LONG = "helped_too_long"


@dataclass(frozen=True, kw_only=True, slots=True)
class Problem:
    """``line`` counts from 1, the header included; ``column`` is a header, or a place where none are named yet.

    ``n_more``: further lines with the same value in the same column, which is as wrong there.
    """

    fault: Fault
    line: int
    column: str
    given: str = ""
    n_more: int = 0


class WrongTable(Exception):
    """The file cannot be read as a table at all."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem)
        self.problem = problem


class WrongCell(Exception):
    """One value cannot be taken."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault)
        self.fault = fault
