"""A key in the address."""

from dataclasses import replace

from pydantic import Field

from workflows_app.engine.params import Params, ui
from workflows_app.toolkit.credential_type import CredentialType, hidden, register_credential
from workflows_app.toolkit.fields import Text
from workflows_app.toolkit.http_draft import Draft


class HttpQueryAuthFields(Params):
    name: Text = Field(
        "", title="Name", description="Name of the value in the address.", json_schema_extra=ui(placeholder="api_key")
    )
    value: Text = hidden("Value", "The key itself.")


@register_credential
class HttpQueryAuth(CredentialType[HttpQueryAuthFields]):
    """A key as a value of the query. Addresses end up in logs of other machines: prefer a header where there is one."""

    name = "httpQueryAuth"
    label = "Query auth"
    where = "The API pages of the service say which value of the address carries the key."
    Fields = HttpQueryAuthFields

    def apply(self, draft: Draft, fields: HttpQueryAuthFields) -> Draft:
        if not fields.name and not fields.value:
            return draft
        return replace(draft, secret_query=draft.secret_query | {fields.name or "key": fields.value})
