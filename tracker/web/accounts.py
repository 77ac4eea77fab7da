import logging
from smtplib import SMTPException
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.auth_backends import AuthenticationBackend
from allauth.account.models import EmailConfirmation
from allauth.core import context as allauth_context
from allauth.core.exceptions import ImmediateHttpResponse
from django.conf import settings
from django.contrib import messages
from django.core.mail import EmailMessage, get_connection
from django.core.validators import MaxLengthValidator
from django.db import IntegrityError, transaction
from django.forms import Form
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from tracker.models import User
from tracker.services import circuit

log = logging.getLogger(__name__)

# Somebody waits for the page meanwhile.
SENT_WITHIN_S = 5.0
NOT_SENT = _("The mail could not be sent just now: the mail server does not answer. Please ask for it again later.")

# Names the day, in UTC, on which a session last got its full time.
RENEWED_ON = "renewed_on"


class RecordBackend(AuthenticationBackend):
    """Reads the patient with the user: every page needs both."""

    def get_user(self, user_id: int) -> User | None:
        user = User.objects.select_related("patient").filter(pk=user_id).first()
        return user if user and self.user_can_authenticate(user) else None


class AccountAdapter(DefaultAccountAdapter):
    """Links in mails lead to the address of this installation, whatever host the request was sent to."""

    error_messages = DefaultAccountAdapter.error_messages | {
        "cannot_remove_primary_email": _("Your main e-mail address cannot be removed."),
        "duplicate_email": _("This e-mail address is already one of yours."),
        "email_password_mismatch": _("This e-mail address and password do not belong together."),
        "email_taken": _("Somebody has an account with this e-mail address already."),
        "max_email_addresses": _("You cannot add more than %d e-mail addresses."),
        "unknown_email": _("No account has this e-mail address."),
        "unverified_primary_email": _("Your main e-mail address has to be confirmed first."),
    }

    def login(self, request: HttpRequest, user: User) -> None:
        super().login(request, user)
        request.session[RENEWED_ON] = timezone.now().date().isoformat()

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return settings.EBB_REGISTRATION

    def clean_email(self, email: str) -> str:
        """A longer address than the column holds is refused, also where the library's own form lets it pass."""
        MaxLengthValidator(User._meta.get_field("email").max_length)(email)
        return super().clean_email(email)

    def save_user(self, request: HttpRequest, user: User, form: Form, commit: bool = True) -> User:
        """Of a form sent twice at once, the second finds the address taken and answers like the first."""
        try:
            with transaction.atomic():
                return super().save_user(request, user, form, commit)
        except IntegrityError:
            raise ImmediateHttpResponse(self.respond_email_verification_sent(request, user)) from None

    def get_email_confirmation_url(self, request: HttpRequest, emailconfirmation: EmailConfirmation) -> str:
        return settings.SITE_URL + reverse("account_confirm_email", args=[emailconfirmation.key])

    def get_reset_password_from_key_url(self, key: str) -> str:
        path = reverse("account_reset_password_from_key", kwargs={"uidb36": "UID", "key": "KEY"})
        return settings.SITE_URL + path.replace("UID-KEY", key)

    def send_mail(self, template_prefix: str, email: str, context: dict) -> None:
        """A mail server that is down must not undo what the person did, nor keep them waiting: they may ask again."""
        is_sent = False
        if circuit.may_try(circuit.MAIL, at=timezone.now()):
            try:
                super().send_mail(template_prefix, email, {"site_url": settings.SITE_URL, **context})
                is_sent = True
            except (SMTPException, OSError) as error:
                log.exception("Account mail %s could not be sent", template_prefix)
                if getattr(error, "stage", "") == "connect":
                    circuit.failed(circuit.MAIL, words=str(error), at=timezone.now())
        if is_sent:
            circuit.worked(circuit.MAIL, at=timezone.now())
        elif request := allauth_context.request:
            self.add_message(request, messages.ERROR, message=NOT_SENT)

    def render_mail(self, *args: Any, **options: Any) -> EmailMessage:
        """With a way out that gives up soon: somebody waits for the page."""
        message = super().render_mail(*args, **options)
        message.connection = get_connection()
        message.connection.total_s = SENT_WITHIN_S
        return message
