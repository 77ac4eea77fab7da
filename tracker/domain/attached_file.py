"""What a file that a patient attaches may be, read from its first bytes and never from its name."""

import re
from enum import StrEnum

MAX_BYTES = 10_000_000  # of one file
MAX_BYTES_IN_ALL = 300_000_000  # of one patient
MAX_PIXELS = 60_000_000  # more is a bomb, not a photo


class MediaType(StrEnum):
    PNG = "image/png"
    JPEG = "image/jpeg"
    PDF = "application/pdf"


ENDINGS = {MediaType.PNG: "png", MediaType.JPEG: "jpg", MediaType.PDF: "pdf"}
_BEGINNINGS = (
    (b"\x89PNG\r\n\x1a\n", MediaType.PNG),
    (b"\xff\xd8\xff", MediaType.JPEG),
    (b"%PDF-", MediaType.PDF),
)


def media_type(content: bytes) -> MediaType | None:
    """None for whatever else it is."""
    return next((kind for beginning, kind in _BEGINNINGS if content.startswith(beginning)), None)


# Of ITU-T T.81, table B.1: what a picture itself needs. A comment, and what an application adds, has others.
_TABLES, _HEADER, _SCAN = {0xC4, 0xDB, 0xDD}, 0xE0, 0xDA
_FRAMES = {0xC0, 0xC1, 0xC2}
_JFIF = re.compile(rb"JFIF\0.{7}\0\0", re.DOTALL)  # its last two bytes: no small picture beside the large one
_AFTER_SCAN = re.compile(rb"\xff[^\0\xd0-\xd7]", re.DOTALL)
_END = b"\xff\xd9"


def is_bare_jpeg(content: bytes) -> bool:
    """Whether there is nothing in it but the picture, in one scan: written anew it would only lose quality."""
    at, n_frames = 2, 0
    while content[at : at + 1] == b"\xff":
        kind, length = int.from_bytes(content[at + 1 : at + 2]), int.from_bytes(content[at + 2 : at + 4])
        body = content[at + 4 : at + 2 + length]
        at += 2 + length
        if kind == _SCAN:
            end = _AFTER_SCAN.search(content, at)
            return n_frames == 1 and end is not None and content[end.start() :] == _END
        if kind in _FRAMES:
            n_frames += 1
        elif kind not in _TABLES and not (kind == _HEADER and _JFIF.fullmatch(body)):
            return False
    return False
