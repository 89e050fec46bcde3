"""Every documented example is called, and answers as documented."""

import json
import re
from dataclasses import replace
from functools import cache
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from rest_framework.test import APIClient

from accounts.models import User
from pumpflix.api.schema import METHODS, document
from pumpflix.api.tests.world import as_user
from pumpflix.lib.rest.operations import REGISTRY, Sample

pytestmark = [pytest.mark.app, pytest.mark.django_db]


@cache
def operations() -> dict[str, tuple[str, str, dict[str, Any]]]:
    """Operation id -> method, path, what the document says."""
    return {
        said["operationId"]: (method, path, said)
        for path, methods in document()["paths"].items()
        for method, said in methods.items()
        if method in METHODS and path != "/health"
    }


def calls() -> list[Any]:
    return [
        pytest.param(name, sample, id=f"{name}-{place}")
        for name, (_, _, said) in operations().items()
        for place, sample in enumerate(REGISTRY[name].samples)
        if said
    ]


def address(path: str, sample: Sample) -> str:
    return re.sub(r"\{(\w+)\}", lambda found: sample.path[found[1]], path)


def made(client: APIClient, method: str, path: str, sample: Sample) -> Any:
    target = address(path, sample)
    if sample.query:
        target += "?" + "&".join(f"{key}={value}" for key, value in sample.query.items())
    if sample.body is None:
        return client.generic(method.upper(), target)
    return client.generic(method.upper(), target, json.dumps(sample.body), content_type="application/json")


def problems_of(answer: Any, said: dict[str, Any]) -> list[str]:
    """What the answer's body has that its schema does not allow."""
    documented = said["responses"][str(answer.status_code)]
    content = documented.get("content")
    if not content:
        return ["a body that is not documented"] if answer.content else []
    media_type = answer.headers["Content-Type"]
    assert media_type in content, (media_type, list(content))
    if media_type != "application/json":
        return []
    schema = {
        "$ref": "#/paths-schema",
        "components": document()["components"],
        "paths-schema": content[media_type]["schema"],
    }
    validator = Draft202012Validator(schema, format_checker=Draft202012Validator.FORMAT_CHECKER)
    return [f"{error.json_path}: {error.message}"[:300] for error in validator.iter_errors(json.loads(answer.content))]


@pytest.mark.parametrize("name,sample", calls())
def test_a_documented_call_answers_as_documented(everything: User, name: str, sample: Sample) -> None:
    method, path, said = operations()[name]
    client = APIClient(raise_request_exception=False) if sample.as_anonymous else as_user(everything)
    answer = made(client, method, path, sample)
    assert answer.status_code == sample.status, answer.content[:2_000]
    assert problems_of(answer, said) == []


def test_every_operation_has_an_example_of_each_body_it_documents() -> None:
    lacking = [
        name
        for name, (_, _, said) in operations().items()
        if "requestBody" in said and not any(sample.body is not None for sample in REGISTRY[name].samples)
    ]
    assert lacking == []


@pytest.mark.parametrize("name", [name for name, (method, _, _) in operations().items() if method == "get"])
def test_documented_defaults_may_be_spelled_out(everything: User, name: str) -> None:
    method, path, said = operations()[name]
    sample = REGISTRY[name].samples[0]
    defaults = {
        entry["name"]: json.dumps(entry["schema"]["default"]).strip('"')
        for entry in said.get("parameters", ())
        if entry["in"] == "query" and entry["schema"].get("default") is not None
    }
    spelled = replace(sample, query={**defaults, **sample.query})
    assert made(as_user(everything), method, path, spelled).status_code == sample.status
