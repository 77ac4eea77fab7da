"""The library's account forms, with the one spelling of e-mail that this house has."""

from typing import Any

from allauth.account import forms as account_forms
from django.utils.translation import gettext_lazy as _


class OneSpelling:
    """Goes before a form of the library that asks for an address."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields = self.fields  # type: ignore[attr-defined]
        for field in (fields[name] for name in ("email", "login") if name in fields):
            field.label = _("E-mail")
            field.widget.attrs["placeholder"] = _("E-mail address")
            field.error_messages["invalid"] = _("Write an e-mail address, such as name@example.org.")


class LoginForm(OneSpelling, account_forms.LoginForm):
    pass


class SignupForm(OneSpelling, account_forms.SignupForm):
    pass


class ResetPasswordForm(OneSpelling, account_forms.ResetPasswordForm):
    pass


class AddEmailForm(OneSpelling, account_forms.AddEmailForm):
    pass
