from collections.abc import Callable
from functools import wraps

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from tracker.services import mailbox as kept


def local_only(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Exists only on one person's own machine; no log-in, since the mail that opens an account lands here too."""

    @wraps(view)
    def guarded(request: HttpRequest, **kwargs: str) -> HttpResponse:
        if not settings.LOCAL_MODE:
            raise Http404
        response = view(request, **kwargs)
        response["Cache-Control"] = "no-store"
        return response

    return guarded


@require_safe
@local_only
def mailbox(request: HttpRequest) -> HttpResponse:
    return render(request, "tracker/mailbox/list.html", {"mails": kept.newest()})


@require_safe
@local_only
def mailbox_mail(request: HttpRequest, name: str) -> HttpResponse:
    try:
        mail = kept.read(name)
    except kept.MailUnknown as error:
        raise Http404 from error
    return render(request, "tracker/mailbox/show.html", {"mail": mail})
