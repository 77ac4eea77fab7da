from django.urls import path

from assessments.api import views

urlpatterns = [
    path("", views.AssessmentList.as_view(), name="api-assessments"),
    path("questions/", views.QuestionList.as_view(), name="api-assessment-questions"),
    path("rulebook/", views.RulebookDocument.as_view(), name="api-assessment-rulebook"),
    path("<uuid:uuid>/", views.AssessmentDetail.as_view(), name="api-assessment"),
    path("<uuid:uuid>/compare/", views.AssessmentComparison.as_view(), name="api-assessment-compare"),
    path("<uuid:uuid>/finish/", views.AssessmentFinish.as_view(), name="api-assessment-finish"),
    path("<uuid:uuid>/seen/", views.AssessmentSeen.as_view(), name="api-assessment-seen"),
]
