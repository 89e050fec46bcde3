"""P21: code that sets globals, patches prototypes and modules and leaves timers behind. No later run, of the same team
or another, sees any of it."""

import itertools
from typing import Any

import orjson

from executions_app import payload_codec
from pumpflix.lab.chaos.campaign import Campaign, Options, campaign
from pumpflix.lab.chaos.report import Verdict
from pumpflix.lab.chaos.workload import Graph

JAVASCRIPT = """
const seen = [];
if (typeof globalThis.__left !== 'undefined') seen.push('global');
if (({}).polluted !== undefined) seen.push('prototype');
if ([3].map((n) => n)[0] !== 3) seen.push('map');
if (JSON.stringify({ a: 1 }) !== '{"a":1}') seen.push('stringify');
if (Math.left || Date.left || Object.left) seen.push('intrinsic');
if (typeof _ !== 'undefined' && _.left) seen.push('lodash');
const spoil = (work) => { try { work(); } catch (error) { /* refused */ } };
spoil(() => { globalThis.__left = 'mine'; });
spoil(() => { Object.prototype.polluted = 'mine'; });
spoil(() => { Array.prototype.map = () => ['mine']; });
spoil(() => { JSON.stringify = () => 'mine'; });
spoil(() => { Math.left = Date.left = Object.left = 'mine'; });
spoil(() => { _.left = 'mine'; });
spoil(() => { setTimeout(() => { globalThis.__left = 'late'; }, 1); });
spoil(() => { Promise.resolve().then(function again() { globalThis.__left = 'late'; }); });
return [{ json: { seen } }];
"""
PYTHON = """
import builtins, json, sys, os, threading
seen = []
if getattr(builtins, 'left', None): seen.append('builtin')
if getattr(json, 'left', None): seen.append('module')
if 'planted' in sys.modules: seen.append('sys.modules')
if os.environ.get('LEFT'): seen.append('environment')
if os.path.exists('/tmp/left'): seen.append('file')
builtins.left = json.left = 'mine'
sys.modules['planted'] = json
os.environ['LEFT'] = 'mine'
try:
    open('/tmp/left', 'w').write('mine')
except Exception:
    pass
try:
    threading.Thread(target=lambda: [None for _ in iter(int, 1)], daemon=True).start()
except Exception:
    pass
return [{'json': {'seen': seen}}]
"""
OUTPUTS = """
    SELECT n.node, n.output FROM executions_app_noderun n
     WHERE n.status = 'success' AND n.node = ANY(ARRAY['JavaScript', 'Python', 'Expression'])
"""
EXPRESSION = "={{ [({}).polluted, globalThis.__left, [3].map((n) => n)[0] === 3].join() }}"


def run(options: Options) -> Verdict:
    count = options.count(340, 24)
    with campaign(options, "bleed", lease_s=10.0) as it:
        other = it.new_client("neighbour")
        workflows = [(client, client.deploy(graph())) for client in (it.client, other)]
        for number, (client, workflow_id) in enumerate(itertools.islice(itertools.cycle(workflows), count)):
            client.start(workflow_id, {"body": {}}, key=f"bleed-{number}")
        it.wait_quiet(240)
        verdict = it.judge([])
        verdict.executions = count
        check(it, verdict, count)
        other.close()
        return verdict


def graph() -> Graph:
    """Three kinds of code of an author, one after the other."""
    fields = {"assignments": [{"id": "1", "name": "seen", "type": "string", "value": EXPRESSION}]}
    kinds: list[tuple[str, str, float, dict[str, Any]]] = [
        ("Start", "manualTrigger", 1, {}),
        ("JavaScript", "code", 2, {"jsCode": JAVASCRIPT}),
        ("Python", "code", 2, {"language": "python", "pythonCode": PYTHON}),
        ("Expression", "set", 3.4, {"mode": "manual", "assignments": fields, "options": {}}),
    ]
    nodes = [
        {
            "id": name,
            "name": name,
            "type": f"n8n-nodes-base.{kind}",
            "typeVersion": version,
            "position": [0, 0],
            "parameters": parameters,
        }
        for name, kind, version, parameters in kinds
    ]
    wires = {
        one[0]: {"main": [[{"node": other[0], "type": "main", "index": 0}]]} for one, other in itertools.pairwise(kinds)
    }
    return {"name": "bleed", "nodes": nodes, "connections": wires, "settings": {"executionOrder": "v1"}}


def check(it: Campaign, verdict: Verdict, count: int) -> None:
    rows = it.truth.rows(OUTPUTS)
    found = [(node, orjson.dumps(payload_codec.decode(output)[0][0]["json"]["seen"]).decode()) for node, output in rows]
    clean = {"JavaScript": "[]", "Python": "[]", "Expression": '",,true"'}
    dirty = [one for one in found if one[1] != clean[one[0]]]
    verdict.check("all of them ran", len(rows) == 3 * count, len(rows))
    verdict.check("nobody sees what others left", not dirty, dirty[:5])
    verdict.figures |= {"pieces_of_code": len(rows)}
