"""The bytes of a file as text: never a character other than the one that was written, or the reason why not.

UTF-8 and UTF-16 prove themselves. What is neither was written in one of the older ways that give every byte a letter:
which one, only a person can tell, by reading an example.
"""

import re
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import islice

from tracker.domain.log_faults import Fault, Problem, WrongTable

MAX_BYTES = 20_000_000  # some 400 for each of the rows that a file may have
N_EXAMPLES = 3
EXAMPLE_LENGTH = 30


class Encoding(StrEnum):
    UTF_8 = "utf-8"
    UTF_16 = "utf-16"
    WINDOWS = "windows-1252"  # holds all that ISO 8859-1 (Latin-1) writes
    MAC = "mac-roman"
    DOS = "cp850"


# The older ways, the likeliest first.
OLDER = (Encoding.WINDOWS, Encoding.MAC, Encoding.DOS)

# First bytes, and what such a file is. A zip file says further on which program has packed it.
_BEGINNINGS = (
    (b"PK\x03\x04", Fault.IS_ARCHIVE),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", Fault.IS_EXCEL),
    (b"%PDF", Fault.IS_PDF),
    (b"\x89PNG", Fault.IS_PICTURE),
    (b"\xff\xd8\xff", Fault.IS_PICTURE),
    (b"GIF8", Fault.IS_PICTURE),
    (b"II*\x00", Fault.IS_PICTURE),
    (b"MM\x00*", Fault.IS_PICTURE),
    (b"\x1f\x8b", Fault.IS_ARCHIVE),
    (b"7z\xbc\xaf\x27\x1c", Fault.IS_ARCHIVE),
    (b"Rar!", Fault.IS_ARCHIVE),
    (b"PK\x05\x06", Fault.IS_ARCHIVE),
    (b"{\\rtf", Fault.IS_DOCUMENT),
)
_PACKED = (
    (b"xl/", Fault.IS_EXCEL),
    (b"word/", Fault.IS_DOCUMENT),
    (b"opendocument.spreadsheet", Fault.IS_SPREADSHEET),
    (b"opendocument.text", Fault.IS_DOCUMENT),
    (b"Index/Document.iwa", Fault.IS_SPREADSHEET),
)
_MARKUP = re.compile(rb"\s*<(?:!doctype|\?xml|html|table)\b", re.IGNORECASE)
_CONTROL = re.compile(rb"[\x00-\x08\x0e-\x1f]")
# Words with a letter that is not ASCII, and a little around them.
_NOT_ASCII = re.compile(rb"[^\s;,|\"]{0,20}[\x80-\xff][^\s;,|\"]{0,20}")
_BOM_8, _BOMS_16 = b"\xef\xbb\xbf", (b"\xff\xfe", b"\xfe\xff")


@dataclass(frozen=True, kw_only=True)
class TextFile:
    """``examples`` are words as each older way of writing would have them; empty where the bytes leave no doubt.

    ``is_certain`` is False while nobody has said which of them reads right.
    """

    text: str
    encoding: Encoding
    is_certain: bool = True
    examples: dict[Encoding, tuple[str, ...]] = field(default_factory=dict)


def read_text(content: bytes, *, encoding: Encoding | None = None) -> TextFile:
    """``encoding`` says which of the older ways it is; a file that proves itself needs none. Raises WrongTable."""
    if len(content) > MAX_BYTES:
        raise _refusal(Fault.TOO_LARGE)
    if (kind := _kind_of(content)) is not None:
        raise _refusal(kind)
    if content.startswith(_BOMS_16):
        return _checked(content, Encoding.UTF_16)
    body = content.removeprefix(_BOM_8)
    try:
        file = TextFile(text=body.decode(), encoding=Encoding.UTF_8)
    except UnicodeDecodeError as error:
        if body != content:
            raise _refusal(Fault.NOT_UTF8, body, error.start) from None
        return _older(content, encoding)
    if (at := content.find(b"\0")) >= 0:
        raise _refusal(Fault.NOT_TEXT, content, at)
    return file


def _kind_of(content: bytes) -> Fault | None:
    """What the file is if it is no table of text."""
    start = content[:16]
    found = next((fault for beginning, fault in _BEGINNINGS if start.startswith(beginning)), None)
    if start.startswith(b"PK\x03\x04"):
        return next((fault for mark, fault in _PACKED if mark in content), found)
    if start[:4] == b"RIFF" or start[4:8] == b"ftyp":
        return Fault.IS_PICTURE
    return Fault.IS_MARKUP if found is None and _MARKUP.match(content.removeprefix(_BOM_8)[:200]) else found


def _checked(content: bytes, encoding: Encoding) -> TextFile:
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError:
        raise _refusal(Fault.NOT_TEXT) from None
    if "\0" in text:
        raise _refusal(Fault.NOT_TEXT)
    return TextFile(text=text, encoding=encoding)


def _older(content: bytes, encoding: Encoding | None) -> TextFile:
    if (control := _CONTROL.search(content)) is not None:
        raise _refusal(Fault.NOT_TEXT, content, control.start())
    texts = {way: text for way in OLDER if (text := _decoded(content, way)) is not None}
    way = encoding if encoding in texts else next(iter(texts))
    words = list(islice(dict.fromkeys(_NOT_ASCII.findall(content)), N_EXAMPLES))
    examples = {one: tuple(word.decode(one)[:EXAMPLE_LENGTH] for word in words) for one in texts}
    return TextFile(text=texts[way], encoding=way, is_certain=encoding in texts, examples=examples)


def _decoded(content: bytes, encoding: Encoding) -> str | None:
    try:
        return content.decode(encoding)
    except UnicodeDecodeError:
        return None


def _refusal(fault: Fault, content: bytes = b"", at: int = 0) -> WrongTable:
    line, after_break = content.count(b"\n", 0, at) + 1, content.rfind(b"\n", 0, at) + 1
    return WrongTable(Problem(fault=fault, line=line, column=str(at - after_break + 1)))
