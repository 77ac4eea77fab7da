"""What makes a receiver believe that mail is from here, as far as it can be told from the settings alone."""

from collections.abc import Sequence
from dataclasses import dataclass
from email.utils import parseaddr
from urllib.parse import urlsplit

from django.conf import settings
from django.utils.translation import gettext as _


@dataclass(frozen=True, kw_only=True, slots=True)
class Record:
    """One to be set in the domain's DNS."""

    what: str
    name: str
    value: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Finding:
    is_well: bool
    words: str


def sender_domain() -> str:
    return parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2].lower()


def records() -> Sequence[Record]:
    """With the provider's own names where mail goes through one; it says the rest on its page."""
    domain = sender_domain()
    host = settings.MAIL_PROVIDER or (settings.EMAIL_HOST if settings.EMAIL_URL else "…")
    sends = _("include:… as %(host)s says") % {"host": host} if settings.MAIL_PROVIDER else f"a:{host}"
    back = settings.BOUNCE_EMAIL.rpartition("@")[2].lower() or domain
    return [
        Record(what="SPF", name=back, value=f"v=spf1 {sends} -all"),
        Record(what="DKIM", name=f"SELECTOR._domainkey.{domain}", value="v=DKIM1; k=rsa; p=…"),
        Record(what="DMARC", name=f"_dmarc.{domain}", value=f"v=DMARC1; p=quarantine; rua=mailto:postmaster@{domain}"),
    ]


def findings() -> Sequence[Finding]:
    domain, site = sender_domain(), (urlsplit(settings.SITE_URL).hostname or "").lower()
    back = settings.BOUNCE_EMAIL.rpartition("@")[2].lower() or domain
    found = [
        _finding(
            _can_have_records(domain),
            _("Mail is from %(domain)s, a domain that can have records.") % {"domain": domain},
            _("Mail is from “%(domain)s”, which is no public domain: set EBB_FROM_EMAIL.") % {"domain": domain},
        ),
        _finding(
            _are_related(domain, site),
            _("Links lead to the domain that the mail is from."),
            _("Links lead to %(site)s, mail is from %(domain)s: receivers trust that less.")
            % {"site": site, "domain": domain},
        ),
        _finding(
            _are_related(back, domain),
            _("Mail that comes back goes to the sender's domain, so that SPF counts for DMARC."),
            _("Mail that comes back goes to another domain, so that only DKIM counts for DMARC."),
        ),
    ]
    if settings.MAIL_PROVIDER:
        found.append(
            _finding(
                bool(settings.WEBHOOK_SECRET),
                _("The provider can tell what came back, at %(url)s.") % {"url": f"{settings.SITE_URL}/webhooks/mail/"},
                _("The provider cannot tell what came back: set EBB_WEBHOOK_SECRET."),
            )
        )
    elif not settings.EMAIL_URL:
        found.append(Finding(is_well=False, words=_("No mail server is set: set EMAIL_URL.")))
    else:
        found.append(
            _finding(
                bool(settings.EMAIL_USE_TLS or settings.EMAIL_USE_SSL),
                _("The way to the mail server is encrypted."),
                _("The way to the mail server is not encrypted: use smtp+tls or smtp+ssl, unless it is this machine."),
            )
        )
    return found


def _can_have_records(domain: str) -> bool:
    is_address = domain.rpartition(".")[2].isdecimal() or domain.startswith("[")
    return "." in domain and not is_address and not domain.endswith((".local", ".localhost"))


def _finding(is_well: bool, well: str, ill: str) -> Finding:
    return Finding(is_well=is_well, words=well if is_well else ill)


def _are_related(one: str, other: str) -> bool:
    """The same, or one below the other; whose the parts of a name are cannot be known without a list."""
    return one == other or one.endswith("." + other) or other.endswith("." + one)
