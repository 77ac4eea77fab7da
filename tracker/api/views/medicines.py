from uuid import UUID

from django.db.models import QuerySet
from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework.request import Request
from rest_framework.response import Response

from tracker.api.serializers.medicines import IntakeSerializer, MedicineSerializer
from tracker.api.views.base import PatientViewSet, makes_or_replaces
from tracker.api.views.entries import EntryFilter
from tracker.models import Intake, Medicine
from tracker.services import medicines


class MedicineViewSet(PatientViewSet):
    """Medicines that the patient takes or took."""

    queryset = Medicine.objects.none()
    serializer_class = MedicineSerializer

    def get_queryset(self) -> QuerySet[Medicine]:
        return self.patient.medicines.all()

    @makes_or_replaces(MedicineSerializer)
    def replace(self, request: Request, uuid: UUID) -> Response:
        """Make the medicine with this uuid hold exactly what the body says; sent twice, it is one medicine."""
        said = self.said()
        now, today = self.now_and_today()
        medicine, is_new = medicines.put_medicine(by=request.user, uuid=uuid, at=now, on=today, **said)
        return self.shown(medicine, is_new=is_new)

    def partial_update(self, request: Request, uuid: UUID) -> Response:
        medicine, changes = self.get_object(), self.said(partial=True)
        now, today = self.now_and_today()
        return self.shown(medicines.change_medicine(by=request.user, medicine=medicine, at=now, on=today, **changes))

    def destroy(self, request: Request, uuid: UUID) -> Response:
        """Delete a medicine that was put down by mistake, with every intake of it."""
        medicines.remove_medicine(by=request.user, medicine=self.get_object())
        return Response(status=204)


class IntakeFilter(EntryFilter):
    medicine = filters.UUIDFilter(field_name="medicine__uuid")


@extend_schema_view(list=extend_schema(description="What was taken, newest first, between two local days."))
class IntakeViewSet(PatientViewSet):
    """That a medicine was taken."""

    queryset = Intake.objects.none()
    serializer_class = IntakeSerializer
    filterset_class = IntakeFilter
    ordering = ("-taken_at",)

    def get_queryset(self) -> QuerySet[Intake]:
        return self.patient.intakes.select_related("medicine")

    @makes_or_replaces(IntakeSerializer)
    def replace(self, request: Request, uuid: UUID) -> Response:
        """Make the intake with this uuid hold what the body says; sent twice, it is one intake."""
        said = self.said()
        now, _ = self.now_and_today()
        intake, is_new = medicines.take(by=request.user, uuid=uuid, at=now, **said)
        return self.shown(intake, is_new=is_new)

    def destroy(self, request: Request, uuid: UUID) -> Response:
        medicines.untake(by=request.user, intake=self.get_object())
        return Response(status=204)
