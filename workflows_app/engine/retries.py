"""Whether a node that failed may try again, and when."""

import random

from workflows_app.engine.deadline import Deadline
from workflows_app.engine.errors import PumpFlixError, RemoteError, UserError
from workflows_app.engine.items import JsonObject

# A run keeps its worker while it waits for its next try.
MAX_BACKOFF_S = 900.0


def is_final(error: PumpFlixError | JsonObject, run_deadline: Deadline | None) -> bool:
    """Whether another try is pointless: the other side said so, or the time of the run is up."""
    if isinstance(error, RemoteError) and error.permanent:
        return True
    if isinstance(error, UserError) and error.instance_code in ("node_type_unknown", "node_type_switched_off"):
        return True
    return run_deadline is not None and run_deadline.is_over


def next_wait_s(base_s: float, number: int, error: PumpFlixError | JsonObject) -> float:
    """How long to wait after the try of that number failed so."""
    return backoff_s(base_s, number, retry_after(error), chance())


def why_not_waited(seconds: float, run_deadline: Deadline | None) -> str:
    """What to tell the author of a try that will not be made because it would come too late. Empty: it will."""
    if seconds > MAX_BACKOFF_S:
        most = f"{MAX_BACKOFF_S:.0f} s"
        return f"Not tried again: the other side asks to wait {seconds:.0f} s, and a run waits {most} at most."
    if run_deadline is not None and not run_deadline.leaves(seconds):
        return f"Not tried again: the next try would come after {seconds:.1f} s, when the time of this run is up."
    return ""


def retry_after(error: PumpFlixError | JsonObject) -> float:
    return (error.retry_after_s or 0.0) if isinstance(error, RemoteError) else 0.0


def chance() -> float:
    return random.random()  # noqa: S311  spreads load, guards nothing


def backoff_s(base_s: float, number: int, at_least_s: float, luck: float) -> float:
    """Exponential back-off with full jitter: anywhere between nothing and the doubled wait, never before what the other
    side asked for. `luck` is from 0 to 1."""
    ceiling = min(base_s * 2.0 ** (number - 1), MAX_BACKOFF_S)
    return max(ceiling * luck, at_least_s)
