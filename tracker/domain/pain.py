"""The numeric rating scale and what may be said of a day's ratings."""

from datetime import date

# No record reaches further back: nothing was felt, started or done before this day.
EARLIEST_DAY = date(1900, 1, 1)
NRS_MIN = 0  # no pain
NRS_MAX = 10  # worst imaginable


def is_nrs(value: object) -> bool:
    """True for a whole number from 0 to 10. Zero is a rating; a missing rating is not zero."""
    return isinstance(value, int) and not isinstance(value, bool) and NRS_MIN <= value <= NRS_MAX
