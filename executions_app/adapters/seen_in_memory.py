"""What earlier turns have met, for a run without a database: samples, rehearsals, the command line. Gone with it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from threading import Lock

from workflows_app.engine.errors import UserError
from workflows_app.engine.ports import CallSite, SeenAnswer, SeenKind


def other_kind() -> UserError:
    return UserError(
        "The history of this node was kept by another rule than the one chosen now.",
        code="history_of_another_kind",
        hint="Set the rule back, or clear the history once with the operation for it.",
    )


@dataclass(slots=True)
class KeptHistory:
    kind: SeenKind
    values: dict[str, None] = field(default_factory=dict)
    latest: float | None = None


class MemorySeen:
    def __init__(self) -> None:
        self._lock = Lock()
        self._kept: dict[str, KeptHistory] = {}

    def values(self, site: CallSite, scope: str, keys: Sequence[str], *, limit: int) -> SeenAnswer:  # noqa: ARG002
        with self._lock:
            kept = self._history(scope, "values").values
            is_new = tuple(key not in kept for key in keys)
            kept.update(dict.fromkeys(keys))
            for key in list(kept)[: max(0, len(kept) - limit)]:
                del kept[key]
            return SeenAnswer(is_new, len(kept))

    def latest(self, site: CallSite, scope: str, kind: SeenKind, keys: Sequence[float]) -> SeenAnswer:  # noqa: ARG002
        with self._lock:
            history = self._history(scope, kind)
            before = history.latest
            history.latest = max((one for one in (before, *keys) if one is not None), default=None)
            return SeenAnswer(tuple(before is None or key > before for key in keys))

    def clear(self, site: CallSite, scope: str) -> None:  # noqa: ARG002
        with self._lock:
            self._kept.pop(scope, None)

    def _history(self, scope: str, kind: SeenKind) -> KeptHistory:
        history = self._kept.setdefault(scope, KeptHistory(kind))
        if history.kind != kind:
            raise other_kind()
        return history
