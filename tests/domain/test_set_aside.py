"""Files are taken out of a record while it is read: nothing else is touched, and nobody holds more than one."""

import json
import tracemalloc
from base64 import b64encode
from itertools import chain, repeat
from random import Random

import pytest

from tracker.domain.record_file import Fault, WrongFile
from tracker.domain.set_aside import LONGEST, PIECE, SHORTEST, without_files

FILE = Random(5).randbytes(60_001)
WRITTEN = b64encode(FILE).decode()


def cut(content: bytes, size: int):
    return (content[start : start + size] for start in range(0, len(content), size))


def read(content: bytes, *, size: int = PIECE) -> tuple[bytes, dict[int, bytes]]:
    kept: dict[int, bytes] = {}
    return b"".join(without_files(cut(content, size), kept.__setitem__)), kept


@pytest.mark.parametrize("size", [1_000, 4_096, 65_537, PIECE])
def test_a_file_is_taken_out_wherever_the_pieces_end(size):
    record = json.dumps({"a": 'say "hi" \\', "files": [{"content": WRITTEN}, {"content": WRITTEN[:-4]}], "b": "é"})
    text, kept = read(record.encode(), size=size)
    assert kept == {0: FILE, 1: FILE[:-1]}
    assert [one["content"] for one in json.loads(text)["files"]] == ["file:0", "file:1"]
    assert text.replace(b"file:0", WRITTEN.encode()).replace(b"file:1", WRITTEN[:-4].encode()) == record.encode()


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("A" * (SHORTEST - 1), id="shorter than a file"),
        pytest.param("so " * SHORTEST, id="words"),
        pytest.param("so " * LONGEST, id="words longer than a file"),
        pytest.param('"' + "A" * 2 * SHORTEST, id="behind a quotation mark of its own"),
        pytest.param("A" * (SHORTEST + 1), id="no base64"),
    ],
)
def test_a_text_stays_where_it_is(text):
    record = json.dumps({"note": text}).encode()
    assert read(record) == (record, {})


def test_a_file_longer_than_any_may_be_is_refused():
    endless = chain([b'{"content":"'], repeat(b"A" * PIECE, LONGEST // PIECE + 4))
    with pytest.raises(WrongFile) as refused:
        list(without_files(endless, lambda number, content: None))
    assert refused.value.fault == Fault.TOO_LONG


def test_a_record_of_a_hundred_megabytes_is_read_in_a_fraction_of_that():
    file = b'"' + b64encode(bytes(3_000_000)) + b'",'
    n_bytes = []
    tracemalloc.start()
    text = b"".join(without_files(chain.from_iterable(repeat([file], 26)), lambda _, kept: n_bytes.append(len(kept))))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert (n_bytes, len(text)) == ([3_000_000] * 26, sum(len(f'"file:{n}",') for n in range(26)))
    assert peak < 40_000_000
