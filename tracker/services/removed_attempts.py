"""A deleted attempt as a signed text that can bring it back, with all that hangs on it. Nothing of it is kept here."""

from datetime import timedelta
from typing import Any

from django.core import signing
from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import Model

from tracker.domain.errors import DomainError
from tracker.models import Advice, Patient, QuestionnaireResponse, TreatmentAttempt, TreatmentDay, Verdict

UNDO_FOR = timedelta(minutes=10)
UNDO_SALT = "tracker.attempt.undo"

# Deleted with the attempt, in an order in which they can come back.
PARTS: tuple[type[Model], ...] = (TreatmentDay, QuestionnaireResponse, Verdict, Advice)


class UndoExpired(DomainError):
    """Too late, or not a text that Ebb has signed for this patient."""


class _Serializer(signing.JSONSerializer):
    def dumps(self, obj: Any) -> bytes:
        return DjangoJSONEncoder(separators=(",", ":")).encode(obj).encode()


def packed(attempt: TreatmentAttempt) -> str:
    rows = {part.__name__: list(part._default_manager.filter(attempt=attempt).values()) for part in PARTS}
    whole = TreatmentAttempt.objects.filter(pk=attempt.pk).values().get()
    visits = {"visits": list(attempt.decided_at_visits.values_list("pk", flat=True))}
    return signing.dumps({"attempt": whole} | visits | rows, salt=UNDO_SALT, compress=True, serializer=_Serializer)


def unpacked(token: str, patient: Patient) -> tuple[TreatmentAttempt, bool]:
    """The attempt as it was, and whether it had to be made. Inside a transaction that holds the patient's row."""
    try:
        said = signing.loads(token, salt=UNDO_SALT, max_age=UNDO_FOR, serializer=_Serializer)
    except signing.BadSignature as error:
        raise UndoExpired from error
    if said["attempt"]["patient_id"] != patient.pk:
        raise UndoExpired
    earlier = patient.attempts.filter(uuid=said["attempt"]["uuid"]).first()
    if earlier is not None:
        return earlier, False
    if not patient.diagnoses.filter(pk=said["attempt"]["diagnosis_id"]).exists():
        said["attempt"]["diagnosis_id"] = None
    attempt = TreatmentAttempt(**_typed(TreatmentAttempt, said["attempt"]))
    attempt.save(force_insert=True)
    patient.appointments.filter(pk__in=said.get("visits", []), next_attempt=None).update(next_attempt=attempt)
    for part in PARTS:
        part._default_manager.bulk_create((part(**_typed(part, row)) for row in said[part.__name__]), batch_size=500)
    return TreatmentAttempt.objects.select_related("treatment_type", "diagnosis").get(pk=attempt.pk), True


def _typed(model: type[Model], row: dict[str, Any]) -> dict[str, Any]:
    """Days and instants came as text."""
    fields = {field.attname: field for field in model._meta.concrete_fields}
    return {name: value if value is None else fields[name].to_python(value) for name, value in row.items()}
