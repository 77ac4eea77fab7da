"""Finds in free text what would tell a new clinician what others have concluded: sentence by sentence, before it goes.

It looks for names of diagnoses, of clinicians and of institutions, and for words in which conclusions are told. It is
made to find too much: a sentence in doubt is held back and shown to the patient, who decides. Nothing here says what
is medically true.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from hashlib import sha256
from importlib.resources import files

# A misspelt name is still read; shorter words are too near to everyday ones.
MISSPELT_FROM = 8  # letters
# Letters that stand apart or are broken over a line ("s c o l i o s i s") still make a name of this length.
SCATTERED_FROM = 7
MASK = "[…]"


class Doubt(StrEnum):
    DIAGNOSIS = "diagnosis"
    CLINICIAN = "clinician"
    INSTITUTION = "institution"
    CONCLUSION = "conclusion"
    CODE = "code"  # of a classification, or the level of a spine as reports name it


@dataclass(frozen=True, kw_only=True, slots=True)
class Finding:
    """What is in doubt, by its place in the text: from `start` up to `end`."""

    start: int
    end: int
    doubt: Doubt


@dataclass(frozen=True, kw_only=True, slots=True)
class Sentence:
    text: str  # with the blanks that follow it: all sentences together are the text
    findings: tuple[Finding, ...]  # places within the sentence

    @property
    def is_in_doubt(self) -> bool:
        return bool(self.findings)

    @property
    def kinds(self) -> tuple[Doubt, ...]:
        """What is doubted about it, each once."""
        return tuple(dict.fromkeys(one.doubt for one in self.findings))

    @property
    def digest(self) -> str:
        """Names the sentence in what the patient decides about it; another wording is another sentence."""
        return sha256(self.text.strip().encode()).hexdigest()[:16]


class Screen:
    """Reads texts against the standing terms and those of one patient.

    `diagnoses` are names as they were told, `people` and `places` as the patient wrote them: each of their words
    counts, but for common ones.
    """

    def __init__(
        self, *, diagnoses: Iterable[str] = (), people: Iterable[str] = (), places: Iterable[str] = ()
    ) -> None:
        self._own = {
            Doubt.DIAGNOSIS: _own_words(diagnoses, shortest=3),
            Doubt.CLINICIAN: _own_words(people, shortest=2),
            Doubt.INSTITUTION: _own_words(places, shortest=3),
        }
        names = frozenset().union(*self._own.values())
        self._misspelt = _misspellings(names) | _standing_misspellings()
        self._scattered = _alternatives({*_words("diagnoses"), *names}, shortest=SCATTERED_FROM)

    def sentences(self, text: str) -> tuple[Sentence, ...]:
        """The text in order, every character of it. Raises nothing, whatever the text is."""
        findings = self.findings(text)
        read = []
        for start, end in _spans(text):
            within = tuple(
                Finding(start=max(one.start, start) - start, end=min(one.end, end) - start, doubt=one.doubt)
                for one in findings
                if one.start < end and one.end > start
            )
            read.append(Sentence(text=text[start:end], findings=within))
        return tuple(read)

    def findings(self, text: str) -> tuple[Finding, ...]:
        folded = _Folded.of(text)
        found = {*self._in_words(folded), *self._in_phrases(folded), *self._in_scattered(folded)}
        found |= {*_codes(folded), *_abbreviations(text)}
        return tuple(sorted(found, key=lambda one: (one.start, one.end, one.doubt)))

    def masked(self, text: str) -> str:
        """The text with what is in doubt blanked out: for what must be told but may carry a conclusion."""
        pieces, at = [], 0
        for one in self.findings(text):
            if one.end <= at:
                continue
            pieces += [text[at : max(one.start, at)], MASK] if one.start >= at else []
            at = one.end
        return "".join([*pieces, text[at:]])

    def _in_words(self, folded: "_Folded") -> Iterator[Finding]:
        for word in _WORD.finditer(folded.text):
            for form in {word[0], word[0].translate(_DIGITS_FOR_LETTERS)}:
                if (doubt := self._doubt_of(form)) is not None:
                    yield folded.finding(word.start(), word.end(), doubt)

    def _doubt_of(self, word: str) -> Doubt | None:
        for doubt, own in self._own.items():
            if word in own or _singular(word) in own:
                return doubt
        if word in _words("harmless"):
            return None
        if _MORPHOLOGY.search(word) or word in _words("diagnoses") or _singular(word) in _words("diagnoses"):
            return Doubt.DIAGNOSIS
        if len(word) >= MISSPELT_FROM and not self._misspelt.isdisjoint({word, *_without_a_letter(word)}):
            return Doubt.DIAGNOSIS
        return None

    def _in_phrases(self, folded: "_Folded") -> Iterator[Finding]:
        for doubt, pattern in _phrases():
            for phrase in pattern.finditer(folded.text):
                yield folded.finding(phrase.start(), phrase.end(), doubt)

    def _in_scattered(self, folded: "_Folded") -> Iterator[Finding]:
        """Names whose letters stand apart, or that are broken over a line."""
        letters = [place for place, letter in enumerate(folded.text) if letter.isalnum()]
        squeezed = "".join(folded.text[place] for place in letters).translate(_DIGITS_FOR_LETTERS)
        for name in self._scattered.finditer(squeezed):
            first, last = letters[name.start()], letters[name.end() - 1]
            is_scattered = not folded.text[first : last + 1].isalnum()
            if is_scattered and (first == 0 or not folded.text[first - 1].isalnum()):
                yield folded.finding(first, last + 1, Doubt.DIAGNOSIS)


@dataclass(frozen=True, slots=True)
class _Folded:
    """Text without case, accents, invisible signs and look-alike letters, and where each character came from."""

    text: str
    places: Sequence[int]  # of the original, one more than there are characters

    @classmethod
    def of(cls, text: str) -> "_Folded":
        letters: list[str] = []
        places: list[int] = []
        for place, sign in enumerate(text):
            for letter in _folded_sign(sign):
                letters.append(letter)
                places.append(place)
        return cls("".join(letters), [*places, len(text)])

    def finding(self, start: int, end: int, doubt: Doubt) -> Finding:
        return Finding(start=self.places[start], end=self.places[end - 1] + 1, doubt=doubt)


@cache
def _folded_sign(sign: str) -> str:
    parts = (part for part in unicodedata.normalize("NFKD", sign) if unicodedata.category(part) not in ("Mn", "Cf"))
    return "".join(parts).casefold().translate(_LOOK_ALIKES)


_WORD = re.compile(r"[^\W_]+")
_LOOK_ALIKES = str.maketrans("абвеіїјкмнорстухѕԁɡοανρτυικ’", "abbeiijkmhopctyxsdgoavptuik'")
_DIGITS_FOR_LETTERS = str.maketrans("013457@$", "oieastas")
# Endings and beginnings of which names of diseases are made.
_MORPHOLOGY = re.compile(
    r"""(?x)
    ^(?:spondyl|scolio|kypho|lordo|herni|prolaps|protrusi|extrusi|degenerat|arthr[io]|osteo|myofasc|fibromya|radicul
       |neuropath|myelo|psychoso|psychogen|somatof|somatis|somatiz|nocipl|nociplas|stenos|rheumat|rheuma|sacroili
       |costochond|discogen|facetog|cervicogen|hypermobil|hypochond|inflamm|infarct|ischaem|ischem|thrombo|embol
       |metasta|malign|cancer|carcino|tumour|tumor|lymphom|myelom|fractur|ruptur|sublux|disloc|impinge|entrap
       |sensiti[sz]a|catastroph|neuralg|scheuer|bechter|bandscheib|hexensch|osteochondro)
    | .{2}(?:itis|itides|osis|oses|opath(?:y|ies|ic)|algia|algias|plegia|paresis|listhesis|ectasia|trophy|plasia
       |iasis|omata|aemia|emia|uria|malacia|sclerosis|phobia|mania)$
    | .{3}omas?$
    """
)
_ABBREVIATION = re.compile(r"(?i)\b(?:dr|prof|mr|mrs|ms|mx|st|no|nr|approx|ca|vs|e\.g|i\.e|z\.b|dipl|med|hon|sr|jr)\.$")
_END = re.compile(r"[.!?…。！？]+[\"'”’)\]]*(?=\s|$)|\n\s*\n|\n(?=\s*[-*•·])|[;；]")
# Codes of ICD-10, and levels of the spine as reports name them (T7/8, L5-S1).
_CODE = re.compile(
    r"\b(?:[a-tv-z]\d{2}(?:\.\d{1,4})?|(?:c[1-7]|[td]h?(?:[1-9]|1[0-2])|l[1-5]|s[1-5])"
    r"(?:\s?[-/–]\s?(?:[ctdls]h?)?\d{1,2})?|icd(?:[- ]?1[01])?|mg30(?:\.\d+)?)\b"
)
# Diagnoses by their capitals, as reports and letters have them.
_ABBREVIATED = re.compile(
    r"\b(?:AS|CFS|CRPS|CTS|DDD|DISH|FBSS|FM|FMS|GERD|GORD|IBD|IBS|MPS|MS|OA|PHN|PMR|PsA|PSA|RA|SIJ|SIJD|SLE|SpA|TOS)\b"
)


def _spans(text: str) -> Iterator[tuple[int, int]]:
    """Start and end of each sentence. A point after "Dr." ends none, so that a name stays with its title."""
    start = 0
    for end in _END.finditer(text):
        if _ABBREVIATION.search(text[start : end.end()].rstrip("\"'”’)]")):
            continue
        after = end.end()
        while after < len(text) and text[after].isspace():
            after += 1
        if after > start:
            yield start, after
        start = after
    if start < len(text):
        yield start, len(text)


def _codes(folded: _Folded) -> Iterator[Finding]:
    return (folded.finding(code.start(), code.end(), Doubt.CODE) for code in _CODE.finditer(folded.text))


def _abbreviations(text: str) -> Iterator[Finding]:
    return (
        Finding(start=found.start(), end=found.end(), doubt=Doubt.DIAGNOSIS) for found in _ABBREVIATED.finditer(text)
    )


def _own_words(names: Iterable[str], *, shortest: int) -> frozenset[str]:
    words = {word for name in names for word in _WORD.findall(_Folded.of(name).text)}
    return frozenset(word for word in words if len(word) >= shortest and word not in _words("common"))


def _singular(word: str) -> str:
    return word[:-1] if len(word) > 4 and word.endswith("s") else word


def _without_a_letter(word: str) -> set[str]:
    return {word[:place] + word[place + 1 :] for place in range(len(word))}


def _misspellings(names: Iterable[str]) -> frozenset[str]:
    """Each long name with one letter less: two words that share one differ by about one slip."""
    long = [name for name in names if len(name) >= MISSPELT_FROM]
    return frozenset(long) | frozenset(form for name in long for form in _without_a_letter(name))


@cache
def _standing_misspellings() -> frozenset[str]:
    return _misspellings(_words("diagnoses"))


def _alternatives(names: Iterable[str], *, shortest: int) -> re.Pattern[str]:
    return re.compile("|".join(sorted(map(re.escape, {n for n in names if len(n) >= shortest}), key=len, reverse=True)))


@cache
def _words(name: str) -> frozenset[str]:
    return frozenset(line for line in _lines(name) if " " not in line)


@cache
def _phrases() -> tuple[tuple[Doubt, re.Pattern[str]], ...]:
    """Names of more than one word, and the turns of phrase of each kind. A blank may be any run of blanks or hyphens."""
    several = [line for line in _lines("diagnoses") if " " in line]
    kinds = {Doubt.DIAGNOSIS: [re.escape(line) for line in several]}
    kinds |= {Doubt(name): list(_lines(f"{name}s")) for name in ("clinician", "institution", "conclusion")}
    return tuple(
        (doubt, re.compile(r"\b(?:" + "|".join(_loose(line) for line in lines) + ")")) for doubt, lines in kinds.items()
    )


def _loose(line: str) -> str:
    return line.replace("\\ ", " ").replace(" ", r"[\W_]{1,3}")


@cache
def _lines(name: str) -> tuple[str, ...]:
    """The lines of a word list beside this module, without its remarks."""
    text = files("tracker.domain").joinpath("terms", f"{name}.txt").read_text(encoding="utf-8")
    return tuple(line for raw in text.splitlines() if (line := raw.split("#")[0].strip()))
