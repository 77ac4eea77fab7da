from django.urls import path

from assessments.web import views
from assessments.web.emergency_page import emergency

app_name = "checkup"
urlpatterns = [
    path("", views.start, name="start"),
    path("history/", views.history_list, name="history"),
    path("emergency/", emergency, name="emergency"),
    path("rulebook/", views.rule_book, name="rulebook"),
    path("<uuid:uuid>/", views.question, name="question"),
    path("<uuid:uuid>/answers/", views.answers, name="answers"),
    path("<uuid:uuid>/discard/", views.discard, name="discard"),
    path("<uuid:uuid>/result/", views.result, name="result"),
    path("<uuid:uuid>/seen/", views.seen, name="seen"),
    path("<uuid:uuid>/correct/", views.correct, name="correct"),
    path("<uuid:uuid>/compare/", views.compare, name="compare"),
    path("<uuid:uuid>/doctor/", views.for_doctor, name="doctor"),
]
