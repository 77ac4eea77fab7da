from allauth.headless.contrib.rest_framework.authentication import XSessionTokenAuthentication
from rest_framework.request import Request


class SessionToken(XSessionTokenAuthentication):
    """The token that a mobile client gets at log-in, in the header X-Session-Token."""

    def get_session_token(self, request: Request) -> str | None:
        token = super().get_session_token(request)
        return token if token and token.isascii() and token.isprintable() else None

    def authenticate_header(self, request: Request) -> str:
        # Without a challenge, a request without a log-in would be answered 403 instead of 401.
        return "X-Session-Token"
