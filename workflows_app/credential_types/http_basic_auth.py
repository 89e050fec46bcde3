"""Name and password in the Authorization header (RFC 7617)."""

import base64
from collections.abc import Iterator

from pydantic import Field

from workflows_app.engine.params import Params
from workflows_app.toolkit.credential_type import CredentialType, hidden, register_credential
from workflows_app.toolkit.fields import Text
from workflows_app.toolkit.http_draft import Draft


class HttpBasicAuthFields(Params):
    user: Text = Field("", title="User", description="The name to sign in with.")
    password: Text = hidden("Password", "The password that belongs to it.")


@register_credential
class HttpBasicAuth(CredentialType[HttpBasicAuthFields]):
    """Name and password, sent with every request."""

    name = "httpBasicAuth"
    label = "Basic auth"
    where = "The service gives you a user name and a password, or lets you use an API key as one of them."
    Fields = HttpBasicAuthFields

    def apply(self, draft: Draft, fields: HttpBasicAuthFields) -> Draft:
        return draft.with_secret_header("Authorization", f"Basic {pair(fields)}")

    def derived_secrets(self, fields: HttpBasicAuthFields) -> Iterator[str]:
        if fields.password:
            yield pair(fields)


def pair(fields: HttpBasicAuthFields) -> str:
    return base64.b64encode(f"{fields.user}:{fields.password}".encode()).decode()
