"""An answer that says no, as an error of the run, and as the item that a node goes on with."""

from datetime import datetime

from workflows_app.engine.errors import NodeTimeout, PumpFlixError, RemoteError
from workflows_app.engine.items import Item, JsonObject
from workflows_app.engine.pairing import pair
from workflows_app.engine.ports import HttpResponse
from workflows_app.toolkit import paths
from workflows_app.toolkit.compare import json_text
from workflows_app.toolkit.http_text import retry_after_s
from workflows_app.toolkit.relaxed_json import NotJson, parse_strict

TRANSIENT = (408, 425, 429)
SHOWN_BODY = 2000
# What workflows brought along look for in `error.code`.
CONNECTION_CODES = {
    "connect_failed": "ECONNREFUSED",
    "resolve_failed": "ENOTFOUND",
    "connection_lost": "ECONNRESET",
    "timed_out": "ECONNABORTED",
    "deadline_exceeded": "ECONNABORTED",
    "tls_failed": "ERR_TLS_CERT_ALTNAME_INVALID",
    "too_many_redirects": "ERR_FR_TOO_MANY_REDIRECTS",
}
EXPLANATIONS = {
    400: "The server did not understand the request. Check parameters and body.",
    401: "The server wants a valid sign-in. Check the credential.",
    403: "The credential does not allow this. Check its rights.",
    404: "There is nothing at this address. Check it for spelling.",
    405: "The server does not take this method here.",
    413: "The body is too large for the server.",
    422: "The server refuses the values that were sent.",
    429: "Too many requests. Switch on retries, or send fewer at a time.",
}


def remote_error(response: HttpResponse, now: datetime) -> RemoteError:
    """For a status that is no success; those that time may heal are not permanent."""
    said = message_of(response)
    text = f"{response.url.split('?')[0]} answered {response.status} {response.reason}".strip()
    return RemoteError(
        f"{text}: {said}" if said else f"{text}.",
        status=response.status,
        permanent=response.status < 500 and response.status not in TRANSIENT,
        retry_after_s=retry_after_s(response.header("retry-after"), now),
        hint=EXPLANATIONS.get(
            response.status, "The server had a problem. Try again later." if response.status >= 500 else ""
        ),
        data={"body": response.body[:SHOWN_BODY].decode("utf-8", "replace")},
    )


def failed_request(error: PumpFlixError, index: int) -> Item:
    """The item a failed request becomes: `error` as an object with message, name and code where the outside failed, as
    workflows made for n8n read it; as a text where the node itself said no."""
    told = outside_error(error)
    return Item(json={"error": error.message if told is None else told}, error=error.to_json(), paired=pair(index))


def outside_error(error: PumpFlixError) -> JsonObject | None:
    code = error.instance_code
    if isinstance(error, RemoteError) and error.status is not None:
        kind = "ERR_BAD_RESPONSE" if error.status >= 500 else "ERR_BAD_REQUEST"
        message = f"{error.status} - {json_text(error.data.get('body', ''))}"
        return {"message": message, "name": "AxiosError", "code": kind, "status": error.status}
    if code in ("pages_repeat", "page_address_invalid"):
        return {"message": error.message, "name": "NodeOperationError", "description": error.hint, "context": {}}
    if code in CONNECTION_CODES or isinstance(error, NodeTimeout):
        known = CONNECTION_CODES.get(code, "ECONNABORTED")
        name = "AxiosError" if known == "ECONNABORTED" else "Error"
        return {"message": error.message, "name": name, "code": known}
    return None


def message_of(response: HttpResponse) -> str:
    """The sentence in a JSON error body, where the usual names hold one."""
    try:
        body = parse_strict(response.body)
    except NotJson:
        return ""
    for path in ("error.message", "message", "error_description", "error", "detail", "title", "errors[0].message"):
        found = paths.read(body, path, "")
        if isinstance(found, str) and found:
            return found[:300]
    return ""
