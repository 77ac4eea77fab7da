from django.shortcuts import render
from django.urls import path

from tracker.web.views import (
    accounts,
    advice,
    entries,
    imports,
    mailbox,
    moves,
    reminders,
    second_opinion,
    settings,
    timeline,
    today,
    treatments,
)


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
    path("treatments/", treatments.attempt_list, name="attempt_list"),
    path("treatments/new/", treatments.attempt_add, name="attempt_add"),
    path("treatments/<uuid:uuid>/", treatments.attempt_detail, name="attempt_detail"),
    path("treatments/<uuid:uuid>/edit/", treatments.attempt_edit, name="attempt_edit"),
    path("treatments/<uuid:uuid>/stop/", treatments.attempt_stop, name="attempt_stop"),
    path("treatments/<uuid:uuid>/dose/", treatments.attempt_dose, name="attempt_dose"),
    path("treatments/<uuid:uuid>/before/", treatments.attempt_recall, name="attempt_recall"),
    path("advice/<int:pk>/", advice.advice_respond, name="advice_respond"),
    path("moves/", moves.moves, name="moves"),
    path("moves/done/", moves.session_add, name="session_add"),
    path("settings/", settings.settings_home, name="settings_home"),
    path("settings/reminders/", reminders.reminder_list, name="reminder_list"),
    path("settings/reminders/new/", reminders.reminder_add, name="reminder_add"),
    path("settings/reminders/<uuid:uuid>/", reminders.reminder_edit, name="reminder_edit"),
    path("settings/reminders/<uuid:uuid>/delete/", reminders.reminder_delete, name="reminder_delete"),
    path("r/<str:token>/", reminders.reminder_act, name="reminder_act"),
    path("unsubscribe/<str:key>/", reminders.unsubscribe, name="unsubscribe"),
    path("mailbox/", mailbox.mailbox, name="mailbox"),
    path("mailbox/<str:name>/", mailbox.mailbox_mail, name="mailbox_mail"),
    path("settings/zone/", settings.zone_confirm, name="zone_confirm"),
    path("import/", imports.look, name="import_log"),
    path("import/confirm/", imports.confirm, name="import_confirm"),
    path("import/<uuid:uuid>/", imports.done, name="import_done"),
    path("second-opinion/", second_opinion.guidance, name="second_opinion"),
]
