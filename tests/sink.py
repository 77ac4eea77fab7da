"""A mail server that misbehaves as told, on a port of this machine."""

import socketserver
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

GOOD = {
    "banner": b"220 ready",
    "hello": b"250 hello",
    "sender": b"250 ok",
    "recipient": b"250 ok",
    "data": b"354 go on",
    "dot": b"250 taken",
    "quit": b"221 bye",
}
VERBS = {b"EHLO": "hello", b"HELO": "hello", b"MAIL": "sender", b"RCPT": "recipient", b"DATA": "data", b"QUIT": "quit"}
# Instead of a reply: hang up; say nothing; a letter now and then; lines without an end.
DROP, SILENCE, DRIP, ENDLESS = b"drop", b"silence", b"drip", b"endless"


@dataclass
class Sink:
    """``replies`` overrides what is said at a stage; ``taken`` holds the messages that were kept, ``commands`` what was said around them."""

    port: int = 0
    replies: dict[str, bytes] = field(default_factory=dict)
    taken: list[bytes] = field(default_factory=list)
    commands: list[bytes] = field(default_factory=list)
    n_connections: int = 0
    n_asked: Counter[str] = field(default_factory=Counter)
    is_over: threading.Event = field(default_factory=threading.Event)

    def reply(self, stage: str) -> bytes:
        return self.replies.get(stage, GOOD[stage])


class Talk(socketserver.StreamRequestHandler):
    disable_nagle_algorithm = True
    server: "Server"

    def handle(self) -> None:
        with suppress(ConnectionError):  # whoever called may have died
            self.talk()

    def talk(self) -> None:
        self.server.sink.n_connections += 1
        if not self.say("banner"):
            return
        while line := self.rfile.readline():
            self.server.sink.commands.append(line)
            stage = VERBS.get(line[:4].upper(), "")
            if not stage:
                self.wfile.write(b"250 ok\r\n")
            elif (
                not self.say(stage)
                or stage == "quit"
                or stage == "data"
                and self.server.sink.reply("data").startswith(b"354")
                and not self.take()
            ):
                return

    def take(self) -> bool:
        sink, lines = self.server.sink, []
        if sink.replies.get("body") == DROP:
            self.rfile.readline()
            return False
        while (line := self.rfile.readline()) != b".\r\n":
            if not line:
                return False  # hung up: what has no end is not kept
            lines.append(line)
        if sink.reply("dot")[:1] not in (b"4", b"5"):
            sink.taken.append(b"".join(lines))
        return self.say("dot")

    def say(self, stage: str) -> bool:
        """False where the talk ends here."""
        self.server.sink.n_asked[stage] += 1
        match self.server.sink.reply(stage):
            case b"drop":
                return False
            case b"silence":
                self.server.sink.is_over.wait(10)
                return False
            case b"drip":
                return self.go_on(b"2")
            case b"endless":
                return self.go_on(b"250-more\r\n")
            case words:
                with suppress(ConnectionError):
                    self.wfile.write(words + b"\r\n")
                    return True
                return False

    def go_on(self, piece: bytes) -> bool:
        with suppress(OSError):
            while not self.server.sink.is_over.wait(0.02):
                self.wfile.write(piece)
        return False


class Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    sink: Sink


@contextmanager
def running_sink(**replies: bytes) -> Iterator[Sink]:
    with Server(("127.0.0.1", 0), Talk) as server:
        server.sink = Sink(port=server.server_address[1], replies=replies)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield server.sink
        finally:
            server.sink.is_over.set()
            server.shutdown()
            thread.join()
