"""How the morning moves adapt: what a session's pain means, when the next step comes, and how much is enough.

Sources: traffic light and settling by the next morning: pain-monitoring model (Thomee 1997; Silbernagel 2007), with the
project's ruling that a move is stopped above 5 or at 2 above the patient's usual, whichever is higher. Weeks of the
stages, three good sessions, one step back, rest days of strength, pacing and flare plan: clinical evidence gathered
for this project, after NICE NG193 (flare plan) and graded activity (baseline 0.8 of what is tolerated, 5 to 10 % a
week, by plan and not by pain). To be reviewed by a physiotherapist.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import IntEnum, StrEnum
from math import floor

from tracker.domain.pain import NRS_MAX

PAIN_GREEN = 3  # NRS up to which a move goes on as it is
PAIN_TO_STOP = 5  # NRS above which it stops
ABOVE_USUAL = 2  # points above the usual at which it stops, and at which a morning is not back to usual
SESSIONS_TO_ADVANCE = 3  # good ones in a row
DAYS_BEFORE = {"B": 14, "C": 42}  # least days since the first session
GAP_DAYS = 14  # each so many days without a session are one step back, down to stage A; RULING, unreviewed

MEASURED_SESSIONS = (3, 5)  # tolerated sessions that a baseline is the mean of: at least, at most
BASELINE_SHARE = 0.8
GROWTH_A_WEEK = 0.075  # the middle of 5 to 10 %

FLARE_SHARE = 0.5
FLARE = timedelta(hours=48)
RETURN_SHARES = (0.6, 0.7, 0.8, 0.9)  # of the four days after a flare: back within 3 to 5 days

RISEN_FOR = timedelta(minutes=30)  # before the back bends: discs are swollen after sleep (Snook 1998)
HABIT_DAYS = 66  # median days until a habit stands (Lally 2010); 4 to 335 were seen


class Light(StrEnum):
    GREEN = "green"
    AMBER = "amber"
    RED = "red"


class Level(IntEnum):
    """Steps of the programme. The first is stage A with every move in its easier version."""

    GENTLE = 0
    A = 1
    B = 2
    C = 3

    @property
    def stage(self) -> str:
        return "A" if self is Level.GENTLE else self.name


class Change(StrEnum):
    """Why the level is what it is."""

    BEGUN = "begun"
    THREE_GOOD = "three_good"
    PAIN_DURING = "pain_during"
    PAIN_NEXT_MORNING = "pain_next_morning"
    LONG_BREAK = "long_break"


@dataclass(frozen=True, kw_only=True)
class Done:
    """A session as it is known: pain as NRS, None where it was not said."""

    day: date
    moves: frozenset[str] = frozenset()
    hurt: frozenset[str] = frozenset()  # stopped because they hurt
    amounts: Mapping[str, int] = field(default_factory=dict)
    pain: int | None = None
    usual: int | None = None
    morning: int | None = None

    @property
    def light(self) -> Light | None:
        return None if self.pain is None else light(self.pain, self.usual)

    @property
    def is_settled(self) -> bool | None:
        return None if self.morning is None else is_settled(self.morning, self.usual)

    @property
    def is_red(self) -> bool:
        return self.light is Light.RED or self.is_settled is False

    @property
    def is_good(self) -> bool:
        """Known to have been bearable, in the session and on the morning after."""
        return self.light in (Light.GREEN, Light.AMBER) and self.is_settled is True and not self.hurt


@dataclass(frozen=True, kw_only=True)
class Course:
    """Where all sessions so far have led."""

    level: Level = Level.A
    change: Change = Change.BEGUN
    changed_on: date | None = None  # the day of the session that led to the level
    n_good: int = 0  # in a row, towards the next step
    eased: Mapping[str, date] = field(default_factory=dict)  # moves that hurt, since when: in their easier version


def stop_at(usual: int | None) -> int:
    """The NRS from which a move is stopped. The worst of the scale always stops it, however high the usual is."""
    return min(max(PAIN_TO_STOP + 1, (usual or 0) + ABOVE_USUAL), NRS_MAX)


def light(pain: int, usual: int | None = None) -> Light:
    if pain >= stop_at(usual):
        return Light.RED
    return Light.GREEN if pain <= PAIN_GREEN else Light.AMBER


def is_settled(morning: int, usual: int | None) -> bool:
    """Back to usual by the next morning. Without a known usual, no morning above the limit."""
    return morning < (PAIN_TO_STOP + 1 if usual is None else usual + ABOVE_USUAL)


def course(sessions: Sequence[Done], *, started_on: date, on: date) -> Course:
    """What the sessions, oldest first, lead to on a day. Worked out from the first one on, so that writing one down
    twice, or correcting it, moves nothing twice. A session of which too little was said moves nothing."""
    reached, before = Course(), None
    # From the first session on: weeks before it make nobody fit for the next stage, nor do those of a long break.
    begun_on = max(started_on, sessions[0].day) if sessions else started_on
    for session in sessions:
        begun_on += _break(before, session.day)
        reached = _after(_after_break(reached, before, session.day), session, begun_on)
        before = session.day
    return _after_break(reached, before, on)


def _after_break(reached: Course, before: date | None, day: date) -> Course:
    """``before``: the day of the last session, if there was one; what was not begun has no break."""
    if not (gap := _break(before, day)):
        return reached
    level = min(reached.level, Level(max(reached.level - gap.days // GAP_DAYS, Level.A)))
    return Course(level=level, change=Change.LONG_BREAK, changed_on=before, eased=reached.eased)


def _break(before: date | None, day: date) -> timedelta:
    """How long a long break was; nothing where there was none."""
    gap = day - before if before else timedelta()
    return gap if gap.days > GAP_DAYS else timedelta()


def _after(reached: Course, session: Done, begun_on: date) -> Course:
    eased = dict(reached.eased) | dict.fromkeys(session.hurt, session.day)
    if session.is_red:
        is_known_why = session.hurt and session.is_settled is not False
        if is_known_why:  # these moves go back, the others stay
            return Course(level=reached.level, change=reached.change, changed_on=reached.changed_on, eased=eased)
        why = Change.PAIN_DURING if session.light is Light.RED else Change.PAIN_NEXT_MORNING
        back = Level(max(reached.level - 1, Level.GENTLE))
        return Course(level=back, change=why, changed_on=session.day, eased=eased)
    if not session.is_good:
        n_good = 0 if session.hurt else reached.n_good
        return Course(
            level=reached.level, change=reached.change, changed_on=reached.changed_on, n_good=n_good, eased=eased
        )
    return _after_good(reached, session, begun_on)


def _after_good(reached: Course, session: Done, begun_on: date) -> Course:
    n_good = reached.n_good + 1
    if n_good < SESSIONS_TO_ADVANCE:
        return Course(
            level=reached.level,
            change=reached.change,
            changed_on=reached.changed_on,
            n_good=n_good,
            eased=reached.eased,
        )
    # The third good one in a row: what hurt once comes back as usual, and the next step comes if it is time for it.
    following = Level(min(reached.level + 1, Level.C))
    is_time = (session.day - begun_on).days >= DAYS_BEFORE.get(following.stage, 0)
    if following == reached.level or not is_time:
        return Course(level=reached.level, change=reached.change, changed_on=reached.changed_on, n_good=n_good)
    return Course(level=following, change=Change.THREE_GOOD, changed_on=session.day)


def flare_share(at: datetime, flare_until: datetime | None) -> float:
    """How much of the usual amount fits in and after a flare: half of it, then a little more each day."""
    if flare_until is None:
        return 1.0
    if at < flare_until:
        return FLARE_SHARE
    days = (at - flare_until) // timedelta(days=1)
    return RETURN_SHARES[days] if days < len(RETURN_SHARES) else 1.0


def shared(amount: float, share: float) -> int:
    """That share of an amount, rounded down, at least one."""
    return max(floor(amount * share + 1e-9), 1)


def baseline(amounts: Sequence[int]) -> float | None:
    """What to begin with: of the first tolerated amounts, oldest first. None while there are too few."""
    least, most = MEASURED_SESSIONS
    return BASELINE_SHARE * sum(amounts[:most]) / len(amounts[:most]) if len(amounts) >= least else None


def planned_amount(amounts: Sequence[int], *, weeks: int) -> int | None:
    """What the plan asks for so many whole weeks after the baseline was taken, rounded down, at least one."""
    begin = baseline(amounts)
    return None if begin is None else shared(begin, (1 + GROWTH_A_WEEK) ** max(weeks, 0))


def measured(sessions: Sequence[Done], move: str, *, since: date, on: date) -> int | None:
    """The planned amount of a move by the sessions since a day; only those that were bearable are measured."""
    counted = [
        (session.day, session.amounts[move])
        for session in sessions
        if session.day >= since
        and move in session.amounts
        and not session.is_red
        and session.light is not None
        and move not in session.hurt
    ]
    first = counted[: MEASURED_SESSIONS[1]]
    if len(first) < MEASURED_SESSIONS[0]:
        return None
    return planned_amount([amount for _day, amount in first], weeks=(on - first[MEASURED_SESSIONS[0] - 1][0]).days // 7)
