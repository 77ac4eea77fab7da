from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from tracker.web.presenters.offline import account_key


def site(request: HttpRequest) -> dict[str, object]:
    """What the base template needs to know about this installation."""
    return {
        "local_mode": settings.LOCAL_MODE,
        "checkup_on": settings.EBB_CHECKUP,
        "account_key": SimpleLazyObject(lambda: account_key(request.user)),
    }
