"""Every page there is, and what it is called with."""

import re
from dataclasses import dataclass, replace
from fnmatch import fnmatch
from functools import cache
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import URLPattern, URLResolver, get_resolver

from pumpflix.tests.access import calls, table
from pumpflix.tests.access.calls import TARGETS
from pumpflix.tests.access.world import OTHER_MARK, OTHERS_VERSION, OWN_MARK, People, file_ref

SIGN_IN = ("/accounts/login/", "/accounts/signup/")
# Names in addresses that are no `<thing>_id` of the documented examples.
NAMED = {"user_id": "MEMBER", "view_id": "REPORT", "batch_id": "JOB", "table_id": "DATA_TABLE", "key_id": "API_KEY"}
PARTS = {
    "workflows_app:public-show": {"workflow_id": "public_workflow_id"},
    "workflows_app:public-copy": {"workflow_id": "public_workflow_id"},
    "accounts:invitation-accept": {"invitation_id": "own_invitation_id"},
    "accounts:invitation-decline": {"invitation_id": "own_invitation_id"},
}
SLUGS = {"own": "own-title", "other": "kept-title", "random": "no-such-title"}
NUMBERS = {"number": 1, "session_id": 999_999_999, "pk": 999_999_999}
# What a form has to say to be more than refused, and parameters without which there is nothing to show.
FIELDS: dict[str, dict[str, str]] = {
    "executions_app:runs-act": {"action": "delete", "run": "{EXECUTION}"},
    "executions_app:workflow-publish": {"live": "on"},
    "executions_app:workflow-tags": {"tags": "a"},
    "executions_app:workflow-run-to": {"node": "Variables"},
    "executions_app:execution-fork": {"node": "Variables", "items": "[]"},
    "executions_app:execution-file": {"node": "File", "ref": "{FILE}"},
    "executions_app:alert-create": {"channel": "email", "target": "a@mail.example", "after_failures": "1"},
    "executions_app:job-export": {"what": "executions", "format": "csv"},
    "executions_app:report-add": {"period": "week", "hour": "7", "time_zone": "UTC"},
    "executions_app:view-save": {"name": "Mine", "status": "error"},
    "executions_app:workflow-visibility": {"visibility": "private"},
    "executions_app:workflow-move": {"team": "{TEAM}"},
    "workflows_app:credential-new": {"type": "httpHeaderAuth", "label": "c", "name": "X", "value": "y"},
    "workflows_app:credential-share": {"team": "{TEAM}", "act": "stop"},
    "workflows_app:credential-move": {"team": "{TEAM}"},
    "workflows_app:credential-delete": {"sure": "on"},
    "accounts:key-create": {"name": "k", "scopes": "read"},
    "accounts:team-rename": {"name": "Night shift"},
    "accounts:team-invite": {"email": "grace@mail.example", "role": "viewer"},
    "accounts:member-role": {"role": "viewer"},
}
# With one's own object in the address and something of the other team beside it.
NESTED: dict[str, dict[str, str]] = {
    "executions_app:version-show/GET": {"number": str(OTHERS_VERSION)},
    "executions_app:version-restore/POST": {"number": str(OTHERS_VERSION)},
    "executions_app:execution-compare/GET": {"?with": "{FAILED_EXECUTION}"},
    "executions_app:execution-file/GET": {"?ref": "{FILE}"},
    "executions_app:workflow-show/GET": {"?run": "{EXECUTION}"},
    "executions_app:runs-act/POST": {"?run": "{EXECUTION}"},
    "executions_app:error-workflow/POST": {"?error_workflow": "{WORKFLOW}"},
    "executions_app:workflow-move/POST": {"?team": "{TEAM}"},
    "workflows_app:credential-share/POST": {"?team": "{TEAM}"},
    "workflows_app:credential-move/POST": {"?team": "{TEAM}"},
    "accounts:member-role/POST": {"user_id": "{MEMBER}"},
    "accounts:member-removal/GET": {"user_id": "{MEMBER}"},
    "accounts:member-remove/POST": {"user_id": "{MEMBER}"},
    "accounts:invitation-resend/POST": {"invitation_id": "{INVITATION}"},
    "accounts:invitation-withdraw/POST": {"invitation_id": "{INVITATION}"},
}


@dataclass(frozen=True)
class Page:
    """`route` is the address with its parts in braces."""

    name: str
    route: str

    @property
    def parts(self) -> list[str]:
        return re.findall(r"\{(\w+)\}", self.route)


def everything(patterns: list[Any], before: str = "/", spaces: tuple[str, ...] = ()) -> list[Page]:
    found = []
    for entry in patterns:
        here = before + re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", str(entry.pattern))
        if isinstance(entry, URLResolver):
            found += everything(entry.url_patterns, here, (*spaces, entry.namespace) if entry.namespace else spaces)
        elif isinstance(entry, URLPattern):
            found.append(Page(":".join([*spaces, entry.name]) if entry.name else here, here))
    return found


@cache
def pages() -> dict[str, Page]:
    """All but the operations of the API, which have rows of their own, and what is public by design."""
    designed = table.public()
    return {
        page.name: page
        for page in everything(get_resolver().url_patterns)
        if not page.name.startswith("api:") and not any(fnmatch(page.name, pattern) for pattern in designed)
    }


def ask(client: Client, key: str, target: str, people: People) -> calls.Answer:
    """`key` is the name of a page and a method."""
    name, method = key.rsplit("/", 1)
    page = pages()[name]
    ids = TARGETS["own" if target == "nested" else target]
    files = {"other": file_ref(OTHER_MARK, people.other_team)}
    given = {"FILE": files.get(target, file_ref(OWN_MARK, people.team)), **vars(ids)}
    fields = {field: text.format(**given) for field, text in FIELDS.get(name, {}).items()}
    parts = PARTS.get(name, {})
    values = {
        part: value_of(parts.get(part, part), ids, "own" if target == "nested" else target) for part in page.parts
    }
    if target == "nested":
        others = {"FILE": files["other"], **vars(TARGETS["other"])}
        for field, text in NESTED[key].items():
            (fields if field.startswith("?") else values)[field.lstrip("?")] = text.format(**others)
    with CaptureQueriesContext(connection) as queries:
        response = client.generic(method, page.route.format(**values), **sent(method, fields))
        answer = calls.as_answer(response, queries)
    return as_seen(answer, response)


def sent(method: str, fields: dict[str, str]) -> dict[str, Any]:
    if method == "GET":
        return {"QUERY_STRING": urlencode(fields)}
    return {"data": urlencode(fields), "content_type": "application/x-www-form-urlencoded"}


def value_of(part: str, ids: Any, target: str) -> Any:
    if part == "slug":
        return SLUGS[target]
    if part in NUMBERS:
        return NUMBERS[part]
    name = NAMED.get(part, part.removesuffix("_id").upper())
    return UUID(getattr(ids, name)) if hasattr(ids, name) else f"no-such-{part}"


def as_seen(answer: calls.Answer, response: Any) -> calls.Answer:
    """A page that sends to the sign-in page counts as 401."""
    goes_to = response.headers.get("Location", "")
    return replace(answer, status=401) if answer.status == 302 and goes_to.startswith(SIGN_IN) else answer
