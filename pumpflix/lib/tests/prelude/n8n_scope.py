"""Builds the scope of a conformance case from n8n's run data, the way the engine builds it for a run of its own."""

from typing import Any

Json = dict[str, Any]


def scope_of(case: Json) -> Json:
    """The ``data`` part of a call for one expression case (an adapter request, fixtures filled in)."""
    workflow = case.get("workflow") or {"nodes": [{"name": case["node"], "parameters": _own_parameters(case)}]}
    nodes = {node["name"]: node for node in workflow["nodes"]}
    runs = _run_data(case)
    pinned = (workflow.get("pinData") or {}) if case.get("mode") == "manual" else {}
    options = case.get("options") or {}
    current = nodes.get(case["node"], {"name": case["node"]})
    items = _items(case)
    return {
        "node": current,
        "runIndex": case.get("run_index", 0),
        "mode": case.get("mode", "manual"),
        "items": items,
        "nodes": {name: _node(case, workflow, runs, pinned, node, items) for name, node in nodes.items()},
        "knownNodes": list(nodes),
        "prevNode": _previous(case, runs),
        "workflow": {key: workflow.get(key) for key in ("id", "name", "active")},
        "execution": {"id": "1", "mode": "test", "customData": {}},
        "missing": "undefined" if options.get("throwOnMissingExecutionData") is False else "throw",
        "additionalKeys": case.get("additional_keys") or {},
        "siblingParameters": case.get("sibling_parameters") or {},
        "aiInput": _ai_input(case, runs),
        "agentInfo": _agent_info(workflow, case["node"]),
    }


def _own_parameters(case: Json) -> Json:
    return {"values": case["expression"]} if isinstance(case["expression"], dict) else {}


def _items(case: Json) -> list[Json]:
    if case.get("item_index", 0) < 0:
        return []
    items = case.get("items") or []
    return [{key: value for key, value in item.items() if not _is_undefined(value)} for item in items]


def _is_undefined(value: Any) -> bool:
    return isinstance(value, dict) and value.get("$type") == "undefined"


def _run_data(case: Json) -> Json:
    data = case.get("run_data") or {}
    return (data.get("resultData") or {}).get("runData") or {}


def _outputs(task: Json) -> list[Any]:
    return (task.get("data") or {}).get("main") or []


def _node(case: Json, workflow: Json, runs: Json, pinned: Json, node: Json, items: list[Json]) -> Json:
    name = node["name"]
    if name in pinned:
        return {"runs": [[pinned[name]]], "executed": True, "parameters": node.get("parameters", {})}
    output = default_output(workflow, case["node"], name)
    entry: Json = {
        "runs": [_outputs(task) for task in runs.get(name, [])],
        "executed": name in runs,
        "parameters": node.get("parameters", {}),
        "defaultOutput": output or 0,
        "executeOnce": bool(node.get("executeOnce")),
    }
    if case.get("execute_data"):
        entry["pairs"] = [_pair(case, runs, name, index) for index in range(len(items))]
    return entry


def default_output(workflow: Json, current: str, name: str) -> int | None:
    """The output of ``name`` by which it leads to ``current``, nearest way first."""
    parents: dict[str, list[tuple[str, int]]] = {}
    for source, by_type in workflow.get("connections", {}).items():
        for index, targets in enumerate(by_type.get("main") or []):
            for target in targets or []:
                parents.setdefault(target["node"], []).append((source, index))
    waiting, seen = [current], {current}
    while waiting:
        for source, index in parents.get(waiting.pop(0), []):
            if source == name:
                return index
            if source not in seen:
                seen.add(source)
                waiting.append(source)
    return None


def _pair(case: Json, runs: Json, wanted: str, index: int) -> Json | None:
    """Follows the paired items from an input item back to the node that is wanted."""
    sources = (case["execute_data"].get("source") or {}).get("main") or []
    paired = case["items"][index].get("pairedItem")
    for _ in range(len(runs) + 1):
        place = paired.get("item", 0) if isinstance(paired, dict) else paired
        source = _source(sources, paired)
        if source is None or place is None:
            return None
        name, run, output = (
            source["previousNode"],
            source.get("previousNodeRun", 0),
            source.get("previousNodeOutput", 0),
        )
        if name == wanted:
            return {"run": run, "output": output, "item": place}
        task = runs[name][run]
        paired = _outputs(task)[output][place].get("pairedItem")
        sources = task.get("source") or []
    return None


def _source(sources: list[Any], paired: Any) -> Json | None:
    place = paired.get("input", 0) if isinstance(paired, dict) else 0
    found = sources[place] if place < len(sources) else None
    return found or next((source for source in sources if source), None)


def _previous(case: Json, runs: Json) -> Json | None:
    sources = ((case.get("execute_data") or {}).get("source") or {}).get("main")
    if sources is None:
        tasks = runs.get(case["node"]) or [{}]
        sources = tasks[-1].get("source") or []
    source = next((source for source in sources if source), None)
    if source is None:
        return None
    place = {"outputIndex": source.get("previousNodeOutput", 0), "runIndex": source.get("previousNodeRun", 0)}
    return {"name": source["previousNode"], **place}


def _ai_input(case: Json, runs: Json) -> Json | None:
    tasks = runs.get(case["node"]) or []
    index = case.get("run_index", 0)
    override = (tasks[index].get("inputOverride") if index < len(tasks) else None) or {}
    return override["ai_tool"][0][0]["json"] if "ai_tool" in override else None


def _agent_info(workflow: Json, name: str) -> Json | None:
    """What ``$agentInfo`` says of an agent: its memory, and the tools of the workflow with what the model fills in."""
    nodes = {node["name"]: node for node in workflow["nodes"]}
    if "agent" not in nodes.get(name, {}).get("type", ""):
        return None
    connections = workflow.get("connections", {})

    def leads_here(source: str, kind: str) -> bool:
        targets = (connections.get(source) or {}).get(kind) or []
        return any(target["node"] == name for output in targets for target in output or [])

    tools = [node for node in nodes.values() if "ai_tool" in (connections.get(node["name"]) or {})]
    tools.sort(key=lambda node: not leads_here(node["name"], "ai_tool"))
    return {
        "memoryConnectedToAgent": any(leads_here(source, "ai_memory") for source in connections),
        "tools": [_tool(node, leads_here(node["name"], "ai_tool")) for node in tools],
    }


def _tool(node: Json, is_connected: bool) -> Json:
    parameters = node.get("parameters", {})
    resource, operation = parameters.get("resource"), parameters.get("operation")
    return {
        "name": node["name"],
        "type": node["name"],
        "connected": is_connected,
        "resource": resource,
        "operation": operation,
        "hasCredentials": bool(node.get("credentials")),
        "aiDefinedFields": sorted(
            key.title() for key, value in parameters.items() if isinstance(value, str) and "$fromAI(" in value
        ),
    }
