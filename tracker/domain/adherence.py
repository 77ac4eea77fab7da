"""Whether a treatment was used as planned, from what was said of its days. Of a day of which nothing was said nothing
is known: it counts neither for nor against."""

from dataclasses import dataclass
from math import ceil

FAIR_SHARE = 0.70  # of the planned days; clinical reference of the design, marked for review
MIN_DAYS_SAID = 5  # days of which something was said, before it is spoken of; RULING, unreviewed
WEEK = 7


@dataclass(frozen=True, kw_only=True)
class Adherence:
    n_done: int
    n_planned: int  # of the days of which something was said
    n_said: int

    @property
    def is_known(self) -> bool:
        return self.n_said >= MIN_DAYS_SAID

    @property
    def share(self) -> float | None:
        """None where too little was said. More often than planned is as planned."""
        return min(self.n_done / self.n_planned, 1.0) if self.is_known else None

    @property
    def is_unfair(self) -> bool:
        """Known to be used too little to be judged fairly."""
        return self.share is not None and self.share < FAIR_SHARE


def adherence(*, n_done: int, n_missed: int, days_a_week: int | None) -> Adherence:
    """`days_a_week`: how often it is planned, None for every day."""
    n_said = n_done + n_missed
    return Adherence(n_done=n_done, n_planned=max(ceil(n_said * (days_a_week or WEEK) / WEEK), 1), n_said=n_said)
