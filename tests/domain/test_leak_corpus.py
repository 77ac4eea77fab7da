"""240 notes that name what a blind brief must not tell, and 120 that name nothing."""

import pytest

from tests.leak_corpus import HARMLESS, NOTES, leaked, screen, words
from tracker.domain.brief import handed_over

MOST_HELD_BACK = 0.10  # of the harmless notes; a screen that holds everything back is safe and of no use
SCREEN = screen()


def handed(text: str) -> str:
    """What goes out where the patient has decided nothing."""
    return handed_over(text, screen=SCREEN, decided={}).text


def test_the_corpus_is_as_large_as_promised_and_names_what_it_says():
    assert len({note["text"] for note in NOTES}) == 240
    assert len(set(HARMLESS)) == 120
    for note in NOTES:
        assert leaked(note["terms"], note["text"]) == note["terms"] != []


@pytest.mark.parametrize("note", NOTES, ids=[f"{n}-{note['terms'][0]}" for n, note in enumerate(NOTES, start=1)])
def test_no_term_is_handed_over(note):
    assert not leaked(note["terms"], handed(note["text"]))


@pytest.mark.parametrize("note", [note for note in NOTES if "keep" in note], ids=lambda note: note["keep"])
def test_the_sentence_beside_it_stays(note):
    assert words(note["keep"]) in words(handed(note["text"]))


def test_ordinary_notes_pass():
    held_back = [text for text in HARMLESS if handed(text) != text]
    assert len(held_back) / len(HARMLESS) <= MOST_HELD_BACK, held_back
