"""A bearer token (RFC 6750)."""

from workflows_app.engine.params import Params
from workflows_app.toolkit.credential_type import CredentialType, hidden, register_credential
from workflows_app.toolkit.fields import Text
from workflows_app.toolkit.http_draft import Draft


class HttpBearerAuthFields(Params):
    token: Text = hidden("Token", "The token alone, without the word Bearer.")


@register_credential
class HttpBearerAuth(CredentialType[HttpBearerAuthFields]):
    """A token in the Authorization header."""

    name = "httpBearerAuth"
    label = "Bearer auth"
    where = "Most services call it access token, API token or personal token; make one in your account's settings."
    Fields = HttpBearerAuthFields

    def apply(self, draft: Draft, fields: HttpBearerAuthFields) -> Draft:
        return draft.with_secret_header("Authorization", f"Bearer {fields.token}")
