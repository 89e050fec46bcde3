"""Run a workflow file without a server and without a database, or answer conformance cases line by line."""

import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from executions_app.adapters.code import CodeAdapter
from executions_app.adapters.commands import ShellCommands, command_folder
from executions_app.adapters.connect import ConnectAdapter, dialer
from executions_app.adapters.http import HttpAdapter, outbound_client
from executions_app.adapters.local import (
    GivenCredentials,
    KeptResponse,
    MemoryPayloads,
    MemoryState,
    SystemClock,
    memory_stores,
)  # fmt: skip
from executions_app.conformance import Answerer, case_registry
from pumpflix.lib.sandbox import CodePool
from workflows_app.engine.errors import PumpFlixError
from workflows_app.engine.events import (
    Event,
    ExecutionFinished,
    ExecutionStarted,
    ExecutionWaiting,
    LogWritten,
    NodeRunFailed,
    NodeRunFinished,
    NodeRunRetried,
)  # fmt: skip
from workflows_app.engine.items import Items, items_from_json, items_to_json
from workflows_app.engine.json_text import dumps, loads
from workflows_app.engine.plan import compile_workflow, make_plan, pinned_items
from workflows_app.engine.ports import Ports
from workflows_app.engine.run import run
from workflows_app.engine.workflow import Workflow
from workflows_app.nodes import load
from workflows_app.selectors.node_types import is_switched_on


class Command(BaseCommand):
    help = "Run a workflow file and print what happens; with --jsonl answer cases from standard input."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", nargs="?", type=Path, help="a workflow as n8n exports it")
        parser.add_argument("--items", type=Path, help="a JSON list of items for the start node")
        parser.add_argument("--start", help="name of the node to start from")
        parser.add_argument("--to", help="name of the node to stop after")
        parser.add_argument(
            "--pinned", action="store_true", help="use the file's pinned data instead of running those nodes"
        )
        parser.add_argument("--jsonl", action="store_true", help="answer conformance cases, one JSON object a line")

    def handle(self, *args: Any, **options: Any) -> None:
        pool = CodePool(accept_reduced=settings.PUMPFLIX.sandbox_accept_reduced)
        try:
            if options["jsonl"]:
                self.answer_cases(pool)
            elif options["file"] is None:
                raise CommandError("Name a workflow file, or pass --jsonl.")
            else:
                self.run_file(pool, options)
        finally:
            pool.close()

    def answer_cases(self, pool: CodePool) -> None:
        answerer = Answerer(pool, case_registry(load()))
        for line in sys.stdin.buffer:
            if line.strip():
                sys.stdout.buffer.write(dumps(answerer.answer(loads(line))) + b"\n")
                sys.stdout.buffer.flush()

    def run_file(self, pool: CodePool, options: dict[str, Any]) -> None:
        try:
            workflow = Workflow.from_n8n(read_json(options["file"]))
            plan = make_plan(
                compile_workflow(workflow, load()),
                start=options["start"],
                items=read_items(options["items"]),
                destination=options["to"],
                pinned=pinned_items(workflow) if options["pinned"] else {},
            )
        except PumpFlixError as error:
            raise CommandError(error.message) from error
        last: Event | None = None
        for last in run(plan, local_ports(pool)):
            line = describe(last)
            if line:
                self.stdout.write(line)
        if not isinstance(last, ExecutionFinished) or last.status == "error":
            raise CommandError("The run did not finish.")
        for number, items in enumerate(last.outputs or []):
            self.stdout.write(f"output {number} of {last.last_node}: {dumps(items_to_json(items)).decode()}")


def local_ports(pool: CodePool) -> Ports:
    """Real time, real requests under the outbound policy, everything else in memory."""
    payloads = MemoryPayloads()
    return Ports(
        clock=SystemClock(),
        code=CodeAdapter(pool, team="local"),
        payloads=payloads,
        http=HttpAdapter(outbound_client(), execution_id="local"),
        state=MemoryState(),
        credentials=GivenCredentials(),
        respond=KeptResponse(),
        connect=ConnectAdapter(dialer()),
        commands=ShellCommands(command_folder()),
        permits=is_switched_on,
        **memory_stores(payloads),
    )


def read_json(path: Path) -> Any:
    try:
        return loads(path.read_bytes())
    except OSError as error:
        raise CommandError(f"{path} cannot be read: {error.strerror}.") from error
    except ValueError as error:
        raise CommandError(f"{path} is not JSON: {error}.") from error


def read_items(path: Path | None) -> Items | None:
    """Items as n8n writes them; plain objects are taken as their JSON."""
    if path is None:
        return None
    raw = read_json(path)
    entries = raw if isinstance(raw, list) else [raw]
    return items_from_json([entry if "json" in entry else {"json": entry} for entry in entries])


def describe(event: Event) -> str:
    """One line for people; empty for events that say nothing new."""
    match event:
        case ExecutionStarted():
            return f"started at {event.start_node}"
        case NodeRunFinished():
            counts = "no data" if event.outputs is None else ", ".join(str(len(items)) for items in event.outputs)
            failed = f" (failed, went on: {event.error['message']})" if event.error else ""
            return f"{event.order:>4}  {event.node}  -> {counts}  {event.duration_ms:.1f} ms{failed}"
        case NodeRunFailed():
            return (
                f"{event.order:>4}  {event.node}  FAILED: {event.error['message']} {event.error.get('description', '')}"
            )
        case NodeRunRetried():
            return f"      {event.node}  try {event.attempt} failed, next in {event.delay_s:.1f} s"
        case LogWritten():
            return f"      {event.node}  {event.level}: {event.text}"
        case ExecutionWaiting():
            return f"      {event.node}  waits ({event.reason}) until {event.resume_at or 'it is called'}"
        case ExecutionFinished():
            return f"finished: {event.status}"
    return ""
