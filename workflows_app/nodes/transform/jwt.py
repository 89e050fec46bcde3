"""JWT: sign, read and check signed tokens."""

from typing import Annotated, Any, Literal

from pydantic import Field

from workflows_app.engine.items import Item, JsonObject
from workflows_app.engine.node_type import NodeRun, NodeType, Outputs
from workflows_app.engine.params import Params, ui
from workflows_app.engine.registry import register
from workflows_app.toolkit.compare import to_number
from workflows_app.toolkit.ensure import ensure
from workflows_app.toolkit.fields import AsGroup, Flag, Text, Whole
from workflows_app.toolkit.tokens import Token, check_times, make_token, read_token, verify_token

TIMES = {"expiresIn": "exp", "notBefore": "nbf"}


class JwtOptions(Params):
    algorithm: Text = Field("", title="Signature", description="Used instead of the one in the credential.")
    kid: Text = Field("", title="Key id", description="Written into the header of the token.")
    complete: Flag = Field(False, title="Header too", description="Put out header and signature too.")
    ignore_expiration: Flag = Field(False, title="Expired is fine", description="Accept tokens that have expired.")
    ignore_not_before: Flag = Field(False, title="Early is fine", description="Accept tokens that do not hold yet.")
    clock_tolerance: Whole = Field(0, ge=0, title="Tolerance", description="Seconds that clocks may differ.")


class JwtParams(Params):
    operation: Literal["sign", "decode", "verify"] = Field(
        "sign",
        title="Do",
        description="Make a token, read one, or check one.",
        json_schema_extra=ui(labels=["Sign", "Read", "Check"]),
    )
    use_json: Flag = Field(
        False, title="Payload as JSON", description="Enter the payload as JSON instead of field by field."
    )
    claims: Annotated[dict[str, Any], AsGroup] = Field(
        default_factory=dict,
        title="Payload",
        description="audience, expiresIn, issuer, jwtid, notBefore, subject; the two times in seconds from now.",
        json_schema_extra=ui(visible_when={"operation": ["sign"], "useJson": [False]}),
    )
    claims_json: Any = Field(
        '{\n  "my_field_1": "value 1",\n  "my_field_2": "value 2"\n}\n',
        title="Payload",
        description="The payload as JSON.",
        json_schema_extra=ui(widget="code", language="json", rows=5, visible_when={"useJson": [True]}),
    )
    token: Text = Field(
        "",
        title="Token",
        description="The token to read or check.",
        json_schema_extra=ui(visible_when={"operation": ["decode", "verify"]}),
    )
    options: Annotated[JwtOptions, AsGroup] = Field(
        default_factory=lambda: JwtOptions.model_validate({}), title="Options", description="Finer points."
    )


@register
class Jwt(NodeType[JwtParams]):
    """Sign, read and check JSON web tokens."""

    name = "n8n-nodes-base.jwt"
    label = "JWT"
    group = "transform"
    icon = "key"
    credentials = ("jwtAuth",)
    Params = JwtParams

    def execute(self, run: NodeRun[JwtParams]) -> Outputs:
        work = {"sign": signed, "decode": decoded, "verify": verified}

        def one(_: Item, params: JwtParams, __: int) -> JsonObject:
            return work[params.operation](run, params)

        return [run.map(one)]


def signed(run: NodeRun[JwtParams], params: JwtParams) -> JsonObject:
    fields = run.credential("jwtAuth")
    now = int(run.now().timestamp())
    payload = ensure("object", params.claims_json, "claimsJson") if params.use_json else dated(params.claims, now)
    header = {"kid": params.options.kid} if params.options.kid else {}
    algorithm = algorithm_of(params, fields)
    token = make_token(
        Token(header, {**payload, "iat": payload.get("iat", now)}), algorithm, key_of(fields, "privateKey")
    )
    return {"token": token}


def dated(claims: JsonObject, now: int) -> JsonObject:
    """Lengths of time become moments; everything else keeps its name."""
    out: JsonObject = {}
    for name, value in claims.items():
        if name in TIMES:
            out[TIMES[name]] = now + int(to_number(value))
        elif value not in (None, ""):
            out[name] = value
    return out


def decoded(_: NodeRun[JwtParams], params: JwtParams) -> JsonObject:
    return shown(read_token(params.token), params)


def verified(run: NodeRun[JwtParams], params: JwtParams) -> JsonObject:
    fields = run.credential("jwtAuth")
    token = verify_token(params.token, algorithm_of(params, fields), key_of(fields, "publicKey"))
    options = params.options
    check_times(
        token,
        run.now().timestamp(),
        tolerance_s=options.clock_tolerance,
        expired=options.ignore_expiration,
        early=options.ignore_not_before,
    )
    return shown(token, params)


def shown(token: Token, params: JwtParams) -> JsonObject:
    if params.options.complete:
        return {"header": token.header, "payload": token.payload, "signature": token.signature}
    return {"payload": token.payload}


def algorithm_of(params: JwtParams, fields: JsonObject) -> str:
    return params.options.algorithm or str(fields.get("algorithm") or "HS256")


def key_of(fields: JsonObject, pem: str) -> str:
    """The passphrase, or the half of a key pair that is needed."""
    if fields.get("keyType") == "pemKey":
        return str(fields.get(pem) or "").replace("\\n", "\n").strip()
    return str(fields.get("secret") or "")
