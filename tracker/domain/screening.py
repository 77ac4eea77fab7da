"""Finds in free text what would tell a new clinician what others have concluded: sentence by sentence, before it goes.

It looks for names of diagnoses, of clinicians and of institutions, and for words in which conclusions are told. It is
made to find too much: a sentence in doubt is held back and shown to the patient, who decides. Nothing here says what
is medically true.

What it cannot find, and why the patient reads the brief before it goes:
- a name that neither the lists nor the patient's own record have, told without title, calling or letters after it
  ("Sanjay was kind"), and a place that is not called what it is ("the big building by the river");
- a hint in words of every day that names no part of the body as at fault ("like my nan's trouble", "the usual one");
- misspellings further from the name than its sound or one slip of the pen, and words shorter than seven letters misspelt;
- languages other than English, but for the commonest names of diseases in the larger European ones;
- what follows from facts that must be told: a medicine that is given for one disease only, an operation, a result.
The corpus in tests/data/leak_corpus.toml shows what it does find; what it holds back in vain is counted there too.
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
MISSPELT_FROM = 8  # letters of the name
MISSPELT_TO = 7  # letters of what was written
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
    counts (of people and places, those with a capital), but for common ones; a diagnosis of common words alone counts as a whole.
    """

    def __init__(
        self, *, diagnoses: Iterable[str] = (), people: Iterable[str] = (), places: Iterable[str] = ()
    ) -> None:
        diagnoses = list(diagnoses)
        self._own = {
            Doubt.DIAGNOSIS: _own_words(diagnoses, shortest=3),
            Doubt.CLINICIAN: _own_words(map(_as_a_name, people), shortest=2),
            Doubt.INSTITUTION: _own_words(map(_as_a_name, places), shortest=3),
        }
        self._everyday = _of_everyday_words(diagnoses)
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
        found |= {*_codes(folded), *_by_their_capitals(text)}
        return tuple(sorted(found, key=lambda one: (one.start, one.end, one.doubt)))

    def masked(self, text: str) -> str:
        """The text with what is in doubt blanked out: for what must be told but may carry a conclusion."""
        return _blanked_out(text, self.findings(text))

    def without_names(self, text: str) -> str:
        """The text with the names of people and of places of treatment blanked out, and nothing else of it.

        For what could do harm if a word of it were missing (operations, allergies, medicines): a name that could as
        well be a part of the body, an operation or a product stays.
        """
        folded = _Folded.of(text)
        found = [one for one in self._in_words(folded) if one.doubt in _OF_NAMES]
        found += [one for one in self._in_phrases(folded) if one.doubt in _OF_NAMES]
        found += [one for one in _by_their_capitals(text) if one.doubt is Doubt.CLINICIAN]
        names = (one for one in found if not _could_do_harm(_Folded.of(text[one.start : one.end]).text))
        return _blanked_out(text, sorted(names, key=lambda one: (one.start, one.end)))

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
        return Doubt.DIAGNOSIS if self._is_misspelt(word) else None

    def _is_misspelt(self, word: str) -> bool:
        """One slip away from a name, or one slip away from what sounds like it."""
        if len(word) < MISSPELT_TO:
            return False
        sound = _sound(word)
        return not self._misspelt.isdisjoint({word, *_without_a_letter(word), sound, *_without_a_letter(sound)})

    def _in_phrases(self, folded: "_Folded") -> Iterator[Finding]:
        for doubt, pattern in _phrases():
            for phrase in pattern.finditer(folded.text):
                yield folded.finding(phrase.start(), phrase.end(), doubt)
        for name in self._everyday.finditer(folded.text) if self._everyday else ():
            yield folded.finding(name.start(), name.end(), Doubt.DIAGNOSIS)

    def _in_scattered(self, folded: "_Folded") -> Iterator[Finding]:
        """Names whose letters stand apart, or that are broken over a line."""
        letters = [place for place, letter in enumerate(folded.text) if letter.isalnum()]
        squeezed = "".join(folded.text[place] for place in letters).translate(_DIGITS_FOR_LETTERS)
        for name in self._scattered.finditer(squeezed):
            first, last = letters[name.start()], letters[name.end() - 1]
            is_scattered = not folded.text[first : last + 1].isalnum()
            begins = first == 0 or not folded.text[first - 1].isalnum()
            if is_scattered and begins and _ENDS_A_WORD.match(folded.text, last + 1):
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
    return "".join(parts).casefold().translate(_LOOK_ALIKES).translate(_WITHOUT_ACCENT)


_WORD = re.compile(r"[^\W_]+")
_LOOK_ALIKES = str.maketrans("абвеіїјкмнорстухѕԁɡοανρτυικ’", "abbeiijkmhopctyxsdgoavptuik'")
# Products that look like somebody's title or like a saint's hospital.
_PRODUCT = re.compile(r"ms (?:contin|[sexi]r)\b|(?:st\.?|saint) (?:jude|john)")
_OF_NAMES = (Doubt.CLINICIAN, Doubt.INSTITUTION)
# Letters that no accent can be taken from.
_WITHOUT_ACCENT = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i"})
_ENDS_A_WORD = re.compile(r"s?(?![^\W_])")
_DIGITS_FOR_LETTERS = str.maketrans("013457@$", "oieastas")
# Endings and beginnings of which names of diseases are made.
_MORPHOLOGY = re.compile(
    r"""(?x)
    ^(?:spondyl|scolio|kypho|lordo|herni|prolaps|protrusi|extrusi|degenerat|arthr[io]|osteo|myofasc|fibromya|radicul
       |neuropath|myelo|psychoso|psychogen|somatof|somatis|somatiz|nocipl|nociplas|stenos|rheumat|rheuma|sacroili
       |costochond|discogen|facetog|cervicogen|hypermobil|hypochond|inflamm|infarct|ischaem|ischem|thrombo|embol
       |metasta|malign|cancer|carcino|tumour|tumor|lymphom|myelom|fractur|ruptur|sublux|disloc|impinge|entrap
       |sensiti[sz]a|catastroph|neuralg|nevralg|scheuer|bechter|bandscheib|hexensch|osteochondro|spinalst|menisc
       |chondromal|calcan|syndesm|enthes|polymyal|fascit|fasciit|endometr)
    | .{2}(?:itis|itides|osis|oses|opath(?:y|ies|ic)|algi[ae]s?|[ouy]dynia|plegia|paresis|listhesis|ectasia|trophy|plasia
       |iasis|omata|aemia|emia|uria|malacia|sclerosis|phobia|mania|megaly
           |penia|pathic|entzundung(?:en)?|verschlei(?:ss|s)|ontsteking(?:en)?)$
    | .{3}omas?$
    """
)
_ABBREVIATION = re.compile(r"(?i)\b(?:dr|prof|mr|mrs|ms|mx|st|no|nr|approx|ca|vs|e\.g|i\.e|z\.b|dipl|med|hon|sr|jr)\.$")
_END = re.compile(r"[.!?…。！？]+[\"'”’)\]]*(?=\s|$)|\n\s*\n|\n(?=\s*[-*•·])|[;；]")
# Codes of ICD and SNOMED, grades, and levels of the spine as reports name them (T7/8, L5-S1). Vitamins have letters too.
_CODE = re.compile(
    r"(?<!vitamin )(?<!vit )\b(?!b12\b)(?:[a-tv-z]\d{2}(?:\.\d{1,4})?|(?:c[1-7]|[td]h?(?:[1-9]|1[0-2])|l[1-5]|s[1-5])"
    r"(?:\s?[-/–]\s?(?:[ctdls]h?)?\d{1,2})?|icd(?:[- ]?1[01])?|[a-z]{2}\d\d\.\d+|snomed|\d{6,18}"
    r"|(?:stage|grade|grad)[ _-]?(?:[0-5]|i{1,3}|iv|v)[ab]?)\b"
)
# Diagnoses by their capitals, as reports and letters have them.
_ABBREVIATED = re.compile(
    r"\b(?:ACL|ALS|AS|BPS|CES|CFS|CPPS|CRPS|CTS|DDD|DISH|DJD|h?EDS|FAI|FBSS|FM|FMS|FND|GCA|GERD|GORD|HMS|HSD|IBD|IBS"
    r"|IC|ITBS?|JIA|LSS|MCAS|ME/?CFS|MND|MPS|MS|OA|PCL|PCOS|PFPS|PHN|PID|PMR|POTS|PsA|PSA|PTSD|RA|RLS|RSD|RSI|SIJ|SIJD"
    r"|SLE|SMA|SpA|TMD|TMJD?|TN|TOS|UC)\b"
    r"|(?<=[a-z] )ME(?!\w)"
)
# A name before the letters of a profession, and a name before what a place of treatment is called.
_LETTERS_AFTER = re.compile(
    r"\b[A-Z][\w.'’-]{0,40}(?:,? +(?:M\.?D|MBBS|MBChB|FRC[PSA]\w*|MRC\w+|Ph\.?D|R\.?N|D\.?C|DPT|MCSP|HCPC|CNP|NP|LAc|BSc|MSc)\b"
    r"| [A-Z][\w'’-]{1,40},? (?:D\.?O|PT|OT|PA|OMT)\b|, (?:D\.?O|PT|OT|PA|OMT)\b)"
)
_NAMED_PLACE = re.compile(
    r"\b[A-Z][\w'’-]{1,40} (?:Practice|Surgery|Physio\w*|Physical Therapy|Chiropractic|Osteopathy|Health|Healthcare|Medical|Spine"
    r"|Rehab\w*|Ward|Therapy|Wellness|Imaging|Diagnostics)\b"
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


def _by_their_capitals(text: str) -> Iterator[Finding]:
    """What only capitals tell apart from everyday words; read in the text as it was written."""
    kinds = (
        (Doubt.DIAGNOSIS, _ABBREVIATED),
        (Doubt.CLINICIAN, _LETTERS_AFTER),
        (Doubt.INSTITUTION, _NAMED_PLACE),
    )
    return (
        Finding(start=found.start(), end=found.end(), doubt=doubt)
        for doubt, pattern in kinds
        for found in pattern.finditer(text)
    )


def _blanked_out(text: str, findings: Iterable[Finding]) -> str:
    """`findings` by their place; they may lie over each other."""
    pieces, at = [], 0
    for one in findings:
        if one.end <= at:
            continue
        pieces += [text[at : max(one.start, at)], MASK] if one.start >= at else []
        at = one.end
    return "".join([*pieces, text[at:]])


def _could_do_harm(name: str) -> bool:
    """Whether it could be something else than a name: each of its words is of the body or of an operation."""
    return bool(_PRODUCT.match(name)) or all(word in _words("told") for word in _WORD.findall(name))


def _own_words(names: Iterable[str], *, shortest: int) -> frozenset[str]:
    words = {word for name in names for word in _WORD.findall(_Folded.of(name).text)}
    return frozenset(word for word in words if len(word) >= shortest and word not in _words("common"))


def _as_a_name(written: str) -> str:
    """The words with a capital ("Almeida" of "Dr Almeida, family doctor"), or all where none has one."""
    return " ".join(word for word in _WORD.findall(written) if word[0].isupper()) or written


def _of_everyday_words(names: Iterable[str]) -> re.Pattern[str] | None:
    """Names that say nothing word by word ("weak muscles"): these words, one after another."""
    split = [_WORD.findall(_Folded.of(name).text) for name in names]
    plain = {tuple(words) for words in split if len(words) > 1 and not _own_words([" ".join(words)], shortest=3)}
    alternatives = (r"[\W_]{1,3}".join(map(re.escape, words)) for words in sorted(plain, key=len, reverse=True))
    return re.compile(rf"\b(?:{'|'.join(alternatives)})\b") if plain else None


def _singular(word: str) -> str:
    return word[:-1] if len(word) > 4 and word.endswith("s") else word


def _without_a_letter(word: str) -> set[str]:
    return {word[:place] + word[place + 1 :] for place in range(len(word))}


def _misspellings(names: Iterable[str]) -> frozenset[str]:
    """Each long name as it is written and as it sounds, and each of these with one letter less.

    Two words that share one of them differ by about one slip.
    """
    long = [name for name in names if len(name) >= MISSPELT_FROM]
    forms = {form for name in long for form in (name, _sound(name))}
    return frozenset(forms) | frozenset(less for form in forms for less in _without_a_letter(form))


# Spellings that sound alike, the longer ones first.
_SOUNDS = (
    (re.compile(r"sch|sc(?=[eiy])"), "s"),
    (re.compile(r"ph"), "f"),
    (re.compile(r"(?<=[rtc])h|\bh(?=[aeiou])"), ""),
    (re.compile(r"ae|oe|ea|ei"), "e"),
    (re.compile(r"eu|ou"), "u"),
    (re.compile(r"[cq]u?k?(?=[^eiy]|$)|k"), "c"),
    (re.compile(r"y"), "i"),
    (re.compile(r"z"), "s"),
    (re.compile(r"(.)\1+"), r"\1"),
)


def _sound(word: str) -> str:
    for spelling, sound in _SOUNDS:
        word = spelling.sub(sound, word)
    return word


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
