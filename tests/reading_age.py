"""How hard a text is to read: the grade of Flesch and Kincaid (1975), with syllables counted by rule.

grade = 0.39 * words per sentence + 11.8 * syllables per word - 15.59; the age is the grade plus 5. A part of a list
that ends in a semicolon or colon is read as a sentence of its own.
"""

import re

ENDS = re.compile(r"[.!?;:]+(?:\s|$)")
WORDS = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*|\d+")
VOWELS = re.compile(r"[aeiouy]+")
PARTED = re.compile(r"ia|io(?!us?|n)|iu|eo(?![up])|ua(?!r)|ying|eing|iet")  # vowels side by side, heard apart
SILENT = re.compile(r"(?<=[^aeiouyl])e$|(?<=[^aeiouysxzcg])es$|(?<=[^tdaeiouy])ed$")
SCHOOL_STARTS_AT = 5  # years of age in grade 0
A_NAME_COUNTS_AS = 2  # syllables of a medical name that has no plainer word


def syllables(word: str) -> int:
    """At least 1; a number counts as 1, as it is read at a glance."""
    spoken = SILENT.sub("", word.lower())
    return max(len(VOWELS.findall(spoken)) + len(PARTED.findall(spoken)), 1)


def age(text: str, names: frozenset[str] = frozenset()) -> float:
    """`names` are given in small letters."""
    words = WORDS.findall(text)
    n_sentences = sum(bool(WORDS.search(part)) for part in ENDS.split(text))
    n_syllables = sum(A_NAME_COUNTS_AS if word.lower() in names else syllables(word) for word in words)
    grade = 0.39 * len(words) / n_sentences + 11.8 * n_syllables / len(words) - 15.59
    return grade + SCHOOL_STARTS_AT
