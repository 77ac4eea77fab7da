"""Takes the attached files out of an exported record while it is read, so that nobody has to hold all of it.

A record with two hundred pictures is hundreds of megabytes; without them it is small. In the place of each file stands
`"file:0"`, `"file:1"` and so on, which no file in base64 can be.
"""

import re
from base64 import b64decode
from collections.abc import Callable, Iterable, Iterator

from tracker.domain.attached_file import MAX_BYTES, MAX_BYTES_IN_ALL
from tracker.domain.record_file import MAX_BYTES as MAX_RECORD
from tracker.domain.record_file import Fault, WrongFile

PIECE = 1 << 20  # bytes read at once
# So many signs of base64 in one string are a file: no text of a record is as long.
SHORTEST = 1 << 16
LONGEST = MAX_BYTES * 4 // 3 + 4

# All that a record may bring: itself, and as many files as a patient may have.
MAX_WITH_FILES = MAX_RECORD + MAX_BYTES_IN_ALL * 4 // 3 + 1_000_000

_FILE = re.compile(rb'(?<!\\)"([A-Za-z0-9+/]{%d,}+={0,2})"' % SHORTEST)
_BEGUN = re.compile(rb'"[A-Za-z0-9+/]*={0,2}', re.DOTALL)


def without_files(pieces: Iterable[bytes], keep: Callable[[int, bytes], None]) -> Iterator[bytes]:
    """The record, piece by piece; `keep` is given the number and the bytes of each file. Raises WrongFile.

    At most one file and one piece are held at a time.
    """
    number, waiting, n_waiting, is_begun = 0, [b""], 0, False

    def put_aside(found: re.Match[bytes]) -> bytes:
        nonlocal number
        try:
            content = b64decode(found[1], validate=True)
        except ValueError:
            return found[0]
        keep(number, content)
        number += 1
        return b'"file:%d"' % (number - 1)

    for piece in pieces:
        waiting.append(piece)
        n_waiting += len(piece)
        if n_waiting > LONGEST + 2 * PIECE + len(piece):
            raise WrongFile(Fault.TOO_LONG)
        if is_begun and b'"' not in piece:
            continue
        text = _FILE.sub(put_aside, b"".join(waiting))
        begun = max(text.rfind(b'"') - 1, 0)  # with the sign before it, which may take its meaning away
        is_begun = _BEGUN.fullmatch(text, begun + (text[begun : begun + 1] != b'"')) is not None
        cut = begun if is_begun else max(len(text) - 1, 0)
        yield text[:cut]
        waiting, n_waiting = [text[cut:]], len(text) - cut
    yield b"".join(waiting)
