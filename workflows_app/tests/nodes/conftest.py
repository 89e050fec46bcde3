"""One code child for all node tests of a session."""

from collections.abc import Iterator

import pytest

from workflows_app.tests.nodes.support import shared_code


@pytest.fixture(scope="session", autouse=True)
def code_child() -> Iterator[None]:
    with shared_code():
        yield
