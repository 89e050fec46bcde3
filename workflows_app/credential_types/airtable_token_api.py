"""Airtable, with a personal access token."""

from workflows_app.engine.params import Params
from workflows_app.toolkit.credential_type import CredentialType, hidden, register_credential
from workflows_app.toolkit.fields import Text
from workflows_app.toolkit.http_draft import Draft


class AirtableTokenApiFields(Params):
    access_token: Text = hidden("Access token", "Starts with pat; it needs the scopes of what the workflow does.")


@register_credential
class AirtableTokenApi(CredentialType[AirtableTokenApiFields]):
    """A token for some bases of an Airtable account."""

    name = "airtableTokenApi"
    label = "Airtable"
    where = "At airtable.com/create/tokens; give it data.records and schema.bases scopes and the bases it may use."
    steps = (
        "At airtable.com/create/tokens choose Create token.",
        "Add the scopes below, and under Access the bases it may use.",
        "Copy the token; it is shown once.",
    )
    scopes = ("data.records:read", "data.records:write", "schema.bases:read")
    docs_url = "https://airtable.com/create/tokens"
    hosts = ("api.airtable.com", "content.airtable.com")
    Fields = AirtableTokenApiFields

    def apply(self, draft: Draft, fields: AirtableTokenApiFields) -> Draft:
        return draft.with_secret_header("Authorization", f"Bearer {fields.access_token}")

    def test_request(self, fields: AirtableTokenApiFields) -> Draft:  # noqa: ARG002  the same for every token
        return Draft("GET", "https://api.airtable.com/v0/meta/whoami")
