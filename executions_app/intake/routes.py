"""Which webhook a path belongs to. Rows are remembered for a moment; whether one is live is decided by the commit."""

import time
from collections import OrderedDict
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from executions_app.database import pool

REMEMBERED_S = 2.0
KEPT = 10_000

COLUMNS = "h.id, w.team_id, h.methods, h.response_mode, h.options, h.path"
IS_ANSWERING = """
    w.deleted_at IS NULL AND ((h.is_live AND w.live_version_id IS NOT NULL)
                              OR (h.listen_until > clock_timestamp() AND h.listen_version_id IS NOT NULL))
"""
BY_TOKEN = f"""
SELECT {COLUMNS} FROM workflows_app_webhook h JOIN workflows_app_workflow w ON w.id = h.workflow_id
 WHERE h.token = %s AND {IS_ANSWERING}
"""  # noqa: S608 - constants of this module
BY_PATH = f"""
SELECT {COLUMNS} FROM workflows_app_webhook h JOIN workflows_app_workflow w ON w.id = h.workflow_id
 WHERE h.path = %s AND h.path <> '' AND {IS_ANSWERING}
 ORDER BY h.is_live DESC, h.listen_until DESC LIMIT 1
"""  # noqa: S608 - constants of this module
WITH_PARTS = f"""
SELECT {COLUMNS} FROM workflows_app_webhook h JOIN workflows_app_workflow w ON w.id = h.workflow_id
 WHERE h.is_live AND h.path LIKE '%%:%%' AND {IS_ANSWERING}
"""  # noqa: S608 - constants of this module


@dataclass(frozen=True, slots=True)
class Route:
    """One webhook. `options` is what its node says about bodies and answers."""

    webhook_id: UUID
    team_id: UUID
    methods: frozenset[str]
    response_mode: str
    options: dict[str, Any]
    path: str

    @property
    def is_form(self) -> bool:
        """Whether it is the address of a form's first page."""
        return self.options.get("kind") == "form"

    @property
    def is_chat(self) -> bool:
        return self.options.get("kind") == "chat"

    @property
    def is_webhook(self) -> bool:
        """Whether programs call it: it is the address of nothing that people see."""
        return not self.is_form and not self.is_chat

    @property
    def chosen(self) -> dict[str, Any]:
        """The node's own options group."""
        found = self.options.get("options")
        return found if isinstance(found, dict) else {}


@dataclass(frozen=True, slots=True)
class Match:
    route: Route
    params: dict[str, str]


class Routes:
    """Finds webhooks by token and by path. Misses are not remembered: a webhook just published answers at once."""

    def __init__(self, remembered_s: float = REMEMBERED_S) -> None:
        self._remembered_s = remembered_s
        self._found: OrderedDict[tuple[str, str], tuple[float, Match]] = OrderedDict()

    def remembered(self, kind: str, name: str) -> Match | None:
        entry = self._found.get((kind, name))
        return entry[1] if entry is not None and entry[0] > time.monotonic() else None

    def look_up(self, kind: str, name: str) -> Match | None:
        """Ask the database; `kind` is `token` or `path`. Raises psycopg.Error."""
        found = _by_token(name) if kind == "token" else _by_path(name)
        if found is not None:
            self._found[(kind, name)] = (time.monotonic() + self._remembered_s, found)
            while len(self._found) > KEPT:
                self._found.popitem(last=False)
        return found


def _by_token(token: str) -> Match | None:
    with pool().connection() as connection:
        row = connection.execute(BY_TOKEN, (token,)).fetchone()
    return None if row is None else Match(_route(row), {})


def _by_path(path: str) -> Match | None:
    with pool().connection() as connection:
        row = connection.execute(BY_PATH, (path,)).fetchone()
        if row is not None:
            return Match(_route(row), {})
        rows = connection.execute(WITH_PARTS).fetchall()
    matches = [Match(_route(row), params) for row in rows if (params := parts_of(row[5], path)) is not None]
    # The one with the most literal parts is the most specific.
    return min(matches, key=lambda match: len(match.params), default=None)


def parts_of(pattern: str, path: str) -> dict[str, str] | None:
    """The named parts of `users/:id` in `users/7`; None if the path does not fit."""
    wanted, given = pattern.split("/"), path.split("/")
    if len(wanted) != len(given):
        return None
    pairs = list(zip(wanted, given, strict=True))
    if any(not part.startswith(":") and part != value for part, value in pairs):
        return None
    return {part[1:]: value for part, value in pairs if part.startswith(":")}


def _route(row: tuple[Any, ...]) -> Route:
    webhook_id, team_id, methods, response_mode, options, path = row
    allowed = frozenset(part.strip().upper() for part in methods.split(",") if part.strip())
    return Route(webhook_id, team_id, allowed, response_mode, options or {}, path)
