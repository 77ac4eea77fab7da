"""Reads the environment once, so that settings.py stays a list of decisions."""

import ipaddress
import os
import re
import secrets
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import environ
from django.core.exceptions import ImproperlyConfigured

SITE_ADDRESS = re.compile(r"https?://(?:[a-z0-9.-]+|\[[0-9a-f:.]+\])(?::\d{1,5})?", re.IGNORECASE | re.ASCII)
DATABASES = {"postgres", "postgresql", "pgsql", "sqlite"}

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


def site_address(given: str) -> str:
    """Scheme and host that links in mails begin with; nothing stays nothing."""
    address = given.rstrip("/")
    if address and not SITE_ADDRESS.fullmatch(address):
        raise ImproperlyConfigured(
            f"EBB_SITE_URL is {given!r}; it has to look like https://ebb.example.org, without a path."
        )
    return address


def database(url: str) -> dict[str, Any]:
    """Django's settings for PostgreSQL or SQLite. What is wrong is not repeated: a password may stand in it."""
    try:
        if url.partition("://")[0] in DATABASES:
            return environ.Env.db_url_config(url)
    except ValueError:
        pass
    raise ImproperlyConfigured("DATABASE_URL has to look like postgres://user:password@host:5432/ebb.")


# Where each provider's address puts what: key, then password or host; and the view that takes its word of bounces.
PROVIDERS = {
    "brevo": ("api_key", "", "", "Brevo"),
    "mailgun": ("api_key", "", "sender_domain", "Mailgun"),
    "mailjet": ("api_key", "secret_key", "", "Mailjet"),
    "postmark": ("server_token", "", "", "Postmark"),
    "resend": ("api_key", "", "", "Resend"),
    "sendgrid": ("api_key", "", "", "SendGrid"),
    "sparkpost": ("api_key", "", "", "SparkPost"),
}
MAIL_SERVERS = {"smtp", "smtps", "smtp+tls", "smtp+ssl"}


def mail_server(url: str) -> dict[str, Any]:
    """Django's settings for a mail server or a provider. What is wrong is not repeated: a password may stand in it."""
    scheme = url.partition("://")[0]
    try:
        if scheme in MAIL_SERVERS and urlsplit(url).hostname:
            return environ.Env.email_url_config(url) | {"EMAIL_BACKEND": "config.mail.StagedSMTPBackend"}
        if scheme.removesuffix("+https") in PROVIDERS and urlsplit(url).username:
            return _provider(url, scheme.removesuffix("+https"))
    except ValueError:
        pass
    raise ImproperlyConfigured(
        "EMAIL_URL has to look like smtp+tls://user:password@host:587, or like mailgun://KEY@mg.example.org."
    )


def webhook_secret(given: str) -> str:
    if not re.fullmatch(r"[^:\s]+:[^:\s]{16,}", given):
        raise ImproperlyConfigured("EBB_WEBHOOK_SECRET has to look like user:password, with 16 characters or more.")
    return given


def _provider(url: str, name: str) -> dict[str, Any]:
    """More of the library's settings may stand behind a question mark: ?webhook_signing_key=..."""
    user, password, host, _view = PROVIDERS[name]
    address = urlsplit(url)
    told = {user: address.username, password: address.password, host: address.hostname}
    told |= dict(parse_qsl(address.query))
    options = {f"{name}_{key}".upper(): unquote(value) for key, value in told.items() if key and value}
    return {
        "EMAIL_BACKEND": "config.provider_mail.ProviderBackend",
        "MAIL_PROVIDER": name,
        "ANYMAIL": options | {"REQUESTS_TIMEOUT": (5, 8), "IGNORE_RECIPIENT_STATUS": False},
    }


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
