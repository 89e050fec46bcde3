"""Crypto: hashes, keyed hashes, signatures, and random ids."""

import base64
import copy
import re
import secrets
import uuid
from typing import Literal

from pydantic import Field

from workflows_app.engine.errors import ParameterError
from workflows_app.engine.items import Item, JsonObject
from workflows_app.engine.node_type import NodeRun, NodeType, Outputs
from workflows_app.engine.params import Params, ui
from workflows_app.engine.registry import register
from workflows_app.engine.workflow import Node
from workflows_app.toolkit import describe_steps
from workflows_app.toolkit.digests import digest, encoded, keyed_digest, signature
from workflows_app.toolkit.fields import Flag, Text, Whole

NO_WORD = re.compile(r"\W", re.ASCII)
MAX_LENGTH = 10_000


class CryptoParams(Params):
    action: Literal["hash", "hmac", "sign", "generate"] = Field(
        "hash",
        title="Do",
        description="A hash, a hash with a secret, a signature, or a random text.",
        json_schema_extra=ui(labels=["Hash", "Hash with a secret", "Sign", "Make up a text"]),
    )
    type: Text = Field(
        "MD5",
        title="Hash",
        description="MD5, SHA256, SHA384, SHA512, SHA3-256, SHA3-384 or SHA3-512.",
        json_schema_extra=ui(visible_when={"action": ["hash", "hmac"]}),
    )
    binary_data: Flag = Field(False, title="Of a file", description="Use a file instead of a text.")
    binary_property_name: Text = Field(
        "data",
        title="File",
        description="Field that holds the file.",
        json_schema_extra=ui(visible_when={"binaryData": [True]}),
    )
    value: Text = Field(
        "",
        title="Text",
        description="The text that is hashed or signed.",
        json_schema_extra=ui(visible_when={"action": ["hash", "hmac", "sign"]}),
    )
    data_property_name: Text = Field("data", title="Write to", description="Field that gets the result.")
    secret: Text = Field(
        "",
        title="Secret",
        description="Secret of the hash (version 1).",
        json_schema_extra=ui(widget="secret", visible_when={"action": ["hmac"]}),
    )
    algorithm: Text = Field(
        "RSA-SHA256",
        title="Signature",
        description="Name of the signature, such as RSA-SHA256.",
        json_schema_extra=ui(visible_when={"action": ["sign"]}),
    )
    private_key: Text = Field(
        "",
        title="Private key",
        description="Key in PEM form (version 1).",
        json_schema_extra=ui(widget="secret", rows=4, visible_when={"action": ["sign"]}),
    )
    encoding: Literal["hex", "base64"] = Field(
        "hex",
        title="Write as",
        description="How the bytes are written.",
        json_schema_extra=ui(labels=["Hex", "Base64"]),
    )
    encoding_type: Literal["ascii", "base64", "hex", "uuid"] = Field(
        "uuid",
        title="Kind",
        description="What the random text is made of.",
        json_schema_extra=ui(
            labels=["Letters and digits", "Base64", "Hex", "UUID"], visible_when={"action": ["generate"]}
        ),
    )
    string_length: Whole = Field(
        32,
        ge=1,
        le=MAX_LENGTH,
        title="Length",
        description="Length of the random text.",
        json_schema_extra=ui(visible_when={"action": ["generate"]}),
    )


@register
class Crypto(NodeType[CryptoParams]):
    """Hash, sign, or make up random texts."""

    name = "n8n-nodes-base.crypto"
    label = "Crypto"
    group = "transform"
    icon = "n-crypto"
    versions = (1, 2)
    credentials = ("crypto",)
    Params = CryptoParams

    def describe(self, node: Node) -> str:
        return describe_steps.crypto(node)

    def execute(self, run: NodeRun[CryptoParams]) -> Outputs:
        def work(item: Item, params: CryptoParams, _: int) -> Item:
            json: JsonObject = copy.deepcopy(item.json)
            json[params.data_property_name] = result(run, item, params)
            return Item(json, dict(item.binary))

        return [run.map(work)]


def result(run: NodeRun[CryptoParams], item: Item, params: CryptoParams) -> str:
    if params.action == "generate":
        return random_text(params.encoding_type, params.string_length)
    data = run.get_file(item, params.binary_property_name)[1] if params.binary_data else params.value.encode()
    if params.action == "hash":
        return encoded(digest(params.type, data), params.encoding)
    if params.action == "hmac":
        secret = secret_of(run, params.secret, "hmacSecret")
        return encoded(keyed_digest(params.type, secret, data), params.encoding)
    key = secret_of(run, params.private_key, "signPrivateKey")
    return encoded(signature(params.algorithm, key, data), params.encoding)


def secret_of(run: NodeRun[CryptoParams], given: str, field: str) -> str:
    """From version 2 on secrets live in the credential."""
    secret = given if run.node.type_version < 2 else str(run.credential("crypto").get(field) or given)
    if not secret:
        raise ParameterError("There is no secret to use.", hint="Enter it, or add a credential that holds it.")
    return secret


def random_text(kind: str, length: int) -> str:
    if kind == "uuid":
        return str(uuid.uuid4())
    if kind == "hex":
        return secrets.token_hex(length)[:length]
    text = ""
    while len(text) < length:
        text += NO_WORD.sub("", base64.b64encode(secrets.token_bytes(length)).decode())
    return text[:length]
