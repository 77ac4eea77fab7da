import re
from urllib.parse import urlsplit

from django.apps import AppConfig
from django.conf import settings
from django.core.mail.utils import DNS_NAME


class ConfigConfig(AppConfig):
    name = "config"
    verbose_name = "Ebb"

    def ready(self) -> None:
        # Django asks the network for this machine's name, which may take longer than sending a mail.
        host = urlsplit(settings.SITE_URL).hostname or "localhost"
        DNS_NAME._fqdn = host if re.search("[a-z]", host) and ":" not in host else f"[{host}]"
        # A provider's library tells of what came back by a signal, and by nothing else.
        if settings.MAIL_PROVIDER and settings.WEBHOOK_SECRET:
            from anymail.signals import tracking

            from config.provider_mail import note

            tracking.connect(note, dispatch_uid="mail that came back")
