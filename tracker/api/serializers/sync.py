from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import PolymorphicProxySerializer, extend_schema_field
from rest_framework import serializers

from tracker.api.serializers.entries import EntrySerializer
from tracker.api.serializers.fields import ChoiceField, InstantField, ReferenceField, Strict, WholeNumberField
from tracker.api.serializers.red_flags import OFFER
from tracker.models import EntryTombstone, PainEntry
from tracker.services.batches import MAX_ROWS, Outcome

ENTRY, DELETED = "entry", "deleted"
MAX_VERSION = 2**63 - 1


class KindField(ChoiceField):
    """The one word by which a row is told apart."""

    def __init__(self, kind: str) -> None:
        self.kind = kind
        super().__init__(choices=[(kind, kind)])

    def get_attribute(self, instance: object) -> str:
        return self.kind


class EntryChangeSerializer(EntrySerializer):
    """An entry as it stands. In a batch, `version` means: only if the entry still is of this version."""

    type = KindField(ENTRY)
    uuid = ReferenceField()
    version = WholeNumberField(required=False, min_value=0, max_value=MAX_VERSION)


class DeletedChangeSerializer(Strict):
    """That an entry was deleted, here or on another device."""

    type = KindField(DELETED)
    uuid = ReferenceField()
    deleted_at = InstantField(read_only=True)
    version = WholeNumberField(required=False, min_value=0, max_value=MAX_VERSION, write_only=True)


CHANGE = PolymorphicProxySerializer(
    component_name="Change",
    serializers={ENTRY: EntryChangeSerializer, DELETED: DeletedChangeSerializer},
    resource_type_field_name="type",
)


@extend_schema_field(CHANGE)
class ChangeField(serializers.Field):
    """One row of the feed, or of a batch: told apart by `type`."""

    default_error_messages = {
        "no_object": _("A row is an object."),
        "no_type": _("A row has the type “entry” or “deleted”."),
    }

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        # One serializer reads all rows of its kind: making one for each row takes longer than all the rest.
        self.readers = {ENTRY: EntryChangeSerializer(), DELETED: DeletedChangeSerializer()}

    def to_representation(self, value: PainEntry | EntryTombstone) -> dict[str, Any]:
        kind = DELETED if isinstance(value, EntryTombstone) else ENTRY
        return {"type": kind} | self.readers[kind].to_representation(value)

    def read(self, row: Any) -> dict[str, Any]:
        """What one row says. Raises ValidationError with the names of what does not fit."""
        if not isinstance(row, dict):
            self.fail("no_object")
        kind = row.get("type")
        if not isinstance(kind, str) or kind not in self.readers:
            raise serializers.ValidationError({"type": [self.error_messages["no_type"]]})
        return self.readers[kind].run_validation(row)


class ChangesSerializer(serializers.Serializer):
    changes = serializers.ListField(child=ChangeField(), read_only=True)
    cursor = serializers.CharField(read_only=True, help_text=_("Ask with it for what changed since."))
    has_more = serializers.BooleanField(read_only=True, help_text=_("There is more already: ask at once."))


class RowsField(serializers.ListField):
    """Rows that are read one by one afterwards, so that one that does not fit spoils no other."""

    child = ChangeField()

    def run_child_validation(self, data: list[Any]) -> list[Any]:
        return data


class BatchSerializer(Strict):
    changes = RowsField(max_length=MAX_ROWS)


class AgainSerializer(Strict):
    uuid = ReferenceField(help_text=_("The key of the new entry."))


class ResultSerializer(serializers.Serializer):
    uuid = serializers.UUIDField(allow_null=True)
    result = serializers.ChoiceField(choices=[(outcome.value, outcome.value) for outcome in Outcome])
    version = serializers.IntegerField(allow_null=True, help_text=_("Of the entry after the batch, if there is one."))
    problem = serializers.DictField(required=False, help_text=_("Why the row was refused: see Problem."))
    current = EntrySerializer(required=False, allow_null=True, help_text=_("With status 412: how the entry stands."))


class BatchResultSerializer(serializers.Serializer):
    results = ResultSerializer(many=True)
    offer_red_flags = serializers.BooleanField(help_text=OFFER)
