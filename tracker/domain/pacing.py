"""The morning moves: twelve exercises in three stages, and when a patient is ready for the next.

Doses, order and the traffic light follow evidence gathered for this project (strength belongs in it, stretching alone
did no better than nothing; early-morning bending is left out). All of it is to be reviewed by a physiotherapist.
"""

from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from tracker.domain.text import gettext_noop as _

# Above this a move is stopped for the day; up to it is acceptable (pain-monitoring model, Thomee 1997; review).
PAIN_TO_STOP = 5
# Sessions in a row within that limit before the next stage is offered.
SESSIONS_TO_ADVANCE = 3
# Least days since the start of the programme before stage B and stage C.
DAYS_BEFORE = {"B": 14, "C": 42}
STAGES = ("A", "B", "C")
# Monday, Wednesday, Friday: muscles rest a day between.
STRENGTH_WEEKDAYS = frozenset({1, 3, 5})


class Purpose(StrEnum):
    WARM_UP = "warm_up"
    MOBILITY = "mobility"
    STRENGTH = "strength"


@dataclass(frozen=True, kw_only=True, slots=True)
class Move:
    """One exercise; ``amounts`` holds what to do in stage A, B and C."""

    key: str
    name: str
    how: str
    why: str
    skip_if: str
    purpose: Purpose
    amounts: tuple[str, str, str]

    def amount(self, stage: str) -> str:
        return self.amounts[STAGES.index(stage)]


MOVES = (
    Move(
        key="march_walk",
        name=_("March on the spot"),
        how=_("Stand tall, lift one knee and then the other, and let your arms swing. A short walk does the same."),
        why=_("Warms you up and wakes stiff joints."),
        skip_if=_("Unsteady? Hold the back of a chair."),
        purpose=Purpose.WARM_UP,
        amounts=(_("1 minute"), _("3 minutes"), _("5 minutes, or 10 to 30 outside")),
    ),
    Move(
        key="breath_rib",
        name=_("Breathe into your ribs"),
        how=_("Sit, lay your hands on your lower ribs and breathe slowly through your nose. Feel the ribs spread."),
        why=_("Moves the ribs and calms the body."),
        skip_if=_("Short of breath while sitting still? Stop and get help."),
        purpose=Purpose.WARM_UP,
        amounts=(_("5 breaths"), _("6 breaths"), _("8 breaths")),
    ),
    Move(
        key="cat_camel",
        name=_("Cat and camel"),
        how=_("On hands and knees, round your back a little, then let it sink a little. Stay in the easy middle."),
        why=_("Loosens the back without a deep bend."),
        skip_if=_("Sore wrists or knees? Do it sitting, hands on your thighs."),
        purpose=Purpose.MOBILITY,
        amounts=(_("6 times"), _("8 times"), _("10 times")),
    ),
    Move(
        key="thor_ext_chair",
        name=_("Lean back over a chair"),
        how=_("Sit with your hands behind your head. Lean your upper back gently over the top of the chair back."),
        why=_("Opens an upper back that sits a lot."),
        skip_if=_("Leave it out if your bones are brittle, after a broken vertebra, or if you get dizzy."),
        purpose=Purpose.MOBILITY,
        amounts=(_("5 times"), _("8 times"), _("10 times")),
    ),
    Move(
        key="open_book",
        name=_("Open the book"),
        how=_(
            "Lie on your side, knees bent, arms in front of you. Lift the top arm and turn it open to the other side."
        ),
        why=_("Lets the upper back turn."),
        skip_if=_("Sore shoulder? Keep that hand on your chest."),
        purpose=Purpose.MOBILITY,
        amounts=(_("5 times each side"), _("8 times each side"), _("10 times each side")),
    ),
    Move(
        key="scap_squeeze",
        name=_("Shoulder blades together"),
        how=_(
            "Draw your shoulder blades back and down and hold for 5 seconds. Later, pull an elastic band towards you."
        ),
        why=_("Strengthens what holds your upper back."),
        skip_if=_("Leave it out while a rib is freshly sore."),
        purpose=Purpose.STRENGTH,
        amounts=(_("8 times"), _("10 times with a band"), _("12 times with a stronger band")),
    ),
    Move(
        key="wall_angel",
        name=_("Wall angel"),
        how=_("Stand with your back to a wall, arms bent up like a goal post. Slide them up and down along the wall."),
        why=_("Builds staying power for standing and sitting tall."),
        skip_if=_("Make the slide smaller if it hurts; stop above 5 out of 10."),
        purpose=Purpose.STRENGTH,
        amounts=(_("5 times"), _("8 times"), _("10 times")),
    ),
    Move(
        key="wall_pushup",
        name=_("Push away from a wall"),
        how=_(
            "Hands on a wall at chest height, step back, bend your elbows and push away. Later use a worktop, then the floor."
        ),
        why=_("Strengthens arms, chest and trunk together."),
        skip_if=_("High blood pressure? Breathe out as you push and never hold your breath."),
        purpose=Purpose.STRENGTH,
        amounts=(_("6 times"), _("10 times, on a worktop"), _("12 times, on a worktop or the floor")),
    ),
    Move(
        key="bird_dog",
        name=_("Reach arm and leg"),
        how=_(
            "On hands and knees, stretch one arm forward and the opposite leg back. Hold for 5 seconds, then change."
        ),
        why=_("Teaches the trunk to stay steady."),
        skip_if=_("Sore knees? Do it standing, with your hands on a table."),
        purpose=Purpose.STRENGTH,
        amounts=(_("4 times each side"), _("6 times each side"), _("10 times each side")),
    ),
    Move(
        key="bridge",
        name=_("Bridge"),
        how=_("Lie on your back, knees bent, feet flat. Lift your hips and hold for 3 to 5 seconds."),
        why=_("Strengthens hips and lower back."),
        skip_if=_("Late in pregnancy, leave it out or ask for another one."),
        purpose=Purpose.STRENGTH,
        amounts=(_("6 times"), _("10 times"), _("12 times, one leg at a time")),
    ),
    Move(
        key="sit_to_stand",
        name=_("Stand up and sit down"),
        how=_("Stand up from a chair and sit down again, slowly, without a bump."),
        why=_("The strength that a day needs most."),
        skip_if=_("Use your hands, or hold something firm, if you need to."),
        purpose=Purpose.STRENGTH,
        amounts=(_("5 times"), _("10 times"), _("10 times, twice")),
    ),
    Move(
        key="neck_rotation_nod",
        name=_("Turn and nod"),
        how=_("Turn your head slowly half way to one side and back, then the other. Then nod a small yes."),
        why=_("Eases a neck that can send pain between the shoulder blades."),
        skip_if=_("Leave it out if it makes you dizzy or an arm feels weak."),
        purpose=Purpose.MOBILITY,
        amounts=(_("5 times each side"), _("6 times each side"), _("8 times each side")),
    ),
)
MOVE_KEYS = frozenset(move.key for move in MOVES)


def moves_on(day: date) -> tuple[Move, ...]:
    """That day's list: warm-up and mobility daily, strength on three days of the week."""
    with_strength = day.isoweekday() in STRENGTH_WEEKDAYS
    return tuple(move for move in MOVES if with_strength or move.purpose is not Purpose.STRENGTH)


def stage_after(sessions: Iterable[tuple[int, int | None]]) -> str:
    """The stage that all sessions lead to; each as (days since the start, pain during it), oldest first.

    Worked out from the first session on, so that writing one down twice, or correcting it, moves nothing twice.
    """
    stage, pains = STAGES[0], deque[int | None](maxlen=SESSIONS_TO_ADVANCE)
    for days_since_start, pain in sessions:
        pains.appendleft(pain)
        stage = next_stage(stage=stage, days_since_start=days_since_start, pains=list(pains))
    return stage


def next_stage(*, stage: str, days_since_start: int, pains: Sequence[int | None]) -> str:
    """The stage that fits after the newest sessions; ``pains`` during them (NRS 0 to 10, newest first).

    One step back after a session above the limit, one forward after three within it once enough weeks have passed.
    A session without a score neither helps nor hinders the step back, and holds up the step forward.
    """
    place = STAGES.index(stage)
    newest = pains[0] if pains else None
    if newest is not None and newest > PAIN_TO_STOP:
        return STAGES[max(place - 1, 0)]
    recent = pains[:SESSIONS_TO_ADVANCE]
    ready = len(recent) == SESSIONS_TO_ADVANCE and all(pain is not None and pain <= PAIN_TO_STOP for pain in recent)
    following = STAGES[min(place + 1, len(STAGES) - 1)]
    return following if ready and days_since_start >= DAYS_BEFORE.get(following, 0) else stage
