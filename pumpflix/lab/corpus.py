"""Real workflows through import, export and a run: `python -m pumpflix.lab.corpus FOLDER`.

Every file is imported with repair on; what is exported must equal what came in, up to the order of keys and the listed
normalisations (credential ids taken off, loose wires cut). Every workflow made of native nodes alone is then run in
this process from its pinned data, or from generated input, with no network. A run may fail, for most need a service;
it may not end in an error that is ours. The last line is for scripts.
"""

import os
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import django
import orjson

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "pumpflix.settings")
django.setup()

from pumpflix.lab.corpus_run import outcome_of_run  # noqa: E402 - Django must be set up first
from workflows_app.services import imports  # noqa: E402

TIME_LIMIT_S = 20.0


def main(folder: Path) -> int:
    counts: Counter[str] = Counter()
    for path in sorted(folder.glob("*.json")):
        counts["files"] += 1
        report = imports.read(path.read_bytes(), repair=True)
        if report.graph is None:
            counts["damaged"] += 1
            say(f"damaged   {path.name}: {report.problems[0].path}: {report.problems[0].message}")
            continue
        counts["imported"] += 1
        if report.graph == normalised(orjson.loads(path.read_bytes()), report):
            counts["round trip"] += 1
        else:
            say(f"changed   {path.name}")
        if report.verdict != "Runs now":
            continue
        counts["native"] += 1
        outcome, detail = outcome_of_run(report.graph, TIME_LIMIT_S)
        counts[outcome] += 1
        if outcome != "success":
            say(f"{outcome:<9} {path.name}: {detail}")
    words = ("files", "imported", "damaged", "round trip", "native", "success", "waiting", "error", "unhandled")
    say("corpus: " + ", ".join(f"{counts[word]} {word}" for word in words))
    return 1 if counts["unhandled"] or counts["round trip"] != counts["imported"] else 0


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")


def normalised(raw: Any, report: Any) -> Any:
    """What came in, with the listed normalisations applied by a second, independent hand."""
    names = {node["name"] for node in raw["nodes"]}
    nodes = [without_ids(node) if is_listed(node["name"], report.changes) else node for node in raw["nodes"]]
    out = {**raw, "nodes": nodes}
    if "connections" in raw:
        out["connections"] = tied(raw["connections"], names)
    return out


def is_listed(name: str, changes: list[str]) -> bool:
    return any(line.startswith(f"{name}: credential ") for line in changes)


def without_ids(node: dict[str, Any]) -> dict[str, Any]:
    kept = {
        kind: {"id": None, "name": value.get("name") or ""} if isinstance(value, dict) else {"id": None, "name": ""}
        for kind, value in node["credentials"].items()
    }
    return {**node, "credentials": kept}


def tied(connections: Any, names: set[str]) -> Any:
    if not isinstance(connections, dict):
        return {}
    return {
        source: {
            kind: [
                [wire for wire in wires if wire["node"] in names] if isinstance(wires, list) else wires
                for wires in outputs
            ]
            for kind, outputs in by_type.items()
        }
        for source, by_type in connections.items()
        if source in names
    }


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("Name the folder: python -m pumpflix.lab.corpus FOLDER")
    sys.exit(main(Path(sys.argv[1])))
