"""The addresses of Ebb, and a bare create beside them: the least that DRF does to take a rating and store it."""

from uuid import uuid4

from django.urls import include, path
from django.utils import timezone
from rest_framework import generics, parsers, serializers

from tracker.models import PainEntry


class BareSerializer(serializers.ModelSerializer):
    class Meta:
        model = PainEntry
        fields = ("nrs", "felt_at", "note")


class BareCreate(generics.CreateAPIView):
    serializer_class = BareSerializer
    parser_classes = [parsers.JSONParser]

    def perform_create(self, serializer):
        now = timezone.now()
        serializer.save(
            patient=self.request.user.patient,
            uuid=uuid4(),
            recorded_at=now,
            changed_at=now,
            local_date=now.date(),
            zone="UTC",
            source=PainEntry.Source.API,
        )


urlpatterns = [path("bare/", BareCreate.as_view()), path("", include("config.urls"))]
