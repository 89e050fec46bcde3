"""What the runner's tests share."""

import time
from collections.abc import Callable, Iterator

import pytest

from executions_app.database import close_pool
from executions_app.tests.parts import Parts


@pytest.fixture(autouse=True)
def _no_connections_left() -> Iterator[None]:
    """The pool outlives a test; the test's database may not."""
    yield
    close_pool()


@pytest.fixture
def parts(transactional_db: None) -> Iterator[Parts]:
    """Writer, runner and claimer of one worker, in this process."""
    made = Parts()
    yield made
    made.close()


@pytest.fixture
def until() -> Callable[..., None]:
    """Wait until something holds; fail when it does not within ten seconds."""

    def wait(holds: Callable[[], object], seconds: float = 10.0) -> None:
        deadline = time.monotonic() + seconds
        while not holds():
            assert time.monotonic() < deadline, "It did not come to that in time."
            time.sleep(0.005)

    return wait
