"""Import: text in, a report out. Nothing is stored before `create`, and no input ends without a report."""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from django.db import transaction

from accounts.models import Team, User
from workflows_app import nodes
from workflows_app.engine.errors import Problem, WorkflowInvalid
from workflows_app.engine.workflow import Workflow as Graph
from workflows_app.models import Workflow
from workflows_app.selectors.node_types import is_switched_on
from workflows_app.services import credentials, import_secrets, repairs, workflows
from workflows_app.services.import_secrets import Draft, Secret
from workflows_app.services.node_texts import texts_of_nodes
from workflows_app.services.swaps import swapped
from workflows_app.toolkit.compat import NodeVerdict, in_words, verdicts

MAX_IMPORT_BYTES = 10 * 1024 * 1024
MAX_DEPTH = 64
EXCERPT = 60


@dataclass(frozen=True, slots=True)
class Fixes:
    """What its owner wants done to an input: mend what is damaged, cut what follows the workflow, swap nodes that are
    not here; and what becomes of secrets (`vault` where the place allows it, or `drop`)."""

    repair: bool = False
    cut: bool = False
    swap: bool = False
    secrets: str = ""


NOTHING = Fixes()


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What an input is. `graph` is None when it cannot be imported as it is; `changes` lists what was altered on the
    way; `is_repairable` says that `read(source, repair=True)` could import it, `can_cut` that it could without what
    follows the workflow. `damage` counts what a repair would mend, `mends` lists it. `secrets` are those still in the
    graph, `drafts` the credentials that will hold those taken out. `kept` is the text of nodes not known here."""

    graph: dict[str, Any] | None
    problems: list[Problem]
    name: str = ""
    verdicts: list[NodeVerdict] = field(default_factory=list)
    changes: list[str] = field(default_factory=list)
    credentials: list[str] = field(default_factory=list)
    is_repairable: bool = False
    can_cut: bool = False
    damage: Mapping[str, int] = field(default_factory=dict)
    mends: list[str] = field(default_factory=list)
    secrets: list[Secret] = field(default_factory=list)
    drafts: list[Draft] = field(default_factory=list)
    kept: dict[str, str] = field(default_factory=dict)

    @property
    def verdict(self) -> str:
        return in_words(self.verdicts)

    @property
    def is_importable(self) -> bool:
        return self.graph is not None

    @property
    def placeholders(self) -> list[NodeVerdict]:
        return [verdict for verdict in self.verdicts if verdict.verdict in ("placeholder", "swap")]


def read(source: str | bytes, *, repair: bool = False, fixes: Fixes = NOTHING) -> ImportReport:
    """Judge one input: size, encoding, JSON, shape, nodes, wires. `repair` alone is short for `Fixes(repair=True)`."""
    if len(source) > MAX_IMPORT_BYTES:
        text = f"The input has {len(source) / 1_048_576:.1f} MB; at most {MAX_IMPORT_BYTES // 1_048_576} MB are read."
        return ImportReport(None, [Problem("$", text, "too_large")])
    try:
        text = source.decode("utf-8-sig") if isinstance(source, bytes) else source.lstrip("\ufeff")
    except UnicodeDecodeError as error:
        return ImportReport(None, [Problem("$", f"Not UTF-8 text: byte {error.start} is not valid.", "not_utf8")])
    wanted = fixes if not repair else Fixes(True, fixes.cut, fixes.swap, fixes.secrets)
    end = end_of_value(text)
    if wanted.cut and end is not None:
        line = f"Text after the workflow cut: {len(text) - end} characters"
        text = text[:end]
    raw, problem = parse(text)
    if problem is not None:
        return ImportReport(None, [problem], can_cut=problem.code == "not_json" and end is not None)
    report = judge(raw, fixes=wanted, text=text)
    return report if not wanted.cut or end is None else replace(report, changes=[line, *report.changes])


def end_of_value(text: str) -> int | None:
    """Where a complete JSON object or list ends although more text follows; None where nothing does."""
    start = len(text) - len(text.lstrip())
    if text[start : start + 1] not in ("{", "["):
        return None
    try:
        _, end = json.JSONDecoder().raw_decode(text, start)
    except (ValueError, RecursionError):
        return None
    return end if text[end:].strip() else None


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
    around = text[max(0, error.pos - EXCERPT // 2) : error.pos + EXCERPT // 2]
    excerpt = import_secrets.masked_anywhere(around).replace("\n", " ")
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


def judge(raw: Any, *, repair: bool = False, fixes: Fixes = NOTHING, text: str = "") -> ImportReport:
    """Shape, verdict per node, credentials; credential ids of another instance are taken off and listed. `text` is the
    JSON it was read from."""
    if isinstance(raw, dict) and isinstance(raw.get("workflow"), dict) and "nodes" not in raw:
        raw = {"name": raw.get("name") or "", **raw["workflow"]}
    name = str(raw.get("name") or "") if isinstance(raw, dict) else ""
    damage = repairs.examine(raw)
    is_repaired = repair or fixes.repair
    changes = list(damage.changes) if is_repaired else []
    left = {} if is_repaired else dict(damage.counts)
    mends = [] if is_repaired else damage.changes
    try:
        parsed = Graph.from_n8n(damage.graph if is_repaired else raw)
        graph, more, drafts = changed(parsed, fixes)
        workflows.refuse_unstorable(graph)
    except WorkflowInvalid as error:
        is_repairable = bool(left) and is_sound(damage.graph)
        return ImportReport(
            None, error.problems, name=name, is_repairable=is_repairable, damage=left, mends=mends
        )  # fmt: skip
    parsed = Graph.from_n8n(graph)
    found = verdicts(parsed, nodes.load(), is_switched_on)
    return ImportReport(
        graph,
        [],
        parsed.name,
        found,
        [*changes, *more],
        sorted({kind for node in parsed.nodes for kind in node.credentials} | {draft.type for draft in drafts}),
        is_repairable=bool(left),
        damage=left,
        mends=mends,
        secrets=import_secrets.secrets_in(graph),
        drafts=drafts,
        kept=kept_texts(parsed, found, text),
    )


def is_sound(raw: Any) -> bool:
    try:
        Graph.from_n8n(raw)
    except WorkflowInvalid:
        return False
    return True


def changed(parsed: Graph, fixes: Fixes) -> tuple[dict[str, Any], list[str], list[Draft]]:
    """The graph as it would be stored, what was changed on the way, and credentials to make."""
    graph, changes = strip_credentials(parsed, keeps_unknown=True)
    if fixes.swap:
        graph, lines = swapped(graph)
        changes += lines
    if not fixes.secrets:
        return graph, changes, []
    found = import_secrets.secrets_in(graph)
    graph, drafts, lines = import_secrets.without(graph, found, to_vault=fixes.secrets == "vault")
    return graph, [*changes, *lines], drafts


def kept_texts(parsed: Graph, found: list[NodeVerdict], text: str) -> dict[str, str]:
    """The text of nodes whose type is not known here, where it still says what is stored."""
    unknown = [one.name for one in found if not nodes.load().knows(one.type)]
    texts = texts_of_nodes(text, unknown) if text else {}
    return {name: text for name, text in texts.items() if json.loads(text) == parsed.by_name[name].raw}


def strip_credentials(parsed: Graph, *, keeps_unknown: bool = False) -> tuple[dict[str, Any], list[str]]:
    """The graph without ids of somebody else's credentials (the types stay named), and what was taken off. A node whose
    type is not known here asks for none, and with `keeps_unknown` stays as it is."""
    registry = nodes.load()
    changes = []
    kept = []
    for node in parsed.nodes:
        is_mine = registry.knows(node.type) or not keeps_unknown
        if is_mine and any(isinstance(value, dict) and value.get("id") for value in node.credentials.values()):
            bare = {kind: {"id": None, "name": name_of(value)} for kind, value in node.credentials.items()}
            changes.append(f"{node.name}: credential of another instance unlinked ({', '.join(sorted(bare))})")
            kept.append(node.replace(credentials=bare))
        else:
            kept.append(node)
    return parsed.with_nodes(tuple(kept)).to_n8n(), changes


def name_of(value: Any) -> str:
    return str(value.get("name") or "") if isinstance(value, dict) else ""


def create(report: ImportReport, *, team: Team, by: User) -> Workflow:
    """Store an importable report as a draft, and in the vault the secrets that move there."""
    if report.graph is None:
        raise WorkflowInvalid(report.problems)
    with transaction.atomic():
        graph = with_credentials(report, team=team, by=by)
        workflow = workflows.create(graph, team=team, by=by)
        if report.kept:
            Workflow.objects.filter(pk=workflow.pk).update(kept_texts=report.kept)
    return workflow


def with_credentials(report: ImportReport, *, team: Team, by: User) -> dict[str, Any]:
    """The graph with its new credentials linked."""
    links: dict[str, dict[str, Any]] = {}
    for draft in report.drafts:
        name = f"{report.name or 'Import'}: {draft.node}"[: credentials.LONGEST_NAME]
        hosts = [draft.host] if draft.host else []
        row = credentials.create(
            team=team, by=by, name=name, type=draft.type, fields=dict(draft.fields), allowed_hosts=hosts
        )
        links[draft.node] = {draft.type: {"id": str(row.pk), "name": row.name}}
    graph = report.graph or {}
    if not links:
        return graph
    linked = [node | {"credentials": links[node["name"]]} if node["name"] in links else node for node in graph["nodes"]]
    return {**graph, "nodes": linked}
