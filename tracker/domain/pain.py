"""The numeric rating scale and what may be said of a day's ratings."""

NRS_MIN = 0  # no pain
NRS_MAX = 10  # worst imaginable


def is_nrs(value: object) -> bool:
    """True for a whole number from 0 to 10. Zero is a rating; a missing rating is not zero."""
    return isinstance(value, int) and not isinstance(value, bool) and NRS_MIN <= value <= NRS_MAX
