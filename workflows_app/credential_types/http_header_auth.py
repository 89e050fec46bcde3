"""One header with a fixed value."""

from pydantic import Field

from workflows_app.engine.params import Params, ui
from workflows_app.toolkit.credential_type import CredentialType, hidden, register_credential
from workflows_app.toolkit.fields import Text
from workflows_app.toolkit.http_draft import Draft


class HttpHeaderAuthFields(Params):
    name: Text = Field(
        "", title="Header", description="Name of the header.", json_schema_extra=ui(placeholder="X-Api-Key")
    )
    value: Text = hidden("Value", "What the header says. Write a word such as Bearer before it if the service asks.")


@register_credential
class HttpHeaderAuth(CredentialType[HttpHeaderAuthFields]):
    """A header with a key or token."""

    name = "httpHeaderAuth"
    label = "Header auth"
    where = "The API pages of the service name the header and let you make a key for it."
    Fields = HttpHeaderAuthFields

    def apply(self, draft: Draft, fields: HttpHeaderAuthFields) -> Draft:
        if not fields.name and not fields.value:
            return draft
        return draft.with_secret_header(fields.name or "Authorization", fields.value)
