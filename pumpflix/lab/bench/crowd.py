"""A hundred executions at once, fifty nodes each, an item of 1 MB in each of them, while somebody uses the API."""

import json
import random
import threading
import time
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from pumpflix.lab.bench import meter
from pumpflix.lab.bench.api import Caller
from pumpflix.lab.bench.load import Answers, Load, send
from pumpflix.lab.bench.stack import Stack

NAME = "bench_crowd"
EXECUTIONS = 100
NODES = 50
CODE_EVERY = 10
ITEM_BYTES = 1_000_000
ROW_BYTES = 500
PATIENCE_S = 240.0
PAUSE_S = 0.05


@dataclass(frozen=True, slots=True)
class Crowd:
    """`node_ms` is the 95th percentile of what a node took, waiting included."""

    accepted: int
    succeeded: int
    seconds: float
    pss_mib: float
    api: Answers
    node_ms: float
    restarts: int


def graph() -> dict[str, Any]:
    """Webhook, then Set nodes that keep the item and add a field; every tenth is a Code node that makes it anew."""
    nodes = [
        node("Webhook", "webhook", 2.1, {"httpMethod": "POST", "path": NAME, "responseMode": "onReceived"}, 0),
        *(code(place) if place % CODE_EVERY == 0 else field(place) for place in range(1, NODES)),
    ]
    return chain(NAME, nodes)


def chain(name: str, nodes: list[dict[str, Any]]) -> dict[str, Any]:
    """A workflow of these nodes, one behind the other."""
    wires = {
        one["name"]: {"main": [[{"node": other["name"], "type": "main", "index": 0}]]} for one, other in pairwise(nodes)
    }
    return {"name": name, "nodes": nodes, "connections": wires, "settings": {"executionOrder": "v1"}}


def node(name: str, kind: str, version: float, parameters: dict[str, Any], place: int) -> dict[str, Any]:
    return {
        "id": f"crowd-{place}",
        "name": name,
        "type": f"n8n-nodes-base.{kind}",
        "typeVersion": version,
        "position": [220 * place, 0],
        "parameters": parameters,
    }


def field(place: int) -> dict[str, Any]:
    entry = {
        "id": str(place),
        "name": f"step{place}",
        "type": "number",
        "value": f"={{{{ $json.body.first + {place} }}}}",
    }
    parameters = {"assignments": {"assignments": [entry]}, "includeOtherFields": True, "options": {}}
    return node(f"Step {place}", "set", 3.4, parameters, place)


def code(place: int) -> dict[str, Any]:
    text = "for (const item of $input.all()) item.json.body.rows[0].seen = Date.now();\nreturn $input.all();"
    return node(f"Step {place}", "code", 2, {"jsCode": text}, place)


def body() -> bytes:
    """JSON of a megabyte that does not shrink to nothing when it is compressed."""
    chance = random.Random(5)  # noqa: S311 - the same every time
    rows = [
        {"id": number, "amount": chance.random(), "text": chance.randbytes(ROW_BYTES // 2 - 40).hex()}
        for number in range(ITEM_BYTES // ROW_BYTES)
    ]
    return json.dumps({"first": 1, "rows": rows}).encode()


def gather(stack: Stack, key: str) -> Crowd:
    """Send them all at once and watch until the last is over."""
    began = time.perf_counter()
    reader = Reader(stack, key)
    before = stack.over()
    with meter.peak(stack.roots) as peak:
        reader.start()
        answers = send(Load(stack.hook(NAME), EXECUTIONS, PATIENCE_S, EXECUTIONS, body()))
        until = time.monotonic() + PATIENCE_S
        while stack.over() < before + answers.good and time.monotonic() < until:
            time.sleep(0.2)
        seconds = time.perf_counter() - began
        reader.stop()
    found = stack.inside("crowd", NAME)
    return Crowd(
        answers.good,
        found["succeeded"],
        seconds,
        peak.mib,
        reader.answers,
        found["nodeMs"],
        stack.log.read_text(errors="replace").count('"child_ended"'),
    )


class Reader(threading.Thread):
    """Somebody who looks at lists and runs meanwhile, twenty times a second at most."""

    def __init__(self, stack: Stack, key: str) -> None:
        super().__init__(daemon=True)
        self._caller = Caller(stack.url, key)
        self._over = threading.Event()
        self.answers = Answers()

    def run(self) -> None:
        while not self._over.wait(PAUSE_S):
            self._caller.read_one(self.answers)

    def stop(self) -> None:
        self._over.set()
        self.join()
