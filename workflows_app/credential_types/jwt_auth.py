"""A key that signs and checks JSON web tokens."""

from typing import Literal

from pydantic import Field

from workflows_app.engine.params import Params, ui
from workflows_app.toolkit.credential_type import CredentialType, hidden, register_credential
from workflows_app.toolkit.fields import Text

ALGORITHMS = Literal[
    "HS256", "HS384", "HS512", "RS256", "RS384", "RS512", "ES256", "ES384", "ES512", "PS256", "PS384", "PS512", "none"
]


class JwtAuthFields(Params):
    key_type: Literal["passphrase", "pemKey"] = Field(
        "passphrase",
        title="Kind of key",
        description="One secret for both sides (HS…), or a pair of keys.",
        json_schema_extra=ui(labels=["Shared secret", "Pair of keys (PEM)"]),
    )
    secret: Text = hidden("Secret", "The secret both sides know.", visible_when={"keyType": ["passphrase"]})
    private_key: Text = hidden("Private key", "PEM text; it signs.", rows=6, visible_when={"keyType": ["pemKey"]})
    public_key: Text = Field(
        "",
        title="Public key",
        description="PEM text; it checks.",
        json_schema_extra=ui(rows=6, visible_when={"keyType": ["pemKey"]}),
    )
    algorithm: ALGORITHMS = Field("HS256", title="Signature", description="How tokens are signed.")


@register_credential
class JwtAuth(CredentialType[JwtAuthFields]):
    """Signs tokens in the JWT node and checks those of webhook callers."""

    name = "jwtAuth"
    label = "JWT auth"
    where = "Agree on a secret with the other side, or make a pair of keys with openssl and give away the public one."
    is_for_requests = False
    Fields = JwtAuthFields
