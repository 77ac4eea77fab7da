from datetime import date, timedelta
from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from tracker.api.serializers.fields import DayField
from tracker.domain.history import LONGEST_DAYS, SPAN_WEEKS, Finding, Part
from tracker.models.names import SITES

USUAL_DAYS = 120
USUAL_SEARCHED_DAYS = 365
MOST_DAYS = 3700  # ten years in one answer
DEFAULT_WEEKS = 4
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


class Asked(serializers.Serializer):
    """What a query asks of the log. `usual` and `most`: days, where none are given and at most."""

    usual = most = 0

    site = serializers.ChoiceField(choices=SITES, required=False, help_text="One place instead of pain overall.")

    def __init__(self, *args: Any, today: date | None = None, **options: Any) -> None:
        self.today = today
        super().__init__(*args, **options)


class AskedRange(Asked):
    """`from` is a word of the language, so the two days are added by name."""

    usual, most = USUAL_DAYS, MOST_DAYS

    def get_fields(self) -> dict[str, serializers.Field]:
        days = {"from": DayField(required=False), "to": DayField(required=False, help_text="Today if not given.")}
        return days | super().get_fields()

    def validate(self, asked: dict[str, Any]) -> dict[str, Any]:
        last = min(asked.get("to") or self.today, self.today)
        first = asked.get("from") or last - timedelta(days=self.usual - 1)
        if first > last:
            raise serializers.ValidationError({"to": [_("The last day lies before the first.")]})
        if (last - first).days >= self.most:
            raise serializers.ValidationError({"from": [_("Ask for fewer days at once.")]})
        return {"first": first, "last": last, "site": asked.get("site", "")}


class AskedSearch(AskedRange):
    usual, most = USUAL_SEARCHED_DAYS, LONGEST_DAYS


class AskedComparison(Asked):
    on = DayField(help_text="The date that parts before from after; it belongs to the days after.")
    weeks = serializers.ChoiceField(choices=[(n, str(n)) for n in SPAN_WEEKS], default=DEFAULT_WEEKS)

    def validate_on(self, on: date) -> date:
        if on > self.today:
            raise serializers.ValidationError(_("That day has not come yet."))
        return on

    def validate(self, asked: dict[str, Any]) -> dict[str, Any]:
        return {"site": ""} | asked


class HistoryDaySerializer(serializers.Serializer):
    local_date = serializers.DateField()
    lowest = serializers.IntegerField(source="low")
    highest = serializers.IntegerField(source="high")
    mean = serializers.FloatField()
    n_entries = serializers.IntegerField()


class HistoryDaysSerializer(serializers.Serializer):
    """Logged days only, oldest first: a day that is not there was not logged."""

    first = serializers.DateField()
    last = serializers.DateField()
    site = serializers.CharField(allow_blank=True)
    results = HistoryDaySerializer(many=True)


class CellSerializer(serializers.Serializer):
    n_days = serializers.IntegerField()
    mean = serializers.FloatField(allow_null=True, help_text="Of daily means; null where too few days are logged.")
    difference = serializers.FloatField(
        allow_null=True, help_text="Points above what it is set against; null where too few weeks allow it."
    )
    margin = serializers.FloatField(allow_null=True, help_text="Points to either side that chance can make.")
    is_clear = serializers.BooleanField(help_text="Large enough to matter, and unlikely to be chance.")


class WeekdaySerializer(CellSerializer):
    weekday = serializers.ChoiceField(choices=WEEKDAYS)


class PartSerializer(CellSerializer):
    part = serializers.ChoiceField(choices=[part.value for part in Part])


class PatternSerializer(serializers.Serializer):
    finding = serializers.ChoiceField(choices=[finding.value for finding in Finding])


class WeekdaysSerializer(PatternSerializer):
    cells = WeekdaySerializer(many=True)


class PartsSerializer(PatternSerializer):
    cells = PartSerializer(many=True)


class PatternsSerializer(serializers.Serializer):
    """Each weekday against the three days before and after it, each part of the day against the rest of the same day."""

    first = serializers.DateField()
    last = serializers.DateField()
    site = serializers.CharField(allow_blank=True)
    weekdays = WeekdaysSerializer()
    parts = PartsSerializer()


class SideSerializer(serializers.Serializer):
    first = serializers.DateField()
    last = serializers.DateField()
    n_days = serializers.IntegerField(help_text="Days that have come.")
    n_logged = serializers.IntegerField()
    n_bad = serializers.IntegerField(help_text="Logged days that reached 7 at least once.")
    mean = serializers.FloatField(allow_null=True, help_text="Null, like what follows, where too few days are logged.")
    median = serializers.FloatField(allow_null=True)
    middle_half = serializers.ListField(
        child=serializers.FloatField(), allow_null=True, help_text="Between which half of the daily means lie."
    )
    bad_share = serializers.FloatField(allow_null=True)


class BeforeAfterSerializer(serializers.Serializer):
    """It does not say why: pain also rises and falls by itself."""

    before = SideSerializer()
    after = SideSerializer()
    difference = serializers.FloatField(allow_null=True, help_text="Points by which the mean after lies above before.")
    matters = serializers.BooleanField(help_text="As large as a change that matters. Not: more than chance.")
