"""What a patient wrote is kept as it is, or refused in words; it is never mended or cut."""

from tracker.domain.errors import DomainError


class TextNotStorable(DomainError):
    """Holds something that no database keeps (NUL, half of a surrogate pair), or is longer than there is room."""


def storable(text: str, *, longest: int) -> str:
    """Return the text unchanged, or raise TextNotStorable."""
    if "\x00" in text:
        raise TextNotStorable("NUL")
    if any("\ud800" <= character <= "\udfff" for character in text):
        raise TextNotStorable("lone surrogate")
    if len(text) > longest:
        raise TextNotStorable(f"longer than {longest}")
    return text


def gettext_noop(words: str) -> str:
    """Marks words for the catalogues of translators, who are not asked here: the domain knows no language."""
    return words
