from io import BytesIO
from zipfile import ZipFile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.domain.log_faults import Fault, WrongTable
from tracker.domain.text_file import MAX_BYTES, OLDER, Encoding, read_text

WORDS = "Tag;Schmerz\n1;Zürich – schön, “gut”\n"


def fault_of(content: bytes) -> tuple[Fault, int, str]:
    with pytest.raises(WrongTable) as refused:
        read_text(content)
    problem = refused.value.problem
    return problem.fault, problem.line, problem.column


def packed(*names: str, mimetype: str = "") -> bytes:
    file = BytesIO()
    with ZipFile(file, "w") as archive:
        if mimetype:
            archive.writestr("mimetype", mimetype)
        for name in names:
            archive.writestr(name, "x")
    return file.getvalue()


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        pytest.param(packed("[Content_Types].xml", "xl/workbook.xml"), Fault.IS_EXCEL, id="xlsx"),
        pytest.param(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 99, Fault.IS_EXCEL, id="xls"),
        pytest.param(
            packed("content.xml", mimetype="application/vnd.oasis.opendocument.spreadsheet"),
            Fault.IS_SPREADSHEET,
            id="ods",
        ),
        pytest.param(packed("word/document.xml"), Fault.IS_DOCUMENT, id="docx"),
        pytest.param(packed("log.csv"), Fault.IS_ARCHIVE, id="zip"),
        pytest.param(b"\x1f\x8b\x08\0", Fault.IS_ARCHIVE, id="gzip"),
        pytest.param(b"%PDF-1.7\n", Fault.IS_PDF, id="pdf"),
        pytest.param(b"\x89PNG\r\n\x1a\n\0", Fault.IS_PICTURE, id="png"),
        pytest.param(b"\xff\xd8\xff\xe0", Fault.IS_PICTURE, id="jpeg"),
        pytest.param(b"\0\0\0\x18ftypheic", Fault.IS_PICTURE, id="heic"),
        pytest.param(b"{\\rtf1\\ansi", Fault.IS_DOCUMENT, id="rtf"),
        pytest.param(b"<!DOCTYPE html><html>", Fault.IS_MARKUP, id="html"),
        pytest.param(b"\xef\xbb\xbf<?xml version='1.0'?>", Fault.IS_MARKUP, id="xml"),
    ],
)
def test_a_file_of_another_kind_is_named(content, fault):
    assert fault_of(content) == (fault, 1, "1")


@pytest.mark.parametrize(
    ("content", "fault", "line", "column"),
    [
        pytest.param(b"day,pain\n2026-03-01,3\nPK\x00", Fault.NOT_TEXT, 3, "3", id="a NUL byte"),
        pytest.param(b"\xe4\x01", Fault.NOT_TEXT, 1, "2", id="a control character in no known writing"),
        pytest.param(WORDS.encode("utf-16-le"), Fault.NOT_TEXT, 1, "2", id="UTF-16 without its mark"),
        pytest.param(b"\xff\xfe\x00\xd8", Fault.NOT_TEXT, 1, "1", id="half a pair in UTF-16"),
        pytest.param(b"\xff\xfea\x00b", Fault.NOT_TEXT, 1, "1", id="UTF-16 cut off"),
        pytest.param("a\0b".encode("utf-16"), Fault.NOT_TEXT, 1, "1", id="NUL in UTF-16"),
        pytest.param(b"\xef\xbb\xbfa\nb\xe4", Fault.NOT_UTF8, 2, "2", id="UTF-8 by its mark and broken"),
        pytest.param(b"x" * (MAX_BYTES + 1), Fault.TOO_LARGE, 1, "1", id="too large"),
    ],
)
def test_bytes_that_are_no_text_are_told_by_their_place(content, fault, line, column):
    assert fault_of(content) == (fault, line, column)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_what_proves_itself_is_certain(encoding):
    file = read_text(WORDS.encode(encoding))
    assert (file.text, file.is_certain, file.examples) == (WORDS, True, {})


def test_an_older_way_of_writing_is_shown_and_not_decided():
    file = read_text(WORDS.encode("windows-1252"))
    assert (file.text, file.encoding, file.is_certain) == (WORDS, Encoding.WINDOWS, False)
    assert file.examples[Encoding.WINDOWS] == ("Zürich", "–", "schön")
    assert file.examples[Encoding.MAC] != file.examples[Encoding.WINDOWS]


@pytest.mark.parametrize("encoding", [Encoding.WINDOWS, Encoding.MAC])
def test_what_the_patient_says_is_certain(encoding):
    file = read_text(WORDS.encode(encoding), encoding=encoding)
    assert (file.text, file.is_certain) == (WORDS, True)


def test_letters_that_windows_does_not_have_are_never_replaced():
    file = read_text(b"a\x81b")
    assert Encoding.WINDOWS not in file.examples
    assert "\ufffd" not in file.text


@given(
    st.text(st.characters(min_codepoint=9, max_codepoint=0x2FFF, exclude_categories=["Cs", "Cc"])),
    st.sampled_from(OLDER),
)
def test_no_character_is_ever_changed(text, encoding):
    try:
        content = ("x" + text).encode(encoding)
    except UnicodeEncodeError:
        content, encoding = ("x" + text).encode(), Encoding.UTF_8
    file = read_text(content, encoding=encoding)
    assert file.text.encode(file.encoding) == content
