"""What a file that a patient attaches may be, read from its first bytes and never from its name."""

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
