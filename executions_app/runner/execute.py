"""Run one claimed execution to its end, a wait, or the loss of its lease."""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import structlog
from django.conf import settings

from executions_app import payloads
from executions_app.database import pool
from executions_app.items_in import store_inline_files, trigger_items
from executions_app.payload_codec import NotStorable, reference_in
from executions_app.resume_links import resume_link
from executions_app.runner.claim import Claim
from executions_app.runner.crowding import gate
from executions_app.runner.offload import Offloader
from executions_app.runner.resume import load_state
from executions_app.runner.session import Session, WriterPort
from executions_app.runner.versions import versions
from executions_app.transitions import SHORTEN_DEADLINE
from executions_app.webhook_answers import AWAITED_MODES, at_end, encode_response
from pumpflix.lib.postgresql.away import is_away
from workflows_app.engine.errors import LeaseLost, PumpFlixError, UnexpectedError
from workflows_app.engine.events import ExecutionFinished
from workflows_app.engine.items import Items, items_from_json
from workflows_app.engine.plan import Compiled, Plan, make_plan, own_time_limit
from workflows_app.engine.ports import Ports
from workflows_app.engine.run import run
from workflows_app.engine.state import RunState

MakePorts = Callable[[Session, Compiled], Ports]

log = structlog.get_logger(__name__)


def open_session(claim: Claim, writer: WriterPort) -> tuple[Session, RunState]:
    """The session of a claim with what is on record. Raises what the database raises."""
    state, on_record = load_state(claim)
    session = Session(claim, writer, on_record)
    session.offload = Offloader(claim, state)
    return session, state


def execute(session: Session, state: RunState, make_ports: MakePorts) -> None:
    """Pull the engine's events and record them. Ends with the session's last rows on their way to the writer."""
    try:
        with entered(session):
            if not session.is_ending:
                pull(session, state, make_ports)
    except LeaseLost:
        return
    except PumpFlixError as error:
        _fail(session, error)
    except NotStorable as error:
        _fail(session, PumpFlixError(str(error), code="not_storable", hint="Return less deeply nested data."))
    except Exception as error:
        if is_away(error):
            log.warning("run_given_back", execution=str(session.claim.id), error=str(error))
            session.give_back()
            return
        log.exception("execution_failed_unexpectedly", execution=str(session.claim.id))
        text = f"PumpFlix could not run this workflow: {type(error).__name__}."
        _fail(session, UnexpectedError(text, hint="The details are in the worker's log."))


def entered(session: Session) -> AbstractContextManager[None]:
    """Runs that start from a lot wait until there is room for them; but for called ones, whose caller is in already."""
    stored = session.claim.trigger_items
    ref = None if stored is None or session.is_called else reference_in(stored)
    if ref is None:
        return nullcontext()
    size = payloads.size_of(session.claim.team_id, ref)
    return gate.entered(size, lambda: session.is_canceled or session.is_ending)


def pull(session: Session, state: RunState, make_ports: MakePorts) -> None:
    compiled = versions.get(session.claim.version_id)
    plan = plan_of(session, compiled)
    shorten_deadline(session.claim, compiled)
    if session.claim.response_mode in AWAITED_MODES:
        session.answer = answer_of(session, plan)
    for event in run(plan, make_ports(session, compiled), state):
        session.record(event)


def plan_of(session: Session, compiled: Compiled) -> Plan:
    claim = session.claim
    return make_plan(
        compiled,
        start=claim.start_node or None,
        items=trigger_items(claim.trigger_items, session.get_payload),
        destination=claim.destination_node or None,
        mode=claim.mode,
        execution_id=str(claim.id),
        pinned=pinned_of(session, compiled) if claim.mode == "manual" else {},
        timezone=settings.TIME_ZONE,
        timeout_s=seconds_left(claim.deadline_at),
        resume_link=partial(resume_link, claim.id),
        **fork_of(session),
    )


def fork_of(session: Session) -> dict[str, Any]:
    """What the plan of a run that takes over turns of another says besides."""
    claim = session.claim
    if claim.fork is None:
        return {}
    allowed = claim.fork.get("allowed")
    items = trigger_items(claim.fork_items, session.get_payload)
    return {
        "allowed": None if allowed is None else frozenset(allowed),
        "edited": {} if items is None else {(claim.fork["node"], claim.fork["run"]): items},
    }


def pinned_of(session: Session, compiled: Compiled) -> dict[str, Items]:
    """Pinned outputs of all nodes but the start, files of theirs stored."""
    found: dict[str, Items] = {}
    for name, entries in compiled.workflow.pin_data.items():
        if name != session.claim.start_node and isinstance(entries, list):
            items = [entry if "json" in entry else {"json": entry} for entry in entries]
            found[name] = items_from_json(store_inline_files(items, session.put_payload))
    return found


def seconds_left(deadline: datetime | None) -> float | None:
    return None if deadline is None else max(0.001, (deadline - datetime.now(UTC)).total_seconds())


def shorten_deadline(claim: Claim, compiled: Compiled) -> None:
    """The workflow's own limit, in the row: should this worker freeze, another one ends the run. A repeat after a crash
    keeps the first one's."""
    limit = own_time_limit(compiled.workflow)
    if limit is not None and claim.crash_count == 0 and (left := seconds_left(claim.deadline_at)) is not None:
        values = {"id": claim.id, "epoch": claim.epoch, "limit": timedelta(seconds=min(limit, left))}
        with pool().connection() as connection:
            connection.execute(SHORTEN_DEADLINE, values)


def answer_of(session: Session, plan: Plan) -> Callable[[ExecutionFinished], bytes]:
    """The answer for the waiting caller, made of the last event."""

    def answer(event: ExecutionFinished) -> bytes:
        parameters: dict[str, Any] = plan.workflow.node(plan.start).parameters
        return encode_response(at_end(parameters, session.claim.response_mode, event, session.get_payload))

    return answer


def _fail(session: Session, error: PumpFlixError) -> None:
    try:
        session.fail(error.to_json())
    except LeaseLost:
        log.info("execution_lost", execution=str(session.claim.id))
