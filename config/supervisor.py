"""Keeps Ebb's processes together: started in order, stopped in reverse, none left behind."""

import contextlib
import fcntl
import http.client
import multiprocessing
import os
import signal
import socket
import subprocess
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import Any

from billiard.util import set_pdeathsig

POLL_SECONDS = 0.1
STOP_SECONDS = 15  # more than the workers' soft shutdown
ANSWER_SECONDS = 60
# A process that ends this often within this time cannot live; before that it is started again.
MOST_ENDS, ENDS_WITHIN_SECONDS = 5, 60
LOG_BYTES = 5_000_000


class SupervisorError(Exception):
    """A reason not to run, in words for the person at the terminal."""


@dataclass(frozen=True, kw_only=True)
class Service:
    """One process to keep. Services of the same stage are stopped together, higher stages first."""

    name: str
    argv: Sequence[str]
    stage: int
    # What the kernel sends when the supervisor was killed (Linux only). Nothing is lost by a hard end.
    death_signal: signal.Signals = signal.SIGKILL
    wait_until_ready: Callable[[Callable[[], None]], None] | None = None


@dataclass(kw_only=True)
class Supervisor:
    logs: Path
    cwd: Path
    environment: Mapping[str, str]
    say: Callable[[str], None]
    children: dict[str, tuple[Service, subprocess.Popen[bytes]]] = field(default_factory=dict)
    ends: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    asked_to_stop: bool = False

    def start(self, service: Service) -> None:
        self.spawn(service)
        if service.wait_until_ready:
            service.wait_until_ready(self.check)

    def spawn(self, service: Service) -> None:
        with _open_log(self.log(service)) as log:
            process = subprocess.Popen(
                service.argv,
                cwd=self.cwd,
                env=dict(self.environment),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # Ctrl-C reaches the supervisor alone
                preexec_fn=_die_with(os.getpid(), service.death_signal),  # safe: there is one thread
            )
        self.children[service.name] = service, process

    def log(self, service: Service) -> Path:
        return self.logs / f"{service.name}.log"

    def check(self) -> None:
        """For the time of the start. Raises when it is time to end: someone asked, or a child is gone."""
        self.heed()
        for service, process in self.children.values():
            if (code := process.poll()) is not None:
                raise SupervisorError(
                    f"The {service.name} process ended (code {code}), so Ebb stops. Why: see {self.log(service)}"
                )

    def heed(self) -> None:
        if self.asked_to_stop:
            raise KeyboardInterrupt

    def watch(self) -> None:
        """A child that ends, of itself or killed, is started again. Ebb is built so that this loses nothing."""
        while True:
            self.heed()
            for service, process in [*self.children.values()]:
                if (code := process.poll()) is not None:
                    _kill_session(process)
                    self.start_again(service, code)
            time.sleep(POLL_SECONDS)

    def start_again(self, service: Service, code: int) -> None:
        """At once, and a second later each further time; the others find it again by themselves."""
        now = time.monotonic()
        ends = self.ends[service.name] = [at for at in self.ends[service.name] if now - at < ENDS_WITHIN_SECONDS]
        ends.append(now)
        what = f"The {service.name} process ended (code {code})"
        if len(ends) >= MOST_ENDS:
            raise SupervisorError(
                f"{what}, {MOST_ENDS} times within {ENDS_WITHIN_SECONDS} seconds, so Ebb stops. "
                f"Why: see {self.log(service)}"
            )
        self.say(f"{what} and is started again. Why: see {self.log(service)}")
        time.sleep(len(ends) - 1)
        self.spawn(service)

    def stop(self) -> None:
        for stage in sorted({service.stage for service, _ in self.children.values()}, reverse=True):
            group = [process for service, process in self.children.values() if service.stage == stage]
            for process in group:
                process.terminate()
            deadline = time.monotonic() + STOP_SECONDS
            for process in group:
                with contextlib.suppress(subprocess.TimeoutExpired):
                    process.wait(max(0.0, deadline - time.monotonic()))
                _kill_session(process)

    @contextlib.contextmanager
    def running(self) -> Iterator[None]:
        """Turns SIGINT, SIGTERM and SIGHUP, however often, into one orderly stop."""
        signals = [signal.SIGINT, signal.SIGTERM]
        if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:  # nohup stays nohup
            signals.append(signal.SIGHUP)
        before = {number: signal.signal(number, self._ask_to_stop) for number in signals}
        try:
            yield
        except KeyboardInterrupt:
            pass
        finally:
            self.stop()
            for number, handler in before.items():
                signal.signal(number, handler)

    def _ask_to_stop(self, number: int, frame: FrameType | None) -> None:
        self.asked_to_stop = True


@contextlib.contextmanager
def only_one(lock: Path) -> Iterator[None]:
    """Holds a lock that the kernel lets go of with the process, so that it is never stale."""
    with open(lock, "a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            pid = file.read().strip() or "unknown"
            raise SupervisorError(
                f"Ebb is already running here (process {pid}). Stop it first (Ctrl-C there, or: kill {pid})."
            ) from None
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        yield


def require_free_port(host: str, port: int) -> None:
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except (OSError, OverflowError) as error:
        raise SupervisorError(
            f"Ebb cannot listen on {host} port {port}: {error}. Choose another one: EBB_PORT={other_port(port)} make up"
        ) from None


def other_port(port: int) -> int:
    return port + 1 if 1024 <= port < 65535 else 8001


def require_shared_memory() -> None:
    """Celery's pool needs named semaphores; some containers and hardened machines forbid them."""
    try:
        multiprocessing.get_context("fork").Semaphore()
    except OSError as error:
        raise SupervisorError(
            f"Shared memory is not usable ({error}), and Celery's workers need it. "
            "On Linux: mount a tmpfs on /dev/shm that this user may write to (mode 1777)."
        ) from None


def until(is_ready: Callable[[], bool], *, what: str, check: Callable[[], None]) -> None:
    deadline = time.monotonic() + ANSWER_SECONDS
    while not is_ready():
        check()
        if time.monotonic() > deadline:
            raise SupervisorError(f"{what} did not answer within {ANSWER_SECONDS} seconds.")
        time.sleep(POLL_SECONDS)


def answers_http(host: str, port: int, path: str) -> bool:
    connection = http.client.HTTPConnection(host, port, timeout=2)
    try:
        connection.request("GET", path)
        return connection.getresponse().status == http.HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def answers_redis(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX) as client:
        client.settimeout(2)
        try:
            client.connect(str(path))
            client.sendall(b"PING\r\n")
            return client.recv(5) == b"+PONG"
        except OSError:
            return False


def _die_with(parent: int, number: signal.Signals) -> Callable[[], None]:
    """On Linux the kernel ends a child whose supervisor was killed; elsewhere this does nothing."""

    def prepare() -> None:
        with contextlib.suppress(OSError):
            set_pdeathsig(number)
            if os.getppid() != parent:
                os._exit(1)

    return prepare


def _kill_session(process: subprocess.Popen[Any]) -> None:
    """Each child leads a session of its own: whatever is left of it goes too."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _open_log(path: Path) -> Any:
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.exists() and path.stat().st_size > LOG_BYTES:
        path.replace(path.with_suffix(".log.1"))
    return open(path, "ab")
