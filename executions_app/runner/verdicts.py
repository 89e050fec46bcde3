"""Runs that nobody tries once more: three workers died over one node, the time is over and whoever held the run did
not end it, or what is on record cannot be read. The worker that took one over says so with the run's last commit."""

from dataclasses import dataclass
from typing import Literal

from executions_app.runner.claim import Claim
from executions_app.transitions import CRASHES_ALLOWED
from workflows_app.engine.errors import NodeTimeout, PumpFlixError, UnexpectedError


@dataclass(frozen=True, slots=True)
class Verdict:
    """How a run ends without being run: `reason` goes into its row."""

    status: Literal["crashed", "error"]
    reason: str
    node: str
    error: PumpFlixError


def verdict_on(claim: Claim) -> Verdict | None:
    """None: it is to be run."""
    if claim.crash_count >= CRASHES_ALLOWED:
        return poison(claim.crash_node)
    if claim.is_overdue:
        return Verdict("error", "timeout", "", out_of_time())
    return None


def poison(node: str) -> Verdict:
    place = f"the node '{node}'" if node else "this run"
    error = PumpFlixError(
        f"The worker ended {CRASHES_ALLOWED} times in {place}, without getting further.",
        code="poison",
        hint="Give the node less to do at once, or look into the log of the workers for what ended them.",
        data={"node": node} if node else None,
    )
    return Verdict("crashed", "poison", node, error)


def out_of_time() -> PumpFlixError:
    return NodeTimeout(
        "This execution took longer than it may, and did not end by itself.",
        hint="Raise the time limit, or give it less to do at once.",
    )


def unreadable() -> Verdict:
    error = UnexpectedError(
        "What is on record about this run cannot be read, so it cannot go on.",
        code="record_unreadable",
        hint="Run it again from the start. The details are in the worker's log.",
    )
    return Verdict("error", error.instance_code, "", error)
