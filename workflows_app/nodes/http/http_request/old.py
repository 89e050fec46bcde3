"""HTTP Request, versions 1 and 2."""

from collections.abc import Callable
from dataclasses import replace
from typing import Annotated, Any, Literal

from pydantic import Field

from workflows_app.engine.items import Item, Items
from workflows_app.engine.node_type import NodeRun, NodeType, Outputs
from workflows_app.engine.params import Params, ui
from workflows_app.engine.ports import HttpResponse
from workflows_app.engine.registry import register
from workflows_app.engine.workflow import Node
from workflows_app.nodes.http.http_request.answer import ACCEPT, AnswerRules, Format, checked, to_items
from workflows_app.toolkit import describe
from workflows_app.toolkit.compare import to_text
from workflows_app.toolkit.fields import AsGroup, AsList, Flag, Number, Text, Whole
from workflows_app.toolkit.http_auth import GENERIC, Caller, chosen_type
from workflows_app.toolkit.http_draft import Draft, Part, json_object, json_value
from workflows_app.toolkit.http_errors import failed_request
from workflows_app.toolkit.mime_body import ArrayFormat
from workflows_app.toolkit.side_by_side import map_side_by_side


class HttpOldPair(Params):
    name: Text = Field("", title="Name", description="Name of the value.")
    value: Any = Field("", title="Value", description="The value.")


class HttpOldPairs(Params):
    parameter: Annotated[list[HttpOldPair], AsList] = Field(
        default_factory=list, title="Values", description="One value per row."
    )


class HttpOldOptions(Params):
    batch_interval: Number = Field(1000, ge=0, title="Pause", description="Pause between batches, in milliseconds.")
    batch_size: Whole = Field(0, title="Items per batch", description="Requests between two pauses; below 1 means all.")
    body_content_type: Literal["json", "raw", "form-urlencoded", "multipart-form-data"] = Field(
        "json",
        title="Kind of body",
        description="How the body is written.",
        json_schema_extra=ui(labels=["JSON", "Text", "Form", "Form with files"]),
    )
    body_content_custom_mime_type: Text = Field("", title="Content type", description="Content type of a text body.")
    full_response: Flag = Field(False, title="Status and headers", description="Put out status and headers too.")
    follow_all_redirects: Flag = Field(
        False, title="Follow every redirect", description="Also after methods other than GET."
    )
    follow_redirect: Flag = Field(
        True, title="Follow redirects", description="Go where the server sends a GET request."
    )
    ignore_response_code: Flag = Field(False, title="Never fail", description="Take every status as success.")
    timeout: Number = Field(300_000, gt=0, title="Timeout", description="Longest wait for an answer, in milliseconds.")
    split_into_items: Flag = Field(False, title="Split into items", description="An item per entry of a list.")
    query_parameter_arrays: ArrayFormat = Field(
        "indices", title="Lists in the query", description="How a list is written in the address.",
        json_schema_extra=ui(labels=["a[]=1&a[]=2", "a[0]=1&a[1]=2", "a=1&a=2"]),
    )  # fmt: skip


class HttpOldParams(Params):
    authentication: Text = Field("none", title="Sign in", description="Which kind of credential goes with the request.")
    node_credential_type: Text = Field("", title="Service", description="Credential type of the service (version 2).")
    generic_auth_type: Text = Field("", title="Kind", description="Kind of a general credential (version 2).")
    request_method: Literal["DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"] = Field(
        "GET", title="Method", description="What to do at the address."
    )
    url: Text = Field("", title="Address", description="Where the request goes.")
    allow_unauthorized_certs: Flag = Field(
        False, title="Ignore certificates", description="Accept a server that cannot prove who it is."
    )
    response_format: Literal["json", "file", "string"] = Field(
        "json", title="Response format", description="How the answer is read.",
        json_schema_extra=ui(labels=["JSON", "File", "Text"]),
    )  # fmt: skip
    data_property_name: Text = Field("data", title="Write to", description="Field that gets a text or a file.")
    json_parameters: Flag = Field(
        False, title="Parameters as JSON", description="Give body, headers and query as JSON."
    )
    send_binary_data: Flag = Field(False, title="Send a file", description="Send a file of the item as the body.")
    binary_property_name: Text = Field("data", title="File field", description="Field of the item that holds the file.")
    body_parameters_json: Any = Field("", title="Body JSON", description="The body as JSON.")
    header_parameters_json: Any = Field("", title="Headers JSON", description="The headers as JSON.")
    query_parameters_json: Any = Field("", title="Query JSON", description="The query as JSON.")
    body_parameters_ui: Annotated[HttpOldPairs, AsGroup] = Field(
        default_factory=lambda: HttpOldPairs.model_validate({}), title="Body fields", description="Fields of the body."
    )
    header_parameters_ui: Annotated[HttpOldPairs, AsGroup] = Field(
        default_factory=lambda: HttpOldPairs.model_validate({}), title="Header values", description="The headers."
    )
    query_parameters_ui: Annotated[HttpOldPairs, AsGroup] = Field(
        default_factory=lambda: HttpOldPairs.model_validate({}),
        title="Query values",
        description="Values of the query.",
    )
    options: Annotated[HttpOldOptions, AsGroup] = Field(
        default_factory=lambda: HttpOldOptions.model_validate({}), title="Options", description="Finer points."
    )


FORMATS: dict[str, Format] = {"json": "json", "file": "file", "string": "text"}
Answer = tuple[AnswerRules, HttpResponse]


@register
class HttpRequestOld(NodeType[HttpOldParams]):
    """Send a request to a web address and read the answer (versions 1 and 2)."""

    name = "n8n-nodes-base.httpRequest"
    label = "HTTP request"
    group = "http"
    icon = "n-http"
    silhouette = "world"
    versions = (1, 2)
    credentials = GENERIC
    side_effects = "write"
    Params = HttpOldParams

    def describe(self, node: Node) -> str:
        return describe.http(node)

    def execute(self, run: NodeRun[HttpOldParams]) -> Outputs:
        caller = Caller(run)

        def prepare(item: Item, params: HttpOldParams, index: int) -> Callable[[], Answer]:
            return prepared(run, caller, item, params, index)

        def collect(answer: Answer, index: int) -> Items:
            rules, response = answer
            return to_items(run, run.items[index], response, rules)

        return [map_side_by_side(run, prepare, collect, failed_request, resolving=caller.resolving)]


def prepared(
    run: NodeRun[HttpOldParams], caller: Caller, item: Item, params: HttpOldParams, index: int
) -> Callable[[], Answer]:  # fmt: skip
    options = params.options
    if index and options.batch_size > 0 and index % options.batch_size == 0:
        run.ports.clock.sleep(options.batch_interval / 1000)
    draft = draft_of(run, item, params)
    rules = AnswerRules(
        format=FORMATS[params.response_format],
        field=params.data_property_name or "data",
        full=options.full_response,
        never_error=options.ignore_response_code,
    )
    signed_with = chosen_type(params.authentication, params.generic_auth_type, params.node_credential_type)

    def call() -> Answer:
        response = caller.send(draft, index, signed_with)
        checked(run, response, rules)
        return rules, response

    return call


def values(params: HttpOldParams, rows: HttpOldPairs, json: Any, label: str) -> dict[str, Any]:
    if params.json_parameters:
        return json_object(json, label)
    return {row.name: row.value for row in rows.parameter if row.name}


def draft_of(run: NodeRun[HttpOldParams], item: Item, params: HttpOldParams) -> Draft:
    options = params.options
    is_reading = params.request_method in ("GET", "HEAD")
    given = values(params, params.header_parameters_ui, params.header_parameters_json, "The headers")
    headers = {name.lower(): to_text(value) for name, value in given.items()}
    draft = Draft(
        method=params.request_method,
        url=params.url,
        query=values(params, params.query_parameters_ui, params.query_parameters_json, "The query"),
        headers={"accept": ACCEPT[FORMATS[params.response_format]], **headers},
        arrays=options.query_parameter_arrays,
        timeout_s=options.timeout / 1000,
        follow_redirects=options.follow_all_redirects or (options.follow_redirect and is_reading),
        verify_tls=not params.allow_unauthorized_certs,
    )
    return draft if params.request_method in ("GET", "HEAD", "OPTIONS") else with_body(run, item, params, draft)


def with_body(run: NodeRun[HttpOldParams], item: Item, params: HttpOldParams, draft: Draft) -> Draft:
    options = params.options
    if params.send_binary_data and params.json_parameters:
        return with_files(run, item, params, draft)
    if params.json_parameters and options.body_content_type == "raw":
        kind = options.body_content_custom_mime_type or "text/plain"
        return replace(draft, kind="raw", body=params.body_parameters_json, content_type=kind)
    if params.json_parameters and options.body_content_type == "json":
        return replace(draft, kind="json", body=json_value(params.body_parameters_json, "The body"))
    fields = values(params, params.body_parameters_ui, params.body_parameters_json, "The body")
    if not fields and not params.json_parameters:
        return draft
    if options.body_content_type == "form-urlencoded":
        return replace(draft, kind="form", body=fields)
    if options.body_content_type == "multipart-form-data":
        return replace(
            draft, kind="multipart", body=[Part(name, to_text(value).encode()) for name, value in fields.items()]
        )
    return replace(draft, kind="json", body=fields)


def with_files(run: NodeRun[HttpOldParams], item: Item, params: HttpOldParams, draft: Draft) -> Draft:
    """`binaryPropertyName` is one name, or `field:name` pairs separated by commas for a form with files."""
    if params.options.body_content_type != "multipart-form-data":
        binary, data = run.get_file(item, params.binary_property_name)
        return replace(draft, kind="bytes", body=data, content_type=binary.mime_type)
    parts = [
        Part(name, to_text(value).encode())
        for name, value in json_object(params.body_parameters_json, "The body").items()
    ]
    for entry in params.binary_property_name.split(","):
        field, _, name = entry.strip().rpartition(":")
        binary, data = run.get_file(item, name)
        parts.append(Part(field or name, data, binary.file_name or "file", binary.mime_type))
    return replace(draft, kind="multipart", body=parts)
