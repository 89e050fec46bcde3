"""Calls of every documented operation with values that schemathesis makes of the document, good ones and bad ones."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

import schemathesis
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections, transaction
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from accounts.models import User
from accounts.services import tokens
from pumpflix.api.schema import document
from pumpflix.lib.rest.operations import REGISTRY
from pumpflix.tests.access.world import People

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
MANY = ("owner", "visitor")
"""These are asked most; the others meet the same code behind another door."""


def examples(caller: str) -> int:
    """How many a caller gets of each operation. `FUZZ_EXAMPLES` is `most,least`: of those above, and of the others."""
    most, least = (int(number) for number in os.environ.get("FUZZ_EXAMPLES", "3,0").split(","))
    return most if caller in MANY else least


def chosen_seed() -> int:
    return int(os.environ.get("FUZZ_SEED", "20261122"))


@cache
def operations() -> dict[str, Any]:
    """Operation id -> what schemathesis makes calls of."""
    schema = schemathesis.openapi.from_dict(document())
    schema.app = get_wsgi_application()
    found = (result.ok() for result in schema.get_all_operations())
    return {operation.definition.raw["operationId"]: operation for operation in found}


def is_public(operation: Any) -> bool:
    return operation.definition.raw.get("security") == [{}]


@contextmanager
def one_connection() -> Iterator[None]:
    """The server closes its connection after a request, and with it the transaction of a test."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    try:
        yield
    finally:
        for signal in (request_started, request_finished):
            signal.connect(close_old_connections)


def headers_of(people: People, caller: str) -> dict[str, str]:
    plain = {"Accept-Encoding": "identity"}
    if caller == "visitor":
        return plain
    text = people.keys.get(caller) or tokens.issue(User.objects.get(pk=people.users[caller])).access_token
    return {**plain, "Authorization": f"Bearer {text}"}


def cases(name: str) -> st.SearchStrategy[Any]:
    """Good and bad ones, three in four of them with an id that is there: a random one ends at a 404."""
    operation = operations()[name]
    good, bad = (operation.as_strategy(generation_mode=mode) for mode in GenerationMode)
    there = dict(REGISTRY[name].samples[0].path) if name in REGISTRY else {}

    def with_ids(pair: tuple[Any, int]) -> Any:
        case, dice = pair
        if there and dice:
            case.path_parameters = dict(there)
        return case

    return st.tuples(st.one_of(good, bad), st.integers(0, 3)).map(with_ids)


def fuzz(name: str, count: int, headers: dict[str, str], judge: Callable[[Any, Any], None]) -> int:
    """Make so many calls, each in the world as it was. How many were made, with those that narrow a failure down."""
    made = 0

    @seed(chosen_seed())
    @settings(
        max_examples=count,
        database=None,
        deadline=None,
        phases=[Phase.generate, Phase.shrink],
        suppress_health_check=list(HealthCheck),
        print_blob=False,
    )
    @given(case=cases(name))
    def each(case: Any) -> None:
        nonlocal made
        made += 1
        with transaction.atomic():
            response = case.call(headers=headers)
            transaction.set_rollback(True)
        judge(case, response)

    with one_connection():
        each()
    return made
