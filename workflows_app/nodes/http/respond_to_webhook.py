"""Respond to Webhook: answer the caller who is waiting, then pass the items on."""

from typing import Annotated, Any, Literal

from pydantic import Field

from workflows_app.engine.errors import ParameterError, PumpFlixError, UserError
from workflows_app.engine.items import Item
from workflows_app.engine.node_type import NodeRun, NodeType, Outputs, failed_item
from workflows_app.engine.params import Params, ui
from workflows_app.engine.ports import WebhookResponse
from workflows_app.engine.registry import register
from workflows_app.engine.workflow import Node
from workflows_app.toolkit import describe, paths
from workflows_app.toolkit.compare import json_text, to_text
from workflows_app.toolkit.fields import AsGroup, AsList, Flag, Text, Whole
from workflows_app.toolkit.relaxed_json import NotJson, parse_strict

Answer = tuple[int, list[tuple[str, str]], bytes]


class RespondHeader(Params):
    name: Text = Field("", title="Name", description="Header name.")
    value: Text = Field("", title="Value", description="Header value.")


class RespondHeaders(Params):
    entries: Annotated[list[RespondHeader], AsList] = Field(
        default_factory=list, title="Headers", description="One header per row."
    )


class RespondOptions(Params):
    response_code: Whole = Field(200, ge=100, le=599, title="Status", description="Status of the answer.")
    response_headers: Annotated[RespondHeaders, AsGroup] = Field(
        default_factory=lambda: RespondHeaders.model_validate({}), title="Headers", description="Headers of the answer."
    )
    response_key: Text = Field("", title="Wrap in field", description="Put the items into a field of this name.")


class RespondToWebhookParams(Params):
    respond_with: Literal[
        "allIncomingItems", "firstIncomingItem", "json", "jwt", "noData", "redirect", "text", "binary"
    ] = Field(
        "firstIncomingItem",
        title="Answer with",
        description="What is sent back.",
        json_schema_extra=ui(
            labels=["All items", "First item", "JSON", "A signed token", "Nothing", "Another address", "Text", "A file"]
        ),
    )  # fmt: skip
    response_body: Any = Field(
        "",
        title="Body",
        description="The JSON or text to send.",
        json_schema_extra=ui(widget="code", rows=6, visible_when={"respondWith": ["json", "text"]}),
    )
    redirect_url: Text = Field(
        "", alias="redirectURL", title="Address", description="Where the caller is sent on to.",
        json_schema_extra=ui(visible_when={"respondWith": ["redirect"]}),
    )  # fmt: skip
    response_data_source: Literal["automatically", "set"] = Field(
        "automatically",
        title="Which file",
        description="The only file of the item, or a named one.",
        json_schema_extra=ui(labels=["The only one", "By name"], visible_when={"respondWith": ["binary"]}),
    )
    input_field_name: Text = Field("data", title="File field", description="Field of the item that holds the file.")
    enable_response_output: Flag = Field(
        False, title="Second output", description="Put out what was answered on an output of its own (from 1.2)."
    )
    options: Annotated[RespondOptions, AsGroup] = Field(
        default_factory=lambda: RespondOptions.model_validate({}), title="Options", description="Status and headers."
    )


@register
class RespondToWebhook(NodeType[RespondToWebhookParams]):
    """Answer the caller of the Webhook node, then pass the items on."""

    name = "n8n-nodes-base.respondToWebhook"
    label = "Respond to webhook"
    group = "http"
    icon = "n-respond"
    silhouette = "world"
    versions = (1, 1.1, 1.2, 1.3, 1.4, 1.5)
    side_effects = "write"
    Params = RespondToWebhookParams

    def describe(self, node: Node) -> str:
        return describe.respond(node)

    def execute(self, run: NodeRun[RespondToWebhookParams]) -> Outputs:
        try:
            params = run.params
            status, headers, body = answer(run, params)
            sent = run.respond(WebhookResponse(status, tuple(headers), body))
        except PumpFlixError as error:
            if not run.continues_on_error:
                raise
            return [[failed_item(error, index) for index in range(len(run.items))]]
        if not sent:
            run.log(
                "info",
                "Nobody is waiting for this answer: it was given already, or the run was not started by a webhook.",
            )
        if params.enable_response_output:
            return [run.items, [Item(json={"statusCode": status, "headers": dict(headers), "body": shown_body(body)})]]
        return [run.items]

    def output_names(self, node: Node) -> tuple[str, ...]:
        return ("input", "response") if node.parameters.get("enableResponseOutput") else self.outputs


def answer(run: NodeRun[RespondToWebhookParams], params: RespondToWebhookParams) -> Answer:
    """Status, headers and body. Headers that the author set win over those that follow from the kind of answer."""
    status = params.options.response_code
    kind, body = BODIES.get(params.respond_with, no_body)(run, params)
    headers = [(entry.name, entry.value) for entry in params.options.response_headers.entries if entry.name]
    named = {name.lower() for name, _ in headers}
    headers += [(name, value) for name, value in kind if name.lower() not in named]
    if params.respond_with == "redirect" and status == 200:
        status = 307
    return status, headers, body


def shown_body(body: bytes) -> Any:
    try:
        return parse_strict(body)
    except NotJson:
        return body.decode("utf-8", "replace")


Kind = tuple[list[tuple[str, str]], bytes]
JSON_TYPE = [("Content-Type", "application/json; charset=utf-8")]


def wrapped(params: RespondToWebhookParams, value: Any) -> Kind:
    if params.options.response_key:
        holder: dict[str, Any] = {}
        paths.write(holder, params.options.response_key, value)
        value = holder
    return JSON_TYPE, json_text(value).encode()


def all_items(run: NodeRun[RespondToWebhookParams], params: RespondToWebhookParams) -> Kind:
    return wrapped(params, [item.json for item in run.items])


def first_item(run: NodeRun[RespondToWebhookParams], params: RespondToWebhookParams) -> Kind:
    return wrapped(params, run.items[0].json if run.items else {})


def json_body(_run: NodeRun[RespondToWebhookParams], params: RespondToWebhookParams) -> Kind:
    value = params.response_body
    if isinstance(value, str):
        try:
            value = parse_strict(value) if value.strip() else {}
        except NotJson as error:
            hint = "Check quotes and commas, or answer with text. In an expression, JSON.stringify makes safe JSON."
            raise ParameterError(f"The body is not valid JSON: {error}.", hint=hint) from None
    return JSON_TYPE, json_text(value).encode()


def text_body(_run: NodeRun[RespondToWebhookParams], params: RespondToWebhookParams) -> Kind:
    return [("Content-Type", "text/html; charset=utf-8")], to_text(params.response_body).encode()


def redirect(_run: NodeRun[RespondToWebhookParams], params: RespondToWebhookParams) -> Kind:
    if not params.redirect_url:
        raise ParameterError("There is no address to send the caller to.", hint="Fill in the address.")
    return [("Location", params.redirect_url)], b""


def file_body(run: NodeRun[RespondToWebhookParams], params: RespondToWebhookParams) -> Kind:
    item = run.items[0] if run.items else Item(json={})
    name = params.input_field_name
    if params.response_data_source == "automatically":
        name = next(iter(item.binary), name)
    binary, data = run.get_file(item, name)
    headers = [("Content-Type", binary.mime_type)]
    if binary.file_name:
        safe = binary.file_name.replace("\\", "").replace('"', "")
        headers.append(("Content-Disposition", f'attachment; filename="{safe}"'))
    return headers, data


def no_body(_run: NodeRun[RespondToWebhookParams], _params: RespondToWebhookParams) -> Kind:
    return [], b""


def signed_token(_run: NodeRun[RespondToWebhookParams], _params: RespondToWebhookParams) -> Kind:
    raise UserError(
        "Answering with a signed token is not available yet.",
        code="operation_not_supported",
        hint="Make the token in a Code node and answer with text or JSON.",
    )


BODIES = {
    "allIncomingItems": all_items,
    "firstIncomingItem": first_item,
    "json": json_body,
    "text": text_body,
    "redirect": redirect,
    "binary": file_body,
    "jwt": signed_token,
}
