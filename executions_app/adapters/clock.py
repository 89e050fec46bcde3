"""The Clock port made real: the machine's clock, and waits that end when the run is canceled."""

from collections.abc import Callable
from datetime import UTC, datetime

from workflows_app.engine.errors import Canceled


class ClockAdapter:
    """`wait_canceled(seconds)` waits that long and is true as soon as the run is to stop."""

    def __init__(self, wait_canceled: Callable[[float], bool]) -> None:
        self._wait_canceled = wait_canceled

    def now(self) -> datetime:
        return datetime.now(UTC)

    def sleep(self, seconds: float) -> None:
        if self._wait_canceled(max(0.0, seconds)):
            raise Canceled
