"""Notion, with an internal integration."""

from workflows_app.engine.params import Params
from workflows_app.toolkit.credential_type import CredentialType, hidden, register_credential
from workflows_app.toolkit.fields import Text
from workflows_app.toolkit.http_draft import Draft

API_VERSION = "2022-02-22"


class NotionApiFields(Params):
    api_key: Text = hidden("Integration secret", "Starts with ntn_ or secret_.")


@register_credential
class NotionApi(CredentialType[NotionApiFields]):
    """A Notion integration. It sees the pages it was added to, and no other."""

    name = "notionApi"
    label = "Notion"
    where = "At notion.so/my-integrations make an internal integration, then connect pages to it."
    steps = (
        "At notion.so/my-integrations choose New integration, kind Internal, and your workspace.",
        "Under Capabilities let it read, update and insert content.",
        "Copy the internal integration secret.",
        "Open each page or database it should see, choose Connections in its menu, and add the integration.",
    )
    scopes = ("Read content", "Update content", "Insert content")
    docs_url = "https://www.notion.so/my-integrations"
    hosts = ("api.notion.com",)
    Fields = NotionApiFields

    def apply(self, draft: Draft, fields: NotionApiFields) -> Draft:
        signed = draft.with_secret_header("Authorization", f"Bearer {fields.api_key}")
        return signed.with_header_unless_given("Notion-Version", API_VERSION)

    def test_request(self, fields: NotionApiFields) -> Draft:  # noqa: ARG002  the same for every key
        return Draft("GET", "https://api.notion.com/v1/users/me")
