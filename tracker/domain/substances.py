"""Painkillers told by the name of their substance, for limits on how long and beside what they are taken.

A closed list of international names and their stems in several languages, each unlike any other word. What is not on
it is not known: nothing is said of it. Never used to say what a person takes, only to name a limit of what they noted.
"""

import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum


class Drug(StrEnum):
    """A group of medicines with a limit of its own."""

    NSAID = "nsaid"
    OPIOID = "opioid"
    BENZODIAZEPINE = "benzodiazepine"
    RELAXANT = "relaxant"


@dataclass(frozen=True, kw_only=True, slots=True)
class Substance:
    drug: Drug
    stem: str


# International non-proprietary names (from memory). Aspirin is left out: in small doses it is taken for the heart.
STEMS = {
    Drug.NSAID: (
        *("ibuprofen", "naproxen", "diclofenac", "dexketoprofen", "ketoprofen", "celecoxib", "etoricoxib", "meloxicam"),
        *("piroxicam", "lornoxicam", "indomet", "aceclofenac", "nabumeton", "etodolac", "flurbiprofen", "mefenam"),
    ),
    Drug.OPIOID: (
        *(
            "dihydrocodein",
            "codein",
            "cocodamol",
            "tramadol",
            "tapentadol",
            "morphin",
            "morfin",
            "oxycodon",
            "oxicodon",
        ),
        *("hydrocodon", "hydromorphon", "fentanyl", "fentanil", "buprenorphin", "tilidin", "methadon", "metadon"),
    ),
    Drug.BENZODIAZEPINE: (
        *("diazepam", "lorazepam", "alprazolam", "clonazepam", "temazepam", "oxazepam", "bromazepam", "nitrazepam"),
        *("tetrazepam", "zopiclon", "eszopiclon", "zolpidem", "zaleplon"),
    ),
    Drug.RELAXANT: (
        *("methocarbamol", "metocarbamol", "tizanidin", "baclofen", "cyclobenzaprin", "ciclobenzaprin", "orphenadrin"),
        *("tolperison", "carisoprodol", "metaxalon", "thiocolchicosid", "tiocolchicosid", "pridinol"),
    ),
}
# On the skin an anti-inflammatory has other limits.
ON_THE_SKIN = (
    "gel",
    "cream",
    "creme",
    "crema",
    "ointment",
    "salbe",
    "pomada",
    "patch",
    "plaster",
    "pflaster",
    "emulgel",
)


def substance_of(name: str) -> Substance | None:
    """The first substance that the words of a name begin with, or None."""
    plain = _plain(name)
    words = re.findall(r"\w+", plain) + re.findall(r"\w+", plain.replace("-", ""))  # co-codamol is one word
    on_skin = any(word.startswith(ON_THE_SKIN) for word in words)
    for drug, stems in STEMS.items():
        if drug is Drug.NSAID and on_skin:
            continue
        for stem in stems:
            if any(word.startswith(stem) for word in words):
                return Substance(drug=drug, stem=stem)
    return None


def is_nsaid(name: str) -> bool:
    """Whether this is a tablet against inflammation."""
    found = substance_of(name)
    return found is not None and found.drug is Drug.NSAID


def _plain(text: str) -> str:
    """Small letters without accents."""
    apart = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in apart if not unicodedata.combining(letter))
