"""The document is whole, valid, and says what the addresses do."""

import re
from typing import Any

import pytest
from django.urls import URLPattern, URLResolver, get_resolver
from drf_spectacular.drainage import GENERATOR_STATS
from drf_spectacular.validation import validate_schema

from pumpflix.api import schema
from pumpflix.api.views import index
from workflows_app import nodes

pytestmark = [pytest.mark.app]

# They describe the operations, or stand for them in a browser.
BESIDE = {"/api/openapi.json", "/api/docs", "/api/docs/socket", "/api/docs/{operation_id}"}


def walk(patterns: list[Any], before: str = "/") -> dict[str, Any]:
    found = {}
    for entry in patterns:
        here = before + str(entry.pattern)
        if isinstance(entry, URLResolver):
            found |= walk(entry.url_patterns, here)
        elif isinstance(entry, URLPattern):
            found[re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", here)] = entry.callback
    return found


def routes() -> set[tuple[str, str]]:
    """(method, path) of every view below `/api`."""
    ours = {path: view for path, view in walk(get_resolver().url_patterns).items() if re.match(r"/api($|/)", path)}
    return {
        (method, path)
        for path, view in ours.items()
        if path not in BESIDE
        for method in schema.METHODS
        if hasattr(view.view_class, method)
    }


def documented() -> set[tuple[str, str]]:
    return {
        (method, path)
        for path, methods in schema.document()["paths"].items()
        for method in methods
        if method in schema.METHODS
    }


def test_every_route_is_documented_and_every_documented_one_exists() -> None:
    assert documented() - {("get", "/health")} == routes()


def test_the_document_is_valid_and_was_made_without_a_warning() -> None:
    schema.document.cache_clear()
    GENERATOR_STATS.reset()
    validate_schema(schema.document())
    assert dict(GENERATOR_STATS._warn_cache) == {}
    assert dict(GENERATOR_STATS._error_cache) == {}


def test_every_operation_says_what_it_does() -> None:
    said = [entry for methods in schema.document()["paths"].values() for entry in methods.values()]
    assert len({entry["operationId"] for entry in said}) == len(said)
    assert [entry["operationId"] for entry in said if not (entry["summary"] and entry["description"])] == []
    assert [entry["operationId"] for entry in said if len(entry["tags"]) != 1] == []


def test_every_error_has_the_one_body() -> None:
    error = {"$ref": "#/components/schemas/Error"}
    kinds = {"WorkflowConflict", "Imported", "Health"}
    found = {
        (path, method, status)
        for path, methods in schema.document()["paths"].items()
        for method, entry in methods.items()
        for status, answer in entry["responses"].items()
        if int(status) >= 400 and answer["content"]["application/json"]["schema"] != error
        and answer["content"]["application/json"]["schema"]["$ref"].rsplit("/", 1)[1] not in kinds
    }  # fmt: skip
    assert found == set()


def test_the_parameters_of_every_node_type_are_components() -> None:
    components = schema.document()["components"]["schemas"]
    assert {node_type.Params.__name__ for node_type in nodes.load().all()} <= set(components)


def test_the_index_lists_what_is_documented() -> None:
    listed = {(entry["method"].lower(), entry["path"]) for entry in index()["endpoints"]}
    assert listed == documented()


SEEDS = """
POST /api/auth/register · POST /api/auth/login · POST /api/auth/refresh · GET /api/auth/me · POST /api/auth/logout
GET /api/workflows · POST /api/workflows · GET /api/workflows/{workflow_id} · PUT /api/workflows/{workflow_id}
DELETE /api/workflows/{workflow_id} · POST /api/workflows/{workflow_id}/duplicate
POST /api/workflows/{workflow_id}/execute · GET /api/workflows/{workflow_id}/stats
GET /api/executions · GET /api/executions/{execution_id} · GET /api/executions/{execution_id}/logs
POST /api/executions/{execution_id}/retry · POST /api/executions/{execution_id}/cancel · GET /health · GET /api
PATCH /api/workflows/{workflow_id} · GET /api/workflows/{workflow_id}/versions
POST /api/workflow-templates/promote/{instance_id}
"""


@pytest.mark.parametrize("endpoint", re.findall(r"[A-Z]+ /\S+", SEEDS))
def test_what_was_promised_first_is_there(endpoint: str) -> None:
    method, path = endpoint.split()
    assert (method.lower(), path) in documented()
