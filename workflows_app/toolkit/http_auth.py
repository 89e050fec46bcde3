"""Putting a credential into a request."""

import base64
from dataclasses import replace
from typing import Any

from workflows_app.engine.errors import UserError
from workflows_app.engine.items import JsonObject
from workflows_app.engine.node_type import NodeRun
from workflows_app.toolkit.compare import to_text
from workflows_app.toolkit.http_draft import Draft, json_object
from workflows_app.toolkit.paths import names

OLD_TYPES = {
    "basicAuth": "httpBasicAuth",
    "digestAuth": "httpDigestAuth",
    "headerAuth": "httpHeaderAuth",
    "queryAuth": "httpQueryAuth",
    "oAuth1": "oAuth1Api",
    "oAuth2": "oAuth2Api",
}
GENERIC = ("httpBasicAuth", "httpBearerAuth", "httpHeaderAuth", "httpQueryAuth", "httpCustomAuth")


def authenticated(run: NodeRun[Any], draft: Draft, credential_type: str) -> Draft:
    """The request with the credential of that type in it, bound to the hosts the credential names. Raises
    CredentialMissing, and UserError for a type that cannot be applied to a plain request."""
    if not credential_type:
        raise UserError("No kind of credential is chosen.", code="credential_missing", hint="Choose how to sign in.")
    if credential_type not in GENERIC:
        raise UserError(
            f"Credentials of type {credential_type} cannot be used for plain requests yet.",
            code="operation_not_supported",
            hint="Use a header, bearer, basic or query credential instead.",
        )
    fields = run.credential(credential_type)
    bound = replace(draft, allowed_hosts=allowed_hosts(fields))
    return APPLY[credential_type](bound, fields)


def allowed_hosts(fields: JsonObject) -> tuple[str, ...]:
    if fields.get("allowedHttpRequestDomains") == "domains":
        return tuple(names(fields.get("allowedDomains")))
    return ()


def with_header(draft: Draft, name: str, value: str) -> Draft:
    return replace(draft, headers=draft.headers | {name: value}, secret_headers=(*draft.secret_headers, name))


def basic(draft: Draft, fields: JsonObject) -> Draft:
    pair = f"{fields.get('user', '')}:{fields.get('password', '')}"
    return with_header(draft, "Authorization", "Basic " + base64.b64encode(pair.encode()).decode())


def bearer(draft: Draft, fields: JsonObject) -> Draft:
    return with_header(draft, "Authorization", f"Bearer {fields.get('token', '')}")


def header(draft: Draft, fields: JsonObject) -> Draft:
    return with_header(draft, str(fields.get("name") or "Authorization"), to_text(fields.get("value")))


def query(draft: Draft, fields: JsonObject) -> Draft:
    return replace(
        draft, secret_query=draft.secret_query | {str(fields.get("name") or "key"): to_text(fields.get("value"))}
    )


def custom(draft: Draft, fields: JsonObject) -> Draft:
    """JSON with `headers`, `qs` and `body`, merged into the request."""
    settings = json_object(fields.get("json") or "{}", "The custom credential")
    for name, value in (settings.get("headers") or {}).items():
        draft = with_header(draft, str(name), to_text(value))
    extra = {str(name): to_text(value) for name, value in (settings.get("qs") or {}).items()}
    draft = replace(draft, secret_query=draft.secret_query | extra)
    for name, value in (settings.get("body") or {}).items():
        draft = draft.with_values("body", str(name), value)
    return draft


APPLY = {
    "httpBasicAuth": basic,
    "httpBearerAuth": bearer,
    "httpHeaderAuth": header,
    "httpQueryAuth": query,
    "httpCustomAuth": custom,
}
