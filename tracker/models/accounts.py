from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from tracker.domain.beside import asked_at_first
from tracker.models.loading import LightlyLoaded


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, password: str | None = None, **fields) -> "User":
        user = self.model(email=self.normalize_email(email), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields) -> "User":
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)

    def get_by_natural_key(self, email: str | None) -> "User":
        return self.get(email__iexact=email)


class User(LightlyLoaded, AbstractBaseUser, PermissionsMixin):
    email = models.EmailField(_("e-mail address"), max_length=254)
    is_active = models.BooleanField(default=True)
    is_staff = models.BooleanField(default=False)
    date_joined = models.DateTimeField(default=timezone.now)

    objects = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: list[str] = []

    class Meta:
        constraints = [models.UniqueConstraint(Lower("email"), name="user_email_unique_any_case")]

    def __str__(self) -> str:
        return self.email


class EmergencyRegion(models.TextChoices):
    UNKNOWN = "", _("Not chosen")
    EU = "eu", _("European Union and most other countries (112)")
    UK = "uk", _("United Kingdom (999)")
    US = "us", _("United States or Canada (911)")
    AU = "au", _("Australia (000)")


class Patient(LightlyLoaded):
    """One person's record. Every other row of theirs is reached through here."""

    user = models.OneToOneField(User, on_delete=models.CASCADE, related_name="patient")
    display_name = models.CharField(max_length=80, blank=True)
    zone = models.CharField(max_length=64, default="UTC")
    zone_confirmed_at = models.DateTimeField(null=True, blank=True)
    # The clock goes with the device; else it stays at home until the patient moves it.
    follows_device = models.BooleanField(default=False)
    # A zone that a device was in when the patient chose to keep the one above: not asked about again.
    zone_declined = models.CharField(max_length=64, blank=True)
    quiet_from = models.TimeField(null=True, blank=True)
    quiet_until = models.TimeField(null=True, blank=True)
    language = models.CharField(max_length=12, default="en")
    emergency_region = models.CharField(
        max_length=2, choices=EmergencyRegion, blank=True, default=EmergencyRegion.UNKNOWN
    )
    # No reminder from the one local day (empty: at once) until the other; medicine and appointments only if covered.
    paused_from = models.DateField(null=True, blank=True)
    paused_until = models.DateField(null=True, blank=True)
    pause_covers_all = models.BooleanField(default=False)
    # A local day spent ill: as a pause, for that day alone.
    sick_on = models.DateField(null=True, blank=True)
    # The patient has said that it is worse than usual; until then the moves are lighter.
    flare_until = models.DateTimeField(null=True, blank=True)
    # The end of the flare before it, which comes back if the newest was a slip.
    flare_before = models.DateTimeField(null=True, blank=True)
    # Mails name what they are about. Off unless the patient asks for it: others may read along.
    says_more = models.BooleanField(default=False)
    is_adult = models.BooleanField(default=False)
    consented_at = models.DateTimeField(null=True, blank=True)
    consent_version = models.CharField(max_length=20, blank=True)
    is_demo = models.BooleanField(default=False)
    # What this patient wants to be asked beside the number: keys of domain.beside.
    asked = models.JSONField(default=asked_at_first)
    # The local day before which a questionnaire is not offered again, by its key.
    put_off = models.JSONField(default=dict, blank=True)
    # An answer called for help at this instant; empty once the patient has said that they have seen where help is.
    help_shown_at = models.DateTimeField(null=True, blank=True)
    # The local day for which advice was looked for last; set by services.advice alone.
    advised_on = models.DateField(null=True, editable=False)
    # How many changes the pain log has seen; counted by services.changes alone.
    change_number = models.PositiveBigIntegerField(default=0, editable=False)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(is_adult=True, consented_at__isnull=False), name="patient_is_adult_and_consented"
            ),
            models.CheckConstraint(
                condition=models.Q(quiet_from__isnull=True, quiet_until__isnull=True)
                | models.Q(quiet_from__isnull=False, quiet_until__isnull=False),
                name="patient_quiet_hours_have_both_ends",
            ),
            models.CheckConstraint(
                condition=models.Q(paused_from__isnull=True)
                | models.Q(paused_until__isnull=False, paused_until__gt=models.F("paused_from")),
                name="patient_pause_ends_after_it_begins",
            ),
        ]

    def __str__(self) -> str:
        return self.display_name or self.user.email

    def save(self, **options) -> None:
        """A copy read earlier never turns the count of changes back."""
        if not self._state.adding and options.get("update_fields") is None:
            fields = self._meta.concrete_fields
            options["update_fields"] = [
                field.name for field in fields if not field.primary_key and field.name != "change_number"
            ]
        super().save(**options)
