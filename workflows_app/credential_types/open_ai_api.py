"""OpenAI, and every service that speaks its protocol."""

from urllib.parse import urlsplit

from pydantic import Field

from workflows_app.engine.params import Params, ui
from workflows_app.toolkit.credential_type import CredentialType, hidden, register_credential
from workflows_app.toolkit.fields import Flag, Text
from workflows_app.toolkit.http_draft import Draft

WITH_HEADER = {"header": [True]}


class OpenAiApiFields(Params):
    api_key: Text = hidden("API key", "Starts with sk- at OpenAI; local services mostly take any text.")
    organization_id: Text = Field("", title="Organization", description="Only for accounts in several organizations.")
    url: Text = Field("https://api.openai.com/v1", title="Address", description="Another one for a compatible service.")
    header: Flag = Field(False, title="One more header", description="For services that want another one.")
    header_name: Text = Field(
        "", title="Header", description="Its name.", json_schema_extra=ui(visible_when=WITH_HEADER)
    )
    header_value: Text = hidden("Header value", "What it says.", visible_when=WITH_HEADER)


@register_credential
class OpenAiApi(CredentialType[OpenAiApiFields]):
    """An account at OpenAI or at a service with the same API."""

    name = "openAiApi"
    label = "OpenAI or compatible"
    where = "At platform.openai.com/api-keys, or in the settings of the compatible service."
    docs_url = "https://platform.openai.com/api-keys"
    Fields = OpenAiApiFields

    def hosts_of(self, fields: OpenAiApiFields) -> tuple[str, ...]:
        return (urlsplit(fields.url).hostname or "api.openai.com",)

    def apply(self, draft: Draft, fields: OpenAiApiFields) -> Draft:
        draft = draft.with_secret_header("Authorization", f"Bearer {fields.api_key}")
        if fields.organization_id:
            draft = draft.with_header_unless_given("OpenAI-Organization", fields.organization_id)
        if fields.header and fields.header_name:
            draft = draft.with_secret_header(fields.header_name, fields.header_value)
        return draft

    def test_request(self, fields: OpenAiApiFields) -> Draft:
        return Draft("GET", f"{fields.url.rstrip('/')}/models")
