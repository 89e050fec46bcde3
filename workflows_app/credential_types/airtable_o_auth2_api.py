"""Airtable, through the browser."""

from workflows_app.toolkit.credential_type import register_credential
from workflows_app.toolkit.http_draft import Draft
from workflows_app.toolkit.oauth2 import OAuth2Fields, OAuth2Type


@register_credential
class AirtableOAuth2Api(OAuth2Type):
    """Some bases of an Airtable account, signed in with in the browser."""

    name = "airtableOAuth2Api"
    label = "Airtable (OAuth2)"
    where = "At airtable.com/create/oauth register an integration with this instance's callback address."
    docs_url = "https://airtable.com/create/oauth"
    hosts = ("api.airtable.com", "content.airtable.com")
    defaults = {
        "grantType": "pkce",
        "authUrl": "https://airtable.com/oauth2/v1/authorize",
        "accessTokenUrl": "https://airtable.com/oauth2/v1/token",
        "authentication": "header",
        "scope": "schema.bases:read data.records:read data.records:write",
    }

    def test_request(self, fields: OAuth2Fields) -> Draft:  # noqa: ARG002  the same for every account
        return Draft("GET", "https://api.airtable.com/v0/meta/whoami")
