from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from tracker.api.serializers.fields import (
    ChoiceField,
    InstantField,
    KeysField,
    NRSField,
    OptionalNRSField,
    Strict,
    TextField,
)
from tracker.models.names import EASED_BY, QUALITIES, SITES, TRIGGERS
from tracker.models.pain import NOTE_LENGTH, PainEntry
from tracker.services.pain_log import HELPED_LENGTH, MANAGED_LENGTH, SiteRating


class SiteRatingSerializer(Strict):
    site = ChoiceField(choices=SITES)
    nrs = OptionalNRSField()
    quality = ChoiceField(choices=QUALITIES, required=False, allow_blank=True)


class EntrySerializer(Strict):
    uuid = serializers.UUIDField(read_only=True)
    nrs = NRSField(help_text=_("0 is no pain, 10 the worst imaginable."))
    felt_at = InstantField()
    zone = TextField(max_length=64, allow_blank=False, help_text=_("Where it was felt; else the patient's zone."))
    sites = SiteRatingSerializer(many=True, required=False, max_length=len(SITES))
    interference = OptionalNRSField(
        help_text=_("How much the pain was in the way: 0 is not at all, 10 completely; null is not said.")
    )
    sleep = OptionalNRSField(help_text=_("Sleep of the night before: 0 is very badly, 10 very well; null is not said."))
    mood = OptionalNRSField(help_text=_("0 is very low, 10 very good; null is not said."))
    managed = TextField(max_length=MANAGED_LENGTH, help_text=_("What the patient managed that day, in own words."))
    triggers = KeysField(choices=TRIGGERS, help_text=_("What may have set it off, each once; kept in this order."))
    eased_by = KeysField(choices=EASED_BY, help_text=_("What eased it, each once; kept in this order."))
    helped = TextField(max_length=HELPED_LENGTH, help_text=_("What helped, in own words."))
    note = TextField(max_length=NOTE_LENGTH)
    local_date = serializers.DateField(read_only=True)
    recorded_at = InstantField(read_only=True)
    changed_at = InstantField(read_only=True)
    version = serializers.IntegerField(read_only=True, help_text=_("The ETag of the entry without its quotes."))
    source = ChoiceField(
        choices=PainEntry.Source.choices,
        required=False,
        help_text=_("Say “offline” of a new entry that was written without network and sent later."),
    )

    def validate_source(self, source: str) -> str:
        """Where an entry came from is for us to say, but for this."""
        return source if source == PainEntry.Source.OFFLINE else PainEntry.Source.API

    def validate(self, said: dict[str, Any]) -> dict[str, Any]:
        if self.partial:
            said.pop("source", None)
        return said

    def validate_sites(self, sites: list[dict[str, Any]]) -> tuple[SiteRating, ...]:
        return tuple(SiteRating(**site) for site in sites)
