"""P12: a live client that drops its connection every 0.3-3 s sees exactly the rows of the database, in their order,
while Redis is flushed and channels hold one message."""

import json
import time
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

import websocket

from pumpflix.lab.chaos.campaign import Campaign, Options, campaign
from pumpflix.lab.chaos.faults import InBackground
from pumpflix.lab.chaos.report import Verdict, percentile

AGAIN_S = 0.3
STEADY_S = 0.1
FOLLOW_S = 300.0
EVENTS = "SELECT seq, body FROM executions_app_executionevent WHERE execution_id = %s::uuid ORDER BY seq"


def run(options: Options) -> Verdict:
    rounds = 150 if options.is_ci else 1000
    with campaign(replace(options, planted="narrow-channels"), "live", lease_s=10.0) as it:
        workflow_id = it.client.deploy(chatty(rounds, it.book.url))
        verdict = Verdict("live", options.seed, executions=2)
        steady = follow(it, workflow_id, drops=False)
        dropping = follow(it, workflow_id, drops=True)
        for name, seen in (("a steady client", steady), ("a dropping client", dropping)):
            rows = [(seq, json.loads(bytes(body))) for seq, body in it.truth.rows(EVENTS, (seen.execution_id,))]
            numbers = [seq for seq, _ in seen.events]
            verdict.check(
                f"{name} sees the database's sequence", numbers == [seq for seq, _ in rows], difference(numbers, rows)
            )
            verdict.check(
                f"{name} sees what the rows say", [body for _, body in seen.events] == [body for _, body in rows]
            )
        late = percentile(steady.late_s, 0.95)
        verdict.check(f"a steady client hears within {STEADY_S} s", late < STEADY_S, round(late, 3))
        again = percentile(dropping.again_s, 0.95)
        verdict.check(f"first event within {AGAIN_S} s of a new connection", again < AGAIN_S, round(again, 3))
        verdict.figures |= {
            "events": len(dropping.events),
            "connections": dropping.connections,
            "flushes": sum(fault.kind == "flush" for fault in it.faults.log),
            "again_p95_s": round(again, 3),
            "late_p95_s": round(late, 3),
        }
        verdict.seconds = time.monotonic() - it.started_at
        return verdict


def chatty(rounds: int, ledger_url: str) -> dict[str, Any]:
    """A loop of so many rounds; each tells of three turns and a line of the log."""

    def node(name: str, kind: str, version: float, **parameters: Any) -> dict[str, Any]:
        place = {"id": name, "name": name, "typeVersion": version, "position": [0, 0]}
        return {**place, "type": f"n8n-nodes-base.{kind}", "parameters": parameters}

    hook = node("Webhook", "webhook", 2, httpMethod="POST", path="live", responseMode="onReceived", options={})
    many = node("Many", "code", 2, jsCode=f"return [...Array({rounds}).keys()].map((n) => ({{ json: {{ n }} }}));")
    say = node("Say", "code", 2, jsCode="console.log('round ' + $json.n); return $input.all();")
    wires = {"Webhook": "Many", "Many": "Loop", "Say": "Rest", "Rest": "Loop"}
    connections: dict[str, Any] = {
        one: {"main": [[{"node": other, "type": "main", "index": 0}]]} for one, other in wires.items()
    }
    connections["Loop"] = {"main": [[], [{"node": "Say", "type": "main", "index": 0}]]}
    loop = node("Loop", "splitInBatches", 3, batchSize=1, options={})
    rest = node("Rest", "httpRequest", 4.2, method="POST", url=f"{ledger_url}/live?delay_ms=15", options={})
    nodes = [hook, many, loop, say, rest]
    return {"name": "live", "nodes": nodes, "connections": connections, "settings": {"executionOrder": "v1"}}


@dataclass
class Seen:
    """What one client saw of one execution. `again_s`: from a connection to its first event, where one was due."""

    execution_id: str = ""
    events: list[tuple[int, Any]] = field(default_factory=list)
    again_s: list[float] = field(default_factory=list)
    late_s: list[float] = field(default_factory=list)
    connections: int = 0
    is_over: bool = False

    @property
    def last(self) -> int:
        return self.events[-1][0] if self.events else 0


def follow(it: Campaign, workflow_id: str, *, drops: bool) -> Seen:
    """Start a run and look at it to its end."""
    answers = it.client.start(workflow_id, {"body": {}}, key=f"live-{drops}")
    seen = Seen(answers.execution_id)
    flushing = InBackground(lambda: flush(it, seen)) if drops else None
    deadline = time.monotonic() + FOLLOW_S
    while not seen.is_over and time.monotonic() < deadline:
        look(it, seen, it.rng.uniform(0.3, 3.0) if drops else FOLLOW_S)
        time.sleep(0.2)
    seen.is_over = True
    if flushing is not None:
        flushing.wait()
    return seen


def flush(it: Campaign, seen: Seen) -> None:
    while not seen.is_over:
        time.sleep(it.rng.uniform(0.5, 2.0))
        it.faults.flush()


def look(it: Campaign, seen: Seen, seconds: float) -> None:
    """One connection, cut after that time."""
    began = time.monotonic()
    socket = websocket.create_connection(f"ws{it.stack.url.removeprefix('http')}/ws", timeout=10, suppress_origin=True)
    seen.connections += 1
    is_behind = (
        it.truth.value(
            "SELECT count(*) FROM executions_app_executionevent WHERE execution_id = %s::uuid AND seq > %s",
            (seen.execution_id, seen.last),
        )
        > 0
    )
    is_first = True
    try:
        socket.send(json.dumps({"type": "auth", "token": it.client.token}))
        told = {"type": "subscribe:execution", "executionId": seen.execution_id, "after": seen.last}
        socket.send(json.dumps(told))
        while time.monotonic() - began < seconds:
            line = heard(socket, seconds - (time.monotonic() - began))
            if line is None:
                return
            if line["type"] == "execution:logs":
                seen.events.append((line["seq"], line["event"]))
                seen.late_s.append(time.time() - datetime.fromisoformat(line["event"]["at"]).timestamp())
                if is_first and is_behind:
                    seen.again_s.append(time.monotonic() - began)
                is_first = False
            if line["type"] == "execution:complete":
                seen.is_over = True
                return
    finally:
        socket.close()


def heard(socket: websocket.WebSocket, seconds: float) -> Any:
    """The next line; None after that time, or when the connection is gone."""
    socket.settimeout(max(0.01, seconds))
    try:
        return json.loads(socket.recv())
    except (websocket.WebSocketException, OSError, ValueError):
        return None


def difference(numbers: list[int], rows: list[tuple[int, Any]]) -> dict[str, Any]:
    stored = [seq for seq, _ in rows]
    missing = sorted(set(stored) - set(numbers))
    return {
        "seen": len(numbers),
        "stored": len(stored),
        "missing": missing[:5],
        "repeated": len(numbers) - len(set(numbers)),
    }
