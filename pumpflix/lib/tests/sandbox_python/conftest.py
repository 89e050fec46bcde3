"""A pool of Python children, and one call of theirs in a line."""

import json
import os
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from pumpflix.lib.sandbox import ChildSettings, CodePool
from pumpflix.lib.sandbox.backoff import Backoff
from pumpflix.lib.sandbox.pool import DEFAULT_LIBS

CANARY = "canary-7f3d91"
SETTINGS = ChildSettings(libs=DEFAULT_LIBS, max_memory_mb=256)

Run = Callable[..., dict[str, Any]]


def call(pool: CodePool, code: str, *items: Any, data: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    """The answer to code that ran once for all items; ``more`` holds header fields and limits."""
    limits = {name: more.pop(name) for name in ("timeout_s", "memory_mb", "on_call", "is_canceled") if name in more}
    header = {"code": code, "language": "python", "mode": "runOnceForAllItems", "timezone": "UTC", **more}
    entries = [item if "json" in item else {"json": item} for item in items] or [{"json": {}}]
    scope = {"items": entries, "nodes": {}, "knownNodes": [], **(data or {})}
    limits = {"timeout_s": 20.0, **limits}
    answer: dict[str, Any] = pool.run_code(header, json.dumps(scope).encode(), team="t", **limits).json()
    return answer


@pytest.fixture(scope="package", autouse=True)
def canary() -> Iterator[None]:
    """A secret in the environment of the parent, before any child starts."""
    os.environ["PUMPFLIX_SECRET_KEY"] = CANARY
    yield
    del os.environ["PUMPFLIX_SECRET_KEY"]


@pytest.fixture(scope="package")
def pool(canary: None) -> Iterator[CodePool]:
    pool = CodePool(
        settings=SETTINGS,
        accept_reduced=True,
        code_children=2,
        max_output_bytes=4 * 2**20,
        backoff=Backoff(longest_pause_s=0),
    )
    yield pool
    pool.close()


@pytest.fixture
def answer_to(pool: CodePool) -> Run:
    """The whole answer to some code."""

    def run(code: str, *items: Any, **more: Any) -> dict[str, Any]:
        return call(pool, code, *items, **more)

    return run


@pytest.fixture
def value_of(answer_to: Run) -> Callable[..., Any]:
    """What code returns, unchecked."""

    def run(code: str, *items: Any, **more: Any) -> Any:
        answer = answer_to(code, *items, raw=True, **more)
        assert "error" not in answer, answer["error"]
        return answer["output"]

    return run
