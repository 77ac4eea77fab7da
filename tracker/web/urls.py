from django.shortcuts import render
from django.urls import path

from tracker.web.views import imports


def planned(request, **kwargs):  # each line below is replaced by its real view; nothing of this stays
    return render(request, "base.html")


urlpatterns = [
    path("", planned, name="today"),
    path("welcome/", planned, name="welcome"),
    path("timeline/", planned, name="timeline"),
    path("treatments/", planned, name="attempt_list"),
    path("moves/", planned, name="moves"),
    path("settings/", planned, name="settings_home"),
    path("import/", imports.look, name="import_log"),
    path("import/confirm/", imports.confirm, name="import_confirm"),
    path("import/<uuid:uuid>/", imports.done, name="import_done"),
    path("second-opinion/", planned, name="second_opinion"),
]
