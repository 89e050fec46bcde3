"""The services of others that people may sign in with; allauth looks for them under this name."""

import hashlib
from typing import Any

from allauth.socialaccount.providers.base import AuthAction
from allauth.socialaccount.providers.facebook.provider import FacebookProvider
from allauth.socialaccount.providers.google.provider import GoogleProvider
from allauth.socialaccount.providers.openid_connect.provider import OpenIDConnectProvider
from django.http import HttpRequest

from accounts.other_services.exchange import Facebook, Google, OpenID


class AsConfigured:
    """allauth lets the address of the sign-in button add to what is asked of the service: who made a link would decide
    on it. Here settings alone do."""

    def get_auth_params_from_request(self: Any, request: HttpRequest, action: Any) -> dict[str, str]:  # noqa: ARG002
        params: dict[str, str] = self.get_auth_params()
        return params | ({"prompt": "select_account"} if action == AuthAction.REAUTHENTICATE else {})

    def get_scope_from_request(self: Any, request: HttpRequest) -> list[str]:  # noqa: ARG002
        scope: list[str] = self.get_scope()
        return scope


class GoogleService(AsConfigured, GoogleProvider):
    package = "allauth.socialaccount.providers.google"
    oauth2_adapter_class = Google


class FacebookService(AsConfigured, FacebookProvider):
    package = "allauth.socialaccount.providers.facebook"
    oauth2_adapter_class = Facebook


class OpenIDService(AsConfigured, OpenIDConnectProvider):
    """Somebody is the issuer's word and its name for them together: another server may use the same names."""

    package = "allauth.socialaccount.providers.openid_connect"
    oauth2_adapter_class = OpenID

    def extract_uid(self, data: dict[str, Any]) -> str:
        said = data["id_token"]
        return hashlib.sha256(f"{said['iss']}\n{said['sub']}".encode()).hexdigest()


provider_classes = [GoogleService, FacebookService, OpenIDService]
