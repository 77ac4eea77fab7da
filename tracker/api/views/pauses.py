from zoneinfo import ZoneInfo

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from tracker.api.serializers.pauses import FlareSerializer, PauseSerializer, StandingSerializer
from tracker.domain.schedule import local_date
from tracker.models import Patient
from tracker.services import pauses


class FlareView(APIView):
    @extend_schema(responses=FlareSerializer)
    def get(self, request: Request) -> Response:
        """Whether the patient has said that it is worse than usual, and until when the moves are lighter."""
        return Response(FlareSerializer(request.user.patient).data)

    @extend_schema(request=None, responses=FlareSerializer)
    def put(self, request: Request) -> Response:
        """It is worse than usual: lighter moves for 48 hours from now. Said again, the time begins again."""
        return Response(FlareSerializer(pauses.begin_flare(by=request.user, at=timezone.now())).data)

    @extend_schema(request=None, responses={200: FlareSerializer})
    def delete(self, request: Request) -> Response:
        """It is over: the moves come back over some days. Within an hour of its beginning it was a slip."""
        return Response(FlareSerializer(pauses.end_flare(by=request.user, at=timezone.now())).data)


class PauseView(APIView):
    @extend_schema(responses=StandingSerializer)
    def get(self, request: Request) -> Response:
        """What rests today, and what will."""
        return _standing(request.user.patient)

    @extend_schema(request=PauseSerializer, responses=StandingSerializer)
    def put(self, request: Request) -> Response:
        """No reminder on these local days, in the place of any pause there was. Medicine and appointments go on."""
        serializer = PauseSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        at, patient = timezone.now(), request.user.patient
        said = {"first_on": local_date(at, ZoneInfo(patient.zone)), "covers_all": False} | serializer.validated_data
        return _standing(pauses.holiday(by=request.user, at=at, **said))

    @extend_schema(request=None, responses={200: StandingSerializer})
    def delete(self, request: Request) -> Response:
        """End the pause, or undo one that is to come."""
        return _standing(pauses.end(by=request.user, at=timezone.now()))


class SickDayView(APIView):
    @extend_schema(request=None, responses=StandingSerializer)
    def put(self, request: Request) -> Response:
        """Ill today: nothing but medicine and appointments until the day is over."""
        return _standing(pauses.sick_day(by=request.user, at=timezone.now()))

    @extend_schema(request=None, responses={200: StandingSerializer})
    def delete(self, request: Request) -> Response:
        """Undo it."""
        return _standing(pauses.not_sick(by=request.user, at=timezone.now()))


def _standing(patient: Patient) -> Response:
    on = local_date(timezone.now(), ZoneInfo(patient.zone))
    return Response(StandingSerializer(pauses.standing(patient=patient, on=on)).data)
