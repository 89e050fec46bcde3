"""A pool over the smallest world, and one over the product's own prelude."""

import json
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from pumpflix.lib.sandbox import ChildSettings, CodePool
from pumpflix.lib.sandbox.backoff import Backoff
from pumpflix.lib.sandbox.pool import DEFAULT_LIBS

HERE = Path(__file__).resolve().parent
WORLD = ChildSettings(libs=HERE / "world" / "no-libs.js", prelude=HERE / "world", max_memory_mb=256)

# Every test is the first.
NO_PAUSE = Backoff(longest_pause_s=0)

# util-linux, which every Linux has, though a bare PATH may not lead to it.
PATH = f"{os.environ['PATH']}:/usr/sbin:/usr/bin:/sbin:/bin"
UNSHARE = shutil.which("unshare", path=PATH) or "unshare"

Evaluate = Callable[..., Any]


@pytest.fixture(scope="module")
def pool() -> Iterator[CodePool]:
    """Children that know nothing but the language."""
    pool = CodePool(
        settings=WORLD,
        accept_reduced=True,
        code_children=2,
        max_output_bytes=4 * 2**20,
        backoff=NO_PAUSE,
    )
    yield pool
    pool.close()


# Of an ordinary user, without bubblewrap: namespaces of its own are all it has.
AS_A_USER = (UNSHARE, "--user", "--map-user=1000", "--map-group=1000")


@pytest.fixture(scope="module", params=[(), AS_A_USER], ids=["as started", "as an ordinary user"])
def product(request: pytest.FixtureRequest) -> Iterator[CodePool]:
    """Children as the product runs them. Only the full level will do."""
    settings = ChildSettings(libs=DEFAULT_LIBS, launcher=request.param)
    pool = CodePool(settings=settings, code_children=1, backoff=NO_PAUSE)
    yield pool
    pool.close()


@pytest.fixture
def value_of(pool: CodePool) -> Evaluate:
    """The value of one JavaScript expression in the smallest world, or its error as text."""

    def evaluate(source: str, data: object = None, **limits: Any) -> Any:
        limits = {"team": "t", **limits}
        answer = json.loads(pool.evaluate({"templates": [source]}, json.dumps(data).encode(), **limits).text)[
            "results"
        ][0]
        return answer.get("v", answer.get("e"))

    return evaluate


@pytest.fixture
def outcome_of(pool: CodePool) -> Evaluate:
    """What a Code node with this body hands back, in the smallest world."""

    def run(code: str, data: object = None, **limits: Any) -> Any:
        limits = {"team": "t", "timeout_s": 10.0, **limits}
        return json.loads(pool.run_code({"code": code}, json.dumps(data).encode(), **limits).text)

    return run
