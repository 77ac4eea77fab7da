"""A PostgreSQL server for the length of one command: `python -m tests.postgres COMMAND ...` runs it with DATABASE_URL set."""

import contextlib
import ctypes
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

WHERE_DEBIAN_KEEPS_THEM = Path("/usr/lib/postgresql")
START_SECONDS = 60
# The cluster is thrown away, so that nothing has to survive a power cut.
FAST = ["fsync=off", "synchronous_commit=off", "full_page_writes=off", "max_connections=50"]
# What was committed survives a server that is stopped in the midst of its work, though not a machine that is.
CRASH_SAFE = ["fsync=off", "max_connections=50"]
# Loaded here, because the server's user may not be able to read Python's own files.
LIBC = ctypes.CDLL(None)
PR_SET_PDEATHSIG = 1


class PostgresMissing(Exception):
    """There are no server programs on this machine."""


def find_binaries() -> Path:
    """The folder with initdb and postgres: on the PATH, else the newest that Debian has installed."""
    if found := shutil.which("initdb"):
        return Path(found).resolve().parent
    versions = sorted(WHERE_DEBIAN_KEEPS_THEM.glob("*/bin/initdb"), key=lambda path: float(path.parts[-3]))
    if not versions:
        raise PostgresMissing("no PostgreSQL server on this machine. On Debian: apt-get install postgresql")
    return versions[-1].parent


@dataclass
class Server:
    """A cluster in a private folder; its server listens on a socket there, and on nothing else."""

    folder: Path
    options: Sequence[str]
    process: subprocess.Popen[bytes] | None = None

    def url(self, database: str = "postgres") -> str:
        return f"postgres://ebb@/{self.folder}/{database}"

    def make(self) -> None:
        words = ["-D", self.folder / "cluster", "-U", "ebb", "-A", "trust", "-E", "UTF8", "--locale=C", "-N"]
        subprocess.run(
            [find_binaries() / "initdb", *words],
            check=True, cwd=self.folder, stdout=subprocess.DEVNULL, **as_whom(),
        )  # fmt: skip

    def start(self) -> None:
        options = [word for option in self.options for word in ("-c", option)]
        words = ["-D", self.folder / "cluster", "-k", self.folder, "-c", "listen_addresses=", *options]
        with open(self.folder / "log", "ab") as log:
            self.process = subprocess.Popen(
                [find_binaries() / "postgres", *words],
                cwd=self.folder, stdout=log, stderr=log, start_new_session=True,
                preexec_fn=end_with_this_process, **as_whom(),
            )  # fmt: skip
        self.wait_until_ready()

    def wait_until_ready(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        pid_file = self.folder / "cluster" / "postmaster.pid"
        while not (pid_file.exists() and "ready" in pid_file.read_text()):
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError("PostgreSQL did not start:\n" + (self.folder / "log").read_text())
            time.sleep(0.05)

    def stop(self) -> None:
        """Fast: clients are cut off."""
        self.end(signal.SIGINT)

    def stop_immediately(self) -> None:
        """As `pg_ctl stop -m immediate` does: no goodbye to anybody, and what was not committed is gone."""
        self.end(signal.SIGQUIT)

    def end(self, how: signal.Signals) -> None:
        self.process.send_signal(how)
        self.process.wait(START_SECONDS)


@contextlib.contextmanager
def running_postgres(options: Sequence[str] = FAST) -> Iterator[Server]:
    """An empty server that is thrown away afterwards."""
    find_binaries()
    folder = Path(tempfile.mkdtemp(prefix="ebb-pg-"))
    try:
        if user := unprivileged_user():
            shutil.chown(folder, user)
        server = Server(folder, options)
        server.make()
        try:
            server.start()
            yield server
        finally:
            if server.process:
                server.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def end_with_this_process() -> None:
    """On Linux a server does not outlive a test run that was killed."""
    if sys.platform == "linux":
        LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGQUIT)


def as_whom() -> dict[str, object]:
    user = unprivileged_user()
    return {"user": user, "extra_groups": []} if user else {}


def unprivileged_user() -> str | None:
    """PostgreSQL refuses to run as root: then someone else has to."""
    if os.geteuid() != 0:
        return None
    known = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in known else "nobody"


def main(command: list[str]) -> int:
    try:
        with running_postgres() as server:
            return subprocess.run(command, env=os.environ | {"DATABASE_URL": server.url()}).returncode
    except PostgresMissing as reason:
        print(f"SKIPPED: {reason}", flush=True)
        return 1 if os.environ.get("EBB_REQUIRE_ALL") else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
