"""Reads the environment once, so that settings.py stays a list of decisions."""

import ipaddress
import os
import secrets
from pathlib import Path

import environ
from django.core.exceptions import ImproperlyConfigured

env = environ.Env()
# A variable that is there but empty means its default, as it does in .env.example.
env.ENVIRON = {name: value for name, value in os.environ.items() if value}


def whole_number(name: str, default: int, *, lowest: int, highest: int) -> int:
    given = env.str(name, str(default))
    try:
        number = int(given)
    except ValueError:
        number = lowest - 1
    if not lowest <= number <= highest:
        raise ImproperlyConfigured(f"{name} is {given!r}; it has to be a whole number from {lowest} to {highest}.")
    return number


def is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def secret_key(path: Path) -> str:
    """The key from the environment, else one made at the first start and kept in a file only its owner can read."""
    if given := env.str("EBB_SECRET_KEY", ""):
        return given
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with open(path, "x", opener=_private) as file:
            file.write(secrets.token_urlsafe(64))
    except FileExistsError:
        pass
    return path.read_text()


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
