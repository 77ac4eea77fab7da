from django.shortcuts import render
from django.urls import path

from tracker.web.views import accounts, entries, imports, settings, timeline, today


def planned(request, **kwargs):  # each line below is replaced by its real view; nothing of this stays
    return render(request, "base.html")


urlpatterns = [
    path("", today.start, name="today"),
    path("welcome/", accounts.welcome, name="welcome"),
    path("what-is-stored/", accounts.stored, name="stored"),
    path("record/", accounts.record_open, name="record_open"),
    path("demo/", accounts.demo_login, name="demo_login"),
    path("entries/", entries.entry_list, name="entry_list"),
    path("entries/add/", entries.entry_add, name="entry_add"),
    path("entries/earlier/", entries.entry_earlier, name="entry_earlier"),
    path("entries/restore/", entries.entry_restore, name="entry_restore"),
    path("entries/<uuid:uuid>/", entries.entry_edit, name="entry_edit"),
    path("entries/<uuid:uuid>/detail/", entries.entry_detail, name="entry_detail"),
    path("entries/<uuid:uuid>/delete/", entries.entry_delete, name="entry_delete"),
    path("timeline/", timeline.timeline, name="timeline"),
    path("treatments/", planned, name="attempt_list"),
    path("moves/", planned, name="moves"),
    path("settings/", settings.settings_home, name="settings_home"),
    path("settings/zone/", settings.zone_confirm, name="zone_confirm"),
    path("import/", imports.look, name="import_log"),
    path("import/confirm/", imports.confirm, name="import_confirm"),
    path("import/<uuid:uuid>/", imports.done, name="import_done"),
    path("second-opinion/", planned, name="second_opinion"),
]
