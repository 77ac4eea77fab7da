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
from collections.abc import Iterator
from pathlib import Path

WHERE_DEBIAN_KEEPS_THEM = Path("/usr/lib/postgresql")
START_SECONDS = 60
# The cluster is thrown away, so that nothing has to survive a power cut.
FAST = ["fsync=off", "synchronous_commit=off", "full_page_writes=off", "max_connections=50"]
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


@contextlib.contextmanager
def throwaway_postgres() -> Iterator[str]:
    """Yields the address of an empty server that listens on a socket in a private folder, and on nothing else."""
    binaries = find_binaries()
    user = unprivileged_user()
    folder = Path(tempfile.mkdtemp(prefix="ebb-pg-"))
    try:
        if user:
            shutil.chown(folder, user)
        as_user = {"user": user, "extra_groups": []} if user else {}
        subprocess.run(
            [binaries / "initdb", "-D", folder / "cluster", "-U", "ebb", "-A", "trust", "-E", "UTF8", "--locale=C", "-N"],
            check=True, cwd=folder, stdout=subprocess.DEVNULL, **as_user,
        )  # fmt: skip
        options = [word for option in FAST for word in ("-c", option)]
        with open(folder / "log", "wb") as log:
            server = subprocess.Popen(
                [binaries / "postgres", "-D", folder / "cluster", "-k", folder, "-c", "listen_addresses=", *options],
                cwd=folder, stdout=log, stderr=log, start_new_session=True,
                preexec_fn=end_with_this_process, **as_user,
            )  # fmt: skip
        try:
            wait_for(folder, server)
            yield f"postgres://ebb@/{folder}/postgres"
        finally:
            server.send_signal(signal.SIGINT)  # fast shutdown: clients are cut off
            server.wait(START_SECONDS)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def end_with_this_process() -> None:
    """On Linux a server does not outlive a test run that was killed."""
    if sys.platform == "linux":
        LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGQUIT)


def unprivileged_user() -> str | None:
    """PostgreSQL refuses to run as root: then someone else has to."""
    if os.geteuid() != 0:
        return None
    known = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in known else "nobody"


def wait_for(folder: Path, server: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + START_SECONDS
    pid_file = folder / "cluster" / "postmaster.pid"
    while not (pid_file.exists() and "ready" in pid_file.read_text()):
        if server.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError("PostgreSQL did not start:\n" + (folder / "log").read_text())
        time.sleep(0.05)


def main(command: list[str]) -> int:
    try:
        with throwaway_postgres() as url:
            return subprocess.run(command, env=os.environ | {"DATABASE_URL": url}).returncode
    except PostgresMissing as reason:
        print(f"SKIPPED: {reason}", flush=True)
        return 1 if os.environ.get("EBB_REQUIRE_ALL") else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
