from django.conf import settings
from django.http import HttpRequest


def site(request: HttpRequest) -> dict[str, bool]:
    """What the base template needs to know about this installation."""
    return {"local_mode": settings.LOCAL_MODE, "checkup_on": settings.EBB_CHECKUP}
