from rest_framework import serializers

from tracker.api.serializers.fields import ChoiceField, DayField, InstantField, Strict, TextField
from tracker.models import Attachment
from tracker.services.attachments import TITLE_LENGTH


class FileSaidSerializer(Strict):
    """What is said of a file."""

    kind = ChoiceField(choices=Attachment.Kind.choices)
    title = TextField(max_length=TITLE_LENGTH)
    made_on = DayField(required=False, allow_null=True)


class FileUploadSerializer(FileSaidSerializer):
    file = serializers.FileField(allow_empty_file=True)


class FileSerializer(FileSaidSerializer):
    uuid = serializers.UUIDField(read_only=True)
    media_type = serializers.CharField(read_only=True)
    n_bytes = serializers.IntegerField(read_only=True)
    added_at = InstantField(read_only=True)
