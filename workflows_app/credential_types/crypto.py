"""Keys of the Crypto node."""

from workflows_app.engine.params import Params
from workflows_app.toolkit.credential_type import CredentialType, hidden, register_credential
from workflows_app.toolkit.fields import Text


class CryptoFields(Params):
    hmac_secret: Text = hidden("HMAC secret", "Makes and checks keyed hashes.")
    sign_private_key: Text = hidden("Private key", "PEM text; it signs.", rows=6)


@register_credential
class Crypto(CredentialType[CryptoFields]):
    """Secrets that the Crypto node signs with."""

    name = "crypto"
    label = "Crypto"
    where = "Agree on a secret with the other side, or make a private key with openssl."
    is_for_requests = False
    Fields = CryptoFields
