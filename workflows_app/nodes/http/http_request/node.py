"""HTTP Request, versions 3 to 4.3."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from workflows_app.engine.errors import ParameterError, UserError
from workflows_app.engine.items import Item, Items, JsonObject
from workflows_app.engine.node_type import NodeRun, NodeType, Outputs
from workflows_app.engine.ports import HttpResponse, TlsCertificate
from workflows_app.engine.registry import register
from workflows_app.engine.workflow import Node
from workflows_app.nodes.http.http_request.answer import ACCEPT, AnswerRules, checked, to_items
from workflows_app.nodes.http.http_request.pages import Pages, read_pages
from workflows_app.nodes.http.http_request.params import HttpPairs, HttpRequestParams
from workflows_app.toolkit import describe, paths
from workflows_app.toolkit.compare import to_text
from workflows_app.toolkit.http_auth import GENERIC, Caller, chosen_type
from workflows_app.toolkit.http_draft import Draft, Part, json_object, json_value
from workflows_app.toolkit.http_errors import failed_request
from workflows_app.toolkit.mime_body import form_values
from workflows_app.toolkit.side_by_side import map_side_by_side

CERTIFICATE = "httpSslAuth"
Answer = tuple[AnswerRules, list[HttpResponse]]


@register
class HttpRequestNode(NodeType[HttpRequestParams]):
    """Send a request to a web address and read the answer."""

    name = "n8n-nodes-base.httpRequest"
    label = "HTTP request"
    group = "http"
    icon = "n-http"
    silhouette = "world"
    versions = (3, 4, 4.1, 4.2, 4.3)
    credentials = (*GENERIC, CERTIFICATE)
    side_effects = "write"
    Params = HttpRequestParams

    def describe(self, node: Node) -> str:
        return describe.http(node)

    def execute(self, run: NodeRun[HttpRequestParams]) -> Outputs:
        caller = Caller(run)

        def prepare(item: Item, params: HttpRequestParams, index: int) -> Callable[[], Answer]:
            return prepared(run, caller, item, params, index)

        def collect(answer: Answer, index: int) -> Items:
            rules, responses = answer
            return [made for response in responses for made in to_items(run, run.items[index], response, rules)]

        return [map_side_by_side(run, prepare, collect, failed_request, resolving=caller.resolving)]


def prepared(
    run: NodeRun[HttpRequestParams], caller: Caller, item: Item, params: HttpRequestParams, index: int
) -> Callable[[], Answer]:  # fmt: skip
    """What sends the request of one item, or one request per page. Refuses what cannot be done before anything is
    sent."""
    if params.options.proxy:
        raise UserError(
            "A proxy of the node's own is not available.",
            code="operation_not_supported",
            hint="Remove the option: requests take the way the administrator set.",
        )
    pause_between_batches(run, params, index)
    draft, rules = draft_of(run, item, params), answer_rules(params)
    if params.provide_ssl_certificates:
        draft = replace(draft, identity=certificate_of(run.credential(CERTIFICATE)))
    signed_with = chosen_type(params.authentication, params.generic_auth_type, params.node_credential_type)
    pages = Pages.of(params.options.pagination, draft, rules, signed_with)
    if pages is not None:
        return lambda: (rules, list(read_pages(run, index, pages, caller)))

    def call() -> Answer:
        response = caller.send(draft, index, signed_with)
        checked(run, response, rules)
        return rules, [response]

    return call


def certificate_of(fields: JsonObject) -> TlsCertificate:
    """Line ends written as backslash and n, as JSON files hold them, are line ends."""
    texts = (str(fields.get(name) or "").replace("\\n", "\n") for name in ("cert", "key", "passphrase", "ca"))
    return TlsCertificate(*texts)


def pause_between_batches(run: NodeRun[HttpRequestParams], params: HttpRequestParams, index: int) -> None:
    if "batching" not in params.options.model_fields_set:
        return
    batch = params.options.batching.batch
    if index and batch.batch_size > 0 and index % batch.batch_size == 0:
        run.ports.clock.sleep(batch.batch_interval / 1000)


def answer_rules(params: HttpRequestParams) -> AnswerRules:
    chosen = params.options.response.response
    return AnswerRules(
        format=chosen.response_format,
        field=chosen.output_property_name or "data",
        full=chosen.full_response,
        never_error=chosen.never_error,
    )


def draft_of(run: NodeRun[HttpRequestParams], item: Item, params: HttpRequestParams) -> Draft:
    """The request without its credential."""
    options = params.options
    redirect = options.redirect.redirect
    draft = Draft(
        method=params.method,
        url=params.url,
        query=query_of(params),
        headers=headers_of(params),
        arrays=options.query_parameter_arrays,
        timeout_s=options.timeout / 1000,
        follow_redirects=redirect.follow_redirects,
        max_redirects=redirect.max_redirects,
        verify_tls=not options.allow_unauthorized_certs,
    )
    return with_body(run, item, params, draft) if params.send_body else draft


def pairs(rows: HttpPairs) -> dict[str, Any]:
    return {row.name: row.value for row in rows.parameters if row.name}


def query_of(params: HttpRequestParams) -> dict[str, Any]:
    if not params.send_query:
        return {}
    return (
        json_object(params.json_query, "The query")
        if params.specify_query == "json"
        else pairs(params.query_parameters)
    )


def headers_of(params: HttpRequestParams) -> dict[str, str]:
    given: dict[str, Any] = {}
    if params.send_headers:
        is_json = params.specify_headers == "json"
        given = json_object(params.json_headers, "The headers") if is_json else pairs(params.header_parameters)
    headers = {name: to_text(value) for name, value in given.items()}
    if "accept" not in {name.lower() for name in headers}:
        headers["Accept"] = ACCEPT[params.options.response.response.response_format]
    return {name.lower(): value for name, value in headers.items()} if params.options.lowercase_headers else headers


def with_body(run: NodeRun[HttpRequestParams], item: Item, params: HttpRequestParams, draft: Draft) -> Draft:
    if params.content_type == "json":
        return replace(draft, kind="json", body=json_body(run, params))
    if params.content_type == "form-urlencoded":
        if params.specify_body == "string":
            return replace(draft, kind="form", body=form_values(to_text(params.body)))
        return replace(draft, kind="form", body={row.name: row.value for row in params.body_parameters.parameters})
    if params.content_type == "multipart-form-data":
        return replace(draft, kind="multipart", body=parts_of(run, item, params))
    if params.content_type == "binaryData":
        binary, data = run.get_file(item, params.input_data_field_name)
        return replace(draft, kind="bytes", body=data, content_type=binary.mime_type)
    return replace(draft, kind="raw", body=params.body, content_type=params.raw_content_type)


def json_body(run: NodeRun[HttpRequestParams], params: HttpRequestParams) -> Any:
    """From version 4 on a dot in the name of a field makes a nested field."""
    if params.specify_body == "json":
        if params.json_body == "":
            raise ParameterError("The body is empty.", hint="Enter JSON, such as {}, or choose to send no body.")
        return json_value(params.json_body, "The body")
    body: dict[str, Any] = {}
    for row in params.body_parameters.parameters:
        paths.write(body, row.name, row.value, dotted=run.node.type_version >= 4)
    return body


def parts_of(run: NodeRun[HttpRequestParams], item: Item, params: HttpRequestParams) -> list[Part]:
    parts = []
    for row in params.body_parameters.parameters:
        if row.parameter_type == "formBinaryData":
            binary, data = run.get_file(item, row.input_data_field_name)
            parts.append(Part(row.name, data, binary.file_name or "file", binary.mime_type))
        else:
            parts.append(Part(row.name, to_text(row.value).encode()))
    return parts
