"""When a questionnaire that comes again and again is offered: one at a time, and never pressing."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, timedelta


@dataclass(frozen=True, kw_only=True)
class Beat:
    """Offered this many days after the last answers; the first time on that day of the record (0 is its first)."""

    every_days: int
    from_day: int


def due(
    *,
    beats: Mapping[str, Beat],
    asked: Collection[str],
    begun_on: date,
    today: date,
    last: Mapping[str, date],
    put_off: Mapping[str, date],
) -> str | None:
    """The one questionnaire to offer today, None where there is none.

    `beats` in the order in which they come first, `asked` what the patient wants, `last` the days of the last answers,
    `put_off` the days before which one is not offered again. Nothing on a day on which one was answered.
    """
    if today in last.values():
        return None
    return next(
        (
            key
            for key in waiting(beats=beats, asked=asked, begun_on=begun_on, today=today, put_off=put_off)
            if key not in last or last[key] + timedelta(days=beats[key].every_days) <= today
        ),
        None,
    )


def waiting(
    *,
    beats: Mapping[str, Beat],
    asked: Collection[str],
    begun_on: date,
    today: date,
    put_off: Mapping[str, date],
) -> list[str]:
    """What could be offered today, going by all but the answers: where this is empty, nothing has to be looked up."""
    day = (today - begun_on).days
    return [
        key for key, beat in beats.items() if key in asked and day >= beat.from_day and put_off.get(key, today) <= today
    ]


def postponed(
    put_off: Mapping[str, date], *, key: str, until: date, tomorrow: date, beats: Collection[str]
) -> dict[str, date]:
    """`put_off` with one more: what was not wanted today makes room for no other one today."""
    return {one: max(put_off.get(one, tomorrow), until if one == key else tomorrow) for one in beats}
