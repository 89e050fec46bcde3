"""What came back: status to error, body to items."""

from dataclasses import dataclass
from typing import Any, Literal

from workflows_app.engine.errors import RemoteError
from workflows_app.engine.items import Item, Items, JsonObject
from workflows_app.engine.node_type import NodeRun
from workflows_app.engine.ports import HttpResponse
from workflows_app.toolkit.files import decode
from workflows_app.toolkit.http_errors import remote_error
from workflows_app.toolkit.http_text import file_name_of, parse_content_type
from workflows_app.toolkit.relaxed_json import NotJson, parse_strict

Format = Literal["autodetect", "json", "text", "file"]

WEB = "application/json,text/html,application/xhtml+xml,application/xml,text/*;q=0.9"
ACCEPT: dict[Format, str] = {
    "json": "application/json,text/*;q=0.99",
    "text": f"{WEB}, */*;q=0.1",
    "file": f"{WEB}, image/*;q=0.8, */*;q=0.7",
    "autodetect": f"{WEB}, image/*;q=0.8, */*;q=0.7",
}


@dataclass(frozen=True, slots=True)
class AnswerRules:
    """`field` gets text or a file; `never_error` takes any status as success."""

    format: Format = "autodetect"
    field: str = "data"
    full: bool = False
    never_error: bool = False


def checked(run: NodeRun[Any], response: HttpResponse, rules: AnswerRules) -> None:
    """Raises RemoteError for a status that is no success; so is a redirect that was not followed."""
    if not (200 <= response.status < 300 or rules.never_error):
        raise remote_error(response, run.now())


def body_value(response: HttpResponse, rules: AnswerRules) -> Any:
    """The body as a value: parsed JSON, or text. Used for items and for `$response` of pagination."""
    kind = parse_content_type(response.header("content-type"))
    text = decode(response.body, kind.charset)
    if rules.format == "text" or (rules.format == "autodetect" and not kind.is_json):
        return text
    if not text.strip():
        return {} if rules.format == "json" or kind.is_json else text
    try:
        return parse_strict(text)
    except NotJson as error:
        raise RemoteError(
            f"The answer of {response.url.split('?')[0]} is not valid JSON: {error}.",
            status=None,
            permanent=True,
            hint="Choose the response format Text.",
        ) from None


def wants_file(response: HttpResponse, rules: AnswerRules) -> bool:
    if rules.format == "file":
        return True
    return rules.format == "autodetect" and parse_content_type(response.header("content-type")).is_binary


def to_items(run: NodeRun[Any], source: Item, response: HttpResponse, rules: AnswerRules) -> Items:
    """A JSON list becomes an item per entry; text and files go into the field that the author named."""
    around = envelope(response) if rules.full else {}
    if wants_file(response, rules):
        return [file_item(run, source, response, rules, around)]
    value = body_value(response, rules)
    if rules.full:
        name = "body" if not isinstance(value, str) or rules.format == "json" else rules.field
        return [Item(json=around if value == "" else {name: value, **around})]
    entries = value if isinstance(value, list) else [value]
    return [Item(json=entry if isinstance(entry, dict) else {rules.field: entry}) for entry in entries]


def envelope(response: HttpResponse) -> JsonObject:
    return {"headers": headers_of(response), "statusCode": response.status, "statusMessage": response.reason}


def headers_of(response: HttpResponse) -> JsonObject:
    """Headers as an object, names in lower case; repeated ones are joined, cookies stay a list."""
    out: JsonObject = {}
    for name, value in response.headers:
        key = name.lower()
        if key == "set-cookie":
            out.setdefault(key, []).append(value)
        else:
            out[key] = f"{out[key]}, {value}" if key in out else value
    return out


def file_item(
    run: NodeRun[Any], source: Item, response: HttpResponse, rules: AnswerRules, around: JsonObject
) -> Item:  # fmt: skip
    kind = parse_content_type(response.header("content-type")).type or "text/plain"
    name = file_name_of(response.header("content-disposition"), response.url, kind)
    binary = run.put_file(response.body, mime_type=kind, file_name=name)
    return Item(json=around, binary={**source.binary, rules.field: binary})
