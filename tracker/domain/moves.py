"""The twelve morning moves: what each is for, how it goes, how much in each stage, what is easier, harder, and left out.

Own wording. Doses, targets and what speaks against a move follow the clinical evidence gathered for this project (a
morning programme needs strength: stretching alone did no better than nothing in a network of 89 trials). All of it is
to be reviewed by a physiotherapist.
"""

from dataclasses import dataclass
from enum import StrEnum

from tracker.domain.text import gettext_noop as _

STAGES = ("A", "B", "C")
SECONDS_A_TIME = 4  # one repetition, slowly
SECONDS_A_BREATH = 9


class Purpose(StrEnum):
    WARM_UP = "warm_up"
    MOBILITY = "mobility"
    STRENGTH = "strength"


class Unit(StrEnum):
    MINUTES = "minutes"
    BREATHS = "breaths"
    TIMES = "times"
    EACH_SIDE = "each_side"


class Version(StrEnum):
    """How a move is done; the chair version stands in for what is done on the floor."""

    EASIER = "easier"
    USUAL = "usual"
    HARDER = "harder"
    CHAIR = "chair"


@dataclass(frozen=True, kw_only=True, slots=True)
class Move:
    """One exercise. `amounts` and `drawn` hold what stage A, B and C ask for."""

    key: str
    name: str
    how: tuple[str, str, str]
    why: str
    easier: str
    harder: str
    skip_if: str
    stop_if: str
    purpose: Purpose
    unit: Unit
    amounts: tuple[int, int, int]
    hold_s: int = 0
    bends: bool = False  # the back bends forward: not first thing in the morning
    chair: str = ""  # done on or behind a chair; empty where the usual or easier version needs no floor
    not_with: frozenset[str] = frozenset()  # points of `move_gate` with which it is left out
    chair_with: frozenset[str] = frozenset()  # those with which its chair version is shown
    stage_notes: tuple[str, str, str] = ("", "", "")
    drawn: tuple[str, str, str] = ("usual", "usual", "usual")
    drawn_easier: str = "easier"
    drawn_chair: str = ""  # where it is another than the easier one
    drawn_also: str = ""  # a second movement of the same move

    def amount(self, stage: str) -> int:
        return self.amounts[STAGES.index(stage)]

    def note(self, stage: str) -> str:
        return self.stage_notes[STAGES.index(stage)]

    def drawing(self, stage: str, version: str) -> str:
        """The key of the drawing of that version, beside the move's own."""
        match version:
            case Version.EASIER:
                return self.drawn_easier
            case Version.CHAIR:
                return self.drawn_chair or self.drawn_easier
            case Version.HARDER:
                return self.drawn[min(STAGES.index(stage) + 1, 2)]
        return self.drawn[STAGES.index(stage)]

    def says(self, version: str) -> str:
        """What is different in that version."""
        words = {Version.EASIER: self.easier, Version.HARDER: self.harder, Version.CHAIR: self.chair or self.easier}
        return words.get(Version(version), "")

    def seconds(self, amount: int) -> int:
        match self.unit:
            case Unit.MINUTES:
                return 60 * amount
            case Unit.BREATHS:
                return SECONDS_A_BREATH * amount
        return (SECONDS_A_TIME + self.hold_s) * amount * (2 if self.unit is Unit.EACH_SIDE else 1)


MOVES = (
    Move(
        key="march_walk",
        name=_("March on the spot"),
        how=(_("Stand tall."), _("Lift one knee, then the other."), _("Let your arms swing along.")),
        why=_("Warms you up and wakes stiff joints."),
        easier=_("Hold the back of a chair and lift your feet only a little."),
        harder=_("Walk outside for 10 to 30 minutes instead."),
        skip_if=_("Unsteady on your feet? Hold on to a chair."),
        stop_if=_("Stop if you get dizzy or short of breath."),
        purpose=Purpose.WARM_UP,
        unit=Unit.MINUTES,
        amounts=(1, 3, 5),
    ),
    Move(
        key="breath_rib",
        name=_("Breathe into your ribs"),
        how=(
            _("Sit and lay your hands on your lower ribs."),
            _("Breathe in slowly through your nose."),
            _("Feel the ribs spread, then let the air go."),
        ),
        why=_("Moves the ribs and calms the body."),
        easier=_("Lie on your back with bent knees."),
        harder=_("Make each breath out twice as long as the breath in."),
        skip_if=_("Short of breath while sitting still? Do not start; get help."),
        stop_if=_("Stop if you feel light in the head, and breathe as you like."),
        purpose=Purpose.WARM_UP,
        unit=Unit.BREATHS,
        amounts=(5, 6, 8),
        chair=_("Sit as usual, with your back against the chair."),
        drawn_chair="usual",
    ),
    Move(
        key="neck_rotation_nod",
        name=_("Turn and nod"),
        how=(
            _("Sit or stand with loose shoulders."),
            _("Turn your head slowly half way to one side and back."),
            _("Then nod a small yes, and change sides."),
        ),
        why=_("Eases a neck that can send pain between the shoulder blades."),
        easier=_("Turn a quarter of the way, and leave out the nod."),
        harder=_("Stay for two slow breaths at the end of each turn."),
        skip_if=_("Leave it out if it makes you dizzy."),
        stop_if=_("Stop if an arm feels weak or tingles."),
        purpose=Purpose.MOBILITY,
        unit=Unit.EACH_SIDE,
        amounts=(5, 6, 8),
        chair=_("Sit as usual."),
        drawn_easier="usual",
        drawn_also="nod",
    ),
    Move(
        key="open_book",
        name=_("Open the book"),
        how=(
            _("Lie on your side, knees bent, arms in front of you."),
            _("Lift the top arm and turn it open to the other side."),
            _("Let your head follow; the knees stay where they are."),
        ),
        why=_("Lets the upper back turn."),
        easier=_("Keep that hand on your chest and open only the elbow."),
        harder=_("Stay open for two slow breaths."),
        skip_if=_("Leave it out with brittle bones or a broken vertebra."),
        stop_if=_("Stop if a shoulder catches or an arm tingles."),
        purpose=Purpose.MOBILITY,
        unit=Unit.EACH_SIDE,
        amounts=(5, 8, 10),
        drawn_chair="chair",
        chair=_("Sit, cross your arms on your chest, and turn to one side and the other."),
        not_with=frozenset({"spine_fracture", "weak_bones"}),
    ),
    Move(
        key="thor_ext_chair",
        name=_("Lean back over a chair"),
        how=(
            _("Sit, hands behind your head, chair back at your shoulder blades."),
            _("Lean your upper back gently over it."),
            _("Come up again; the lower back stays quiet."),
        ),
        why=_("Opens an upper back that sits a lot."),
        easier=_("Cross your arms on your chest and lean only a little."),
        harder=_("Stay there for two slow breaths."),
        skip_if=_("Leave it out with brittle bones, after a broken vertebra, or if you get dizzy."),
        stop_if=_("Stop if pain shoots around the ribs or down an arm."),
        purpose=Purpose.MOBILITY,
        unit=Unit.TIMES,
        amounts=(5, 8, 10),
        not_with=frozenset({"spine_fracture", "weak_bones"}),
    ),
    Move(
        key="cat_camel",
        name=_("Cat and camel"),
        how=(
            _("Go on hands and knees."),
            _("Round your back a little, then let it sink a little."),
            _("Stay in the easy middle."),
        ),
        why=_("Loosens the back without a deep bend."),
        easier=_("Do it sitting, hands on your thighs."),
        harder=_("Move more slowly, with one breath each way."),
        skip_if=_("Sore wrists or knees? Do it sitting."),
        stop_if=_("Stop if pain runs into a leg."),
        purpose=Purpose.MOBILITY,
        unit=Unit.TIMES,
        amounts=(6, 8, 10),
        bends=True,
        not_with=frozenset({"spine_fracture", "weak_bones"}),
    ),
    Move(
        key="scap_squeeze",
        name=_("Shoulder blades together"),
        how=(
            _("Bend your elbows beside you."),
            _("Draw your shoulder blades back and down."),
            _("Hold for 5 seconds and let go."),
        ),
        why=_("Strengthens what holds your upper back."),
        easier=_("Draw them together half as hard, without a band."),
        harder=_("Pull an elastic band towards you, or a stronger one."),
        skip_if=_("Leave it out while a rib is freshly sore."),
        stop_if=_("Stop if a rib or a shoulder stings."),
        purpose=Purpose.STRENGTH,
        unit=Unit.TIMES,
        amounts=(8, 10, 12),
        hold_s=5,
        stage_notes=("", _("with a band"), _("with a stronger band")),
        drawn=("usual", "band", "band"),
        drawn_easier="usual",
    ),
    Move(
        key="wall_angel",
        name=_("Wall angel"),
        how=(
            _("Stand with your back to a wall, arms bent like a goal post."),
            _("Slide your arms up along the wall."),
            _("Slide them down again."),
        ),
        why=_("Builds staying power for sitting and standing tall."),
        easier=_("Make the slide smaller, or let your arms come off the wall."),
        harder=_("Slower, and hands and elbows stay on the wall."),
        skip_if=_("Leave it out while a shoulder cannot be lifted."),
        stop_if=_("Stop if a shoulder catches."),
        purpose=Purpose.STRENGTH,
        unit=Unit.TIMES,
        amounts=(5, 8, 10),
        drawn_easier="usual",
    ),
    Move(
        key="wall_pushup",
        name=_("Push away"),
        how=(
            _("Lean on your hands, your body in one line."),
            _("Bend your elbows and come nearer."),
            _("Push away and breathe out."),
        ),
        why=_("Strengthens arms, chest and trunk together."),
        easier=_("Stand nearer to the wall and bend your elbows less."),
        harder=_("Lean lower: on a worktop, then on the floor from your knees."),
        skip_if=_("High blood pressure? Breathe out as you push, never hold your breath."),
        stop_if=_("Stop if your chest feels tight: that is a sign to get help."),
        purpose=Purpose.STRENGTH,
        unit=Unit.TIMES,
        amounts=(6, 10, 12),
        stage_notes=(_("on a wall"), _("on a worktop"), _("on the floor, from your knees")),
        drawn=("usual", "worktop", "floor"),
        drawn_easier="usual",
    ),
    Move(
        key="bird_dog",
        name=_("Reach arm and leg"),
        how=(
            _("Go on hands and knees, back level."),
            _("Stretch one arm forward and the opposite leg back."),
            _("Hold for 5 seconds, then change."),
        ),
        why=_("Teaches the trunk to stay steady."),
        easier=_("Stand behind a chair, hold on, and lift one leg back."),
        harder=_("Draw a small square with the hand before you change."),
        skip_if=_("Sore knees or wrists? Do it standing."),
        stop_if=_("Stop if pain runs into a leg."),
        purpose=Purpose.STRENGTH,
        unit=Unit.EACH_SIDE,
        amounts=(4, 6, 10),
        hold_s=5,
    ),
    Move(
        key="bridge",
        name=_("Bridge"),
        how=(
            _("Lie on your back, knees bent, feet flat."),
            _("Lift your hips until shoulders and knees are in line."),
            _("Hold for 3 to 5 seconds and come down slowly."),
        ),
        why=_("Strengthens hips and lower back."),
        easier=_("Lift your hips only half as high."),
        harder=_("One foot on the floor, the other leg straight."),
        skip_if=_("Late in pregnancy: do it standing, behind a chair."),
        stop_if=_("Stop if a thigh cramps or pain runs into a leg."),
        purpose=Purpose.STRENGTH,
        unit=Unit.TIMES,
        amounts=(6, 10, 12),
        hold_s=4,
        chair_with=frozenset({"pregnant", "pregnancy_trouble"}),
        drawn_chair="chair",
        chair=_("Stand behind a chair, push your hips back a little, then stand tall and tighten your buttocks."),
        stage_notes=("", "", _("one leg at a time")),
        drawn=("usual", "usual", "one_leg"),
        drawn_easier="usual",
    ),
    Move(
        key="sit_to_stand",
        name=_("Stand up and sit down"),
        how=(
            _("Sit near the front of a firm chair."),
            _("Lean forward and stand up, slowly."),
            _("Sit down again without a bump."),
        ),
        why=_("The strength that a day needs most."),
        easier=_("Push with your hands on the arms of the chair."),
        harder=_("Stop for a breath just above the seat."),
        skip_if=_("Sore knees? Put a cushion on the seat."),
        stop_if=_("Stop if you get dizzy on standing up; sit until it has passed."),
        purpose=Purpose.STRENGTH,
        unit=Unit.TIMES,
        amounts=(5, 10, 20),
        bends=True,
        stage_notes=("", "", _("in two lots of 10")),
    ),
)
MOVE = {move.key: move for move in MOVES}
MOVE_KEYS = frozenset(MOVE)

# Whatever the move: stop everything and get help.
STOP_SIGNS = (
    _("pressure or tightness in your chest"),
    _("short breath that does not settle"),
    _("feeling faint"),
    _("a sudden tearing pain"),
    _("new weakness in a leg"),
    _("numbness between your legs"),
    _("a change in passing water or stool"),
)
