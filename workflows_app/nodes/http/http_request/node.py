"""HTTP Request, versions 3 to 4.3."""

from dataclasses import replace
from typing import Any

from workflows_app.engine.items import Item, Items
from workflows_app.engine.node_type import NodeRun, NodeType, Outputs
from workflows_app.engine.registry import register
from workflows_app.engine.workflow import Node
from workflows_app.nodes.http.http_request.answer import AnswerRules, checked, to_items
from workflows_app.nodes.http.http_request.pages import Pages, read_pages
from workflows_app.nodes.http.http_request.params import HttpPairs, HttpRequestParams
from workflows_app.toolkit import describe, paths
from workflows_app.toolkit.compare import to_text
from workflows_app.toolkit.http_auth import GENERIC, Caller, chosen_type
from workflows_app.toolkit.http_draft import Draft, Part, json_object, json_value

ACCEPT = "application/json, text/*;q=0.9, */*;q=0.8"


@register
class HttpRequestNode(NodeType[HttpRequestParams]):
    """Send a request to a web address and read the answer."""

    name = "n8n-nodes-base.httpRequest"
    label = "HTTP request"
    group = "http"
    icon = "n-http"
    silhouette = "world"
    versions = (3, 4, 4.1, 4.2, 4.3)
    credentials = GENERIC
    side_effects = "write"
    Params = HttpRequestParams

    def describe(self, node: Node) -> str:
        return describe.http(node)

    def execute(self, run: NodeRun[HttpRequestParams]) -> Outputs:
        return [run.map(lambda item, params, index: self.one_item(run, item, params, index))]

    def one_item(self, run: NodeRun[HttpRequestParams], item: Item, params: HttpRequestParams, index: int) -> Items:
        pause_between_batches(run, params, index)
        draft = draft_of(run, item, params)
        caller = Caller(run, credential_type(params))
        rules = answer_rules(params)
        pages = Pages.of(params.options.pagination)
        if pages is not None:
            return [
                made
                for response in read_pages(run, index, draft, rules, pages, caller)
                for made in to_items(run, item, response, rules)
            ]
        response = caller.send(draft, index)
        checked(run, response, rules)
        return to_items(run, item, response, rules)


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
        lower_headers=params.options.lowercase_headers,
    )


def credential_type(params: HttpRequestParams) -> str | None:
    return chosen_type(params.authentication, params.generic_auth_type, params.node_credential_type)


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
        headers["Accept"] = ACCEPT
    return headers


def with_body(run: NodeRun[HttpRequestParams], item: Item, params: HttpRequestParams, draft: Draft) -> Draft:
    if params.content_type == "json":
        return replace(draft, kind="json", body=json_body(run, params))
    if params.content_type == "form-urlencoded":
        if params.specify_body == "string":
            return replace(draft, kind="raw", body=params.body, content_type="application/x-www-form-urlencoded")
        return replace(draft, kind="form", body={row.name: row.value for row in params.body_parameters.parameters})
    if params.content_type == "multipart-form-data":
        return replace(draft, kind="multipart", body=parts_of(run, item, params))
    if params.content_type == "binaryData":
        binary, data = run.get_file(item, params.input_data_field_name)
        return replace(draft, kind="bytes", body=data, content_type=binary.mime_type)
    return replace(draft, kind="raw", body=params.body, content_type=params.raw_content_type or "text/plain")


def json_body(run: NodeRun[HttpRequestParams], params: HttpRequestParams) -> Any:
    """From version 4 on a dot in the name of a field makes a nested field."""
    if params.specify_body == "json":
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
