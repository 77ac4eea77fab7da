"""Results and photos as files: checked, written anew without what a camera or a clinic wrote into them, then kept."""

import io
import warnings
from datetime import date, datetime
from hashlib import sha256
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Count, QuerySet, Sum
from PIL import Image, ImageOps
from pypdf import PdfReader, PdfWriter
from pypdf.errors import PyPdfError

from tracker.domain.attached_file import (
    ENDINGS,
    MAX_BYTES,
    MAX_BYTES_IN_ALL,
    MAX_PIXELS,
    MediaType,
    is_bare_jpeg,
    media_type,
)
from tracker.domain.errors import DomainError
from tracker.domain.pain import EARLIEST_DAY
from tracker.domain.text import storable
from tracker.models import Attachment, AuditEvent, Patient, User
from tracker.services.locks import locked

SANDBOXED = "default-src 'none'; img-src 'self'; style-src 'unsafe-inline'; sandbox; frame-ancestors 'none'"
MAX_FILES = 200
MAX_PAGES = 500
TITLE_LENGTH = 200
# What a page of a PDF may carry beside what is seen on it: none of that runs or leads anywhere.
_ACTIVE = ("/OpenAction", "/AA", "/JavaScript", "/Names", "/AcroForm", "/Metadata", "/EmbeddedFiles", "/AF")
_ACTIVE_ON_PAGE = ("/AA", "/Metadata", "/Annots", "/PieceInfo", "/Thumb")


class FileEmpty(DomainError):
    """There is nothing in the file."""


class FileKindUnknown(DomainError):
    """Neither PNG, JPEG nor PDF, by what is in it."""


class FileTooLarge(DomainError):
    """Larger than one file may be."""


class FileUnreadable(DomainError):
    """Broken, encrypted, or of a size that no page or photo has."""


class NoRoomForFiles(DomainError):
    """As many files, or as much in them, as there may be."""


class FileAlreadyThere(DomainError):
    """This uuid names another file."""


class FileOutOfRange(DomainError):
    """A kind that is not on the list, or a day before 1900 or ahead."""


def add(*, by: User, content: bytes, **said: Any) -> Attachment:
    """Keep a file as it is seen, without its metadata; sent again, it is the same. `said` is as for `add_clean`.

    Written anew before the transaction begins, so that nobody waits for that.
    """
    return add_clean(by=by, clean=cleaned_file(content), digest=sha256(content).hexdigest(), **said)


@transaction.atomic
def add_clean(
    *,
    by: User,
    uuid: UUID,
    clean: bytes,
    digest: str,
    kind: str,
    at: datetime,
    on: date,
    title: str = "",
    made_on: date | None = None,
) -> Attachment:
    """Keep what `cleaned_file` has made; `digest` is of what was given first."""
    seen_as = media_type(clean)
    if seen_as is None:
        raise FileKindUnknown
    patient = locked(by)
    _check(kind, title, made_on, on)
    earlier = patient.attachments.filter(uuid=uuid).defer("content").first()
    if earlier is not None:
        if earlier.digest != digest:
            raise FileAlreadyThere(uuid)
        return earlier
    check_room(patient, len(clean))
    file = Attachment.objects.create(
        patient=patient,
        uuid=uuid,
        kind=kind,
        title=title,
        made_on=made_on,
        media_type=seen_as,
        digest=digest,
        n_bytes=len(clean),
        content=clean,
        added_at=at,
    )
    _audit(by, file, "added")
    return file


@transaction.atomic
def change(*, by: User, file: Attachment, kind: str, title: str, made_on: date | None, on: date) -> Attachment:
    current = locked(by).attachments.defer("content").get(pk=file.pk)
    _check(kind, title, made_on, on)
    current.kind, current.title, current.made_on = kind, title, made_on
    current.save(update_fields=["kind", "title", "made_on"])
    _audit(by, current, "changed")
    return current


@transaction.atomic
def remove(*, by: User, file: Attachment) -> None:
    """Gone from the record and from every brief that it was to go with."""
    patient = locked(by)
    current = patient.attachments.defer("content").get(pk=file.pk)
    for opinion in patient.second_opinions.all():
        if str(current.uuid) in opinion.attached:
            opinion.attached = [uuid for uuid in opinion.attached if uuid != str(current.uuid)]
            opinion.save(update_fields=["attached"])
    _audit(by, current, "deleted")
    current.delete()


def listed(patient: Patient) -> QuerySet[Attachment]:
    """Newest first, without what is in them."""
    return patient.attachments.defer("content")


def headers_of(file: Attachment, *, is_shown: bool) -> dict[str, str]:
    """For whoever serves it: under a name that says nothing of what is in it, kept by no cache.

    `is_shown`: in the browser; it may show itself and nothing else.
    """
    name = f"file-{file.uuid.hex[:8]}.{ENDINGS[MediaType(file.media_type)]}"
    return {
        "Content-Type": file.media_type,
        "Content-Disposition": f'{"inline" if is_shown else "attachment"}; filename="{name}"',
        "Content-Security-Policy": SANDBOXED,
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "no-store",
    }


def check_room(patient: Patient, n_bytes: int) -> None:
    """Raises NoRoomForFiles where one more of this size would be too much."""
    there = patient.attachments.aggregate(n=Count("pk"), n_bytes=Sum("n_bytes"))
    if there["n"] >= MAX_FILES or (there["n_bytes"] or 0) + n_bytes > MAX_BYTES_IN_ALL:
        raise NoRoomForFiles


def cleaned_file(content: bytes) -> bytes:
    """The same picture or pages, written anew; one that was written so stays as it is. Raises what is wrong with it."""
    if not content:
        raise FileEmpty
    if len(content) > MAX_BYTES:
        raise FileTooLarge
    seen_as = media_type(content)
    if seen_as is None:
        raise FileKindUnknown
    clean = _clean_pdf(content) if seen_as is MediaType.PDF else _clean_image(content, seen_as)
    if len(clean) > MAX_BYTES:  # else the export of it could not be brought back
        raise FileTooLarge
    return clean


def _clean_image(content: bytes, seen_as: MediaType) -> bytes:
    """Pixels only: place, time, camera and comments are left behind, the picture stands as it was turned."""
    written = io.BytesIO()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(content), formats=["PNG", "JPEG"]) as image:
                if image.width * image.height > MAX_PIXELS:
                    raise FileUnreadable
                upright = ImageOps.exif_transpose(image)
                mode = {"P": "RGBA", "LA": "RGBA", "CMYK": "RGB", "I": "I;16"}.get(upright.mode, upright.mode)
                if image.mode in ("L", "RGB") and is_bare_jpeg(content):  # and now known to hold a picture
                    return content
                bare = upright.convert("RGB" if seen_as is MediaType.JPEG and mode != "L" else mode)
                bare.info = {}
                bare.save(written, format=seen_as.name, **({"quality": 90} if seen_as is MediaType.JPEG else {}))
    except (
        OSError,
        ValueError,
        SyntaxError,
        MemoryError,
        Image.DecompressionBombError,
        Image.DecompressionBombWarning,
    ):
        raise FileUnreadable from None
    return written.getvalue()


def _clean_pdf(content: bytes) -> bytes:
    """Pages only: no author, no links, no scripts, no files within."""
    written = io.BytesIO()
    try:
        reader = PdfReader(io.BytesIO(content))
        if reader.is_encrypted or not 1 <= len(reader.pages) <= MAX_PAGES:
            raise FileUnreadable
        writer = PdfWriter()
        for page in reader.pages:
            added = writer.add_page(page)
            for name in _ACTIVE_ON_PAGE:
                added.pop(name, None)
        for name in _ACTIVE:
            writer.root_object.pop(name, None)
        writer.metadata = None
        writer.write(written)
    except (
        PyPdfError,
        ValueError,
        KeyError,
        TypeError,
        AttributeError,
        IndexError,
        OSError,
        RecursionError,
        MemoryError,
    ):
        raise FileUnreadable from None
    return written.getvalue()


def _check(kind: str, title: str, made_on: date | None, on: date) -> None:
    storable(title, longest=TITLE_LENGTH)
    if kind not in Attachment.Kind.values or (made_on is not None and not EARLIEST_DAY <= made_on <= on):
        raise FileOutOfRange


def _audit(by: User, file: Attachment, verb: str) -> None:
    AuditEvent.objects.create(actor=by, patient_id=file.patient_id, verb=verb, subject=f"file {file.uuid}")
