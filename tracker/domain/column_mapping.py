"""What the columns of somebody else's table mean: as far as names and values tell, and as a patient has said."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import time
from decimal import Decimal
from enum import StrEnum
from typing import Any

from tracker.domain.errors import DomainError
from tracker.domain.log_faults import WrongCell
from tracker.domain.pain import NRS_MAX
from tracker.domain.table_file import MAX_COLUMNS, N_SAMPLE, Table
from tracker.domain.text_file import Encoding
from tracker.domain.words import folded
from tracker.domain.written_time import DayOrder, read_clock, read_moment

MIDNIGHT = time(0)
NUMBER = re.compile(r"[+-]?\d{1,6}([.,]\d{0,12})?", re.ASCII)


class Meaning(StrEnum):
    DAY = "day"
    TIME = "time"
    MOMENT = "day_and_time"
    PAIN = "pain"
    PAIN_TO_100 = "pain_0_100"
    PAIN_TO_5 = "pain_1_5"
    NOTE = "note"
    TO_NOTE = "add_to_note"
    SITE = "site"
    INTERFERENCE = "interference"
    INTERFERENCE_TO_100 = "interference_0_100"
    INTERFERENCE_TO_5 = "interference_1_5"
    SLEEP = "sleep"
    SLEEP_TO_100 = "sleep_0_100"
    SLEEP_TO_5 = "sleep_1_5"
    MOOD = "mood"
    MOOD_TO_100 = "mood_0_100"
    MOOD_TO_5 = "mood_1_5"
    HELPED = "helped"
    IGNORE = "ignore"


@dataclass(frozen=True, kw_only=True, slots=True)
class Scale:
    """A straight line from the file's scale to 0 to 10."""

    lowest: int
    highest: int

    def on_nrs(self, value: Decimal) -> Decimal:
        return (value - self.lowest) * NRS_MAX / (self.highest - self.lowest)


TO_10, TO_100, TO_5 = Scale(lowest=0, highest=10), Scale(lowest=0, highest=100), Scale(lowest=1, highest=5)
# Each rating that an entry has, and the columns that may hold it, with their scales.
RATINGS: dict[str, dict[Meaning, Scale]] = {
    "nrs": {Meaning.PAIN: TO_10, Meaning.PAIN_TO_100: TO_100, Meaning.PAIN_TO_5: TO_5},
    "interference": {
        Meaning.INTERFERENCE: TO_10,
        Meaning.INTERFERENCE_TO_100: TO_100,
        Meaning.INTERFERENCE_TO_5: TO_5,
    },
    "sleep": {Meaning.SLEEP: TO_10, Meaning.SLEEP_TO_100: TO_100, Meaning.SLEEP_TO_5: TO_5},
    "mood": {Meaning.MOOD: TO_10, Meaning.MOOD_TO_100: TO_100, Meaning.MOOD_TO_5: TO_5},
}
# Meanings that exclude each other: a table says each of these once.
_ONCE = (
    {Meaning.DAY, Meaning.MOMENT},
    *(set(scales) for scales in RATINGS.values()),
    {Meaning.TIME},
    {Meaning.NOTE},
    {Meaning.SITE},
    {Meaning.HELPED},
)


class WrongMapping(DomainError):
    """Not a mapping of this table: another number of columns, a meaning twice, or an unknown word."""


@dataclass(frozen=True, kw_only=True)
class ColumnMapping:
    """``columns`` has a meaning for each column. ``encoding`` is needed where the file does not prove its own."""

    columns: tuple[Meaning, ...]
    has_header: bool = True
    day_order: DayOrder | None = None
    encoding: Encoding | None = None
    leave_out_unrated: bool = False

    def __post_init__(self) -> None:
        for group in _ONCE:
            if sum(meaning in group for meaning in self.columns) > 1:
                raise WrongMapping(sorted(group))

    def place(self, *meanings: Meaning) -> int | None:
        """The number of the column that has one of these meanings."""
        return next((place for place, meaning in enumerate(self.columns) if meaning in meanings), None)

    @property
    def has_day(self) -> bool:
        return self.place(Meaning.DAY, Meaning.MOMENT) is not None

    @property
    def has_pain(self) -> bool:
        return self.place(*RATINGS["nrs"]) is not None

    def plain(self) -> dict[str, Any]:
        return {
            "columns": [meaning.value for meaning in self.columns],
            "has_header": self.has_header,
            "day_order": self.day_order and self.day_order.value,
            "encoding": self.encoding and self.encoding.value,
            "leave_out_unrated": self.leave_out_unrated,
        }


def mapping_from(said: Any) -> ColumnMapping:
    """From what `plain` gave, or a client has sent. Raises WrongMapping."""
    if not isinstance(said, Mapping) or said.keys() - ColumnMapping.__dataclass_fields__.keys():
        raise WrongMapping("names")
    columns = said.get("columns")
    if not isinstance(columns, list) or not 0 < len(columns) <= MAX_COLUMNS:
        raise WrongMapping("columns")
    flags = {name: said[name] for name in ("has_header", "leave_out_unrated") if name in said}
    if not all(isinstance(flag, bool) for flag in flags.values()):
        raise WrongMapping("flags")
    try:
        return ColumnMapping(
            columns=tuple(Meaning(word) for word in columns),
            day_order=DayOrder(said["day_order"]) if said.get("day_order") is not None else None,
            encoding=Encoding(said["encoding"]) if said.get("encoding") is not None else None,
            **flags,
        )
    except (ValueError, TypeError):
        raise WrongMapping("words") from None


def with_names(mapping: ColumnMapping, names: Sequence[str], said: Mapping[str, Meaning]) -> ColumnMapping:
    """The mapping with what is said of some columns by name; another column of the same meaning is left out.

    Raises WrongMapping for a name that no column has.
    """
    places = {folded(name): place for place, name in enumerate(names)}
    if unknown := [name for name in said if folded(name) not in places]:
        raise WrongMapping(", ".join(unknown))
    chosen = {places[folded(name)]: meaning for name, meaning in said.items()}
    taken = {other for meaning in chosen.values() for group in _ONCE if meaning in group for other in group}
    columns = (Meaning.IGNORE if meaning in taken else meaning for meaning in mapping.columns)
    return replace(mapping, columns=tuple(chosen.get(place, meaning) for place, meaning in enumerate(columns)))


@dataclass(frozen=True, kw_only=True)
class Guess:
    """``is_sure`` where the names of the columns say it; what only values suggest, a person has to check."""

    mapping: ColumnMapping
    is_sure: bool


# Names by which one of our own columns, and those of the first versions of this page, are known whatever they hold.
KNOWN_NAMES = {
    "day": Meaning.DAY,
    "date": Meaning.DAY,
    "felt at": Meaning.DAY,
    "pain": Meaning.PAIN,
    "nrs": Meaning.PAIN,
    "pain max": Meaning.PAIN,
    "score": Meaning.PAIN,
    "time": Meaning.TIME,
    "note": Meaning.NOTE,
    "site": Meaning.SITE,
    "was half": Meaning.HELPED,
}
# Beginnings of words in English, German, French, Spanish, Italian, Dutch and Portuguese, without accents. The first
# meaning of which a word is found wins: "pain site" is a site, "date of the pain" a day, "Schmerznotiz" a note.
_BEGINNINGS = (
    (
        Meaning.HELPED,
        "helped helps relief linderung geholfen aide soulag ayudo alivi aiuta solliev hielp verlicht ajudou",
    ),
    (
        Meaning.NOTE,
        "note notes comment remark notiz bemerkung kommentar anmerkung schmerznotiz commentaire remarque nota notas "
        "comentario observacion commento commenti osservazion opmerking notitie observac text beschreibung description",
    ),
    (
        Meaning.SITE,
        "site place location where area body ort schmerzort stelle korperstelle schmerzstelle lokalisation region lieu "
        "localisation endroit lugar zona localizacion luogo sede plaats locatie pijnlocatie pijnplaats local locali",
    ),
    (Meaning.SLEEP, "sleep schlaf sommeil sueno sonno slaap sono"),
    (Meaning.MOOD, "mood stimmung humeur animo umore stemming humor"),
    (
        Meaning.INTERFERENCE,
        "interfer einschrankung beeintrachtigung gene limitation impairment belemmer beperking limitac limitazion",
    ),
    (
        Meaning.MOMENT,
        "datetime timestamp zeitstempel horodatage zeitpunkt felt tijdstempel recorded created logged erfasst registrad",
    ),
    (Meaning.TIME, "time uhrzeit zeit heure hora ora orario tijd tijdstip hour clock"),
    (Meaning.DAY, "date day datum tag jour fecha dia data giorno dag"),
    (
        Meaning.PAIN,
        "pain nrs vas schmerz douleur dolor dolore pijn dor ache intensi score severity starke niveau rating eva",
    ),
)
_STARTS = [(meaning, tuple(words.split())) for meaning, words in _BEGINNINGS]
# These begin too many other words to stand for a beginning.
_WHOLE_WORDS = """
    day dag dia ora hora dor eva vas nrs time date site ort area body note nota gene sono text data local tag
"""
_WHOLE = frozenset(_WHOLE_WORDS.split())
# With one of these, a number is no rating: hours of sleep, painkillers taken, days without pain.
_NO_RATING_WORDS = """
    hour hrs min stunde std heure hora ore uren uur durat dauer duree painkill medic pill tablet dose schmerzmittel
    schmerztablett schmerzmedi schmerzdauer pijnstill pijnmedic analges antidolor free frei number anzahl count
"""
_NO_RATING = tuple(_NO_RATING_WORDS.split())


def has_header(table: Table) -> bool:
    """Whether the first line names the columns and is no row yet."""
    cells = [cell.strip() for cell in table.first]
    if any(_is_moment(cell) for cell in cells if cell):
        return False
    return any(map(_named, cells)) or not any(NUMBER.fullmatch(cell) for cell in cells)


def guess(table: Table, *, header: bool | None = None) -> Guess:
    """What each column means. ``header`` says whether the first line is one; else its cells tell."""
    header = has_header(table) if header is None else header
    lines = table.lines[1 if header else 0 :][:N_SAMPLE]
    samples = [
        [cell for line in lines if place < len(line.cells) and (cell := line.cells[place].strip())]
        for place in range(table.n_columns)
    ]
    choice = _Choice(samples)
    if header:
        choice.take_names(table.first)
    choice.take_values()
    return Guess(mapping=ColumnMapping(columns=tuple(choice.columns), has_header=header), is_sure=choice.is_sure)


class _Choice:
    def __init__(self, samples: Sequence[Sequence[str]]) -> None:
        self.samples = samples
        self.columns = [Meaning.IGNORE] * len(samples)
        self.is_sure = True

    def take_names(self, names: Sequence[str]) -> None:
        """Names that are known come before names that are only like one."""
        known = {place: KNOWN_NAMES[folded(name)] for place, name in enumerate(names) if folded(name) in KNOWN_NAMES}
        for place, meaning in known.items():
            is_moment = meaning is Meaning.TIME and self._fitting(place, meaning) is Meaning.MOMENT
            self._take(place, Meaning.MOMENT if is_moment else meaning)
        for place, name in enumerate(names):
            said = None if place in known else _named(name)
            if said is not None and (fitting := self._fitting(place, said)):
                self._take(place, fitting)

    def take_values(self) -> None:
        """Where no name has told the day or the rating, values may."""
        if not self._has({Meaning.DAY, Meaning.MOMENT}):
            self._take_only([place for place in self._free() if _all(_is_moment, self.samples[place])], Meaning.DAY)
        if not self._has({Meaning.TIME}) and not self._has({Meaning.MOMENT}):
            clocks = [place for place in self._free() if _all(_is_clock, self.samples[place])]
            self._take_only(clocks, Meaning.TIME)
        if not self._has(set(RATINGS["nrs"])):
            ratings = [place for place in self._free() if _all(_is_rating, self.samples[place])]
            self._take_only(ratings, Meaning.PAIN)

    def _take_only(self, places: list[int], meaning: Meaning) -> None:
        if len(places) == 1:
            self.is_sure = False
            self._take(places[0], meaning)

    def _take(self, place: int, meaning: Meaning) -> None:
        if meaning in (Meaning.DAY, Meaning.MOMENT):
            meaning = Meaning.MOMENT if any(map(_has_clock, self.samples[place])) else Meaning.DAY
        group = next((group for group in _ONCE if meaning in group), set())
        if not self._has(group):
            self.columns[place] = meaning
        elif meaning is Meaning.NOTE:
            self.columns[place] = Meaning.TO_NOTE
        else:
            self.is_sure = False

    def _fitting(self, place: int, meaning: Meaning) -> Meaning | None:
        """The meaning that name and values agree on, if they do."""
        values = self.samples[place]
        match meaning:
            case Meaning.DAY | Meaning.MOMENT:
                return meaning if _most(_is_moment, values) else None
            case Meaning.TIME if _most(_is_moment, values):
                return Meaning.MOMENT
            case Meaning.TIME:
                return meaning if _most(_is_clock, values) else None
            case Meaning.PAIN | Meaning.SLEEP | Meaning.MOOD | Meaning.INTERFERENCE:
                return meaning if _most(_is_number, values) else None
        return meaning

    def _has(self, group: set[Meaning]) -> bool:
        return any(meaning in group for meaning in self.columns)

    def _free(self) -> list[int]:
        return [
            place for place, meaning in enumerate(self.columns) if meaning is Meaning.IGNORE and self.samples[place]
        ]


def _named(name: str) -> Meaning | None:
    """What a name of a column says, in any of seven languages."""
    said = folded(name)
    if said in KNOWN_NAMES:
        return KNOWN_NAMES[said]
    words = said.split()
    found = next((meaning for meaning, starts in _STARTS if any(_begins(word, starts) for word in words)), None)
    if found is Meaning.TIME and any(
        _begins(word, starts) for word in words for m, starts in _STARTS if m is Meaning.DAY
    ):
        return Meaning.MOMENT
    is_rating = any(found in scales for scales in RATINGS.values())
    return None if is_rating and any(word.startswith(_NO_RATING) for word in words) else found


def _begins(word: str, starts: Sequence[str]) -> bool:
    return any(word == start if start in _WHOLE else word.startswith(start) for start in starts)


def _is_moment(cell: str) -> bool:
    try:
        read_moment(cell)
    except WrongCell:
        return False
    return True


def _has_clock(cell: str) -> bool:
    """Midnight is what spreadsheets put behind a day that has no time."""
    try:
        clock = read_moment(cell).clock
    except WrongCell:
        return False
    return clock is not None and (clock.tzinfo is not None or clock != MIDNIGHT)


def _is_clock(cell: str) -> bool:
    try:
        return read_clock(cell) is not None
    except WrongCell:
        return False


def _is_number(cell: str) -> bool:
    return NUMBER.fullmatch(cell) is not None


def _is_rating(cell: str) -> bool:
    return _is_number(cell) and 0 <= Decimal(cell.replace(",", ".")) <= NRS_MAX


def _all(fits: Any, values: Sequence[str]) -> bool:
    return bool(values) and all(map(fits, values))


def _most(fits: Any, values: Sequence[str]) -> bool:
    return sum(map(fits, values)) * 2 > len(values)
