from django.urls import path, re_path

from tracker.api import schema  # noqa: F401  (names the log-in by token in the schema)
from tracker.api.parsers import BatchJSONParser
from tracker.api.views.account import AccountView
from tracker.api.views.advice import AdviceViewSet, ProposalViewSet
from tracker.api.views.appointments import AppointmentViewSet
from tracker.api.views.entries import EntryViewSet
from tracker.api.views.exports import CheckupExportView, ExportView
from tracker.api.views.files import FileViewSet
from tracker.api.views.health import HealthProfileViewSet
from tracker.api.views.history import BeforeAfterView, HistoryDaysView, PatternsView
from tracker.api.views.imports import ImportViewSet
from tracker.api.views.medicines import IntakeViewSet, MedicineViewSet
from tracker.api.views.moves import MoveViewSet, SessionViewSet
from tracker.api.views.opinions import OpinionViewSet
from tracker.api.views.pauses import FlareView, PauseView, SickDayView
from tracker.api.views.profile import DeviceZoneView, ProfileView
from tracker.api.views.questionnaires import InstrumentViewSet, ResponseViewSet
from tracker.api.views.red_flags import ScreenViewSet, ShortSetView
from tracker.api.views.reminders import OccurrenceViewSet, ReminderViewSet, SendViewSet
from tracker.api.views.schema import DocsView, SchemaView
from tracker.api.views.sharing import ShareViewSet
from tracker.api.views.sites import SitesView
from tracker.api.views.summaries import SummaryViewSet
from tracker.api.views.sync import SyncViewSet
from tracker.api.views.treatments import (
    AttemptDayViewSet,
    AttemptVerdictViewSet,
    AttemptViewSet,
    DiagnosisHistoryView,
    DiagnosisViewSet,
    PlanView,
    TreatmentTypeViewSet,
    VerdictViewSet,
)
from tracker.api.views.ways import CalendarFeedViewSet, MailStatusView, PushDeviceViewSet

WHOLE = {"pagination_class": None}  # a short list, in one answer
LIST = {"get": "list"}
READ, PUT, PATCH, DELETE = {"get": "retrieve"}, {"put": "replace"}, {"patch": "partial_update"}, {"delete": "destroy"}

urlpatterns = [
    path("schema/", SchemaView.as_view(), name="api_schema"),
    path("docs/", DocsView.as_view(), name="api_docs"),
    path("profile/", ProfileView.as_view(), name="api_profile"),
    path("profile/device-zone/", DeviceZoneView.as_view(), name="api_device_zone"),
    path("account/", AccountView.as_view(), name="api_account"),
    path("export/", ExportView.as_view(), name="api_export"),
    path("export/checkup/<uuid:uuid>/", CheckupExportView.as_view(), name="api_export_checkup"),
    path("entries/", EntryViewSet.as_view(LIST), name="api_entries"),
    path("entries/changes/", SyncViewSet.as_view({"get": "changes"}), name="api_changes"),
    path("entries/batch/", SyncViewSet.as_view({"post": "batch"}, parser_classes=[BatchJSONParser]), name="api_batch"),
    path("entries/again/", SyncViewSet.as_view({"post": "again"}), name="api_again"),
    path("entries/<uuid:uuid>/", EntryViewSet.as_view(READ | PUT | PATCH | DELETE), name="api_entry"),
    path("red-flag-questions/", ShortSetView.as_view(), name="api_red_flag_questions"),
    path("red-flag-screens/", ScreenViewSet.as_view(LIST), name="api_red_flag_screens"),
    path("red-flag-screens/<uuid:uuid>/", ScreenViewSet.as_view(READ | PUT), name="api_red_flag_screen"),
    path("instruments/", InstrumentViewSet.as_view(LIST), name="api_instruments"),
    path("instruments/<slug:key>/", InstrumentViewSet.as_view(READ), name="api_instrument"),
    path("questionnaires/", ResponseViewSet.as_view(LIST), name="api_questionnaires"),
    path("questionnaires/due/", ResponseViewSet.as_view({"get": "due"}), name="api_questionnaires_due"),
    path("questionnaires/put-off/", ResponseViewSet.as_view({"post": "put_off"}), name="api_questionnaires_put_off"),
    path("questionnaires/help-seen/", ResponseViewSet.as_view({"post": "help_seen"}), name="api_help_seen"),
    path("questionnaires/<uuid:uuid>/", ResponseViewSet.as_view(READ | PUT | DELETE), name="api_questionnaire"),
    path("imports/", ImportViewSet.as_view(LIST | {"post": "create"}), name="api_imports"),
    path("imports/<uuid:uuid>/", ImportViewSet.as_view(READ | DELETE), name="api_import"),
    path("sites/", SitesView.as_view(), name="api_sites"),
    path("history/days/", HistoryDaysView.as_view(), name="api_history_days"),
    path("history/patterns/", PatternsView.as_view(), name="api_history_patterns"),
    path("history/before-after/", BeforeAfterView.as_view(), name="api_history_before_after"),
    path("treatment-types/", TreatmentTypeViewSet.as_view(LIST), name="api_treatment_types"),
    path("diagnoses/", DiagnosisViewSet.as_view(LIST), name="api_diagnoses"),
    path("diagnoses/history/", DiagnosisHistoryView.as_view({"get": "steps"}), name="api_diagnosis_history"),
    path("diagnoses/<uuid:uuid>/", DiagnosisViewSet.as_view(READ | PUT | DELETE), name="api_diagnosis"),
    path("proposals/", ProposalViewSet.as_view(LIST), name="api_proposals"),
    path("proposals/<uuid:uuid>/", ProposalViewSet.as_view(READ | PUT | DELETE), name="api_proposal"),
    path("attempts/", AttemptViewSet.as_view(LIST), name="api_attempts"),
    path("attempts/<uuid:uuid>/", AttemptViewSet.as_view(READ | PUT | PATCH | DELETE), name="api_attempt"),
    path("attempts/restore/", AttemptViewSet.as_view({"post": "restore"}), name="api_attempt_restore"),
    path("attempts/<uuid:uuid>/overview/", AttemptViewSet.as_view({"get": "overview"}), name="api_attempt_overview"),
    path("attempts/<uuid:uuid>/pause/", AttemptViewSet.as_view({"post": "pause"}), name="api_attempt_pause"),
    path("attempts/<uuid:uuid>/resume/", AttemptViewSet.as_view({"post": "resume"}), name="api_attempt_resume"),
    path("attempts/<uuid:uuid>/restart/", AttemptViewSet.as_view({"post": "restart"}), name="api_attempt_restart"),
    path("attempts/<uuid:uuid>/dose/", AttemptViewSet.as_view({"post": "dose"}), name="api_attempt_dose"),
    path("attempts/<uuid:uuid>/days/", AttemptDayViewSet.as_view(LIST), name="api_attempt_days"),
    re_path(
        r"^attempts/(?P<uuid>[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})/days/"
        r"(?P<local_date>\d{4}-\d{2}-\d{2})/$",
        AttemptDayViewSet.as_view(PUT | DELETE),
        name="api_attempt_day",
    ),
    path("treatment-plan/", PlanView.as_view(READ | PUT | DELETE), name="api_treatment_plan"),
    path("treatment-plan/begin/", PlanView.as_view({"post": "begin"}), name="api_treatment_plan_begin"),
    path("attempts/<uuid:uuid>/stop/", AttemptViewSet.as_view({"post": "stop"}), name="api_attempt_stop"),
    path("attempts/<uuid:uuid>/verdicts/", AttemptVerdictViewSet.as_view(LIST), name="api_attempt_verdicts"),
    path("verdicts/", VerdictViewSet.as_view(LIST), name="api_verdicts"),
    path("advice/", AdviceViewSet.as_view(LIST), name="api_advice"),
    path("advice/<int:pk>/", AdviceViewSet.as_view(READ | PATCH), name="api_advice_one"),
    path("second-opinions/", OpinionViewSet.as_view(LIST), name="api_opinions"),
    path("second-opinions/<uuid:uuid>/", OpinionViewSet.as_view(READ | PUT | PATCH | DELETE), name="api_opinion"),
    path("second-opinions/<uuid:uuid>/close/", OpinionViewSet.as_view({"post": "close"}), name="api_opinion_close"),
    path("second-opinions/<uuid:uuid>/brief/", OpinionViewSet.as_view({"get": "brief"}), name="api_opinion_brief"),
    path(
        "second-opinions/<uuid:uuid>/words/",
        OpinionViewSet.as_view({"get": "words", "post": "decide"}),
        name="api_opinion_words",
    ),
    path(
        "second-opinions/<uuid:uuid>/views/",
        OpinionViewSet.as_view({"get": "views"}, **WHOLE),
        name="api_opinion_views",
    ),
    path(
        "second-opinions/<uuid:uuid>/views/<uuid:view>/",
        OpinionViewSet.as_view({"put": "write_view"}),
        name="api_opinion_view",
    ),
    path(
        "second-opinions/<uuid:uuid>/sealed/",
        OpinionViewSet.as_view({"get": "sealed", "post": "open_sealed"}),
        name="api_opinion_sealed",
    ),
    path(
        "second-opinions/<uuid:uuid>/comparisons/",
        OpinionViewSet.as_view({"get": "comparisons"}, **WHOLE),
        name="api_opinion_comparisons",
    ),
    path(
        "second-opinions/<uuid:uuid>/comparisons/<uuid:diagnosis>/",
        OpinionViewSet.as_view({"put": "compare"}),
        name="api_opinion_comparison",
    ),
    path("appointments/", AppointmentViewSet.as_view(LIST), name="api_appointments"),
    path(
        "appointments/<uuid:uuid>/",
        AppointmentViewSet.as_view(READ | PUT | PATCH | DELETE),
        name="api_appointment",
    ),
    path(
        "appointments/<uuid:uuid>/cancel/",
        AppointmentViewSet.as_view({"post": "cancel"}),
        name="api_appointment_cancel",
    ),
    path(
        "appointments/<uuid:uuid>/reinstate/",
        AppointmentViewSet.as_view({"post": "reinstate"}),
        name="api_appointment_reinstate",
    ),
    path(
        "appointments/<uuid:uuid>/questions/",
        AppointmentViewSet.as_view({"get": "questions", "put": "set_questions"}),
        name="api_appointment_questions",
    ),
    path("appointments/<uuid:uuid>/ideas/", AppointmentViewSet.as_view({"get": "ideas"}), name="api_visit_ideas"),
    path(
        "appointments/<uuid:uuid>/calendar/",
        AppointmentViewSet.as_view({"get": "calendar"}),
        name="api_appointment_calendar",
    ),
    path(
        "appointments/<uuid:uuid>/attempts/<uuid:attempt>/",
        AppointmentViewSet.as_view({"put": "begin"}),
        name="api_appointment_begin",
    ),
    path("shares/", ShareViewSet.as_view(LIST), name="api_shares"),
    path("shares/<uuid:uuid>/", ShareViewSet.as_view(READ | PUT), name="api_share"),
    path("shares/<uuid:uuid>/end/", ShareViewSet.as_view({"post": "end"}), name="api_share_end"),
    path("shares/<uuid:uuid>/log/", ShareViewSet.as_view({"get": "log"}, **WHOLE), name="api_share_log"),
    path(
        "shares/<uuid:uuid>/questions/", ShareViewSet.as_view({"get": "questions"}, **WHOLE), name="api_share_questions"
    ),
    path(
        "shares/<uuid:uuid>/questions/<uuid:question>/",
        ShareViewSet.as_view({"put": "answer"}),
        name="api_share_question",
    ),
    path("files/", FileViewSet.as_view(LIST), name="api_files"),
    path("files/<uuid:uuid>/", FileViewSet.as_view(READ | PUT | PATCH | DELETE), name="api_file"),
    path("files/<uuid:uuid>/content/", FileViewSet.as_view({"get": "content"}), name="api_file_content"),
    path("summaries/", SummaryViewSet.as_view(LIST), name="api_summaries"),
    path("summaries/<uuid:uuid>/", SummaryViewSet.as_view(READ | PUT | DELETE), name="api_summary"),
    path("summaries/<uuid:uuid>/content/", SummaryViewSet.as_view({"get": "content"}), name="api_summary_content"),
    path("summaries/<uuid:uuid>/pdf/", SummaryViewSet.as_view({"get": "pdf"}), name="api_summary_pdf"),
    path("summaries/<uuid:uuid>/fhir/", SummaryViewSet.as_view({"get": "fhir"}), name="api_summary_fhir"),
    path("health-profile/", HealthProfileViewSet.as_view(READ | PUT | PATCH), name="api_health_profile"),
    path("medicines/", MedicineViewSet.as_view(LIST), name="api_medicines"),
    path("medicines/<uuid:uuid>/", MedicineViewSet.as_view(READ | PUT | PATCH | DELETE), name="api_medicine"),
    path("intakes/", IntakeViewSet.as_view(LIST), name="api_intakes"),
    path("intakes/<uuid:uuid>/", IntakeViewSet.as_view(READ | PUT | DELETE), name="api_intake"),
    path("reminders/", ReminderViewSet.as_view(LIST), name="api_reminders"),
    path("reminders/upcoming/", SendViewSet.as_view({"get": "upcoming"}, **WHOLE), name="api_upcoming"),
    path("reminders/history/", SendViewSet.as_view(LIST), name="api_reminder_history"),
    path("reminders/<uuid:uuid>/", ReminderViewSet.as_view(READ | PUT | PATCH | DELETE), name="api_reminder"),
    path("reminders/<uuid:uuid>/occurrences/", OccurrenceViewSet.as_view(LIST), name="api_occurrences"),
    re_path(
        r"^reminders/(?P<uuid>[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})/occurrences/"
        r"(?P<local_date>\d{4}-\d{2}-\d{2})/answer/$",
        OccurrenceViewSet.as_view({"put": "answer", "delete": "take_back"}),
        name="api_occurrence_answer",
    ),
    path("pause/", PauseView.as_view(), name="api_pause"),
    path("sick-day/", SickDayView.as_view(), name="api_sick_day"),
    path("flare/", FlareView.as_view(), name="api_flare"),
    path("push-key/", PushDeviceViewSet.as_view({"get": "key"}), name="api_push_key"),
    path("push-devices/", PushDeviceViewSet.as_view(LIST), name="api_push_devices"),
    path("push-devices/<uuid:uuid>/", PushDeviceViewSet.as_view(READ | PUT | DELETE), name="api_push_device"),
    path("push-devices/<uuid:uuid>/test/", PushDeviceViewSet.as_view({"post": "test"}), name="api_push_device_test"),
    path(
        "calendar-feed/",
        CalendarFeedViewSet.as_view(READ | {"post": "create"} | PATCH | DELETE),
        name="api_calendar_feed",
    ),
    path("mail-status/", MailStatusView.as_view(READ), name="api_mail_status"),
    path("mail-status/start/", MailStatusView.as_view({"post": "start"}), name="api_mail_start"),
    path("sessions/", SessionViewSet.as_view(LIST), name="api_sessions"),
    re_path(
        r"^sessions/(?P<local_date>\d{4}-\d{2}-\d{2})/$",
        SessionViewSet.as_view(READ | PUT | DELETE),
        name="api_session",
    ),
    re_path(
        r"^sessions/(?P<local_date>\d{4}-\d{2}-\d{2})/merge/$",
        SessionViewSet.as_view({"post": "merge"}),
        name="api_session_merge",
    ),
    re_path(
        r"^sessions/(?P<local_date>\d{4}-\d{2}-\d{2})/morning/$",
        SessionViewSet.as_view({"put": "morning"}),
        name="api_session_morning",
    ),
    path("moves/", MoveViewSet.as_view(LIST), name="api_moves"),
    path("moves/today/", MoveViewSet.as_view({"get": "today", "patch": "wish_today"}), name="api_moves_today"),
    path("moves/safety/", MoveViewSet.as_view({"get": "gate", "put": "answer_gate"}), name="api_moves_safety"),
    path("moves/habit/", MoveViewSet.as_view({"get": "habit", "patch": "set_habit"}), name="api_moves_habit"),
    path("moves/trial/", MoveViewSet.as_view({"put": "trial"}), name="api_moves_trial"),
    path("moves/<slug:key>/", MoveViewSet.as_view({"get": "retrieve"}), name="api_move"),
    path("moves/<slug:key>/wish/", MoveViewSet.as_view({"put": "wish", "delete": "unwish"}), name="api_move_wish"),
]
