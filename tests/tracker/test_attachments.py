"""Files that a patient attaches: what is refused, what is left behind, what stays."""

import io
from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest
from PIL import Image
from pypdf import PdfReader, PdfWriter
from pypdf.generic import DictionaryObject, NameObject, TextStringObject

from tracker.services import attachments, second_opinions
from tracker.services.attachments import (
    FileAlreadyThere,
    FileEmpty,
    FileKindUnknown,
    FileOutOfRange,
    FileTooLarge,
    FileUnreadable,
    NoRoomForFiles,
)

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
TODAY = date(2026, 11, 23)
SECRET = "Clinic Rosenhof, scoliosis"


def picture(kind: str = "PNG", size: tuple[int, int] = (40, 20), **options) -> bytes:
    written = io.BytesIO()
    Image.new("RGB", size, "white").save(written, format=kind, **options)
    return written.getvalue()


def photo() -> bytes:
    """Turned on its side by its metadata, which also say where and by what it was taken."""
    exif = Image.Exif()
    exif[0x0112], exif[0x010E], exif[0x013B] = 6, SECRET, SECRET
    return picture("JPEG", exif=exif)


def document(n_pages: int = 1, **metadata: str) -> bytes:
    writer, written = PdfWriter(), io.BytesIO()
    for _ in range(n_pages):
        writer.add_blank_page(200, 200)
    writer.add_metadata({"/Title": SECRET, "/Author": SECRET} | metadata)
    script = {NameObject("/S"): NameObject("/JavaScript"), NameObject("/JS"): TextStringObject("app.alert('hello')")}
    writer.root_object[NameObject("/OpenAction")] = DictionaryObject(script)
    writer.add_attachment("report.txt", SECRET.encode())
    writer.write(written)
    return written.getvalue()


def add(person, content: bytes, **said):
    said = {"uuid": uuid4(), "kind": "result", "at": NOW, "on": TODAY} | said
    return attachments.add(by=person.user, content=content, **said)


@pytest.mark.parametrize(
    ("content", "error"),
    [
        pytest.param(b"", FileEmpty, id="nothing"),
        pytest.param(b"hello", FileKindUnknown, id="text"),
        pytest.param(b"<svg onload='x'/>", FileKindUnknown, id="a drawing that could run"),
        pytest.param(b"GIF89a" + b"0" * 100, FileKindUnknown, id="another kind of picture"),
        pytest.param(b"\x89PNG\r\n\x1a\n" + b"junk" * 10, FileUnreadable, id="a broken picture"),
        pytest.param(picture()[:-30], FileUnreadable, id="half a picture"),
        pytest.param(b"%PDF-1.7 nothing", FileUnreadable, id="a broken document"),
        pytest.param(picture() + b"0" * 10_000_000, FileTooLarge, id="too large"),
    ],
)
def test_what_is_no_picture_and_no_document_is_refused(alice, content, error):
    with pytest.raises(error):
        add(alice, content)
    assert not alice.patient.attachments.exists()


def test_a_locked_document_is_refused(alice):
    writer, written = PdfWriter(), io.BytesIO()
    writer.add_blank_page(10, 10)
    writer.encrypt("secret", algorithm="RC4-128")
    writer.write(written)
    with pytest.raises(FileUnreadable):
        add(alice, written.getvalue())


def test_a_picture_that_unpacks_to_more_than_a_photo_is_refused(alice):
    with pytest.raises(FileUnreadable):
        add(alice, picture(size=(12_000, 6_000)))


@pytest.mark.parametrize(
    "said", [{"kind": "song"}, {"made_on": TODAY + timedelta(days=1)}, {"made_on": date(1899, 1, 1)}]
)
def test_what_is_said_of_it_has_to_make_sense(alice, said):
    with pytest.raises(FileOutOfRange):
        add(alice, picture(), **said)


def test_a_photo_loses_what_the_camera_wrote_and_stands_upright(alice):
    kept = bytes(add(alice, photo()).content)
    with Image.open(io.BytesIO(kept)) as image:
        assert image.size == (20, 40)
        assert not image.getexif()
    assert SECRET.encode() not in kept


def test_a_picture_that_was_cleaned_before_loses_nothing_more(alice):
    """Brought along from Ebb to Ebb, it is the same byte for byte."""
    written = io.BytesIO()
    Image.effect_noise((60, 40), 80).convert("RGB").save(written, format="JPEG", quality=70)
    for content in (written.getvalue(), picture(), document()):
        clean = attachments.cleaned_file(content)
        assert attachments.cleaned_file(clean) == clean


def test_a_document_loses_its_metadata_its_scripts_and_what_is_in_it(alice):
    kept = bytes(add(alice, document(3)).content)
    reader = PdfReader(io.BytesIO(kept))
    assert len(reader.pages) == 3
    assert not reader.metadata
    assert not reader.attachments
    assert b"app.alert" not in kept
    assert SECRET.encode() not in kept


def test_what_hangs_on_a_page_goes_too(alice):
    writer, written = PdfWriter(), io.BytesIO()
    page = writer.add_blank_page(200, 200)
    page[NameObject("/PieceInfo")] = TextStringObject(SECRET)
    writer.write(written)
    assert SECRET.encode() not in bytes(add(alice, written.getvalue()).content)


def test_sent_again_it_is_the_same(alice):
    uuid, content = uuid4(), picture()
    assert add(alice, content, uuid=uuid).pk == add(alice, content, uuid=uuid).pk
    with pytest.raises(FileAlreadyThere):
        add(alice, picture("JPEG"), uuid=uuid)


def test_there_is_an_end(alice, monkeypatch):
    monkeypatch.setattr(attachments, "MAX_FILES", 1)
    add(alice, picture())
    with pytest.raises(NoRoomForFiles):
        add(alice, picture())


def test_a_deleted_one_leaves_the_briefs_that_it_was_to_go_with(alice):
    file = add(alice, picture())
    opinion = second_opinions.prepare(by=alice.user, uuid=uuid4(), at=NOW, on=TODAY, attached=(str(file.uuid),))
    attachments.remove(by=alice.user, file=file)
    opinion.refresh_from_db()
    assert opinion.attached == []


def test_a_list_does_not_read_what_is_in_them(alice, django_assert_num_queries):
    add(alice, picture())
    with django_assert_num_queries(1):
        assert [file.media_type for file in attachments.listed(alice.patient)] == ["image/png"]
