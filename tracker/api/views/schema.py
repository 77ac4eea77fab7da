from drf_spectacular.utils import extend_schema
from drf_spectacular.views import SpectacularJSONAPIView, SpectacularSwaggerSplitView
from rest_framework.request import Request
from rest_framework.response import Response


class SchemaView(SpectacularJSONAPIView):
    """OpenAPI 3, drawn from the code."""

    api_version = "v1"

    @extend_schema(exclude=True)
    def get(self, request: Request) -> Response:
        # The stock view takes a language and a version from the address; there is one of each.
        return self._get_schema_response(request)


class DocsView(SpectacularSwaggerSplitView):
    """The schema for people: scripts and styles are files of our own host, none is inline."""

    url_name = "api_schema"
    template_name = "tracker/api/docs.html"
