"""The maker of a browser, and the browser: takes encrypted messages on a port of this machine and reads them."""

import base64
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import http_ece
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from py_vapid import Vapid02

AUTH = b"sixteen octets.."
SECONDS_OF_DRIPPING = 30


def b64(octets: bytes) -> str:
    return base64.urlsafe_b64encode(octets).rstrip(b"=").decode()


@dataclass
class Maker:
    """`answer` is the status of every answer, or "drip", "silence", "moved"."""

    port: int = 0
    answer: Any = 201
    key: Any = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    messages: list[dict[str, Any]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)
    is_over: threading.Event = field(default_factory=threading.Event)

    @property
    def subscription(self) -> dict[str, str]:
        point = self.key.public_key().public_bytes(
            serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint
        )
        return {
            "endpoint": f"http://127.0.0.1:{self.port}/push/one",
            "public_key": b64(point),
            "auth_secret": b64(AUTH),
        }


class Handler(BaseHTTPRequestHandler):
    server: "Server"

    def do_POST(self) -> None:
        maker = self.server.maker
        body = self.rfile.read(int(self.headers["Content-Length"]))
        maker.headers.append(dict(self.headers))
        maker.bodies.append(body)
        if maker.answer == "silence":
            maker.is_over.wait(SECONDS_OF_DRIPPING)
        elif maker.answer == "drip":
            self.drip()
        elif maker.answer == "moved":
            self.send_response(307)
            self.send_header("Location", "/elsewhere")
            self.end_headers()
        else:
            self.take(body)

    def take(self, body: bytes) -> None:
        maker = self.server.maker
        if maker.answer == 201:
            # As a maker does: only who holds the key that the browser was told may send.
            assert Vapid02.verify(self.headers["Authorization"])
            clear = http_ece.decrypt(body, private_key=maker.key, auth_secret=AUTH, version="aes128gcm")
            maker.messages.append(json.loads(clear))
        self.send_response(maker.answer)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def drip(self) -> None:
        """A byte of an endless status every now and then: each single wait is short."""
        self.wfile.write(b"HTTP/1.1 ")
        ends = time.monotonic() + SECONDS_OF_DRIPPING
        while time.monotonic() < ends and not self.server.maker.is_over.wait(0.1):
            try:
                self.wfile.write(b".")
            except OSError:
                return

    def log_message(self, *_args: Any) -> None:
        pass


class Server(ThreadingHTTPServer):
    daemon_threads = True
    maker: Maker


@contextmanager
def running_maker(answer: Any = 201) -> Iterator[Maker]:
    with Server(("127.0.0.1", 0), Handler) as server:
        server.maker = Maker(port=server.server_address[1], answer=answer)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield server.maker
        finally:
            server.maker.is_over.set()
            server.shutdown()
            thread.join()
