"""Who is calling: a bearer token, an API key or a browser's session. With a bearer, cookies do not count."""

from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework import authentication, exceptions
from rest_framework.request import Request

from accounts.services import api_keys, tokens

REALM = 'Bearer realm="PumpFlix"'
SAYS = "The token or key is not valid, or not any more. Sign in again."


class BearerAuthentication(authentication.BaseAuthentication):
    """`Authorization: Bearer <access token or API key>`, or `X-API-Key`. `request.auth` is the Access or the ApiKey."""

    def authenticate(self, request: Request) -> tuple[Any, Any] | None:
        token = _given(request)
        if token is None:
            return None
        try:
            if token.startswith("pf_live_"):
                key = api_keys.read(token)
                return key.user, key
            access = tokens.read_access(token)
        except (api_keys.KeyInvalid, tokens.TokenInvalid):
            raise exceptions.AuthenticationFailed(SAYS, code="token_invalid") from None
        return access.user, access

    def authenticate_header(self, request: Request) -> str:
        return REALM


def _given(request: Request) -> str | None:
    header: str = request.headers.get("Authorization", "")
    if header:
        scheme, _, token = header.partition(" ")
        if scheme.lower() != "bearer" or not token.strip():
            raise exceptions.AuthenticationFailed("Authorization is read as 'Bearer <token>'.", code="token_invalid")
        return token.strip()
    return request.headers.get("X-API-Key")


class SessionAuthentication(authentication.SessionAuthentication):
    """A browser that is signed in; what changes something needs the CSRF token of the page."""


class BearerScheme(OpenApiAuthenticationExtension):
    target_class = BearerAuthentication
    name = "bearer"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {
            "type": "http",
            "scheme": "bearer",
            "description": "The accessToken of `POST /api/auth/login`, good for 15 minutes, or an API key `pf_live_…`.",
        }


class SessionScheme(OpenApiAuthenticationExtension):
    target_class = SessionAuthentication
    name = "session"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {
            "type": "apiKey",
            "in": "cookie",
            "name": "pf_session",
            "description": "A signed-in browser; with `X-CSRFToken` on everything but GET.",
        }
