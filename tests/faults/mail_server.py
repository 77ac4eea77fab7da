"""A mail server in a process of its own, which writes down whom each mail went to before it says that it has it.

    python -m tests.faults.mail_server FILE [SECONDS]

Says its port in the first line. Each line of FILE: instant, address, Message-ID. SECONDS is how long it takes over a mail.
"""

import os
import re
import sys
import threading
import time
from dataclasses import dataclass
from typing import Any

from tests.sink import running_sink

TO, NAME = re.compile(rb"^To: (\S+)", re.MULTILINE), re.compile(rb"^Message-ID:\s+(\S+)", re.MULTILINE)


@dataclass(frozen=True)
class Book:
    """Takes the place of the list that a sink keeps its mails in."""

    file: int
    pause_s: float

    def append(self, mail: bytes) -> None:
        to, name = TO.search(mail)[1].decode(), NAME.search(mail)[1].decode()
        os.write(self.file, f"{time.time():.3f} {to} {name}\n".encode())
        if self.pause_s:
            time.sleep(self.pause_s)


def main(path: str, pause_s: str = "0") -> None:
    file: Any = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    with running_sink(hello=b"250-sink\r\n250 PIPELINING") as sink:
        sink.taken = Book(file, float(pause_s))
        print(sink.port, flush=True)
        threading.Event().wait()


if __name__ == "__main__":
    main(*sys.argv[1:])
