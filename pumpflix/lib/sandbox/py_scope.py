"""The names that Python code in a workflow finds: ``_items`` and ``_item`` alone in the native form, n8n's names with
an underscore in the older one."""

import datetime
import zoneinfo
from collections.abc import Callable
from typing import Any

from pumpflix.lib.sandbox.py_nodes import NodeReference, Nodes, OldNodes, ScopeError
from pumpflix.lib.sandbox.py_values import Array, Record, wrapped

_UTC = datetime.UTC


class Moment(datetime.datetime):
    """``_now`` and ``_today``: a datetime in the workflow's zone that also knows the commonest names of luxon."""

    def toISO(self) -> str:  # noqa: N802 - luxon's name
        return self.isoformat(timespec="milliseconds")

    def toISODate(self) -> str:  # noqa: N802 - luxon's name
        return self.date().isoformat()

    def toMillis(self) -> int:  # noqa: N802 - luxon's name
        return int(self.timestamp() * 1000)

    def toSeconds(self) -> float:  # noqa: N802 - luxon's name
        return self.timestamp()


class CustomData:
    """``_execution.customData``: what the run is marked with."""

    def __init__(self, values: dict[str, Any]) -> None:
        self.values = dict(values)
        self.is_changed = False

    def set(self, key: str, value: object) -> None:
        self.values[str(key)] = str(value)
        self.is_changed = True

    def setAll(self, values: dict[str, object]) -> None:  # noqa: N802 - n8n's name
        for key, value in values.items():
            self.set(key, value)

    def get(self, key: str) -> Any:
        return self.values.get(key)

    def getAll(self) -> dict[str, Any]:  # noqa: N802 - n8n's name
        return dict(self.values)


class Input:
    """``_input``."""

    def __init__(self, scope: "Scope", index: int) -> None:
        self._scope = scope
        self._index = index

    def all(self) -> Array:
        return self._scope.items  # type: ignore[no-any-return]

    def first(self) -> Any:
        return next(iter(self._scope.items), None)

    def last(self) -> Any:
        return next(reversed(self._scope.items), None)

    @property
    def item(self) -> Any:
        return self._scope.item(self._index)

    @property
    def params(self) -> Record:
        return self._scope.previous(self._index).params

    @property
    def context(self) -> Record:
        return self._scope.previous(self._index).context


class Scope:
    """One call's data. ``names(index)`` is what the code finds when it runs for that item."""

    def __init__(self, header: dict[str, Any], data: dict[str, Any]) -> None:
        self._header = header
        self._data = data
        self._is_native = header.get("language") == "pythonNative"
        self._is_each = header.get("mode") == "runOnceForEachItem"
        self._nodes = Nodes(data)
        self.items: Any = data.get("items") or []
        if not self._is_native:
            self.items = wrapped(self.items)
        self.custom = CustomData((data.get("execution") or {}).get("customData") or {})
        self.static_data: Record | None = None

    def item(self, index: int) -> Any:
        if not 0 <= index < len(self.items):
            raise ScopeError("This node received no item.")
        return self.items[index]

    def previous(self, index: int) -> NodeReference:
        name = (self._data.get("prevNode") or {}).get("name")
        if name is None:
            raise ScopeError("No node leads to this one.")
        return NodeReference(self._nodes, name, index)

    def names(self, index: int) -> dict[str, Any]:
        extra = {name: wrapped(value) for name, value in (self._header.get("names") or {}).items()}
        if self._is_native:
            own = {"_item": self.item(index)} if self._is_each else {"_items": self.items}
            return {**own, **extra}
        return {**self._of_item(index), **self._of_run(), **extra}

    def _of_item(self, index: int) -> dict[str, Any]:
        item = self.items[index] if 0 <= index < len(self.items) else Record(json=Record())

        def node(name: str) -> NodeReference:
            return NodeReference(self._nodes, name, index)

        def paired(name: str, of: int = index) -> Any:
            return self._nodes.paired(name, of)

        return {
            "_": node,
            "_node": OldNodes(self._nodes, index),
            "_items": self.items,
            "items": self.items,
            "_item": item,
            "item": item,
            "_input": Input(self, index),
            "_json": item.setdefault("json", Record()),
            "_binary": item.get("binary") or Record(),
            "_itemIndex": index,
            "_getPairedItem": paired,
        }

    def _of_run(self) -> dict[str, Any]:
        data = self._data
        now = self._now()
        execution = Record(wrapped(data.get("execution") or {}))
        execution["customData"] = self.custom
        return {
            "_now": now,
            "_today": now.replace(hour=0, minute=0, second=0, microsecond=0),
            "_execution": execution,
            "_executionId": execution.get("id"),
            "_workflow": wrapped(data.get("workflow") or {}),
            "_vars": wrapped(data.get("vars") or {}),
            "_env": wrapped({} if data.get("envBlocked") else data.get("env") or {}),
            "_prevNode": wrapped(data.get("prevNode") or {}),
            "_parameter": wrapped((data.get("node") or {}).get("parameters") or {}),
            "_runIndex": data.get("runIndex") or 0,
            "_mode": data.get("mode"),
            "_jmespath": jmespath,
            "_getWorkflowStaticData": self._static(),
        }

    def _now(self) -> Moment:
        zone = _zone(str(self._header.get("timezone") or "UTC"))
        frozen = self._header.get("now")
        now = datetime.datetime.fromisoformat(frozen) if frozen else datetime.datetime.now(_UTC)
        now = (now if now.tzinfo else now.replace(tzinfo=_UTC)).astimezone(zone)
        return Moment.combine(now.date(), now.timetz())

    def _static(self) -> Callable[[str], Any]:
        def static_data(kind: str = "global") -> Any:
            if kind not in ("global", "node"):
                raise ScopeError(f"There is no static data '{kind}'. Ask for 'global' or 'node'.")
            if self.static_data is None:
                kept = self._data.get("staticData", {})
                if kept is None:
                    told = "Static data was not fetched for this code. Write _getWorkflowStaticData out in it."
                    raise ScopeError(told)
                self.static_data = wrapped({"global": kept.get("global") or {}, "node": kept.get("node") or {}})
            return self.static_data[kind]

        return static_data


def jmespath(value: Any, query: str) -> Any:
    """``_jmespath(value, query)``."""
    # Few need it, and it costs each start 20 ms. It has no types.
    import jmespath as library  # type: ignore[import-untyped]  # noqa: PLC0415

    return wrapped(library.search(query, value))


def _zone(name: str) -> datetime.tzinfo:
    try:
        return zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError):
        return _UTC
