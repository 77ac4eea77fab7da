"""What is wrong with a file, in the patient's words: where, what, and what is wanted."""

from collections.abc import Iterable

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from django.utils.translation import ngettext

from tracker.domain.log_faults import Fault, Problem
from tracker.domain.log_file import LogFile, Question
from tracker.domain.table_file import MAX_COLUMNS, MAX_ROWS
from tracker.domain.text_file import MAX_BYTES

# About the file and not about a place in it.
_OF_THE_FILE = {
    Fault.TOO_LARGE,
    Fault.EMPTY,
    Fault.IS_EXCEL,
    Fault.IS_SPREADSHEET,
    Fault.IS_DOCUMENT,
    Fault.IS_PDF,
    Fault.IS_PICTURE,
    Fault.IS_ARCHIVE,
    Fault.IS_MARKUP,
}


def of_file(log: LogFile) -> list[str]:
    """All that stands against taking this file over."""
    return [*of_questions(log), *map(of_problem, log.problems), *_more(log.n_more_problems)]


def of_problem(problem: Problem) -> str:
    """One sentence that says where, what, and what is wanted."""
    what = str(_WORDS[problem.fault]) % {
        "given": problem.given,
        "megabytes": MAX_BYTES // 1_000_000,
        "rows": MAX_ROWS,
        "columns": MAX_COLUMNS,
    }
    if problem.fault in _OF_THE_FILE:
        return what[:1].upper() + what[1:]
    where = _("Line %(line)d, column “%(column)s”") % {"line": problem.line, "column": problem.column}
    if problem.n_more:
        n = problem.n_more
        where = ngettext("%(where)s, and %(n)d more line", "%(where)s, and %(n)d more lines", n) % {
            "where": where,
            "n": n,
        }
    return f"{where}: {what}"


def of_questions(log: LogFile) -> list[str]:
    said = {
        Question.COLUMNS: _("Ebb is not sure what the columns hold. Say what each of them means."),
        Question.ENCODING: _(
            "The letters of this file can be read in more than one way. Say which is right: %(examples)s"
        )
        % {"examples": _readings(log)},
        Question.DAY_ORDER: _(
            "“%(given)s” can be two days: %(days)s. Say whether the day or the month is written first."
        )
        % {"given": log.doubtful_day, "days": _any_of(date_format(day) for _, day in log.doubtful_days)},
    }
    return [said[question] for question in Question if question in log.questions]


def _readings(log: LogFile) -> str:
    return _any_of(f"{words[0]} ({encoding})" for encoding, words in log.table.file.examples.items())


def _any_of(readings: Iterable[str]) -> str:
    return _(" or ").join(readings)


def _more(n: int) -> list[str]:
    if not n:
        return []
    return [ngettext("… and %(n)d more problem.", "… and %(n)d more problems.", n) % {"n": n}]


_WORDS = {
    Fault.TOO_LARGE: _lazy("the file is larger than %(megabytes)d megabytes."),
    Fault.TOO_MANY_ROWS: _lazy("the file has more than %(rows)d rows."),
    Fault.TOO_MANY_COLUMNS: _lazy("the file has more than %(columns)d columns."),
    Fault.EMPTY: _lazy("there is no rating in this file."),
    Fault.IS_EXCEL: _lazy(
        "this is an Excel file. Open it in Excel, choose “Save as” and then “CSV UTF-8”, and choose that file here."
    ),
    Fault.IS_SPREADSHEET: _lazy(
        "this is a spreadsheet. Open it in its program, save or export it as CSV, and choose that file here."
    ),
    Fault.IS_DOCUMENT: _lazy("this is a text document. Put the table into a spreadsheet and save it as CSV."),
    Fault.IS_PDF: _lazy("this is a PDF file, made to be printed. Ask the program that made it for a CSV file."),
    Fault.IS_PICTURE: _lazy("this is a picture. Ebb needs the numbers themselves, in a CSV file."),
    Fault.IS_ARCHIVE: _lazy("this is a packed file (such as ZIP). Unpack it and choose the CSV file inside."),
    Fault.IS_MARKUP: _lazy("this is a web page or an XML file. Ask the program that made it for a CSV file."),
    Fault.NOT_TEXT: _lazy("this is not a text file. Save the table as CSV (comma-separated values) in UTF-8."),
    Fault.NOT_UTF8: _lazy("this letter is broken. Save the table as CSV in UTF-8 once more."),
    Fault.BROKEN_QUOTES: _lazy("a quotation mark is in the wrong place or never closed, or a value is far too long."),
    Fault.NO_DAY_COLUMN: _lazy("no column holds the day. Say which one does. The columns are: %(given)s"),
    Fault.NO_PAIN_COLUMN: _lazy("no column holds the rating. Say which one does. The columns are: %(given)s"),
    Fault.WRONG_LENGTH: _lazy("this line has another number of values (%(given)s) than there are columns."),
    Fault.NO_DAY: _lazy("the day is missing. Write it as 2026-03-01 (year-month-day)."),
    Fault.BAD_DAY: _lazy("“%(given)s” is not a day that Ebb can read. Write it as 2026-03-01 (year-month-day)."),
    Fault.NO_SUCH_DAY: _lazy("“%(given)s” is a day that no calendar has."),
    Fault.TOO_EARLY: _lazy("“%(given)s” is before the year 1900."),
    Fault.IN_FUTURE: _lazy("“%(given)s” has not come yet."),
    Fault.BAD_TIME: _lazy("“%(given)s” is not a time of day. Write it as 07:30 or 19:45."),
    Fault.TIME_TWICE: _lazy("the day of this line already has a time. Keep one of them."),
    Fault.HAS_TIME: _lazy("“%(given)s” has a time of day. Choose “Day and time” for this column."),
    Fault.NO_PAIN: _lazy("the rating is missing. Write a number, or let Ebb leave out lines without a rating."),
    Fault.NOT_A_NUMBER: _lazy("“%(given)s” is not a number. Write one such as 4 or 4.5."),
    Fault.OUT_OF_RANGE: _lazy(
        "“%(given)s” is not on the scale that is chosen for this column. Choose another scale, or mend it."
    ),
    Fault.UNKNOWN_SITE: _lazy(
        "Ebb knows no place “%(given)s”. Write one such as low_back or “Knee, left”, or have this column added to the "
        "note."
    ),
    Fault.NOTE_TOO_LONG: _lazy("the note is longer than 4,000 characters."),
    Fault.HELPED_TOO_LONG: _lazy("what helped is longer than 500 characters. Have this column added to the note."),
}
