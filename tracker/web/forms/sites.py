import json
from dataclasses import asdict
from datetime import datetime

from django import forms
from django.utils.translation import gettext_lazy as _

from tracker.domain.pain import NRS_MAX, NRS_MIN
from tracker.domain.sites import SITE_KEYS
from tracker.models import PainEntry, User
from tracker.models.names import QUALITIES, SITES
from tracker.services import pain_log
from tracker.services.pain_log import SiteRating
from tracker.web.forms.fields import Keys

NUMBERS = [(number, str(number)) for number in range(NRS_MIN, NRS_MAX + 1)]


class SitesForm(forms.Form):
    """Where it hurts in one entry. Each chosen place has two fields of its own: `nrs_<key>` and `quality_<key>`."""

    sites = Keys(label=_("Where is it?"), choices=SITES)

    def __init__(self, *args, entry: PainEntry, **kwargs) -> None:
        self.entry = entry
        self.before = {rating.site: rating for rating in pain_log.content_of(entry).sites}
        super().__init__(*args, initial={"sites": list(self.before)}, **kwargs)
        for site in self.named():
            self.fields[f"nrs_{site}"] = forms.TypedChoiceField(
                choices=[("", ""), *NUMBERS], coerce=int, empty_value=None, required=False
            )
            self.fields[f"quality_{site}"] = forms.ChoiceField(choices=[("", ""), *QUALITIES], required=False)

    @property
    def as_it_was(self) -> str:
        """What the service worker has to know to keep this form on a device that finds no network."""
        sites = [asdict(rating) for rating in self.before.values()]
        return json.dumps({"sites": sites, "nrs": self.entry.nrs, "felt_at": self.entry.felt_at.isoformat()})

    def named(self) -> list[str]:
        """The places of the entry and those chosen now, in the order of the list."""
        chosen = SITE_KEYS.intersection(self.data.getlist("sites")) if self.is_bound else set()
        return [site for site, _name in SITES if site in self.before or site in chosen]

    def was_asked(self, site: str) -> bool:
        """Whether the page had the fields of this place. Without script a place chosen just now had none."""
        return f"quality_{site}" in self.data

    def asks_more(self) -> bool:
        return any(not self.was_asked(site) for site in self.cleaned_data["sites"])

    def rating(self, site: str) -> SiteRating:
        """What was said of a place; what the page did not send stays as it was."""
        before = self.before.get(site, SiteRating(site=site))
        said = self.cleaned_data
        return SiteRating(
            site=site,
            nrs=said[f"nrs_{site}"] if f"nrs_{site}" in self.data else before.nrs,
            quality=said[f"quality_{site}"] if self.was_asked(site) else before.quality,
        )

    def save(self, *, by: User, at: datetime) -> PainEntry | None:
        """The entry, or None with the refusal as an error of this form."""
        ratings = tuple(self.rating(site) for site in self.cleaned_data["sites"])
        try:
            return pain_log.change(by=by, entry=self.entry, at=at, sites=ratings)
        except pain_log.EntryDeleted:
            self.add_error(None, _("This entry has been deleted."))
            return None
