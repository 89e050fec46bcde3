"""What Google's OAuth 2 types have in common."""

from collections.abc import Mapping
from typing import Any, ClassVar

from workflows_app.toolkit.oauth2 import OAuth2Type

GOOGLE: Mapping[str, Any] = {
    "grantType": "authorizationCode",
    "authUrl": "https://accounts.google.com/o/oauth2/v2/auth",
    "accessTokenUrl": "https://oauth2.googleapis.com/token",
    # Without both, Google gives a refresh token the first time only.
    "authQueryParameters": "access_type=offline&prompt=consent",
    "authentication": "body",
    "sendAdditionalBodyProperties": False,
    "additionalBodyProperties": "",
    "ignoreSSLIssues": False,
    "tokenExpiredStatusCode": 401,
}
WHERE = (
    "In Google Cloud under APIs & Services, Credentials: make an OAuth client of kind web application, with this "
    "instance's callback address, and enable the API."
)


def scopes(*names: str) -> Mapping[str, Any]:
    """The shared settings with the scopes of one service."""
    return {**GOOGLE, "scope": " ".join(f"https://www.googleapis.com/auth/{name}" for name in names)}


class GoogleOAuth2Type(OAuth2Type):
    """Base of Google's types: a service sets `defaults = scopes(...)`."""

    where = WHERE
    docs_url = "https://console.cloud.google.com/apis/credentials"
    hosts = ("*.googleapis.com",)
    defaults: ClassVar[Mapping[str, Any]] = GOOGLE
