"""Erases all that Ebb holds of a person: at once, for good, and without leaving a mark of who it was."""

from allauth.account.models import EmailAddress
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.models import Session
from django.db import transaction

from tracker.models import User
from tracker.services import mailbox
from tracker.services.locks import locked


@transaction.atomic
def erase(*, by: User) -> None:
    """The record with its files, links and reminders, the account, its log-ins on all devices, and kept mails."""
    locked(by)
    addresses = {by.email, *EmailAddress.objects.filter(user=by).values_list("email", flat=True)}
    _end_sessions(by)
    User.objects.get(pk=by.pk).delete()  # everything else hangs on it
    transaction.on_commit(lambda: mailbox.forget(addresses))


def _end_sessions(user: User) -> None:
    mine = [one.pk for one in Session.objects.iterator() if one.get_decoded().get(SESSION_KEY) == str(user.pk)]
    Session.objects.filter(pk__in=mine).delete()
