from allauth.account.decorators import reauthentication_required
from django.contrib import messages
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from tracker.services import erasure
from tracker.web.access import patient_required, posted
from tracker.web.forms.erasure import EraseForm


@require_http_methods(["GET", "HEAD", "POST"])
@patient_required
@reauthentication_required()
def erase_all(request: HttpRequest) -> HttpResponse:
    form = EraseForm(posted(request))
    if not form.is_valid():
        return render(request, "tracker/erasure/erase.html", {"form": form}, status=422 if form.errors else 200)
    erasure.erase(by=request.user)
    logout(request)
    messages.success(request, _("All that Ebb held of you is erased. Take good care of yourself."))
    response = redirect("welcome")
    response["Clear-Site-Data"] = '"cache", "storage"'
    return response
