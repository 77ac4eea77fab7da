from rest_framework import serializers

from tracker.domain.sites import Face, Group, Side


class SiteSerializer(serializers.Serializer):
    key = serializers.CharField(read_only=True)
    name = serializers.CharField(read_only=True)
    group = serializers.ChoiceField(choices=[group.value for group in Group], read_only=True)
    face = serializers.ChoiceField(choices=[face.value for face in Face], read_only=True)
    side = serializers.ChoiceField(choices=[side.value for side in Side], read_only=True)
    spine = serializers.ListField(
        child=serializers.CharField(),
        read_only=True,
        allow_null=True,
        help_text="First and last vertebra behind a site of the back or neck; null elsewhere.",
    )
