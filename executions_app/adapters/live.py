"""The ports of a run in a worker, assembled: the world for a live run, a cassette for a sample run."""

from collections.abc import Callable
from dataclasses import replace
from functools import cache

import orjson
from django.conf import settings

from executions_app.adapters.away import giving_back
from executions_app.adapters.builtin import HOST, BuiltinHost
from executions_app.adapters.cassette import Cassette, CassetteHttp, outside_of
from executions_app.adapters.clock import ClockAdapter
from executions_app.adapters.code import CodeAdapter
from executions_app.adapters.commands import LiveCommands
from executions_app.adapters.connect import ConnectAdapter, RecordedConnect, dialer
from executions_app.adapters.credentials import CredentialsAdapter
from executions_app.adapters.files import FilesAdapter
from executions_app.adapters.http import HttpAdapter, outbound_client
from executions_app.adapters.local import GivenCredentials, memory_stores
from executions_app.adapters.mail import MailAdapter
from executions_app.adapters.payloads import PayloadsAdapter
from executions_app.adapters.recorded_http import RecordedHttp
from executions_app.adapters.respond import RespondAdapter
from executions_app.adapters.results import ResultsAdapter
from executions_app.adapters.seen import SeenAdapter
from executions_app.adapters.state import StateAdapter
from executions_app.adapters.tables import TablesAdapter
from executions_app.adapters.workflows import WorkflowsAdapter
from executions_app.runner.session import Session
from executions_app.webhook_answers import AWAITED_MODES
from pumpflix.lib.sandbox import CodePool
from workflows_app.engine.errors import Canceled, LeaseLost
from workflows_app.engine.plan import Compiled
from workflows_app.engine.ports import Http, Ports
from workflows_app.selectors.node_types import is_switched_on
from workflows_app.toolkit.redaction import Redactor

# A run that waits longer lets go of its worker: it cannot die with it, or start its wait again.
LONGEST_SLEEP_S = 1.0


@cache
def code_pool() -> CodePool:
    """The sandbox children of this process."""
    return CodePool(accept_reduced=settings.PUMPFLIX.sandbox_accept_reduced)


def sandbox_level() -> str:
    """How well this process locks code in, as far as it is known; empty before its first child."""
    return code_pool().known_level if code_pool.cache_info().currsize else ""


def live_ports(session: Session, compiled: Compiled) -> Ports:
    claim = session.claim
    if claim.cassette_ref:
        return sample_ports(session)
    redactor = Redactor()
    credentials = CredentialsAdapter(lambda node: compiled.workflow.node(node).credentials, claim.team_id, redactor)
    return replace(
        _common_ports(session),
        http=_live_http(session, redactor),
        state=giving_back(StateAdapter(session), session),
        seen=giving_back(SeenAdapter(session), session),
        results=giving_back(ResultsAdapter(session), session),
        credentials=giving_back(credentials, session),
        redact=redactor,
        tables=giving_back(TablesAdapter(session), session),
        files=giving_back(FilesAdapter(session), session),
        workflows=giving_back(WorkflowsAdapter(session, live_ports), session),
        mail=MailAdapter(session, ClockAdapter(session.wait_canceled), stop_if_over(session)),
        connect=RecordedConnect(ConnectAdapter(dialer(), session.barrier, stop_if_over(session)), session, redactor),
        commands=LiveCommands(session, stop_if_over(session)),
        permits=is_switched_on,
        longest_sleep_s=LONGEST_SLEEP_S,
    )


def sample_ports(session: Session) -> Ports:
    """Nothing that reaches a network or the team's own data is assembled, so nothing can."""
    recorded = orjson.loads(session.get_payload(session.claim.cassette_ref))
    ports = _common_ports(session)
    cassette = Cassette.read(recorded)
    stores = memory_stores(ports.payloads, recorded.get("tables"))
    outside = outside_of(cassette)
    return replace(ports, http=CassetteHttp(cassette), credentials=GivenCredentials(), **stores, **outside)


def _common_ports(session: Session) -> Ports:
    claim = session.claim
    is_awaited = claim.response_mode in AWAITED_MODES and not claim.has_response
    return Ports(
        clock=ClockAdapter(session.wait_canceled),
        code=CodeAdapter(code_pool(), str(claim.team_id), lambda: session.is_canceled),
        payloads=giving_back(PayloadsAdapter(session.put_payload, session.get_payload), session),
        respond=RespondAdapter(session.barrier, session.respond, is_awaited=is_awaited),
        is_canceled=lambda: session.is_canceled,
        team=str(claim.team_id),
    )


def _live_http(session: Session, redactor: Redactor) -> Http:
    adapter = HttpAdapter(
        outbound_client(),
        execution_id=str(session.claim.id),
        barrier=session.barrier,
        poll=stop_if_over(session),
        builtin={HOST: BuiltinHost()},
    )
    return RecordedHttp(adapter, session, redactor)


def stop_if_over(session: Session) -> Callable[[], None]:
    """What sockets call before their first byte and every second: raises when the run was canceled, or is another
    worker's, or may be by now."""

    def poll() -> None:
        if session.is_lost:
            raise LeaseLost
        if session.is_canceled:
            raise Canceled
        session.refuse_unheld()

    return poll
