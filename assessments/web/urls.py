from django.urls import path

from assessments.web import views

app_name = "checkup"
urlpatterns = [
    path("", views.start, name="start"),
    path("rulebook/", views.rulebook, name="rulebook"),
    path("<uuid:uuid>/", views.question, name="question"),
    path("<uuid:uuid>/result/", views.result, name="result"),
    path("<uuid:uuid>/seen/", views.seen, name="seen"),
]
