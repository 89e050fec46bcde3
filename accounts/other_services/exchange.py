"""How a code becomes an identity: where allauth is laxer than the standards, what they say."""

from typing import Any

from allauth.socialaccount.internal import jwtkit
from allauth.socialaccount.models import SocialApp, SocialLogin, SocialToken
from allauth.socialaccount.providers.facebook.views import FacebookOAuth2Adapter
from allauth.socialaccount.providers.google.views import GoogleOAuth2Adapter
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.openid_connect.views import OpenIDConnectOAuth2Adapter
from django.http import HttpRequest

from accounts.http import public

WELL_KNOWN = "/.well-known/"


class AtOurAddress:
    """The way back is the one of the settings, whatever host a request names."""

    def get_callback_url(self: Any, request: HttpRequest, app: SocialApp) -> str:  # noqa: ARG002 - allauth's signature
        return public(self.get_provider().get_callback_url())


class Google(AtOurAddress, GoogleOAuth2Adapter):
    pass


class Facebook(AtOurAddress, FacebookOAuth2Adapter):
    """By POST: a GET would carry the secret in its address, and allauth leaves the verifier out of it."""

    access_token_method = "POST"  # noqa: S105 - a method


class OpenID(AtOurAddress, OpenIDConnectOAuth2Adapter):
    """Issuer as configured, the signature always checked, and both documents about the same person."""

    @property
    def openid_config(self) -> dict[str, Any]:
        config: dict[str, Any] = super().openid_config
        wanted = self.get_provider().app.settings["server_url"].partition(WELL_KNOWN)[0].rstrip("/")
        if str(config.get("issuer", "")).rstrip("/") != wanted:
            raise OAuth2Error("The provider names another issuer than the one that is set up.")
        return config

    def complete_login(self, request: HttpRequest, app: SocialApp, token: SocialToken, **kwargs: Any) -> SocialLogin:
        id_token = kwargs["response"].get("id_token")
        if not id_token:
            raise OAuth2Error("The provider gave no id_token.")
        said = self._decode_id_token(app, id_token)
        told = self._fetch_user_info(token.token) if "userinfo_endpoint" in self.openid_config else said
        if not said.get("sub") or told.get("sub") != said["sub"]:
            raise OAuth2Error("The provider told of somebody else than it signed for.")
        return self.get_provider().sociallogin_from_response(request, {"id_token": said, "userinfo": told})

    def _decode_id_token(self, app: SocialApp, id_token: str) -> dict[str, Any]:
        said: dict[str, Any] = jwtkit.verify_and_decode(
            credential=id_token,
            keys_url=self.openid_config["jwks_uri"],
            issuer=self.openid_config["issuer"],
            audience=app.client_id,
            lookup_kid=jwtkit.lookup_kid_jwk,
        )
        return said
