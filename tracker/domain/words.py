"""Words as they are compared, whatever their case and accents."""

import re
import unicodedata

_NO_WORD = re.compile(r"[\W_]+")


def folded(text: str) -> str:
    """The text in small letters without accents, words apart by one space: for comparing, never for keeping."""
    letters = unicodedata.normalize("NFKD", text.casefold())
    bare = "".join(letter for letter in letters if not unicodedata.combining(letter))
    return _NO_WORD.sub(" ", bare).strip()
