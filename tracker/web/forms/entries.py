import json
from collections import Counter
from dataclasses import asdict, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

from django import forms
from django.utils.translation import gettext_lazy as _

from tracker.domain.pain import NRS_MAX, NRS_MIN
from tracker.models import PainEntry, Patient, User
from tracker.models.names import QUALITIES, SITES
from tracker.models.pain import NOTE_LENGTH
from tracker.services import pain_log
from tracker.services.pain_log import SiteRating
from tracker.web.forms.beside import NUMBERS, BesideForm, said_before
from tracker.web.forms.fields import Keys, PlainText, day_field, time_field

REFUSALS = {
    pain_log.EntryInFuture: ("wall_time", _("This moment has not come yet.")),
    pain_log.EntryTooOld: ("day", _("The log begins with the year 1900.")),
    pain_log.EntryDeleted: (None, _("This entry has been deleted. To log it as a new one, save once more.")),
}


class TapForm(forms.Form):
    """One of the eleven buttons."""

    uuid = forms.UUIDField(required=False)
    nrs = forms.IntegerField(min_value=NRS_MIN, max_value=NRS_MAX)


class AgainForm(forms.Form):
    """The button that names the entry whose number it shows."""

    uuid = forms.UUIDField(required=False)
    of = forms.UUIDField()


class DetailForm(BesideForm):
    """What may be added to an entry once it is saved."""

    refusals = REFUSALS

    sites = Keys(label=_("Where is it?"), choices=SITES)
    quality = forms.ChoiceField(
        label=_("What does it feel like there?"), choices=[("", _("Not said")), *QUALITIES], required=False
    )
    note = PlainText(label=_("Note"), max_length=NOTE_LENGTH, required=False, widget=forms.Textarea(attrs={"rows": 2}))

    def __init__(self, *args, entry: PainEntry | None = None, **kwargs) -> None:
        self.entry = entry
        self.before = pain_log.content_of(entry).sites if entry else ()
        super().__init__(*args, initial=self.initial_of(entry) if entry else None, **kwargs)

    def initial_of(self, entry: PainEntry) -> dict:
        common = Counter(rating.quality for rating in self.before).most_common(1)
        return said_before(entry) | {
            "sites": [rating.site for rating in self.before],
            "quality": common[0][0] if common else "",
            "note": entry.note,
        }

    @property
    def as_it_was(self) -> str:
        """What the service worker has to know to keep this form on a device that finds no network."""
        return json.dumps(self.known_before())

    def known_before(self) -> dict[str, Any]:
        known = {"sites": [asdict(rating) for rating in self.before], "quality": self.initial.get("quality", "")}
        felt = {"nrs": self.entry.nrs, "felt_at": self.entry.felt_at.isoformat()} if self.entry else {}
        return known | felt

    def clean_note(self) -> str:
        return self.as_stored("note")

    def clean(self) -> dict:
        if self.cleaned_data.get("quality") and not self.cleaned_data.get("sites") and "sites" not in self.errors:
            self.add_error("sites", _("Choose the place that feels like this."))
        return self.cleaned_data

    def ratings(self) -> tuple[SiteRating, ...]:
        """The chosen places; a place keeps its own rating and quality unless the quality was changed here."""
        known = {rating.site: rating for rating in self.before}
        quality = self.cleaned_data["quality"]
        chosen = (known.get(site, SiteRating(site=site, quality=quality)) for site in self.cleaned_data["sites"])
        return tuple(replace(one, quality=quality) if "quality" in self.changed_data else one for one in chosen)

    def said(self) -> dict:
        return self.said_beside() | {"sites": self.ratings(), "note": self.cleaned_data["note"]}

    def save(self, *, by: User, at: datetime) -> PainEntry | None:
        """The saved entry, or None with the refusal as an error of this form."""
        return self.carried_out(lambda: self.write(by=by, at=at))

    def write(self, *, by: User, at: datetime) -> PainEntry:
        return pain_log.change(by=by, entry=self.entry, at=at, **self.said())


class BlankForm(BesideForm):
    """The questions of the page that a device keeps; nobody sends it to us as a form."""

    sites = Keys(label=_("Where is it?"), choices=SITES)
    note = PlainText(label=_("Note"), max_length=NOTE_LENGTH, required=False, widget=forms.Textarea(attrs={"rows": 2}))


class EntryForm(DetailForm):
    """A whole entry: an earlier moment, or one that is put right."""

    nrs = forms.TypedChoiceField(
        label=_("How was the pain?"),
        coerce=int,
        choices=NUMBERS,
        widget=forms.RadioSelect,
    )
    day = day_field(_("Day"))
    wall_time = time_field(_("Time"))
    uuid = forms.UUIDField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args, patient: Patient, key: UUID | None = None, day: date | None = None, **kwargs) -> None:
        """`key`, `day`: what a new entry is to be called, and the day it is asked for."""
        entry = kwargs.get("entry")
        self.zone = entry.zone if entry else patient.zone
        super().__init__(*args, **kwargs)
        self.fields["uuid"].initial = key or uuid4()
        self.fields["day"].initial = day

    def initial_of(self, entry: PainEntry) -> dict:
        felt = entry.felt_at.astimezone(ZoneInfo(entry.zone)).replace(second=0, microsecond=0)
        return super().initial_of(entry) | {"nrs": entry.nrs, "day": felt.date(), "wall_time": felt.time()}

    def known_before(self) -> dict[str, Any]:
        moment = {"zone": self.zone}
        if self.entry:
            day, wall_time = self.initial["day"], self.initial["wall_time"]
            moment |= {"day": day.isoformat(), "wall_time": wall_time.strftime("%H:%M")}
        return super().known_before() | moment

    def felt_at(self) -> datetime:
        """In the zone of the entry. A time that comes twice means the first; a skipped one the later reading."""
        if self.entry and not {"day", "wall_time"}.intersection(self.changed_data):
            return self.entry.felt_at
        return datetime.combine(self.cleaned_data["day"], self.cleaned_data["wall_time"], ZoneInfo(self.zone))

    def said(self) -> dict:
        return super().said() | {"nrs": self.cleaned_data["nrs"], "felt_at": self.felt_at(), "zone": self.zone}

    def write(self, *, by: User, at: datetime) -> PainEntry:
        if self.entry:
            return super().write(by=by, at=at)
        uuid = self.cleaned_data["uuid"] or uuid4()
        try:
            entry, _created = pain_log.put(by=by, uuid=uuid, source=PainEntry.Source.WEB, at=at, **self.said())
        except pain_log.EntryDeleted:
            self.data = self.data.copy()
            self.data["uuid"] = str(uuid4())
            raise
        return entry
