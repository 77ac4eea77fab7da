from uuid import UUID

from django.db.models import QuerySet
from django.http import Http404
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from tracker.api.serializers.ways import (
    CalendarFeedSerializer,
    MailStatusSerializer,
    PushDeviceSerializer,
    PushKeySerializer,
)
from tracker.api.views.base import PatientViewSet, makes_or_replaces
from tracker.models import CalendarFeed, PushDevice
from tracker.services import calendar_feeds, mail_stops, push_devices, web_push


class PushDeviceViewSet(PatientViewSet):
    """Browsers that get messages."""

    queryset = PushDevice.objects.none()
    serializer_class = PushDeviceSerializer
    ordering = ("created_at",)

    def get_queryset(self) -> QuerySet[PushDevice]:
        return self.patient.push_devices.all()

    @makes_or_replaces(PushDeviceSerializer)
    def replace(self, request: Request, uuid: UUID) -> Response:
        """Sign a browser up; the same browser under another uuid takes the place of the earlier one."""
        said = {"name": ""} | self.said()
        now, _ = self.now_and_today()
        device, is_new = push_devices.put(by=request.user, uuid=uuid, at=now, **said)
        return self.shown(device, is_new=is_new)

    def destroy(self, request: Request, uuid: UUID) -> Response:
        push_devices.remove(by=request.user, device=self.get_object())
        return Response(status=204)

    @extend_schema(request=None, responses=PushDeviceSerializer)
    def test(self, request: Request, uuid: UUID) -> Response:
        """Send it one message now."""
        now, _ = self.now_and_today()
        return self.shown(push_devices.try_out(by=request.user, device=self.get_object(), at=now))

    @extend_schema(responses=PushKeySerializer)
    def key(self, request: Request) -> Response:
        """What a browser has to be told when it subscribes."""
        return Response({"public_key": web_push.public_key()})


class CalendarFeedViewSet(PatientViewSet):
    """The secret address from which a calendar program reads what is to come."""

    queryset = CalendarFeed.objects.none()
    serializer_class = CalendarFeedSerializer

    def get_object(self) -> CalendarFeed:
        if (feed := calendar_feeds.feed_of(self.patient)) is None:
            raise Http404
        return feed

    @extend_schema(request=None, responses={201: CalendarFeedSerializer})
    def create(self, request: Request) -> Response:
        """Make a new address; an earlier one ends."""
        now, _ = self.now_and_today()
        return self.shown(calendar_feeds.replace(by=request.user, at=now), is_new=True)

    def partial_update(self, request: Request) -> Response:
        self.get_object()
        if "has_words" in (said := self.said(partial=True)):
            calendar_feeds.choose_words(by=request.user, **said)
        return self.shown(self.get_object())

    def destroy(self, request: Request) -> Response:
        calendar_feeds.stop(by=request.user)
        return Response(status=204)


class MailStatusView(PatientViewSet):
    serializer_class = MailStatusSerializer

    def retrieve(self, request: Request) -> Response:
        """Whether mail to the patient's address is stopped."""
        stop = mail_stops.stop_of(self.patient)
        told = {"is_stopped": stop is not None, "reason": stop and stop.reason, "stopped_at": stop and stop.stopped_at}
        return Response(MailStatusSerializer(told).data)

    @extend_schema(request=None)
    def start(self, request: Request) -> Response:
        """Send mail to it again."""
        mail_stops.start_again(by=request.user)
        return self.retrieve(request)
