from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from tracker.api.serializers.fields import InstantField
from tracker.models import Patient
from tracker.services import pauses


class FlareSerializer(serializers.ModelSerializer):
    is_in_flare = serializers.SerializerMethodField()
    flare_until = InstantField(read_only=True, allow_null=True, help_text=_("Until then the moves are lighter."))

    class Meta:
        model = Patient
        fields = ("is_in_flare", "flare_until")

    def get_is_in_flare(self, patient: Patient) -> bool:
        return pauses.is_in_flare(patient=patient, at=timezone.now())
