from allauth.account.views import logout
from django.conf import settings
from django.contrib.auth import login
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from tracker.models import User
from tracker.web.access import patient_of, posted
from tracker.web.forms.accounts import RecordForm


@require_safe
def welcome(request: HttpRequest) -> HttpResponse:
    if patient_of(request):
        return redirect("today")
    demo = settings.LOCAL_MODE and User.objects.filter(patient__is_demo=True).exists()
    return render(request, "tracker/welcome/show.html", {"demo": demo, "open": settings.EBB_REGISTRATION})


@require_safe
def stored(request: HttpRequest) -> HttpResponse:
    return render(request, "tracker/welcome/stored.html")


def sign_out(request: HttpRequest) -> HttpResponse:
    """Afterwards the browser holds nothing of this person; what another person left to be sent stays theirs."""
    response = logout(request)
    if request.method == "POST" and not request.user.is_authenticated:
        response["Clear-Site-Data"] = '"cache"' if request.POST.get("others") else '"cache", "storage"'
    return response


@login_required
def record_open(request: HttpRequest) -> HttpResponse:
    if patient_of(request):
        return redirect("today")
    form = RecordForm(posted(request))
    if form.is_valid():
        form.open_record(request.user)
        return redirect("today")
    return render(request, "tracker/accounts/record_open.html", {"form": form})


@require_POST
def demo_login(request: HttpRequest) -> HttpResponse:
    """Only on one person's own machine: anywhere else this address does not exist."""
    if not settings.LOCAL_MODE:
        raise Http404
    user = User.objects.filter(patient__is_demo=True).first()
    if user is None:
        raise Http404
    login(request, user)
    return redirect("today")
