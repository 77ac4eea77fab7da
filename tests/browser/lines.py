"""A line between a browser and a server that can be cut, and that can lose the answer."""

import contextlib
import socket
import threading

CHUNK = 65536


class Line:
    """Listens on a port of its own and passes everything on, as long as `state` is "up".

    "cut": nobody is there. "deaf": what is sent arrives, and the answer is lost. "502", "503" or "504": a proxy stands
    there, and the server does not.
    """

    def __init__(self, host: str, port: int) -> None:
        self.server, self.state, self.open = (host, port), "up", set()
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://localhost:{self.listener.getsockname()[1]}"
        threading.Thread(target=self.accept, daemon=True).start()

    def turn(self, state: str) -> None:
        self.state = state
        for end in list(self.open):
            self.hang_up(end)

    def close(self) -> None:
        self.turn("cut")
        self.listener.close()

    def accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                caller, _address = self.listener.accept()
                threading.Thread(target=self.connect, args=(caller,), daemon=True).start()

    def connect(self, caller: socket.socket) -> None:
        if self.state == "cut":
            return caller.close()
        if self.state.isdigit():
            return self.answer_alone(caller)
        with contextlib.suppress(OSError):
            callee = socket.create_connection(self.server)
            self.open |= {caller, callee}
            threading.Thread(target=self.pass_on, args=(callee, caller, True), daemon=True).start()
            self.pass_on(caller, callee, False)

    def answer_alone(self, caller: socket.socket) -> None:
        with contextlib.suppress(OSError):
            caller.recv(CHUNK)
            caller.sendall(f"HTTP/1.1 {self.state} Away\r\nContent-Length: 4\r\nConnection: close\r\n\r\nAway".encode())
        self.hang_up(caller)

    def pass_on(self, source: socket.socket, target: socket.socket, is_answer: bool) -> None:
        with contextlib.suppress(OSError):
            while chunk := source.recv(CHUNK):
                if is_answer and self.state == "deaf":
                    break
                target.sendall(chunk)
        self.hang_up(source)
        self.hang_up(target)

    def hang_up(self, end: socket.socket) -> None:
        self.open.discard(end)
        with contextlib.suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)
        end.close()
