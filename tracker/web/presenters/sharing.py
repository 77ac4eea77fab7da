"""A link as the patient sees it."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from tracker.models import Share


@dataclass(frozen=True, kw_only=True)
class LinkPage:
    share: Share
    now: datetime

    @property
    def is_open(self) -> bool:
        return self.share.revoked_at is None and self.now < self.share.expires_at

    @property
    def is_paused(self) -> bool:
        """Too many wrong passphrases."""
        return self.is_open and self.share.locked_until is not None and self.now < self.share.locked_until

    @property
    def state(self) -> str:
        """Until when it is open, or since when it has ended."""
        if self.share.revoked_at is not None:
            return _("Ended on %(when)s") % {"when": _when(self.share.revoked_at)}
        words = _("Open until %(when)s") if self.is_open else _("Its time was over on %(when)s")
        return words % {"when": _when(self.share.expires_at)}

    @property
    def opened(self) -> str:
        n, last = self.share.n_opened, self.share.last_opened_at
        if not n:
            return _("Not opened yet")
        words = ngettext("Opened once, on %(when)s", "Opened %(n)d times, last on %(when)s", n)
        return words % {"n": n, "when": _when(last)}


def _when(at: datetime) -> str:
    return date_format(localtime(at), "DATETIME_FORMAT")
