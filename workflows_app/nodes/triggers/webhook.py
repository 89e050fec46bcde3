"""Webhook: start on an HTTP request. The request itself is taken in elsewhere; this node passes it on."""

from typing import Annotated, Literal

from pydantic import Field

from workflows_app.engine.node_type import NodeRun, NodeType, Outputs
from workflows_app.engine.params import Params, ui
from workflows_app.engine.registry import register
from workflows_app.engine.workflow import Node
from workflows_app.toolkit import describe
from workflows_app.toolkit.fields import AsGroup, AsList, Flag, Text, Whole


class WebhookHeader(Params):
    name: Text = Field("", title="Name", description="Header name.")
    value: Text = Field("", title="Value", description="Header value.")


class WebhookHeaders(Params):
    entries: Annotated[list[WebhookHeader], AsList] = Field(
        default_factory=list, title="Headers", description="One header per row."
    )


class WebhookCode(Params):
    response_code: Whole = Field(200, ge=100, le=599, title="Status", description="Status of the answer.")
    custom_code: Whole = Field(0, title="Other status", description="Used where the status is chosen freely.")


class WebhookCodes(Params):
    values: Annotated[WebhookCode, AsGroup] = Field(
        default_factory=lambda: WebhookCode.model_validate({}),
        title="Status",
        description="Status of the answer (from 2).",
    )


class WebhookOptions(Params):
    allowed_origins: Text = Field("*", title="Allowed origins", description="Origins that browsers may call from.")
    binary_property_name: Text = Field(
        "data", title="File field", description="Field that an uploaded file is put into."
    )
    binary_data: Flag = Field(False, title="Body is a file", description="Take the body as a file (version 1).")
    delivery_id: Text = Field(
        "",
        title="Delivery number",
        description="Where a call carries the number of its delivery, such as {{ $json.body.id }}: a repeat within 7 "
        "days starts nothing. Numbers of GitHub, Stripe, Shopify and Svix are found without it.",
    )
    raw_body: Flag = Field(False, title="Raw body", description="Hand over the body unparsed, as a file.")
    ip_whitelist: Text = Field(
        "", title="Allowed addresses", description="Addresses that may call, separated by commas."
    )
    ignore_bots: Flag = Field(False, title="Ignore bots", description="Do not start for link previews and crawlers.")
    no_response_body: Flag = Field(False, title="Empty answer", description="Answer without a body.")
    response_content_type: Text = Field("", title="Content type", description="Content type of the answer.")
    response_data: Text = Field("", title="Answer text", description="Text to answer with at once.")
    response_property_name: Text = Field(
        "", title="Answer field", description="Answer with this field of the item only."
    )
    response_headers: Annotated[WebhookHeaders, AsGroup] = Field(
        default_factory=lambda: WebhookHeaders.model_validate({}),
        title="Answer headers",
        description="Headers of the answer.",
    )
    response_code: Annotated[WebhookCodes, AsGroup] = Field(
        default_factory=lambda: WebhookCodes.model_validate({}),
        title="Answer status",
        description="Status of the answer.",
    )


class WebhookParams(Params):
    http_method: Annotated[list[Text], AsList] = Field(
        default_factory=lambda: ["GET"], title="Method", description="The HTTP methods that start the workflow."
    )
    multiple_methods: Flag = Field(False, title="Several methods", description="Listen to more than one method.")
    path: Text = Field("", title="Path", description="Last part of the address. Parts like :id become parameters.")
    authentication: Literal["none", "basicAuth", "headerAuth", "jwtAuth", "hmacAuth"] = Field(
        "none",
        title="Caller must sign in with",
        description="How a caller proves who it is.",
        json_schema_extra=ui(
            labels=["Nothing", "Name and password", "A header", "A signed token", "A signature of the body"]
        ),
    )
    response_mode: Literal["onReceived", "lastNode", "responseNode", "streaming"] = Field(
        "onReceived",
        title="Answer",
        description="When and with what the caller is answered.",
        json_schema_extra=ui(labels=["At once", "When the last node is done", "By a Respond node", "As a stream"]),
    )
    response_code: Whole = Field(
        200, ge=100, le=599, title="Answer status", description="Status of the answer (before 2)."
    )
    response_data: Literal["allEntries", "firstEntryJson", "firstEntryBinary", "noData"] = Field(
        "firstEntryJson",
        title="Answer with",
        description="What of the last node's items is sent back.",
        json_schema_extra=ui(
            labels=["All items", "The first item", "A file of the first item", "Nothing"],
            visible_when={"responseMode": ["lastNode"]},
        ),
    )
    response_binary_property_name: Text = Field(
        "data", title="File to send", description="Field of the first item that holds the file."
    )
    options: Annotated[WebhookOptions, AsGroup] = Field(
        default_factory=lambda: WebhookOptions.model_validate({}), title="Options", description="Finer points."
    )


@register
class Webhook(NodeType[WebhookParams]):
    """Start the workflow when its address is called. The item holds headers, params, query and body."""

    name = "n8n-nodes-base.webhook"
    label = "Webhook"
    group = "trigger"
    icon = "n-webhook"
    silhouette = "trigger"
    versions = (1, 1.1, 2, 2.1)
    inputs = ()
    trigger = True
    credentials = ("httpBasicAuth", "httpHeaderAuth", "jwtAuth", "pumpflixSignature")
    Params = WebhookParams

    def describe(self, node: Node) -> str:
        return describe.webhook(node)

    def execute(self, run: NodeRun[WebhookParams]) -> Outputs:
        """With several methods there is one output per method; the item says which one was used."""
        methods = self.output_names(run.node)
        if len(methods) == 1:
            return [run.items]
        used = str(run.items[0].json.get("method", "")).upper() if run.items else ""
        chosen = methods.index(used) if used in methods else 0
        return [run.items if index == chosen else [] for index in range(len(methods))]

    def output_names(self, node: Node) -> tuple[str, ...]:
        methods = node.parameters.get("httpMethod")
        if node.parameters.get("multipleMethods"):
            chosen = methods if isinstance(methods, list) else ["GET", "POST"]
            return tuple(str(method) for method in chosen) or self.outputs
        return self.outputs
