"""The cases of the conformance folder, run through the prelude alone.

``python -m pumpflix.lib.tests.prelude.conformance`` prints the score; the folder is ``../shared/conformance`` beside
the repository, or ``PUMPFLIX_CONFORMANCE``. Engine and nodes have no part in it.
"""

import importlib.util
import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

from pumpflix.lib.tests.prelude import realm
from pumpflix.lib.tests.prelude.n8n_scope import scope_of

Json = dict[str, Any]
_REPOSITORY = Path(__file__).resolve().parents[4]


def folder() -> Path | None:
    """The folder with the cases, if this machine has it."""
    found = Path(os.environ.get("PUMPFLIX_CONFORMANCE", _REPOSITORY.parent / "shared" / "conformance"))
    return found if (found / "score.py").exists() else None


def scorer(cases: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location("conformance_score", cases / "score.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def read_cases(cases: Path, tier: str) -> list[Json]:
    return [json.loads(line) for line in (cases / "dev" / f"{tier}.jsonl").read_text().splitlines()]


def _fixture(cases: Path, name: str) -> Any:
    return json.loads((cases / "dev" / "fixtures" / f"{name}.json").read_text())


def request_of(cases: Path, case: Json) -> Json:
    """The adapter request of an expression case: fixtures filled in."""
    request = {**case, **case["input"]}
    if "fixture" in case:
        request.update(_fixture(cases, case["fixture"]))
    for key in ("workflow", "run_data"):
        if isinstance(request.get(key), str):
            request[key] = _fixture(cases, request[key])
    return {**request, "expression": case["expression"]}


def answer(world: realm.Realm, request: Json) -> Json:
    """What an adapter would answer: ``{value}`` or ``{error}``."""
    data = scope_of(request)
    if isinstance(request["expression"], dict):
        template = "{{ $parameter.values }}"
    elif not request["expression"].startswith("="):
        return {"value": request["expression"]}
    else:
        template = request["expression"][1:]
    wanted = [[0, request.get("item_index", 0)]]
    head = realm.header([template], wanted=wanted, typed=True, now=request["now"], timezone=request["timezone"])
    result = world.evaluate(head, data)["results"][0]
    if "e" in result:
        return {"error": result["e"]}
    return {"value": result.get("v", {"$type": "undefined"})}


def code_answer(world: realm.Realm, case: Json) -> Json:
    """Runs the Code node of a case on its items, as if the trigger had passed them on."""
    nodes = {node["name"]: node for node in case["workflow"]["nodes"]}
    node = nodes[case["node"]]
    context = case["run_context"]
    stored = case.get("static_data") or {}
    data = {
        "node": node,
        "mode": "integrated",
        "items": case["items"],
        "nodes": {
            "Trigger": {
                "runs": [[case["items"]]],
                "executed": True,
                "parameters": nodes["Trigger"]["parameters"],
                "pairs": [{"run": 0, "output": 0, "item": index} for index in range(len(case["items"]))],
            }
        },
        "knownNodes": list(nodes),
        "prevNode": {"name": "Trigger", "outputIndex": 0, "runIndex": 0},
        "workflow": {key: case["workflow"].get(key) for key in ("id", "name", "active")},
        "execution": {"id": context["execution_id"], "mode": "test", "customData": {}},
        "vars": context["variables"],
        "env": (context["env"] or {}).get("env", {}),
        "envBlocked": bool(context["env"] and context["env"]["isEnvAccessBlocked"]),
        "staticData": {"global": stored.get("global", {}), "node": stored.get(f"node:{node['name']}", {})},
    }
    allowed = [context["runner"].get(key, "") for key in ("allowedBuiltInModules", "allowedExternalModules")]
    head = realm.code_header(
        node["parameters"]["jsCode"],
        mode=node["parameters"]["mode"],
        modules=[name for names in allowed for name in names.split(",") if name],
        typed=True,
    )
    result = world.run_code(head, data)
    if "error" in result:
        return {"status": "error", "error": result["error"]}
    output = result["output"]
    if node["parameters"]["mode"] == "runOnceForEachItem":
        failed = next((entry["error"] for entry in output if "error" in entry), None)
        if failed:
            return {"status": "error", "error": failed}
        output = [entry["output"] for entry in output]
    return {"status": "success", "nodes": {case["node"]: [[output]]}}


def failures(cases: Path, tier: str) -> Iterator[tuple[Json, str | None]]:
    """Each case of a tier with the reason why it fails, or None."""
    judge = scorer(cases).judge
    world = realm.Realm()
    for case in read_cases(cases, tier):
        reply = answer(world, request_of(cases, case)) if tier == "expressions" else code_answer(world, case)
        yield case, judge(case, reply, cases / "files", Path("/tmp"))


def main() -> None:
    cases = folder()
    if cases is None:
        sys.exit("no conformance folder here")
    for tier in sys.argv[1:] or ("expressions", "code"):
        results = list(failures(cases, tier))
        for case, reason in results:
            if reason:
                text = case.get("expression") or case["workflow"]["nodes"][1]["parameters"]["jsCode"]
                sys.stdout.write(f"  {case['id']}\n    {text!r}\n    {reason}\n")
        sys.stdout.write(f"{tier}: {sum(not reason for _, reason in results)}/{len(results)}\n")


if __name__ == "__main__":
    main()
