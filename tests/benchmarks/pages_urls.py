from django.http import HttpResponse
from django.urls import include, path

urlpatterns = [path("null", lambda request: HttpResponse(status=204)), path("", include("config.urls"))]
