from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.http import Http404
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from assessments import services as checkups
from tracker.api.serializers.red_flags import ScreenSerializer, ShortSetSerializer
from tracker.api.views.base import PatientViewSet, makes_or_replaces
from tracker.models import RedFlagScreen
from tracker.services import red_flags


class IfCheckupsAreOn:
    """Where the operator offers no check-up, none of this is there."""

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        if not checkups.is_on():
            raise Http404


class ShortSetView(IfCheckupsAreOn, APIView):
    @extend_schema(responses=ShortSetSerializer)
    def get(self, request: Request) -> Response:
        """The eight short red-flag questions, with all that is needed to act on the answers without network."""
        last = request.user.patient.red_flag_screens.answered().first()
        said = red_flags.document() | {"answered_at": last and last.answered_at}
        return Response(ShortSetSerializer(said).data)


class ScreenViewSet(IfCheckupsAreOn, PatientViewSet):
    """The short red-flag questions, as they were answered or put off."""

    queryset = RedFlagScreen.objects.none()
    serializer_class = ScreenSerializer
    ordering = ("-answered_at",)

    def get_queryset(self) -> QuerySet[RedFlagScreen]:
        return self.patient.red_flag_screens.all()

    @makes_or_replaces(ScreenSerializer)
    def replace(self, request: Request, uuid: UUID) -> Response:
        """Answer the questions, or put them off (null); sent twice, it is once. One yes is enough, else all are wanted."""
        said = self.said()
        is_new = not self.get_queryset().filter(uuid=uuid).exists()
        now, _ = self.now_and_today()
        about = {"by": request.user, "uuid": uuid, "entry": said.get("entry_uuid"), "at": now}
        answers = said["answers"]
        screen = red_flags.put_off(**about) if answers is None else red_flags.answer(answers=answers, **about)
        return self.shown(screen, is_new=is_new)
