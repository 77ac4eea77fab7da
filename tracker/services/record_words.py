"""What is wrong with an exported file, in the patient's words: where, what, and what is wanted."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from tracker.domain.record_file import MAX_BYTES, Fault, WrongFile


def of_record(wrong: WrongFile) -> str:
    """One sentence that says where, what, and what is wanted."""
    where = _("Line %(line)d, column %(column)d") % {"line": wrong.line, "column": wrong.column}
    if not wrong.column:
        where = _("Line %(line)d") % {"line": wrong.line}
    path = f", {wrong.path}" if wrong.path else ""
    return f"{where}{path}: " + str(_WORDS[wrong.fault]) % {
        "given": wrong.given,
        "megabytes": MAX_BYTES // 1_000_000,
    }


_WORDS = {
    Fault.TOO_LARGE: _lazy("the file is larger than %(megabytes)d megabytes."),
    Fault.NOT_UTF8: _lazy("this letter is not written in UTF-8."),
    Fault.NOT_JSON: _lazy("the file is broken here: this is not JSON. Export it once more, and leave it as it is."),
    Fault.TOO_DEEP: _lazy("this is nested far too deeply."),
    Fault.NAME_TWICE: _lazy("the same name stands twice in one object."),
    Fault.OTHER_FORMAT: _lazy("this is not a file that Ebb has exported."),
    Fault.NEWER_VERSION: _lazy(
        "a newer Ebb has written this file (version %(given)s). Bring this Ebb up to date first."
    ),
    Fault.MISSING: _lazy("this is missing."),
    Fault.UNKNOWN: _lazy("Ebb knows nothing of this name."),
    Fault.NOT_A_LIST: _lazy("this must be a list."),
    Fault.NOT_AN_OBJECT: _lazy("this must be an object, in curly brackets."),
    Fault.NOT_A_UUID: _lazy("“%(given)s” is not a key such as 0b5dbb6e-6d5c-4f0e-9a37-6f2c3b9d7e10."),
    Fault.NOT_AN_INSTANT: _lazy("“%(given)s” is not a moment such as 2026-03-01T07:30:00Z."),
    Fault.NOT_A_DAY: _lazy("“%(given)s” is not a day such as 2026-03-01."),
    Fault.NOT_A_TIME: _lazy("“%(given)s” is not a time of day such as 07:30."),
    Fault.NOT_WHOLE: _lazy("“%(given)s” is not a whole number."),
    Fault.OUT_OF_RANGE: _lazy("“%(given)s” is not on the scale."),
    Fault.NOT_TEXT: _lazy("this must be text."),
    Fault.TOO_LONG: _lazy("this text is longer than there is room for."),
    Fault.NOT_STORABLE: _lazy("this text holds a character that cannot be stored."),
    Fault.NOT_OFFERED: _lazy("“%(given)s” is not on the list for this."),
    Fault.NOT_TRUE_OR_FALSE: _lazy("this must be true or false."),
    Fault.TWICE: _lazy("“%(given)s” stands here a second time."),
    Fault.TOO_EARLY: _lazy("“%(given)s” is before the year 1900."),
    Fault.IN_FUTURE: _lazy("“%(given)s” has not come yet."),
    Fault.OTHER_DAY: _lazy("“%(given)s” is not the day on which it was felt."),
    Fault.NOT_THERE: _lazy("“%(given)s” is neither in the file nor in your record."),
    Fault.BROKEN_TABLE: _lazy(
        "a quotation mark is in the wrong place, or this line has more or fewer values than names."
    ),
    Fault.OTHER_COLUMNS: _lazy("the first line does not name the columns of Ebb's own table."),
    Fault.LINES_DIFFER: _lazy("the lines of this entry say different things beside its places."),
    Fault.REFUSED: _lazy("this cannot be taken over. %(given)s"),
}
