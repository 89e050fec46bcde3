"""GitHub, through the browser."""

from workflows_app.toolkit.credential_type import register_credential
from workflows_app.toolkit.http_draft import Draft
from workflows_app.toolkit.oauth2 import OAuth2Fields, OAuth2Type


@register_credential
class GithubOAuth2Api(OAuth2Type):
    """An account on GitHub, signed in with in the browser."""

    name = "githubOAuth2Api"
    label = "GitHub (OAuth2)"
    where = "In GitHub's settings under Developer settings, OAuth Apps, with this instance's callback address."
    docs_url = "https://github.com/settings/developers"
    hosts = ("api.github.com", "uploads.github.com", "raw.githubusercontent.com")
    defaults = {
        "grantType": "authorizationCode",
        "authUrl": "https://github.com/login/oauth/authorize",
        "accessTokenUrl": "https://github.com/login/oauth/access_token",
        "authentication": "body",
    }

    def test_request(self, fields: OAuth2Fields) -> Draft:  # noqa: ARG002  the same for every account
        return Draft("GET", "https://api.github.com/user")
