"""What a title page says, computed from the graph and one play of its cassette: steps in words, counts, sample result,
what it touches. Stored with the version, so no page computes it again."""

from typing import Any

import orjson

from pumpflix.lib.markdown import safe_fragment
from templates_app.rehearsal import Rehearsal
from workflows_app import nodes
from workflows_app.engine.graph import Graph as Wires
from workflows_app.engine.items import Item
from workflows_app.engine.ports import MailMessage
from workflows_app.engine.workflow import Workflow as Graph
from workflows_app.selectors.steps import steps_of
from workflows_app.toolkit.touches import touches

RESULT_MAILS = 3
RESULT_ROWS = 20
RESULT_COLUMNS = 8
CELL_CHARACTERS = 120
FILE_CHARACTERS = 2_000


def gather(graph: dict[str, Any], rehearsal: Rehearsal) -> dict[str, Any]:
    """JSON: `steps` in the order of execution, `counts` by node name, `result`, `touches`, `duration_ms`."""
    registry = nodes.load()
    parsed = Graph.from_n8n(graph)
    ran = [*rehearsal.counts, *(name for name in Wires.of(parsed).display_order() if name not in rehearsal.counts)]
    steps = [
        {"node": step.node, "text": step.text, "items": rehearsal.counts.get(step.node, 0)}
        for step in steps_of(graph, ran)
    ]
    return {
        "steps": steps,
        "counts": rehearsal.counts,
        "result": result_of(rehearsal),
        "touches": touches(parsed, registry).to_json(),
        "duration_ms": round(rehearsal.duration_ms),
    }


def result_of(rehearsal: Rehearsal) -> dict[str, Any]:
    """One of `{"kind": "answer", status, text}`, `{"kind": "mail", mails, total}`, `{"kind": "file", name, text}`,
    `{"kind": "page", html}` (safe HTML) and `{"kind": "table", columns, rows}`."""
    if rehearsal.response is not None:
        return {"kind": "answer", "status": rehearsal.response.status, "text": shown(rehearsal.response.body)}
    if rehearsal.mails:
        mails = [written(mail) for mail in rehearsal.mails[:RESULT_MAILS]]
        return {"kind": "mail", "mails": mails, "total": len(rehearsal.mails)}
    items = rehearsal.last_items
    if len(items) == 1 and isinstance(page := items[0].json.get("html"), str) and page:
        return {"kind": "page", "html": safe_fragment(page[: FILE_CHARACTERS * 4])}
    binary = next(iter(items[0].binary.values()), None) if items else None
    if binary is not None:
        return {
            "kind": "file",
            "name": binary.file_name,
            "mime": binary.mime_type,
            "size": binary.size_bytes,
            "text": shown(rehearsal.read_file(binary.ref)) if is_text(binary.mime_type) else "",
        }
    return table(items)


def written(mail: MailMessage) -> dict[str, Any]:
    """A mail as a title page shows it; `html` is safe."""
    return {
        "to": ", ".join(mail.to),
        "subject": mail.subject[:CELL_CHARACTERS],
        "html": safe_fragment(mail.html[: FILE_CHARACTERS * 4]),
        "text": mail.text[:FILE_CHARACTERS],
    }


def table(items: list[Item]) -> dict[str, Any]:
    columns = list(dict.fromkeys(key for item in items[:RESULT_ROWS] for key in item.json))[:RESULT_COLUMNS]
    rows = [[cell(item.json.get(column)) for column in columns] for item in items[:RESULT_ROWS]]
    return {"kind": "table", "columns": columns, "rows": rows, "total": len(items)}


def cell(value: Any) -> str:
    """One value as short text; an absent one is empty."""
    if value is None:
        return ""
    text = value if isinstance(value, str) else orjson.dumps(value).decode()
    return text if len(text) <= CELL_CHARACTERS else text[: CELL_CHARACTERS - 1] + "…"


def is_text(mime_type: str) -> bool:
    return mime_type.startswith("text/") or mime_type in ("application/json", "application/xml")


def shown(data: bytes) -> str:
    """The beginning of a text, without the NUL characters that jsonb refuses."""
    return data[: FILE_CHARACTERS * 4].decode("utf-8", "replace").replace("\x00", "�")[:FILE_CHARACTERS]
