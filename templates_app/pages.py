"""What the gallery's pages show, made of selectors' values: the drawn graph, the label, what one needs, the result."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from html import unescape
from typing import Any

from django.utils.html import strip_tags

from executions_app.selectors.data_view import Cell
from pumpflix.lib.drawing import Frame, OutputPanel, Scene, graph, poster, poster_strip
from templates_app.models import Template, TemplateVersion
from workflows_app import nodes
from workflows_app.credential_types import label_of
from workflows_app.engine.workflow import Workflow as Graph
from workflows_app.selectors.scenes import RunMarks, scene_of
from workflows_app.selectors.steps import steps_of
from workflows_app.toolkit.phrases import counted
from workflows_app.toolkit.touches import touches

HERO_SIZE = (960, 540)
CARD_SIZE = (320, 180)
EXAMPLE_CHARACTERS = 60


@dataclass(frozen=True)
class Fact:
    """A term and what is to be said about it."""

    term: str
    text: str


@dataclass(frozen=True)
class Step:
    """What one node does, in words; `items` is 0 where the sample run did not reach it."""

    node: str
    text: str
    items: int


@dataclass(frozen=True)
class SampleResult:
    """The recorded result with its cells named, so that narrow screens can stack them."""

    kind: str
    columns: list[str]
    records: list[list[Cell]]
    name: str = ""
    mime: str = ""
    size: int = 0
    text: str = ""
    status: int = 0
    html: str = ""
    mails: list[dict[str, str]] = field(default_factory=list)
    total: int = 0


def template_scene(version: TemplateVersion) -> Scene:
    """The graph with the item counts of the sample run, which are the heights of its horizon. No wire is lit."""
    scene = scene_of(version.workflow_version.graph, RunMarks(items_out=sample_counts(version)))
    return replace(scene, wires=tuple(replace(wire, count=None) for wire in scene.wires))


def sample_counts(version: TemplateVersion) -> dict[str, list[int]]:
    return {name: [int(count)] for name, count in (version.facts.get("counts") or {}).items()}


def template_poster(
    template: Template, version: TemplateVersion, *, frame: Frame = "rest", is_hero: bool = False
) -> str:
    """SVG text of the card or the hero."""
    return poster(
        template_scene(version),
        category=template.category.tint,
        frame=frame,
        size=HERO_SIZE if is_hero else CARD_SIZE,
        output=output_panel(version.facts.get("result") or {}),
    )


def posters(templates: Iterable[Template]) -> str:
    """One SVG with the card of each, which `#slug` shows. Each has its version and category loaded."""
    return poster_strip(
        {
            one.slug: poster(
                template_scene(one.current_version), category=one.category.tint, size=CARD_SIZE, key=f"-{one.slug}"
            )
            for one in templates
            if one.current_version
        },
        CARD_SIZE,
    )


def template_graph(template: Template, version: TemplateVersion, *, sprite: str) -> str:
    """The still graph of the title page: nothing is lit, for nothing runs yet."""
    scene = template_scene(version)
    return graph(scene, title=template.poster_alt or template.name, layout="horizon", sprite=sprite)


def output_panel(result: dict[str, Any]) -> OutputPanel:
    """The first rows of the real result for the last frame of a poster."""
    if result.get("kind") == "table":
        rows = tuple(tuple(str(value) for value in row[:3]) for row in result.get("rows", [])[:4])
        return OutputPanel(f"{result.get('total', len(rows))} items", rows)
    if result.get("kind") == "mail":
        return OutputPanel(f"{result['total']} mails", tuple((mail["subject"],) for mail in result["mails"][:4]))
    text = str(result.get("text") or unescape(strip_tags(str(result.get("html") or ""))))
    lines = [line for line in text.splitlines() if line.strip()]
    heading = str(result.get("name") or (f"Answer {result['status']}" if result.get("status") else "Result"))
    return OutputPanel(heading, tuple((line,) for line in lines[:4]))


def sample_result(version: TemplateVersion) -> SampleResult:
    raw = version.facts.get("result") or {}
    columns = [str(column) for column in raw.get("columns") or []]
    return SampleResult(
        kind=str(raw.get("kind") or ""),
        columns=columns,
        records=[
            [Cell(column, str(value), "text") for column, value in zip(columns, row, strict=False)]
            for row in raw.get("rows") or []
        ],
        name=str(raw.get("name") or ""),
        mime=str(raw.get("mime") or ""),
        size=int(raw.get("size") or 0),
        text=str(raw.get("text") or ""),
        status=int(raw.get("status") or 0),
        html=str(raw.get("html") or ""),
        mails=list(raw.get("mails") or []),
        total=int(raw.get("total") or 0),
    )


def touched(version: TemplateVersion) -> dict[str, Any]:
    """What a run touches, told anew from the graph: older versions were judged by older rules."""
    return touches(Graph.from_n8n(version.workflow_version.graph), nodes.load()).to_json()


def steps(version: TemplateVersion) -> list[Step]:
    """Every node in the order of execution, in today's words, with how many items it put out in the sample run."""
    counts = version.facts.get("counts") or {}
    order = [str(step["node"]) for step in version.facts.get("steps") or []]
    told = steps_of(version.workflow_version.graph, order)
    return [Step(step.node, step.text, int(counts.get(step.node) or 0)) for step in told]


def needs(template: Template, version: TemplateVersion) -> list[Fact]:
    """Variables with examples, credentials by type, time."""
    facts = [
        Fact(str(entry.get("label") or entry.get("name")), variable_text(entry)) for entry in version.variables or []
    ]
    facts += [Fact("Credential", label_of(kind)) for kind in version.required_credentials]
    facts.append(Fact("Accounts", "none" if not version.required_credentials else "as named above"))
    facts.append(Fact("Time", f"about {template.minutes_to_set_up} min"))
    return facts


def variable_text(entry: dict[str, Any]) -> str:
    shown = entry.get("default")
    if shown in (None, ""):
        shown = entry.get("example")
    if shown in (None, ""):
        return str(entry.get("help") or "yours")
    if isinstance(shown, list):
        return f"filled in: {counted(len(shown), 'entry', 'entries')}"
    if isinstance(shown, dict):
        return f"filled in: {counted(len(shown), 'field', 'fields')}"
    text = " ".join(str(shown).split())
    return f"filled in: {text if len(text) <= EXAMPLE_CHARACTERS else text[: EXAMPLE_CHARACTERS - 1] + '…'}"
