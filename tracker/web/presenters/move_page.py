"""The page of one move: how it goes, its stages and versions, and how it stands with this patient."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from django.utils.translation import gettext as _

from tracker.domain.daily_set import Planned, Standing, is_allowed
from tracker.domain.move_drawings import DRAWINGS, Drawing
from tracker.domain.moves import STAGES, STOP_SIGNS, Move, Version
from tracker.services import exercises, move_words
from tracker.web.presenters.moves import PURPOSES, MovesPage, other_wishes

WEEKS = {
    "A": lambda: _("weeks 1 and 2"),
    "B": lambda: _("from week 3"),
    "C": lambda: _("from week 7"),
}


@dataclass(frozen=True, kw_only=True)
class Stage:
    """`drawing` is left out where the page has shown it by then."""

    letter: str
    weeks: str
    dose: str
    drawing: Drawing | None
    is_now: bool


@dataclass(frozen=True, kw_only=True)
class Kind:
    """A version beside the usual one. `drawing` is left out where it is the one that the page shows anyway."""

    name: str
    words: str
    drawing: Drawing | None


@dataclass(kw_only=True)
class MovePage:
    move: Move
    moves: MovesPage
    from_session: bool = False

    @property
    def purpose(self) -> str:
        return PURPOSES[self.move.purpose]()

    @cached_property
    def stages(self) -> list[Stage]:
        now = self.moves.stage if self.moves.is_open and self.planned else ""
        stages, shown = [], [self.drawing]
        for letter in STAGES:
            drawn = self._drawn(letter, Version.USUAL)
            stages.append(
                Stage(
                    letter=letter,
                    weeks=WEEKS[letter](),
                    dose=move_words.dose(self.move, letter),
                    drawing=None if drawn in shown else drawn,
                    is_now=letter == now,
                )
            )
            shown.append(drawn)
        return stages

    @property
    def has_next_stage(self) -> bool:
        return not self.stages[-1].is_now

    @property
    def drawing(self) -> Drawing:
        """As it is for this patient now, else as everybody begins."""
        if self.moves.is_open and self.planned:
            return DRAWINGS[self.planned.drawing]
        return self._drawn(STAGES[0], Version.USUAL)

    @property
    def drawn_as(self) -> str:
        """The version of that drawing, where the steps beside it are those of the usual one."""
        is_other = self.moves.is_open and self.planned and self.planned.version is not Version.USUAL
        return move_words.version(self.planned) if is_other else ""

    @property
    def also(self) -> Drawing | None:
        return DRAWINGS[self.move.key, self.move.drawn_also] if self.move.drawn_also else None

    @property
    def kinds(self) -> Iterator[Kind]:
        names = {Version.EASIER: _("Easier"), Version.CHAIR: _("With a chair"), Version.HARDER: _("Harder")}
        usual = {self.move.drawing(letter, Version.USUAL) for letter in STAGES}
        for version, name in names.items():
            if version is Version.CHAIR and not self.move.chair:
                continue
            drawn = self.move.drawing("A", version)
            words = _(self.move.says(version))
            yield Kind(name=name, words=words, drawing=None if drawn in usual else DRAWINGS[self.move.key, drawn])

    @cached_property
    def standing(self) -> Standing:
        return self.moves.day.standing(self.move.key)

    @property
    def planned(self) -> Planned | None:
        return self.standing.planned

    @property
    def dose_now(self) -> str:
        return move_words.planned(self.planned) if self.planned else ""

    @property
    def differs(self) -> str:
        return move_words.what_differs(self.planned) if self.planned else ""

    @property
    def reasons(self) -> list[str]:
        return [move_words.reason(one) for one in self.standing.why]

    @property
    def last_done(self) -> str:
        return move_words.last_done(exercises.last_done(patient=self.moves.patient, move=self.move.key))

    @property
    def can_be_wished(self) -> bool:
        return is_allowed(self.move, self.moves.day.facts)

    @property
    def wish(self) -> str:
        return self.moves.day.programme.wishes.get(self.move.key, "")

    @property
    def wishes(self) -> list[tuple[str, str]]:
        return other_wishes(self.wish, comes_as=self.planned.version if self.planned else None)

    @property
    def stop_signs(self) -> list[str]:
        return [_(sign) for sign in STOP_SIGNS]

    def _drawn(self, letter: str, version: Version) -> Drawing:
        return DRAWINGS[self.move.key, self.move.drawing(letter, version)]
