"""Import: text in, a report out. Nothing is stored before `create`, and no input ends without a report."""

import json
import math
from dataclasses import dataclass, field
from typing import Any

from accounts.models import Team, User
from workflows_app import nodes
from workflows_app.engine.errors import Problem, WorkflowInvalid
from workflows_app.engine.workflow import Workflow as Graph
from workflows_app.engine.workflow import shape_problems
from workflows_app.models import Workflow
from workflows_app.selectors.node_types import is_switched_on
from workflows_app.services import workflows
from workflows_app.toolkit.compat import NodeVerdict, in_words, verdicts

MAX_IMPORT_BYTES = 10 * 1024 * 1024
MAX_DEPTH = 64
LOOSE_WIRE = ("unknown_source", "unknown_target")
EXCERPT = 60


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What an input is. `graph` is None when it cannot be imported as it is; `changes` lists what was altered on the
    way; `is_repairable` says that `read(source, repair=True)` could import it."""

    graph: dict[str, Any] | None
    problems: list[Problem]
    name: str = ""
    verdicts: list[NodeVerdict] = field(default_factory=list)
    changes: list[str] = field(default_factory=list)
    credentials: list[str] = field(default_factory=list)
    is_repairable: bool = False

    @property
    def verdict(self) -> str:
        return in_words(self.verdicts)

    @property
    def is_importable(self) -> bool:
        return self.graph is not None

    @property
    def placeholders(self) -> list[NodeVerdict]:
        return [verdict for verdict in self.verdicts if verdict.verdict in ("placeholder", "swap")]


def read(source: str | bytes, *, repair: bool = False) -> ImportReport:
    """Judge one input: size, encoding, JSON, shape, nodes, wires. `repair` cuts wires to nowhere and lists them."""
    if len(source) > MAX_IMPORT_BYTES:
        text = f"The input has {len(source) / 1_048_576:.1f} MB; at most {MAX_IMPORT_BYTES // 1_048_576} MB are read."
        return ImportReport(None, [Problem("$", text, "too_large")])
    try:
        text = source.decode("utf-8-sig") if isinstance(source, bytes) else source.lstrip("\ufeff")
    except UnicodeDecodeError as error:
        return ImportReport(None, [Problem("$", f"Not UTF-8 text: byte {error.start} is not valid.", "not_utf8")])
    raw, problem = parse(text)
    if problem is not None:
        return ImportReport(None, [problem])
    return judge(raw, repair=repair)


def parse(text: str) -> tuple[Any, Problem | None]:
    """The JSON value, or one problem with line, column and an excerpt."""
    if not text.strip():
        return None, Problem("$", "The input is empty. Paste a workflow's JSON or choose a file.", "empty")
    try:
        value = json.loads(text, parse_constant=refuse_constant, parse_float=finite)
    except json.JSONDecodeError as error:
        return None, Problem(f"line {error.lineno}, column {error.colno}", describe(error, text), "not_json")
    except RecursionError:
        return None, Problem("$", f"Nested deeper than {MAX_DEPTH} levels.", "too_deep")
    except ValueError as error:
        return None, Problem("$", str(error), "not_json")
    if depth_exceeds(value, MAX_DEPTH):
        return None, Problem("$", f"Nested deeper than {MAX_DEPTH} levels.", "too_deep")
    return value, None


def finite(literal: str) -> float:
    value = float(literal)
    if math.isinf(value):
        raise ValueError(f"The number {literal[:40]} is too large to store.")
    return value


def refuse_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON; write a number or null instead.")


def describe(error: json.JSONDecodeError, text: str) -> str:
    excerpt = text[max(0, error.pos - EXCERPT // 2) : error.pos + EXCERPT // 2].replace("\n", " ")
    if error.msg == "Extra data":
        return f"A complete value ends here, but more text follows: … {excerpt} …. Cut it off and import again."
    return f"Not JSON: {error.msg} near … {excerpt} …"


def depth_exceeds(value: Any, limit: int) -> bool:
    level = [value]
    for _ in range(limit):
        level = [
            child
            for entry in level
            for child in (entry.values() if isinstance(entry, dict) else entry if isinstance(entry, list) else ())
            if isinstance(child, dict | list)
        ]
        if not level:
            return False
    return True


def judge(raw: Any, *, repair: bool) -> ImportReport:
    """Shape, verdict per node, credentials; credential ids of another instance are taken off and listed."""
    if isinstance(raw, dict) and isinstance(raw.get("workflow"), dict) and "nodes" not in raw:
        raw = raw["workflow"]
    name = str(raw.get("name") or "") if isinstance(raw, dict) else ""
    cut: list[str] = []
    try:
        if repair:
            raw, cut = without_loose_wires(raw)
        parsed = Graph.from_n8n(raw)
        graph, changes = strip_credentials(parsed)
        workflows.refuse_unstorable(graph)
    except WorkflowInvalid as error:
        loose = all(problem.code in LOOSE_WIRE for problem in error.problems)
        return ImportReport(None, error.problems, name=name, is_repairable=loose)
    found = verdicts(parsed, nodes.load(), is_switched_on)
    credentials = sorted({kind for node in parsed.nodes for kind in node.credentials})
    return ImportReport(graph, [], parsed.name, found, [*cut, *changes], credentials)


def without_loose_wires(raw: Any) -> tuple[Any, list[str]]:
    """The graph without wires from or to nodes that are not there, and a line for each that was cut."""
    problems = shape_problems(raw)
    if problems:
        raise WorkflowInvalid(problems)
    names = {node["name"] for node in raw["nodes"]}
    kept: dict[str, Any] = {}
    cut = []
    for source, by_type in (raw.get("connections") or {}).items():
        if source not in names:
            cut.append(f"Wires of '{source}' cut: there is no such node")
            continue
        kept[source] = {
            kind: [tied(source, wires, names, cut) for wires in outputs] for kind, outputs in by_type.items()
        }
    return {**raw, "connections": kept}, cut


def tied(source: str, wires: Any, names: set[str], cut: list[str]) -> Any:
    """The wires of one output that lead somewhere."""
    if not isinstance(wires, list):
        return wires
    loose = [wire for wire in wires if isinstance(wire, dict) and wire.get("node") not in names]
    cut += [f"Wire from '{source}' to '{wire.get('node')}' cut: there is no such node" for wire in loose]
    return [wire for wire in wires if wire not in loose]


def strip_credentials(parsed: Graph) -> tuple[dict[str, Any], list[str]]:
    """The graph without ids of somebody else's credentials (the types stay named), and what was taken off."""
    changes = []
    kept = []
    for node in parsed.nodes:
        if any(isinstance(value, dict) and value.get("id") for value in node.credentials.values()):
            bare = {kind: {"id": None, "name": name_of(value)} for kind, value in node.credentials.items()}
            changes.append(f"{node.name}: credential of another instance unlinked ({', '.join(sorted(bare))})")
            kept.append(node.replace(credentials=bare))
        else:
            kept.append(node)
    return parsed.with_nodes(tuple(kept)).to_n8n(), changes


def name_of(value: Any) -> str:
    return str(value.get("name") or "") if isinstance(value, dict) else ""


def create(report: ImportReport, *, team: Team, by: User) -> Workflow:
    """Store an importable report as a draft."""
    if report.graph is None:
        raise WorkflowInvalid(report.problems)
    return workflows.create(report.graph, team=team, by=by)
