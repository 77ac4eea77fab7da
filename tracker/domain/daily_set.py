"""Which moves a day holds, how much of each, in what order, and why: everything that is decided is told with its reason.

Strength on non-consecutive days, two or three a week; mobility daily; what was done longest ago comes first, so that a
week holds everything. What bends the back comes last until it has been up for half an hour. What the patient wishes
comes before all of that, except what the safety gate leaves out.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum

from tracker.domain.moves import MOVE, MOVES, Move, Purpose, Unit, Version
from tracker.domain.pacing import Change, Course, Done, Level, measured, shared

STRENGTH_A_WEEK = 3  # days
N_MOBILITY, N_MOBILITY_WITH_STRENGTH = 4, 2
N_STRENGTH = (3, 4)  # at least, at most
LONGEST_MINUTES = 15
REST_S = 45  # between two moves; 30 to 60 s
REST_CHOICES = (30, 45, 60)
VARIETY_DAYS = 7
SHORT_UNITS = {Unit.MINUTES}  # not measured: they follow the stage alone


class Wish(StrEnum):
    """What a patient wants of a move, until they say otherwise."""

    EASIER = "easier"
    USUAL = "usual"
    HARDER = "harder"
    OUT = "out"


class Why(StrEnum):
    """Reasons; the words are written elsewhere."""

    STAGE = "stage"
    THREE_GOOD = "three_good"
    PAIN_DURING = "pain_during"
    PAIN_NEXT_MORNING = "pain_next_morning"
    LONG_BREAK = "long_break"
    TOWARDS = "towards"
    FLARE = "flare"
    AFTER_FLARE = "after_flare"
    EASIER_TODAY = "easier_today"
    STRENGTH_DAY = "strength_day"
    STRENGTH_RESTS = "strength_rests"
    STRENGTH_ENOUGH = "strength_enough"
    BENDING_LAST = "bending_last"
    UP_FOR_A_WHILE = "up_for_a_while"
    CHAIR = "chair"
    LEFT_OUT = "left_out"
    NOT_WITH = "not_with"
    HURT = "hurt"
    WISH = "wish"
    SWAPPED = "swapped"
    MEASURED = "measured"
    SITTING_OR_STANDING = "sitting_or_standing"
    TURN_OF_OTHERS = "turn_of_others"
    GAVE_WAY = "gave_way"


@dataclass(frozen=True, kw_only=True)
class Reason:
    why: Why
    move: str = ""
    day: date | None = None
    n: int | None = None
    other: str = ""


@dataclass(frozen=True, kw_only=True)
class Planned:
    move: Move
    version: Version
    amount: int
    stage: str
    why: tuple[Reason, ...] = ()

    @property
    def seconds(self) -> int:
        return self.move.seconds(self.amount)

    @property
    def drawing(self) -> tuple[str, str]:
        return self.move.key, self.move.drawing(self.stage, self.version)


@dataclass(frozen=True, kw_only=True)
class Wishes:
    """Kept ones by move; of today alone: everything easier, and one move in the place of another."""

    kept: Mapping[str, Wish] = field(default_factory=dict)
    is_easier_today: bool = False
    swapped_today: Mapping[str, str] = field(default_factory=dict)
    is_measured_since: date | None = None


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What a day's set is made from. `sessions`: oldest first, before that day."""

    on: date
    course: Course
    sessions: Sequence[Done] = ()
    wishes: Wishes = Wishes()
    conditions: frozenset[str] = frozenset()
    needs_chair: bool = False
    share: float = 1.0  # in a flare and after it
    is_flare: bool = False
    has_risen: bool = False  # half an hour ago or more


@dataclass(frozen=True, kw_only=True)
class DailySet:
    on: date
    level: Level
    moves: tuple[Planned, ...]
    why: tuple[Reason, ...]

    @property
    def minutes(self) -> int:
        rests = REST_S * max(len(self.moves) - 1, 0)
        return round((sum(one.seconds for one in self.moves) + rests) / 60)


@dataclass(frozen=True, kw_only=True)
class Standing:
    """How one move stands on a day. `planned` is what it would be, were it on the list; None where it is left out."""

    is_listed: bool
    planned: Planned | None
    why: tuple[Reason, ...]


def daily_set(facts: Facts) -> DailySet:
    strength = strength_today(facts)
    chosen = _chosen(facts, has_strength=strength is Why.STRENGTH_DAY)
    ordered = _ordered(chosen, facts)
    reasons = (*_of_level(facts), *_of_day(facts), Reason(why=strength), *_of_order(ordered, facts))
    reasons += (*_of_chair(facts), *_of_gate(facts))
    return DailySet(on=facts.on, level=facts.course.level, moves=tuple(ordered), why=reasons)


def strength_today(facts: Facts) -> Why:
    """Not the day after strength, and on three of seven days at most."""
    days: set[date] = set()
    for session in facts.sessions:
        # Of a bare "done" nobody knows what it was: the list of that day, with its strength if it was time for it.
        # One that was stopped because it hurt was begun: its muscles rest too.
        tried = session.moves | session.hurt
        if any(map(_is_strength, tried)) if tried else _strength_on(session.day, days) is Why.STRENGTH_DAY:
            days.add(session.day)
    return _strength_on(facts.on, days)


def _strength_on(on: date, days: Collection[date]) -> Why:
    """Whether it is time for strength, after what days had some."""
    if on - timedelta(days=1) in days:
        return Why.STRENGTH_RESTS
    week = {on - timedelta(days=n) for n in range(1, 7)}
    return Why.STRENGTH_ENOUGH if len(week.intersection(days)) >= STRENGTH_A_WEEK else Why.STRENGTH_DAY


def standing(key: str, facts: Facts, today: DailySet) -> Standing:
    """Of each of the twelve, also of those that are not on that day's list."""
    move = MOVE[key]
    listed = next((planned for planned in today.moves if planned.move.key == key), None)
    if listed is None and not _is_offered(move, facts):
        return Standing(is_listed=False, planned=None, why=tuple(_of_gate(facts, [move])))
    planned = listed or _planned(move, facts)
    place = _of_order([planned], facts) if listed else _of_absence(move, facts)
    why = (*place, *_of_level(facts), *_of_day(facts), *_of_chair(facts), *planned.why)
    return Standing(is_listed=listed is not None, planned=planned, why=why)


def is_allowed(move: Move, facts: Facts) -> bool:
    return not move.not_with & facts.conditions


def alternatives(key: str, chosen: Iterable[str], facts: Facts) -> list[Move]:
    """What could take a move's place today: of the same purpose, allowed, wanted, and not there already."""
    taken = set(chosen)
    return [
        move
        for move in _by_variety(facts)
        if move.purpose is MOVE[key].purpose and move.key not in taken and _is_offered(move, facts)
    ]


def _chosen(facts: Facts, *, has_strength: bool) -> list[Planned]:
    offered = [move for move in _by_variety(facts) if _is_offered(move, facts)]
    of = {purpose: [move for move in offered if move.purpose is purpose] for purpose in Purpose}
    n_mobility = N_MOBILITY_WITH_STRENGTH if has_strength else N_MOBILITY
    moves = of[Purpose.WARM_UP] + of[Purpose.MOBILITY][:n_mobility]
    if has_strength:
        least, most = N_STRENGTH
        for move in of[Purpose.STRENGTH][:most]:
            planned = [_planned(one, facts) for one in [*moves, move]]
            n = sum(one.purpose is Purpose.STRENGTH for one in moves)
            if n < least or _minutes(planned) <= LONGEST_MINUTES:
                moves.append(move)
    return [_planned(move, facts, instead_of=old) for move, old in _swapped(moves, facts)]


def _swapped(moves: Sequence[Move], facts: Facts) -> list[tuple[Move, str]]:
    taken = {move.key for move in moves}
    found: list[tuple[Move, str]] = []
    for move in moves:
        new = facts.wishes.swapped_today.get(move.key, "")
        is_fit = new in MOVE and new not in taken and MOVE[new].purpose is move.purpose and is_allowed(MOVE[new], facts)
        found.append((MOVE[new], move.key) if is_fit else (move, ""))
        taken.add(new if is_fit else move.key)
    return found


def _is_offered(move: Move, facts: Facts) -> bool:
    return is_allowed(move, facts) and facts.wishes.kept.get(move.key) is not Wish.OUT


def _by_variety(facts: Facts) -> list[Move]:
    """What was done longest ago first, then least often of late; ties stand in the order of the programme."""
    last: dict[str, date] = {}
    often: Counter[str] = Counter()
    first = facts.on - timedelta(days=VARIETY_DAYS)
    for session in facts.sessions:
        last.update(dict.fromkeys(session.moves, session.day))
        if session.day >= first:
            often.update(session.moves)
    return sorted(MOVES, key=lambda move: (max(last.get(move.key, first), first), often[move.key]))


def _planned(move: Move, facts: Facts, *, instead_of: str = "") -> Planned:
    version, why = _version(move, facts)
    stage = facts.course.level.stage
    amount = move.amount(stage)
    reasons = [Reason(why=Why.SWAPPED, move=move.key, other=instead_of)] if instead_of else []
    since = facts.wishes.is_measured_since
    plan = None
    if since is not None and move.unit not in SHORT_UNITS:
        plan = measured(facts.sessions, move.key, since=since, on=facts.on)
    if plan is not None and plan < amount:  # never more than the stage asks for
        amount = plan
        reasons.append(Reason(why=Why.MEASURED, move=move.key, n=amount))
    return Planned(move=move, version=version, amount=shared(amount, facts.share), stage=stage, why=(*reasons, *why))


def _version(move: Move, facts: Facts) -> tuple[Version, tuple[Reason, ...]]:
    wish = facts.wishes.kept.get(move.key)
    if move.chair_with & facts.conditions:
        return Version.CHAIR, (Reason(why=Why.SITTING_OR_STANDING, move=move.key),)
    if facts.needs_chair and wish is not Wish.USUAL:
        return Version.CHAIR, ()
    if facts.wishes.is_easier_today:
        return Version.EASIER, ()
    is_gentle = facts.course.level is Level.GENTLE or facts.is_flare
    hurt_on = facts.course.eased.get(move.key)
    # "Harder" waits while a step back is due; "as usual" is how the patient overrules that.
    if wish is Wish.EASIER or (wish is Wish.HARDER and hurt_on is None and not is_gentle):
        return Version(wish), (Reason(why=Why.WISH, move=move.key),)
    if hurt_on is not None and wish is not Wish.USUAL:
        return Version.EASIER, (Reason(why=Why.HURT, move=move.key, day=hurt_on),)
    return (Version.EASIER if is_gentle and wish is not Wish.USUAL else Version.USUAL), ()


def _ordered(chosen: Sequence[Planned], facts: Facts) -> list[Planned]:
    """In the order of the programme; what bends the back at the end, until it has been up for a while."""
    places = {move.key: place for place, move in enumerate(MOVES)}
    return sorted(chosen, key=lambda one: (one.move.bends and not facts.has_risen, places[one.move.key]))


def _of_level(facts: Facts) -> Iterable[Reason]:
    course = facts.course
    yield Reason(why=Why(course.change) if course.change is not Change.BEGUN else Why.STAGE, day=course.changed_on)
    if course.n_good and course.level is not Level.C:  # there is no next step
        yield Reason(why=Why.TOWARDS, n=course.n_good)


def _of_day(facts: Facts) -> Iterable[Reason]:
    if facts.is_flare:
        yield Reason(why=Why.FLARE)
    elif facts.share < 1:
        yield Reason(why=Why.AFTER_FLARE, n=round(facts.share * 100))
    if facts.wishes.is_easier_today:
        yield Reason(why=Why.EASIER_TODAY)


def _of_order(ordered: Sequence[Planned], facts: Facts) -> Iterable[Reason]:
    if any(one.move.bends for one in ordered):
        yield Reason(why=Why.UP_FOR_A_WHILE if facts.has_risen else Why.BENDING_LAST)


def _of_absence(move: Move, facts: Facts) -> Iterable[Reason]:
    """Why one that could be on the list is not."""
    instead = facts.wishes.swapped_today.get(move.key, "")
    strength = strength_today(facts)
    if instead in MOVE:
        yield Reason(why=Why.GAVE_WAY, move=move.key, other=instead)
    elif move.purpose is Purpose.STRENGTH and strength is not Why.STRENGTH_DAY:
        yield Reason(why=strength)
    else:
        yield Reason(why=Why.TURN_OF_OTHERS, move=move.key)


def _of_chair(facts: Facts) -> Iterable[Reason]:
    if facts.needs_chair:
        yield Reason(why=Why.CHAIR)


def _of_gate(facts: Facts, moves: Sequence[Move] = MOVES) -> Iterable[Reason]:
    for move in moves:
        if not is_allowed(move, facts):
            yield Reason(why=Why.NOT_WITH, move=move.key)
        elif facts.wishes.kept.get(move.key) is Wish.OUT:
            yield Reason(why=Why.LEFT_OUT, move=move.key)


def _is_strength(key: str) -> bool:
    return key in MOVE and MOVE[key].purpose is Purpose.STRENGTH


def _minutes(planned: Sequence[Planned]) -> float:
    return (sum(one.seconds for one in planned) + REST_S * (len(planned) - 1)) / 60
