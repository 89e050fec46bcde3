"""The sandbox's JavaScript world in this process, without its walls: driver, libraries, prelude; sealed, audited."""

import functools
import json
import os
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from pumpflix.lib.sandbox import js_child, v8

SANDBOX = Path(js_child.__file__).parent
LIBRARIES = SANDBOX.parents[2] / "static" / "build" / "prelude-libs.js"
NOW = "2025-06-16T12:34:56.789Z"
NEW_YORK = "America/New_York"


def scripts() -> list[bytes]:
    prelude = SANDBOX / "prelude"
    names = json.loads((prelude / "manifest.json").read_text())
    return [path.read_bytes() for path in (SANDBOX / "driver.js", LIBRARIES, *(prelude / name for name in names))]


@functools.cache
def engine() -> v8.Engine:
    os.environ["TZ"] = "UTC"
    found = find_spec("py_mini_racer")
    assert found is not None
    assert found.origin is not None
    return v8.Engine(Path(found.origin).parent)


class Realm:
    """One context, audited as the child audits its own.

    ``calls`` holds every host call the code made; ``answers`` what each name is answered with.
    """

    def __init__(self) -> None:
        self.context = js_child.Context(engine(), scripts(), audit=True)
        self.answers: dict[str, Any] = {}
        self.calls: list[tuple[str, list[Any]]] = []

    def evaluate(self, header: dict[str, Any], data: dict[str, Any]) -> dict[str, Any]:
        text = self.context.serve(b"e" + _frame(header, data))
        return self._read(text)

    def run_code(self, header: dict[str, Any], data: dict[str, Any]) -> dict[str, Any]:
        text = self.context.serve(b"c" + _frame(header, data))
        while not text or not text.startswith(b"r"):
            text = self._answer(text) if text and text.startswith(b"c") else self.context.serve(b"p")
        return self._read(text)

    def _answer(self, text: bytes) -> bytes | None:
        call = json.loads(text[1:])
        self.calls.append((call["call"], call["args"]))
        known = call["call"] in self.answers
        reply = (
            {"ok": self.answers[call["call"]]} if known else {"error": {"message": f"{call['call']} is not available"}}
        )
        self.context.serve(b"a" + json.dumps(reply).encode())
        return None

    def _read(self, text: bytes | None) -> dict[str, Any]:
        assert text is not None
        result = json.loads(text[1:])
        assert isinstance(result, dict)
        return result

    def value(self, template: str, json_data: Any = None, /, **scope: Any) -> Any:
        """The plain result of one template (with its leading ``=`` or without) for one item; raises ``Failed``."""
        data = {"node": {"name": "Here", "parameters": {}}, "items": [{"json": json_data or {}}], **scope}
        return plain(self.evaluate(header([template.removeprefix("=")]), data)["results"][0])

    def code(
        self, source: str, items: list[Any] | None = None, scope: dict[str, Any] | None = None, **options: Any
    ) -> Any:
        """The whole result of a Code node that runs once for all items, unless the options say otherwise."""
        data = {"node": {"name": "Here", "parameters": {}}, "items": items or [{"json": {"a": 1}}], **(scope or {})}
        return self.run_code(code_header(source, **options), data)


class Failed(Exception):
    """An expression ended in an error; ``kind`` is the error's type."""

    def __init__(self, error: dict[str, Any]) -> None:
        super().__init__(error["message"])
        self.kind = error["type"]
        self.details = error


def plain(result: dict[str, Any]) -> Any:
    if "e" in result:
        raise Failed(result["e"])
    return result.get("v")


def header(templates: list[str], **more: Any) -> dict[str, Any]:
    return {"kind": "expressions", "timezone": NEW_YORK, "now": NOW, "templates": templates, "wanted": "all", **more}


def code_header(source: str, **more: Any) -> dict[str, Any]:
    head = {
        "kind": "code",
        "language": "javaScript",
        "mode": "runOnceForAllItems",
        "code": source,
        "timezone": NEW_YORK,
    }
    return {**head, "now": NOW, "modules": [], "legacy": None, **more}


def _frame(head: dict[str, Any], data: dict[str, Any]) -> bytes:
    return json.dumps(head).encode() + b"\n" + json.dumps(data).encode()
