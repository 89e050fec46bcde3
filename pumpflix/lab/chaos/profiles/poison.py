"""P17: workflows that harm whoever runs them, one after the other and then all at once. Each ends with a named error
soon after its limit, no worker dies of it, and a neighbour's runs keep their pace."""

import base64
import gzip
import time
from dataclasses import dataclass
from typing import Any

from pumpflix.lab.chaos.campaign import Campaign, Options, campaign
from pumpflix.lab.chaos.client import Client
from pumpflix.lab.chaos.report import Verdict, percentile
from pumpflix.lab.chaos.single import after_start
from pumpflix.lab.chaos.workload import Graph

LIMIT_S = 4.0
AFTER_LIMIT_S = 2.0
PATIENCE_S = 60.0
SLOWER = 1.5
LEAST_S = 0.25
"""Runs that take less than this are quick enough beside any bomb; a ratio of a few milliseconds says nothing."""

JAVASCRIPT = {
    "loop": "while (true) {}",
    "memory": "const all = []; while (true) all.push({ a: 1, b: [all.length] });",
    "10 GB at once": "const all = []; while (true) all.push(new Uint8Array(1e9).fill(1));",
    "console": "for (let i = 0; i < 1e5; i++) console.log('x'.repeat(1000)); while (true) {}",
    "a million items": "return [...Array(1e6).keys()].map((n) => ({ json: { n, text: 'x'.repeat(100) } }));",
    "regular expression": "return [{ json: { a: /^(a+)+$/.test('a'.repeat(40) + '!') } }];",
    "sleep": "await new Promise(() => {}); return [];",
    "exit": "process.exit(1);",
    "deep": "let a = []; for (let i = 0; i < 1e5; i++) a = [a]; return [{ json: { a } }];",
}
PYTHON = {
    "fork bomb": "import os\nwhile True:\n    try:\n        os.fork()\n    except OSError:\n        pass",
    "python sleep": "import time\ntime.sleep(10**9)",
    "python exit": "import os\nos._exit(1)",
    "segmentation fault": "import ctypes\nctypes.string_at(0)",
    "python memory": "all = []\nwhile True: all.append('x' * 1000000 + str(len(all)))",
}
LAUGHS = '<!DOCTYPE l [<!ENTITY a "ha">{}]><l>&z;</l>'.format(
    "".join(f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 10}">' for n in range(25))
)
NEIGHBOUR = "return $input.all().map((item) => ({ json: { n: 1 } }));"
MAY_SUCCEED = {"a million items", "deep"}

ENDED = """
SELECT e.status, e.reason, e.error_code, extract(epoch FROM e.finished_at - e.started_at)::float8
  FROM executions_app_execution e
 WHERE e.workflow_id = %s AND e.finished_at IS NOT NULL ORDER BY e.created_at DESC LIMIT 1
"""
TOOK = """
SELECT extract(epoch FROM finished_at - created_at)::float8 FROM executions_app_execution
 WHERE workflow_id = %s AND status = 'success' AND created_at > to_timestamp(%s)
"""


@dataclass(frozen=True)
class Poison:
    name: str
    workflow_id: str
    items: tuple[dict[str, Any], ...] = ({"json": {}},)


def run(options: Options) -> Verdict:
    # Of fewer, the 95th percentile would be the two that meet the first second of all bombs.
    beside = options.count(100, 100)
    with campaign(options, "poison", lease_s=10.0) as it:
        poisons = deploy(it)
        neighbour = it.new_client("neighbour")
        calm = neighbour.deploy(small())
        alone = paces(it, neighbour, calm, beside)
        before = {one.pid for one in it.stack.workers()}
        verdict = Verdict("poison", options.seed, executions=len(poisons) * 2 + 2 * beside)
        for poison in poisons if not options.is_ci else poisons[::3]:
            swallow(it, poison)
            check(it, verdict, poison)
        for poison in poisons:
            swallow(it, poison)
        together = paces(it, neighbour, calm, beside)
        it.wait_quiet(PATIENCE_S * 2)
        for poison in poisons:
            check(it, verdict, poison)
        judge_rest(verdict, alone, together)
        verdict.check("no worker died", before == {one.pid for one in it.stack.workers()})
        neighbour.close()
        end = it.judge([])
        verdict.wrong += end.wrong
        verdict.seconds = end.seconds
        return verdict


def judge_rest(verdict: Verdict, alone: list[float], together: list[float]) -> None:
    slow, usual = percentile(together, 0.95), percentile(alone, 0.95)
    verdict.figures |= {"alone_p95_s": round(usual, 3), "beside_p95_s": round(slow, 3)}
    verdict.check(f"the neighbour is at most {SLOWER} times slower", slow < max(LEAST_S, SLOWER * usual), (usual, slow))


def deploy(it: Campaign) -> list[Poison]:
    deployed = [Poison(name, it.client.deploy(code(name, text))) for name, text in JAVASCRIPT.items()]
    deployed += [Poison(name, it.client.deploy(code(name, text, "python"))) for name, text in PYTHON.items()]
    deployed.append(Poison("billion laughs", it.client.deploy(one("billion laughs", "xml", 1, {})), (xml(),)))
    zipped = {"operation": "decompress", "binaryPropertyName": "data"}
    deployed.append(Poison("zip bomb", it.client.deploy(one("zip bomb", "compression", 1.1, zipped)), (bomb(),)))
    return deployed + endless(it)


def endless(it: Campaign) -> list[Poison]:
    """Workflows that come back to themselves, by their drafts, and one that calls its own server."""
    itself, one_way, other_way = (it.client.deploy(one(name, "noOp", 1, {}), publish=False) for name in "abc")
    for workflow_id, called in ((itself, itself), (one_way, other_way), (other_way, one_way)):
        graph = one("calls", "executeWorkflow", 1.2, calling(called))
        it.client.call("PATCH", f"/api/workflows/{workflow_id}", {"graph": graph}).raise_for_status()
    own = it.client.deploy(one("calls its own address", "httpRequest", 4.2, {"url": f"{it.stack.url}/webhook/poison"}))
    return [
        Poison("calls itself", itself),
        Poison("two that call each other", one_way),
        Poison("calls its own address", own),
    ]


def calling(workflow_id: str) -> dict[str, Any]:
    return {"workflowId": {"__rl": True, "mode": "id", "value": workflow_id}, "options": {}}


def code(name: str, text: str, language: str = "javaScript") -> Graph:
    field = "pythonCode" if language == "python" else "jsCode"
    return one(name, "code", 2, {"language": language, field: text})


def small() -> Graph:
    return code("small", NEIGHBOUR)


def one(name: str, kind: str, version: float, parameters: dict[str, Any]) -> Graph:
    return after_start(f"poison {name}", kind, version, parameters, pumpflix={"timeoutS": LIMIT_S})


def xml() -> dict[str, Any]:
    return {"json": {"data": LAUGHS}}


def bomb() -> dict[str, Any]:
    """Half a megabyte, as much as a request may bring, that becomes half a gigabyte."""
    data = base64.b64encode(gzip.compress(bytes(2**29), 9, mtime=0)).decode()
    return {"json": {}, "binary": {"data": {"data": data, "mimeType": "application/gzip", "fileName": "bomb.gz"}}}


def swallow(it: Campaign, poison: Poison) -> None:
    path = f"/api/workflows/{poison.workflow_id}/execute"
    it.client.call("POST", path, {"items": list(poison.items)}).raise_for_status()


def check(it: Campaign, verdict: Verdict, poison: Poison) -> None:
    it.wait_quiet(PATIENCE_S)
    found = it.truth.rows(ENDED, (poison.workflow_id,))
    if not found:
        verdict.check(f"{poison.name} ends", False, "it still runs")
        return
    status, _, error, seconds = found[0]
    verdict.figures.setdefault("ends", {})[poison.name] = [error or status, round(seconds, 1)]
    is_named = (status == "error" and bool(error)) or (status == "success" and poison.name in MAY_SUCCEED)
    verdict.check(f"{poison.name} ends with a named error", is_named, (status, error))
    verdict.check(f"{poison.name} ends in time", seconds <= LIMIT_S + AFTER_LIMIT_S, round(seconds, 1))


def paces(it: Campaign, client: Client, workflow_id: str, count: int) -> list[float]:
    """Seconds from the start of each run to its end, one after the other."""
    began = it.truth.now()
    for number in range(count):
        client.start(workflow_id, {}, key=f"pace-{began}-{number}")
    deadline = time.monotonic() + PATIENCE_S
    while len(found := it.truth.rows(TOOK, (workflow_id, began))) < count and time.monotonic() < deadline:
        time.sleep(0.2)
    return [row[0] for row in found]
