"""OAuth 2: requests for tokens, reading their answers, and types that send a token (RFC 6749, 6750, 7636)."""

import base64
import hashlib
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar, Literal, TypeVar
from urllib.parse import parse_qsl, urlencode, urlsplit

from pydantic import Field

from workflows_app.engine.errors import CredentialMissing, RemoteError
from workflows_app.engine.items import JsonObject
from workflows_app.engine.params import Params, ui
from workflows_app.engine.ports import HttpResponse
from workflows_app.toolkit.compare import to_text
from workflows_app.toolkit.credential_type import WRITE_ONLY, CredentialType, Wire, hidden, texts_of
from workflows_app.toolkit.fields import Flag, Text
from workflows_app.toolkit.http_draft import Draft, json_object
from workflows_app.toolkit.relaxed_json import NotJson, parse_strict

AHEAD = timedelta(seconds=60)
EXPIRES_AT = "expires_at"
TOKEN_TIMEOUT_S = 20.0


class TokenFields(Params):
    """What a type with tokens keeps besides the rest: the token and its end, as the service gave them."""

    oauth_token_data: Any = Field(
        default_factory=dict,
        title="Token",
        description="Filled in by signing in.",
        json_schema_extra={WRITE_ONLY: True},
    )

    @property
    def token(self) -> JsonObject:
        return self.oauth_token_data if isinstance(self.oauth_token_data, dict) else {}


F = TypeVar("F", bound=TokenFields)


class TokenType(CredentialType[F]):
    """A type whose access token is fetched and renewed by the vault."""

    rejected_with: ClassVar[tuple[int, ...]] = (401,)

    def token_request(self, fields: F, now: datetime) -> Draft | None:
        """The request that brings a new token; None where its owner has to sign in for one."""
        raise NotImplementedError

    def apply(self, draft: Draft, fields: F) -> Draft:
        token = to_text(fields.token.get("access_token"))
        return draft.with_secret_header("Authorization", f"Bearer {token}") if token else draft

    def send(self, draft: Draft, fields: F, wire: Wire) -> HttpResponse:
        """A token that is refused is renewed once."""
        response = wire.call(self.apply(draft, fields).to_request())
        used = to_text(fields.token.get("access_token"))
        if response.status not in self.statuses(fields) or not used:
            return response
        fresh = self.read(wire.renewed(used))
        if to_text(fresh.token.get("access_token")) in ("", used):
            return response
        return wire.call(self.apply(draft, fresh).to_request())

    def statuses(self, fields: F) -> tuple[int, ...]:  # noqa: ARG002  for types where it is a field
        return self.rejected_with

    def derived_secrets(self, fields: F) -> Iterator[str]:
        yield from (text for name, text in named_texts(fields.token) if name.endswith(("token", "secret")))


def named_texts(token: JsonObject) -> Iterator[tuple[str, str]]:
    for name, value in token.items():
        for text in texts_of(value):
            yield name.lower(), text


class OAuth2Fields(TokenFields):
    grant_type: Literal["authorizationCode", "clientCredentials", "pkce"] = Field(
        "authorizationCode",
        title="Grant",
        description="Whether a person agrees in the browser, or the application signs in alone.",
        json_schema_extra=ui(labels=["A person agrees", "The application alone", "A person agrees (PKCE)"]),
    )
    auth_url: Text = Field(
        "",
        title="Authorization URL",
        description="Where the person agrees.",
        json_schema_extra=ui(visible_when={"grantType": ["authorizationCode", "pkce"]}),
    )
    access_token_url: Text = Field("", title="Token URL", description="Where tokens are fetched.")
    client_id: Text = Field("", title="Client ID", description="Names your application.")
    client_secret: Text = hidden("Client secret", "The secret of your application.")
    scope: Text = Field("", title="Scope", description="What it may do, as the service names it; separated by spaces.")
    auth_query_parameters: Text = Field(
        "",
        title="More values",
        description="Added to the authorization URL, such as access_type=offline.",
        json_schema_extra=ui(visible_when={"grantType": ["authorizationCode", "pkce"]}),
    )
    authentication: Literal["header", "body"] = Field(
        "header",
        title="Send the client secret",
        description="Where the token URL wants client id and secret.",
        json_schema_extra=ui(labels=["In the header", "In the body"]),
    )
    send_additional_body_properties: Flag = Field(
        False, title="More fields", description="Send more fields to the token URL."
    )
    additional_body_properties: Any = Field(
        "",
        title="Their values",
        description="A JSON object.",
        json_schema_extra=ui(widget="code", language="json", visible_when={"sendAdditionalBodyProperties": [True]}),
    )
    ignore_ssl_issues: Flag = Field(
        False,
        alias="ignoreSSLIssues",
        title="Any certificate",
        description="Accept a token server that cannot prove who it is.",
    )
    token_expired_status_code: int = Field(
        401, ge=100, le=599, title="Status of an expired token", description="Some services answer with another one."
    )


class OAuth2Type(TokenType[OAuth2Fields]):
    """Base of every OAuth 2 type; one for a service sets `defaults`, whose fields nobody has to fill in."""

    Fields = OAuth2Fields
    defaults: ClassVar[Mapping[str, Any]] = {}

    def read(self, stored: JsonObject) -> OAuth2Fields:
        return super().read({**stored, **self.defaults})

    def steps_to_get_it(self) -> tuple[str, ...]:
        return self.steps or (
            self.where,
            "Register the callback address with it, the one shown below.",
            "Copy its client ID and client secret into the fields and save.",
            "Choose Sign in with the service, and agree there.",
        )

    def asked_scopes(self) -> tuple[str, ...]:
        return self.scopes or tuple(str(self.defaults.get("scope") or "").split())

    def schema(self) -> JsonObject:
        """Without what the type itself knows: nobody sends a service's token to an address of their own."""
        schema = super().schema()
        kept = {name: one for name, one in schema["properties"].items() if name not in self.defaults}
        return {**schema, "properties": kept}

    def statuses(self, fields: OAuth2Fields) -> tuple[int, ...]:
        return (401, fields.token_expired_status_code)

    def token_request(self, fields: OAuth2Fields, now: datetime) -> Draft | None:  # noqa: ARG002  for those that sign
        refresh = to_text(fields.token.get("refresh_token"))
        if refresh:
            return token_draft(fields, {"grant_type": "refresh_token", "refresh_token": refresh})
        if fields.grant_type != "clientCredentials":
            return None
        scope = {"scope": fields.scope} if fields.scope else {}
        return token_draft(fields, {"grant_type": "client_credentials", **scope, **more_fields(fields)})


def more_fields(fields: OAuth2Fields) -> JsonObject:
    if not fields.send_additional_body_properties:
        return {}
    return json_object(fields.additional_body_properties or "{}", "The further fields of the credential")


def token_draft(fields: OAuth2Fields, form: JsonObject) -> Draft:
    """One request to the token URL, signed by the application as the service wants it."""
    headers = {"Accept": "application/json"}
    if fields.authentication == "body" or not fields.client_secret:
        form = {**form, "client_id": fields.client_id}
        if fields.client_secret:
            form["client_secret"] = fields.client_secret
    else:
        pair = base64.b64encode(f"{fields.client_id}:{fields.client_secret}".encode()).decode()
        headers["Authorization"] = f"Basic {pair}"
    return Draft(
        "POST",
        fields.access_token_url,
        headers=headers,
        kind="form",
        body=form,
        timeout_s=TOKEN_TIMEOUT_S,
        follow_redirects=False,
        verify_tls=not fields.ignore_ssl_issues,
        secret_headers=("Authorization",),
    )


def token_of(response: HttpResponse, before: JsonObject, now: datetime) -> JsonObject:
    """The token of an answer; what it leaves out (mostly the refresh token) stays as before. Raises CredentialMissing
    where the service refuses for good, RemoteError where another try may help."""
    answer = values_of(response)
    said = to_text(answer.get("error_description") or answer.get("error") or "")
    if response.status >= 500 or response.status == 429:
        raise RemoteError(f"The token server answered {response.status}.", status=response.status, hint="Try again.")
    if response.status >= 400 or not answer.get("access_token"):
        raise CredentialMissing(
            f"The service gives no token: {said[:200] or f'it answered {response.status}'}.",
            hint="Sign in again on the credential's page, and check client id, secret and scope.",
            code="credential_rejected",
        )
    token = {**before, **answer}
    lives_s = seconds(answer.get("expires_in"))
    token.pop(EXPIRES_AT, None)
    if lives_s is not None:
        token[EXPIRES_AT] = (now + timedelta(seconds=lives_s)).isoformat()
    return token


def values_of(response: HttpResponse) -> JsonObject:
    """JSON, or the form that some services still answer with."""
    text = response.body.decode("utf-8", "replace")
    try:
        value = parse_strict(text)
    except NotJson:
        return dict(parse_qsl(text))
    return value if isinstance(value, dict) else {}


def seconds(value: Any) -> float | None:
    try:
        found = float(value)
    except (TypeError, ValueError):
        return None
    return found if 0 < found < 1e9 else None


def is_due(token: JsonObject, now: datetime) -> bool:
    """Whether a token is missing, or ends within a minute. One without an end is good until it is refused."""
    if not token.get("access_token"):
        return True
    try:
        ends = datetime.fromisoformat(str(token[EXPIRES_AT]))
    except (KeyError, ValueError):
        return False
    return now + AHEAD >= (ends if ends.tzinfo else ends.replace(tzinfo=UTC))


def authorization_url(fields: OAuth2Fields, *, redirect_uri: str, state: str, verifier: str) -> str:
    """Where the browser goes to agree. The proof key is sent to every service: those that know none ignore it."""
    challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    query = {
        **dict(parse_qsl(urlsplit(fields.auth_url).query)),
        "client_id": fields.client_id,
        "redirect_uri": redirect_uri,
        "response_type": "code",
        "state": state,
        **({"scope": fields.scope} if fields.scope else {}),
        **dict(parse_qsl(fields.auth_query_parameters)),
        "code_challenge": challenge,
        "code_challenge_method": "S256",
    }
    return f"{fields.auth_url.partition('?')[0]}?{urlencode(query)}"


def code_request(fields: OAuth2Fields, *, code: str, redirect_uri: str, verifier: str) -> Draft:
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": redirect_uri,
        "code_verifier": verifier,
        **more_fields(fields),
    }
    return token_draft(fields, form)


def with_token(stored: JsonObject, token: JsonObject) -> JsonObject:
    return {**stored, "oauthTokenData": token}


__all__ = [
    "OAuth2Fields", "OAuth2Type", "TokenFields", "TokenType", "authorization_url", "code_request", "is_due",
    "token_of", "with_token",
]  # fmt: skip
