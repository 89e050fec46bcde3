"""The run's own time: its zone, the time now in it, and short waits that do not let go of the worker."""

from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any

from workflows_app.engine.node_type import NodeRun, Pause
from workflows_app.toolkit.dates import zone_named

MAX_WAIT_S = 366 * 86_400.0


def zone(run: NodeRun[Any]) -> tzinfo:
    """The zone the run counts in: the workflow's own, else the installation's."""
    return zone_named(run.timezone)


def local_now(run: NodeRun[Any]) -> datetime:
    return run.now().astimezone(zone(run))


def wait_until(run: NodeRun[Any], moment: datetime) -> Pause | None:
    """Wait for a moment: here if it is near, else by the Pause that is returned. None once it has come."""
    moment = moment.astimezone(UTC)
    left_s = (moment - run.now()).total_seconds()
    if run.is_resumed or left_s <= 0:
        return None
    if left_s > run.ports.longest_sleep_s:
        return Pause("time", moment)
    run.ports.clock.sleep(left_s)
    return None


def later(run: NodeRun[Any], seconds: float) -> datetime:
    return run.now() + timedelta(seconds=seconds)
