"""TOTP: the six digits of an authenticator app."""

import base64
import binascii
import hashlib
import hmac
from typing import Annotated, Literal

from pydantic import Field

from workflows_app.engine.errors import ParameterError
from workflows_app.engine.items import JsonObject
from workflows_app.engine.node_type import NodeRun, NodeType, Outputs
from workflows_app.engine.params import Params, ui
from workflows_app.engine.registry import register
from workflows_app.toolkit.fields import AsGroup, Text, Whole

ALGORITHMS = {
    "SHA1": "sha1", "SHA224": "sha224", "SHA256": "sha256", "SHA384": "sha384", "SHA512": "sha512",
    "SHA3-224": "sha3_224", "SHA3-256": "sha3_256", "SHA3-384": "sha3_384", "SHA3-512": "sha3_512",
}  # fmt: skip


class TotpOptions(Params):
    algorithm: Text = Field("SHA1", title="Hash", description="Hash the other side uses; nearly always SHA1.")
    digits: Whole = Field(6, ge=4, le=10, title="Digits", description="Length of the code.")
    period: Whole = Field(30, ge=1, le=3600, title="Seconds", description="How long a code holds.")


class TotpParams(Params):
    operation: Literal["generateSecret"] = Field(
        "generateSecret", title="Do", description="What to do.", json_schema_extra=ui(labels=["Make the code"])
    )
    options: Annotated[TotpOptions, AsGroup] = Field(
        default_factory=lambda: TotpOptions.model_validate({}), title="Options", description="Finer points."
    )


@register
class Totp(NodeType[TotpParams]):
    """Make the one-time code of an authenticator app."""

    name = "n8n-nodes-base.totp"
    label = "One-time code"
    group = "transform"
    icon = "lock"
    credentials = ("totpApi",)
    Params = TotpParams

    def execute(self, run: NodeRun[TotpParams]) -> Outputs:
        secret = key_of(str(run.credential("totpApi").get("secret") or ""))
        seconds = int(run.now().timestamp())

        def code(_: object, params: TotpParams, __: int) -> JsonObject:
            period = params.options.period
            return {
                "token": one_time_code(secret, seconds // period, params.options),
                "secondsRemaining": period - seconds % period,
            }

        return [run.map(code)]


def key_of(secret: str) -> bytes:
    """The secret as apps show it: Base32, blanks allowed."""
    text = "".join(secret.split()).replace("-", "").rstrip("=").upper()
    try:
        key = base64.b32decode(text + "=" * (-len(text) % 8))
    except (binascii.Error, ValueError) as error:
        raise ParameterError("The secret is not Base32.", hint="Copy it again from where it was shown.") from error
    if not key:
        raise ParameterError("The secret is empty.", hint="Enter it in the credential.")
    return key


def one_time_code(key: bytes, counter: int, options: TotpOptions) -> str:
    """RFC 6238."""
    name = ALGORITHMS.get(options.algorithm.upper())
    if name is None:
        raise ParameterError(f"There is no hash '{options.algorithm[:20]}'.", hint="Choose SHA1.")
    mac = hmac.new(key, counter.to_bytes(8, "big"), getattr(hashlib, name)).digest()
    start = mac[-1] & 15
    number = int.from_bytes(mac[start : start + 4], "big") & 0x7FFFFFFF
    return str(number % 10**options.digits).zfill(options.digits)
