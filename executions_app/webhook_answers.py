"""What a webhook's caller is told: at once, by the last node, by a Respond node, or when nothing came."""

import base64
from collections.abc import Callable
from typing import Any

import orjson

from executions_app import payload_codec
from workflows_app.engine.events import ExecutionFinished
from workflows_app.engine.items import Item, Items, JsonObject, Outputs
from workflows_app.engine.ports import WebhookResponse

JSON = ("content-type", "application/json; charset=utf-8")
AWAITED_MODES = ("lastNode", "responseNode")

# Names a workflow may not set: they frame the message, or tell browsers something about the whole site (what is kept of
# it, who is told of its errors, where else it is served).
_RESERVED_HEADERS = frozenset(
    [
        "accept-ch",
        "alt-svc",
        "clear-site-data",
        "connection",
        "content-length",
        "keep-alive",
        "nel",
        "origin-agent-cluster",
        "proxy-authenticate",
        "report-to",
        "reporting-endpoints",
        "service-worker-allowed",
        "set-cookie",
        "set-cookie2",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
        "content-security-policy",
        "strict-transport-security",
        "x-frame-options",
    ]
)
# A page that scripts could run on must not share the site's origin.
SANDBOX = ("content-security-policy", "sandbox allow-scripts allow-forms allow-popups allow-downloads")


def encode_response(response: WebhookResponse) -> bytes:
    """Payload bytes of `{status, headers, body | bodyBase64}`."""
    stored: JsonObject = {"status": response.status, "headers": [list(pair) for pair in response.headers]}
    try:
        stored["body"] = response.body.decode("utf-8")
    except UnicodeDecodeError:
        stored["bodyBase64"] = base64.b64encode(response.body).decode("ascii")
    return payload_codec.encode(stored)


def decode_response(stored: JsonObject) -> WebhookResponse:
    """The reverse, from the decoded object."""
    encoded = stored.get("bodyBase64")
    body = base64.b64decode(encoded) if encoded is not None else str(stored.get("body", "")).encode("utf-8")
    return WebhookResponse(int(stored["status"]), tuple((str(k), str(v)) for k, v in stored["headers"]), body)


def safe_headers(headers: tuple[tuple[str, str], ...]) -> list[tuple[str, str]]:
    """The author's headers without those that are not his, lower-case, and the wall around whatever page this is."""
    kept = [
        (name.lower(), value)
        for name, value in headers
        if name.lower() not in _RESERVED_HEADERS and _is_header(name, value)
    ]
    return [*kept, SANDBOX, ("x-content-type-options", "nosniff")]


def _is_header(name: str, value: str) -> bool:
    is_name = name.isascii() and name.replace("-", "").replace("_", "").isalnum()
    return is_name and not any(ord(character) < 32 or ord(character) > 255 for character in value)


def message(status: int, text: str) -> WebhookResponse:
    return WebhookResponse(status, (JSON,), orjson.dumps({"message": text}))


def at_once(options: JsonObject) -> WebhookResponse:
    """The answer of mode *on received*: the author's text, or a word that it began."""
    chosen = options.get("options") or {}
    if chosen.get("noResponseBody"):
        return WebhookResponse(status_of(options), extra_headers(chosen), b"")
    text = chosen.get("responseData")
    if text:
        return WebhookResponse(
            status_of(options), with_type(chosen, "text/html; charset=utf-8"), str(text).encode("utf-8", "replace")
        )
    return WebhookResponse(
        status_of(options), with_type(chosen, JSON[1]), orjson.dumps({"message": "Workflow was started"})
    )


def at_end(
    parameters: JsonObject, mode: str, event: ExecutionFinished, get_file: Callable[[str], bytes]
) -> WebhookResponse:
    """The answer when the run is over and nobody answered yet. `parameters` are those of the webhook node."""
    if event.status != "success":
        return message(500, "Error in workflow")
    if mode == "responseNode":
        return message(status_of(parameters), "Workflow executed successfully")
    return last_node(parameters, event.outputs, get_file)


def last_node(parameters: JsonObject, outputs: Outputs | None, get_file: Callable[[str], bytes]) -> WebhookResponse:
    """First entry, all entries, a file of the first entry, or nothing, as the node says."""
    chosen = parameters.get("options") or {}
    kind = parameters.get("responseData") or "firstEntryJson"
    if kind == "noData":
        return WebhookResponse(status_of(parameters), extra_headers(chosen), b"")
    items = next((items for items in outputs or [] if items), [])
    if kind == "allEntries":
        return _json(parameters, chosen, [item.json for item in items])
    if not items:
        return message(500, "No item to return was found")
    if kind == "firstEntryBinary":
        return _file(parameters, chosen, items, get_file)
    return _json(parameters, chosen, _picked(items[0], chosen.get("responsePropertyName")))


def status_of(options: JsonObject) -> int:
    """`responseCode` of the node, or of its options from version 2 on."""
    values = ((options.get("options") or {}).get("responseCode") or {}).get("values") or {}
    found = values.get("customCode") or values.get("responseCode") or options.get("responseCode") or 200
    try:
        status = int(found)
    except (TypeError, ValueError):
        return 200
    return status if 200 <= status <= 599 else 200


def extra_headers(chosen: JsonObject) -> tuple[tuple[str, str], ...]:
    entries = (chosen.get("responseHeaders") or {}).get("entries") or []
    return tuple((str(entry.get("name", "")), str(entry.get("value", ""))) for entry in entries if entry.get("name"))


def with_type(chosen: JsonObject, default: str) -> tuple[tuple[str, str], ...]:
    """The author's headers, and a content type where he named none."""
    headers = extra_headers(chosen)
    if any(name.lower() == "content-type" for name, _ in headers):
        return headers
    return (*headers, ("content-type", str(chosen.get("responseContentType") or default)))


def _json(parameters: JsonObject, chosen: JsonObject, value: Any) -> WebhookResponse:
    if isinstance(value, str) and chosen.get("responseContentType"):
        body = value.encode("utf-8", "replace")
    else:
        body = payload_codec.to_json(value)
    return WebhookResponse(status_of(parameters), with_type(chosen, JSON[1]), body)


def _file(
    parameters: JsonObject, chosen: JsonObject, items: Items, get_file: Callable[[str], bytes]
) -> WebhookResponse:
    name = parameters.get("responseBinaryPropertyName") or "data"
    binary = items[0].binary.get(str(name))
    if binary is None:
        return message(500, f"The first item has no file named '{name}'.")
    return WebhookResponse(status_of(parameters), with_type(chosen, binary.mime_type), get_file(binary.ref))


def _picked(item: Item, path: Any) -> Any:
    """One field of the item, by a path with dots; the whole item without a path."""
    value: Any = item.json
    for part in str(path).split(".") if path else ():
        value = value.get(part) if isinstance(value, dict) else None
    return value
