from django.apps import AppConfig
from django.conf import settings


class ConfigConfig(AppConfig):
    name = "config"
    verbose_name = "Ebb"

    def ready(self) -> None:
        """A provider's library tells of what came back by a signal, and by nothing else."""
        if settings.MAIL_PROVIDER and settings.WEBHOOK_SECRET:
            from anymail.signals import tracking

            from config.provider_mail import note

            tracking.connect(note, dispatch_uid="mail that came back")
