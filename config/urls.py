from django.apps import apps
from django.conf import settings
from django.urls import include, path
from django.utils.module_loading import import_string

from config.env import PROVIDERS
from tracker.web.views.accounts import sign_out

handler400 = "config.errors.bad_request"
handler403 = "config.errors.permission_denied"
handler404 = "config.errors.not_found"
handler500 = "config.errors.server_error"

urlpatterns = [
    path("accounts/logout/", sign_out, name="account_logout"),
    path("accounts/", include("allauth.urls")),
    path("_allauth/", include("allauth.headless.urls")),
    path("api/v1/", include("tracker.api.urls")),
    path("", include("tracker.web.urls")),
]
if settings.EBB_CHECKUP and apps.is_installed("assessments"):
    urlpatterns += [
        path("checkup/", include("assessments.web.urls")),
        path("api/v1/assessments/", include("assessments.api.urls")),
    ]
if settings.MAIL_PROVIDER and settings.WEBHOOK_SECRET:
    name = PROVIDERS[settings.MAIL_PROVIDER][-1]
    view = import_string(f"anymail.webhooks.{settings.MAIL_PROVIDER}.{name}TrackingWebhookView")
    urlpatterns += [path("webhooks/mail/", view.as_view(), name="mail_webhook")]
