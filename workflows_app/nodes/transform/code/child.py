"""Talking to the code child: one call per node run, items back, files out of the answer into the payload store."""

import base64
import binascii
from dataclasses import dataclass
from typing import Any

from workflows_app.engine.errors import NodeFailed, PumpFlixError
from workflows_app.engine.items import Binary, Item, Items, JsonObject, PairedItem, read_pairs
from workflows_app.engine.json_text import dumps
from workflows_app.engine.node_type import NodeRun
from workflows_app.engine.ports import CodeCall
from workflows_app.nodes.transform.code.helpers import Helpers

TIMEOUT_S = 60.0
MODULES = ["crypto", "luxon", "lodash", "util", "url", "querystring", "path", "buffer"]
LEVELS = {"log": "info", "info": "info", "debug": "debug", "warn": "warn", "error": "error"}


@dataclass(frozen=True, slots=True)
class JavaScript:
    """`legacy` is `function` or `functionItem` for the node types that came before Code."""

    code: str
    mode: str = "runOnceForAllItems"
    legacy: str | None = None

    def header(self) -> JsonObject:
        return {
            "language": "javaScript", "mode": self.mode, "code": self.code, "legacy": self.legacy, "modules": MODULES
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Python:
    """`language` is `python` (n8n's names with an underscore, fields as attributes) or `pythonNative` (`_items` or
    `_item` alone, in plain dicts)."""

    code: str
    mode: str
    language: str

    def header(self) -> JsonObject:
        return {"language": self.language, "mode": self.mode, "code": self.code}


def run_script(run: NodeRun[Any], script: JavaScript | Python) -> JsonObject:
    """The child's answer; its console lines become log lines. Raises NodeFailed with the author's error."""
    header = {"kind": "code", **script.header(), "itemIndexes": None, "continueOnFail": run.continues_on_error}
    scope = run.resolver.scope()
    call = CodeCall(header, dumps(scope), TIMEOUT_S)
    answer = run.code(call, Helpers(run))
    for line in answer.get("console") or []:
        level = LEVELS.get(str(line.get("level")), "info")
        run.log(level, str(line.get("text", "")), line.get("item"))  # type: ignore[arg-type]
    if answer.get("error"):
        return gone_on(run, answer, script)
    keep_static_data(run, scope.get("staticData") or {}, answer.get("staticData") or {})
    for key, value in (answer.get("customData") or {}).items():
        if value != run.known_labels.get(key):
            run.label(str(key), str(value))
    return answer


def gone_on(run: NodeRun[Any], answer: JsonObject, script: JavaScript | Python) -> JsonObject:
    """As in n8n: where the node continues on error, an error inside the code becomes the item that it was to make; an
    answer of the wrong shape fails the node all the same, so that its input goes on. Raises NodeFailed."""
    error = script_error(answer["error"])
    if not run.continues_on_error or is_misshapen(answer["error"]):
        raise error
    if script.mode == "runOnceForEachItem":
        return {**answer, "output": [{"item": place, "error": answer["error"]} for place in range(len(run.items))]}
    return {**answer, "output": [{"json": {"error": error.message}, "error": error.to_json()}]}


def is_misshapen(error: JsonObject) -> bool:
    """Whether the code came to its end and returned something that is no items."""
    return error.get("type") in ("ValidationError", "ReservedKeyFoundError")


def keep_static_data(run: NodeRun[Any], before: JsonObject, after: JsonObject) -> None:
    """Store what the code changed: `global` belongs to the workflow, `node` to this node. As in n8n, runs that somebody
    starts by hand leave it alone."""
    if run.ports.state is None or run.mode == "manual":
        return
    for name, scope in (("global", "global"), ("node", f"node:{run.node.name}")):
        if name in after and after[name] != (before.get(name) or {}):
            run.ports.state.put(run.site(), scope, after[name])


def script_error(error: JsonObject) -> PumpFlixError:
    """The message stays as the author or the child wrote it; the place goes beside it."""
    place = {key: error[key] for key in ("line", "type") if error.get(key) not in (None, "")}
    return NodeFailed(
        str(error.get("message") or "The code failed."),
        code="code_failed",
        hint=str(error.get("description") or ""),
        data=place,
    )


def item_outputs(run: NodeRun[Any], output: Any) -> Items:
    """Items as the child normalised them."""
    return [to_item(run, entry) for entry in output or []]


def each_item_outputs(run: NodeRun[Any], output: Any) -> Items:
    """One entry per item that returned something; a failing item is an error item where the node continues on error."""
    made: Items = []
    for entry in output or []:
        index = int(entry.get("item", 0))
        if entry.get("error"):
            error = script_error(entry["error"])
            if not run.continues_on_error or is_misshapen(entry["error"]):
                raise error
            made.append(Item(json={"error": error.message}, error=error.to_json(), paired=(PairedItem(index),)))
        elif entry.get("output") is not None:
            item = to_item(run, entry["output"])
            made.append(item if item.paired is not None else item.with_pair(PairedItem(index)))
    return made


def to_item(run: NodeRun[Any], raw: JsonObject) -> Item:
    binary = {name: to_binary(run, meta) for name, meta in (raw.get("binary") or {}).items() if isinstance(meta, dict)}
    return Item(
        json=raw.get("json") or {}, binary=binary, paired=safe_pairs(raw.get("pairedItem")), error=safe_error(raw)
    )


def safe_pairs(raw: Any) -> tuple[PairedItem, ...] | None:
    """What the author wrote as pairedItem; nonsense counts as nothing."""
    try:
        return read_pairs(raw)
    except (TypeError, ValueError):
        return None


def safe_error(raw: JsonObject) -> JsonObject | None:
    error = raw.get("error")
    return error if isinstance(error, dict) else {"message": str(error)} if error else None


def to_binary(run: NodeRun[Any], meta: JsonObject) -> Binary:
    """A reference as it came in, or bytes in base64 that the code made."""
    if meta.get("id"):
        return Binary.from_json(meta)
    try:
        data = base64.b64decode(str(meta.get("data") or ""))
    except (binascii.Error, ValueError) as error:
        raise NodeFailed(
            "A file that the code returned is not base64.",
            code="code_failed",
            hint="Make files with this.helpers.prepareBinaryData, or put base64 text into 'data'.",
        ) from error
    return run.put_file(
        data,
        mime_type=str(meta.get("mimeType") or "application/octet-stream"),
        file_name=str(meta.get("fileName") or ""),
    )
