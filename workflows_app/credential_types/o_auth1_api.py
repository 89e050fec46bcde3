"""OAuth 1.0a (RFC 5849)."""

from typing import Any, Literal

from pydantic import Field

from workflows_app.engine.items import JsonObject
from workflows_app.engine.params import Params
from workflows_app.engine.ports import HttpResponse
from workflows_app.toolkit.credential_type import WRITE_ONLY, CredentialType, Wire, hidden, register_credential
from workflows_app.toolkit.fields import Text
from workflows_app.toolkit.http_draft import Draft
from workflows_app.toolkit.oauth1 import Keys, sign


class OAuth1ApiFields(Params):
    auth_url: Text = Field("", title="Authorization URL", description="Where its owner agrees.")
    access_token_url: Text = Field("", title="Access token URL", description="Where the token is fetched.")
    consumer_key: Text = Field("", title="Consumer key", description="Names your application.")
    consumer_secret: Text = hidden("Consumer secret", "The secret of your application.")
    request_token_url: Text = Field("", title="Request token URL", description="Where it begins.")
    signature_method: Literal["HMAC-SHA1", "HMAC-SHA256", "HMAC-SHA512", "PLAINTEXT"] = Field(
        "HMAC-SHA1", title="Signature", description="How requests are signed."
    )
    oauth_token_data: Any = Field(
        default_factory=dict,
        title="Token",
        description="`oauth_token` and `oauth_token_secret`, as the service gave them.",
        json_schema_extra={WRITE_ONLY: True},
    )


@register_credential
class OAuth1Api(CredentialType[OAuth1ApiFields]):
    """An application that acts for an account, with signed requests."""

    name = "oAuth1Api"
    label = "OAuth1"
    where = "Register an application with the service; it gives you consumer key and secret, and mostly a token too."
    Fields = OAuth1ApiFields

    def send(self, draft: Draft, fields: OAuth1ApiFields, wire: Wire) -> HttpResponse:
        return wire.call(sign(draft.to_request(), keys_of(fields), wire.now()))


def keys_of(fields: OAuth1ApiFields) -> Keys:
    token: JsonObject = fields.oauth_token_data if isinstance(fields.oauth_token_data, dict) else {}
    return Keys(
        consumer_key=fields.consumer_key,
        consumer_secret=fields.consumer_secret,
        token=str(token.get("oauth_token") or ""),
        token_secret=str(token.get("oauth_token_secret") or ""),
        method=fields.signature_method,
    )
