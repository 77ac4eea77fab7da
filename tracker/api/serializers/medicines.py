from uuid import UUID

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from tracker.api.serializers.fields import DayField, InstantField, ReferenceField, Strict, TextField, YesNoField
from tracker.models import Medicine
from tracker.services.medicines import LENGTHS


class MedicineSerializer(Strict):
    uuid = serializers.UUIDField(read_only=True)
    name = TextField(max_length=LENGTHS["name"], required=True)
    dose = TextField(max_length=LENGTHS["dose"], help_text=_("What is taken at a time, as a rule."))
    is_as_needed = YesNoField(required=False)
    taken_for = TextField(max_length=LENGTHS["taken_for"])
    started_on = DayField(required=False, allow_null=True)
    stopped_on = DayField(required=False, allow_null=True, help_text=_("The first day without it."))
    changed_at = InstantField(read_only=True)


class IntakeSerializer(Strict):
    uuid = serializers.UUIDField(read_only=True)
    medicine = ReferenceField()
    taken_at = InstantField(required=False, help_text=_("Now, unless it says otherwise."))
    dose = TextField(max_length=LENGTHS["dose"], help_text=_("The usual dose, unless it says otherwise."))
    zone = TextField(max_length=64, allow_blank=False, help_text=_("Where it was taken; else the patient's zone."))
    local_date = serializers.DateField(read_only=True)
    recorded_at = InstantField(read_only=True)

    def validate_medicine(self, uuid: UUID) -> Medicine:
        medicine = self.context["request"].user.patient.medicines.filter(uuid=uuid).first()
        if medicine is None:
            raise serializers.ValidationError(_("There is no such medicine."))
        return medicine
