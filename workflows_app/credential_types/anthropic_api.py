"""Anthropic's API."""

from urllib.parse import urlsplit

from pydantic import Field

from workflows_app.engine.params import Params
from workflows_app.toolkit.credential_type import CredentialType, hidden, register_credential
from workflows_app.toolkit.fields import Text
from workflows_app.toolkit.http_draft import Draft

API_VERSION = "2023-06-01"


class AnthropicApiFields(Params):
    api_key: Text = hidden("API key", "Starts with sk-ant-.")
    url: Text = Field("https://api.anthropic.com", title="Address", description="Another one for a proxy of your own.")


@register_credential
class AnthropicApi(CredentialType[AnthropicApiFields]):
    """An account at Anthropic."""

    name = "anthropicApi"
    label = "Anthropic"
    where = "At console.anthropic.com under API keys."
    docs_url = "https://console.anthropic.com/settings/keys"
    Fields = AnthropicApiFields

    def hosts_of(self, fields: AnthropicApiFields) -> tuple[str, ...]:
        return (urlsplit(fields.url).hostname or "api.anthropic.com",)

    def apply(self, draft: Draft, fields: AnthropicApiFields) -> Draft:
        return draft.with_secret_header("x-api-key", fields.api_key).with_header_unless_given(
            "anthropic-version", API_VERSION
        )

    def test_request(self, fields: AnthropicApiFields) -> Draft:
        return Draft("GET", f"{fields.url.rstrip('/')}/v1/models?limit=1")
