from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from tracker.api.etags import condition, etag, is_known
from tracker.api.serializers.health import HealthProfileSerializer
from tracker.api.views.base import PatientViewSet
from tracker.models import HealthProfile
from tracker.services import health


def _header(name: str, words: str) -> OpenApiParameter:
    return OpenApiParameter(name, OpenApiTypes.STR, OpenApiParameter.HEADER, description=words)


IF_MATCH = _header("If-Match", "Only if the profile still has this ETag; else 412 with the profile as it stands.")
IF_OTHER = _header("If-None-Match", "The ETag that the client has; 304 if the profile still has it.")


class HealthProfileViewSet(PatientViewSet):
    """What a check-up and a doctor should know beside the pain. It is always there, if only an empty one."""

    queryset = HealthProfile.objects.none()
    serializer_class = HealthProfileSerializer

    def get_object(self) -> HealthProfile:
        return health.profile_of(self.patient) or HealthProfile()

    def shown(self, instance: HealthProfile, *, is_new: bool = False) -> Response:
        response = super().shown(instance, is_new=is_new)
        response["ETag"] = etag(instance)
        return response

    def handle_exception(self, error: Exception) -> Response:
        response = super().handle_exception(error)
        if isinstance(error, health.ProfileChanged):
            response.data["current"] = self.get_serializer(error.current or HealthProfile()).data
        return response

    @extend_schema(parameters=[IF_OTHER], responses={200: HealthProfileSerializer, 304: None})
    def retrieve(self, request: Request) -> Response:
        profile = self.get_object()
        return (
            Response(status=304, headers={"ETag": etag(profile)}) if is_known(request, profile) else self.shown(profile)
        )

    @extend_schema(parameters=[IF_MATCH])
    def replace(self, request: Request) -> Response:
        """Make the profile hold exactly what the body says."""
        said = self.said()
        said["facts"] = {fact: answer for fact, answer in said.get("facts", {}).items() if answer is not None}
        now, today = self.now_and_today()
        return self.shown(health.save_profile(by=request.user, at=now, on=today, condition=condition(request), **said))

    @extend_schema(parameters=[IF_MATCH])
    def partial_update(self, request: Request) -> Response:
        """Change what is given. Of the facts too: null takes one back, the others stay."""
        said = self.said(partial=True)
        now, today = self.now_and_today()
        return self.shown(
            health.change_profile(by=request.user, at=now, on=today, condition=condition(request), **said)
        )
