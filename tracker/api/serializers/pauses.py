from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from tracker.api.serializers.fields import DayField, InstantField, Strict, YesNoField
from tracker.models import Patient
from tracker.services import pauses


class FlareSerializer(serializers.ModelSerializer):
    is_in_flare = serializers.SerializerMethodField()
    flare_until = InstantField(
        read_only=True,
        allow_null=True,
        help_text=_("Until then the moves are lighter; some days after it they come back."),
    )

    class Meta:
        model = Patient
        fields = ("is_in_flare", "flare_until")

    def get_is_in_flare(self, patient: Patient) -> bool:
        return pauses.is_in_flare(patient=patient, at=timezone.now())


class PauseSerializer(Strict):
    first_on = DayField(required=False, help_text=_("The first day without reminders; today unless said."))
    last_on = DayField(help_text=_("The last day without reminders."))
    covers_all = YesNoField(required=False, help_text=_("Medicine and appointments rest too."))


class StandingSerializer(serializers.Serializer):
    is_sick_today = serializers.BooleanField(read_only=True)
    is_paused = serializers.BooleanField(read_only=True)
    first_on = DayField(read_only=True, allow_null=True)
    last_on = DayField(read_only=True, allow_null=True)
    covers_all = serializers.BooleanField(read_only=True)
