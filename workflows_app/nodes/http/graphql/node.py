"""GraphQL, versions 1 and 1.1."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from workflows_app.engine.errors import ParameterError, RemoteError
from workflows_app.engine.items import Item, Items
from workflows_app.engine.node_type import NodeRun, NodeType, Outputs, failed_item
from workflows_app.engine.ports import HttpResponse
from workflows_app.engine.registry import register
from workflows_app.nodes.http.graphql.params import GraphqlParams
from workflows_app.toolkit.compare import to_text
from workflows_app.toolkit.files import decode
from workflows_app.toolkit.http_auth import GENERIC, Caller, chosen_type
from workflows_app.toolkit.http_draft import Draft
from workflows_app.toolkit.http_errors import remote_error
from workflows_app.toolkit.http_text import parse_content_type
from workflows_app.toolkit.relaxed_json import NotJson, parse_strict
from workflows_app.toolkit.side_by_side import map_side_by_side

NOT_JSON = object()


@register
class Graphql(NodeType[GraphqlParams]):
    """Send a GraphQL query or mutation and read the answer."""

    name = "n8n-nodes-base.graphql"
    label = "GraphQL"
    group = "http"
    icon = "n-http"
    silhouette = "world"
    versions = (1, 1.1)
    credentials = GENERIC
    side_effects = "write"
    Params = GraphqlParams

    def execute(self, run: NodeRun[GraphqlParams]) -> Outputs:
        caller = Caller(run)

        def prepare(_item: Item, params: GraphqlParams, index: int) -> Callable[[], Items]:
            draft = draft_of(params, version=run.node.type_version)
            signed_with = chosen_type(params.authentication, "", "")
            return lambda: answer(run, caller.send(draft, index, signed_with), params)

        def collect(made: Items, _index: int) -> Items:
            return made

        return [map_side_by_side(run, prepare, collect, failed_item, resolving=caller.resolving)]


def draft_of(params: GraphqlParams, *, version: float) -> Draft:
    """The request without its credential."""
    headers = {"Accept": "application/json"}
    headers |= {row.name: row.value for row in params.header_parameters_ui.parameter if row.name}
    draft = Draft(
        method=params.request_method,
        url=params.endpoint,
        headers=headers,
        verify_tls=not params.allow_unauthorized_certs,
    )
    if params.request_method == "GET":
        return replace(draft, query={"query": params.query})
    if (params.request_format or ("graphql" if version < 1.1 else "json")) == "graphql":
        return replace(draft, kind="raw", body=params.query, content_type="application/graphql")
    body = {
        "query": params.query,
        "variables": variables_of(params.variables),
        "operationName": params.operation_name or None,
    }
    return replace(draft, kind="json", body=body)


def variables_of(value: Any) -> Any:
    """An object, or JSON text of one. The messages are those that workflows with error outputs know from n8n."""
    said = f"Using variables failed:\n{to_text(value)}\n\n"
    if isinstance(value, str):
        try:
            return parse_strict(value) if value.strip() else {}
        except NotJson as error:
            raise ParameterError(
                f"{said}With error message:\n{error}", hint="Write the variables as a JSON object."
            ) from None
    if isinstance(value, dict) or value is None:
        return value or {}
    raise ParameterError(
        f"{said}GraphQL variables should be either an object or a string.", hint="Write them as a JSON object."
    )


def answer(run: NodeRun[GraphqlParams], response: HttpResponse, params: GraphqlParams) -> Items:
    """A list becomes an item per entry. Raises RemoteError for an answer with errors, whatever its status, and for one
    whose status is no success."""
    text = decode(response.body, parse_content_type(response.header("content-type")).charset)
    value = parsed(text)
    refuse_errors(value)
    if response.status >= 400:
        raise remote_error(response, run.now())
    if params.response_format == "string":
        return [Item(json={params.data_property_name or "data": text})]
    if value is NOT_JSON:
        raise RemoteError("The answer is not valid JSON.", permanent=True, hint="Set the response format to text.")
    entries = value if isinstance(value, list) else [value]
    return [Item(json=entry if isinstance(entry, dict) else {"data": entry}) for entry in entries]


def parsed(text: str) -> Any:
    try:
        return parse_strict(text)
    except NotJson:
        return NOT_JSON


def refuse_errors(value: Any) -> None:
    if not isinstance(value, dict) or not value.get("errors"):
        return
    entries = value["errors"] if isinstance(value["errors"], list) else [value["errors"]]
    messages = [to_text(entry.get("message")) for entry in entries if isinstance(entry, dict)]
    raise RemoteError(
        ", ".join(filter(None, messages)) or "Unexpected error",
        permanent=True,
        hint="Check the query and its variables.",
    )
