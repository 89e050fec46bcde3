"""What is called for a row of the matrix: the documented example of an operation, with the ids of its target."""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from allauth.usersessions.models import UserSession
from django.apps import apps
from django.contrib.sessions.models import Session
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from accounts.models import AuditEntry, AuditHead
from executions_app.models import DailyAnalytics
from pumpflix.api.tests.test_examples import made, operations
from pumpflix.lib.rest.operations import REGISTRY, Sample
from pumpflix.tests.access.world import (
    IDS,
    MEMBERS,
    OF_OTHERS,
    OTHER,
    OTHER_MARK,
    OTHERS_VERSION,
    OWN,
    OWN_MARK,
    RANDOM,
    People,
    file_ref,
)

WRITING = ("INSERT", "UPDATE", "DELETE", "COPY", "WITH", "TRUNCATE")
TARGETS = {"own": OWN, "other": OTHER, "random": RANDOM}

# Bodies and parameters in which one's own object is called with something of another team.
NESTED: dict[str, tuple[Mapping[str, str], Mapping[str, str], Any]] = {
    "apiKeysCreate": ({}, {}, {"name": "k", "scopes": ["read"], "teamId": OTHER.TEAM}),
    "authLogout": ({}, {}, {"refreshToken": f"{OTHER_MARK}pf_rt_exampleexampleexampleexampleexampleexample1"}),
    "credentialsCreate": ({}, {}, {"name": "c", "type": "httpHeaderAuth", "fields": {}, "teamId": OTHER.TEAM}),
    "credentialsShare": ({}, {}, {"teamId": OTHER.TEAM}),
    "credentialsUnshare": ({"team_id": OTHER.TEAM}, {}, None),
    "executionsBulk": ({}, {}, {"action": "delete", "ids": [OTHER.EXECUTION, OTHER.FAILED_EXECUTION]}),
    "executionsCompare": ({}, {"with": OTHER.FAILED_EXECUTION}, None),
    "executionsFile": ({}, {"node": "File", "ref": "OTHER_FILE"}, None),
    "executionsList": ({}, {"workflowId": OTHER.WORKFLOW}, None),
    "exportsCreate": ({}, {}, {"workflowIds": [OWN.WORKFLOW, OTHER.WORKFLOW]}),
    "importsCheck": ({}, {"teamId": OTHER.TEAM}, None),
    "importsCreate": ({}, {"teamId": OTHER.TEAM}, None),
    "jobsExport": ({}, {}, {"what": "executions", "workflowId": OTHER.WORKFLOW}),
    "reportsCreate": ({}, {}, {"workflowId": OTHER.WORKFLOW}),
    "teamInvitationsResend": ({"invitation_id": OTHER.INVITATION}, {}, None),
    "teamInvitationsWithdraw": ({"invitation_id": OTHER.INVITATION}, {}, None),
    "teamMembersRemove": ({"user_id": OTHER.MEMBER}, {}, None),
    "teamMembersUpdate": ({"user_id": OTHER.MEMBER}, {}, {"role": "viewer"}),
    "templatesPromote": ({}, {}, {"name": "T", "description": "D", "sampleExecutionId": OTHER.EXECUTION}),
    "versionsGet": ({"number": str(OTHERS_VERSION)}, {}, None),
    "versionsRestore": ({"number": str(OTHERS_VERSION)}, {}, None),
    "webhooksList": ({}, {"workflowId": OTHER.WORKFLOW}, None),
    "workflowsCreate": ({}, {}, {"name": "w", "teamId": OTHER.TEAM}),
    "workflowsDuplicate": ({}, {}, {"teamId": OTHER.TEAM}),
    "workflowsList": ({}, {"teamId": OTHER.TEAM}, None),
    "workflowsListPublic": ({}, {"teamId": OTHER.TEAM}, None),
    "credentialsTransfer": ({}, {}, {"teamId": OTHER.TEAM}),
    "workflowsMove": ({}, {}, {"teamId": OTHER.TEAM, "isTrial": True}),
    "workflowsRunTo": ({}, {}, {"node": "Variables", "baseExecutionId": OTHER.EXECUTION}),
}
# The documented example shows a refusal, or needs what is made for these tests.
INSTEAD: dict[str, dict[str, Any]] = {
    "executionsBulk": {"body": {"action": "delete", "ids": [OWN.EXECUTION]}},
    "executionsFile": {"query": {"node": "File", "ref": "OWN_FILE"}},
    "importsCreate": {"query": {}},
    "templatesPromote": {"body": {"name": "Greet people", "description": "Says hello."}},
}


@dataclass(frozen=True)
class Answer:
    """`body` without the number of the request, `queries` the number of statements it took."""

    status: int
    body: str
    queries: int
    whole: str
    headers: frozenset[tuple[str, str]]
    may_have_changed: bool


def sample_of(name: str, target: str, people: People) -> Sample:
    """The call of an operation; `nested` and `nested-random` are one's own object with a part of another's, or of
    nobody's."""
    sample = replace(REGISTRY[name].samples[0], **INSTEAD.get(name, {}))
    if target.startswith("nested"):
        path, query, body = NESTED[name]
        sample = replace(
            sample, path={**sample.path, **path}, query={**query}, body=sample.body if body is None else body
        )
    else:
        ids = TARGETS[target]
        sample = replace(sample, path=swapped(dict(sample.path), ids), query=swapped(dict(sample.query), ids))
    if target == "nested-random":
        sample = unknown(sample)
    files = {"OWN_FILE": file_ref(OWN_MARK, people.team), "OTHER_FILE": file_ref(OTHER_MARK, people.other_team)}
    return replace(sample, query={name: files.get(value, value) for name, value in sample.query.items()})


def swapped(value: Any, ids: Any) -> Any:
    text = json.dumps(value)
    for name, own in IDS.items():
        text = text.replace(own, getattr(ids, name))
    return json.loads(text.replace("OWN_FILE", "OTHER_FILE") if ids is OTHER else text)


def unknown(sample: Sample) -> Sample:
    """What was of the other team becomes what is nobody's."""

    def of_nobody(value: Any) -> Any:
        text = json.dumps(value).replace(f'"{OTHERS_VERSION}"', '"78"').replace("OTHER_FILE", "sha256:" + "0" * 64)
        for name in IDS:
            text = text.replace(getattr(OTHER, name), getattr(RANDOM, name))
        return json.loads(text.replace(OTHER_MARK, "nobodys-"))

    return replace(
        sample, path=of_nobody(dict(sample.path)), query=of_nobody(dict(sample.query)), body=of_nobody(sample.body)
    )


def called(client: APIClient, name: str, sample: Sample) -> Answer:
    method, path, _ = operations()[name]
    with CaptureQueriesContext(connection) as queries:
        response = made(client, method, path, sample)
        return as_answer(response, queries)


def as_answer(response: Any, queries: CaptureQueriesContext) -> Answer:
    whole = b"".join(response.streaming_content) if response.streaming else response.content
    text = whole.decode("utf-8", "replace")
    request_id = response.headers.get("X-Request-Id", "")
    aside = ("X-Request-Id", "RateLimit-Remaining", "RateLimit-Reset", "Set-Cookie", "Content-Security-Policy")
    headers = frozenset((name, value) for name, value in response.headers.items() if name not in aside)
    body = text.replace(request_id, "") if request_id else text
    is_safe = response.wsgi_request.method in ("GET", "HEAD")
    wrote = any(query["sql"].lstrip().startswith(WRITING) for query in queries)
    return Answer(response.status_code, without_nonce(body), len(queries), text, headers, wrote or not is_safe)


def without_nonce(text: str) -> str:
    text = re.sub(r'nonce="[^"]*"', "", text)
    return re.sub(r'(csrfmiddlewaretoken" value|data-csrf|name="csrf-token" content)="[^"]*"', "", text)


def rows_digest(*, team: Any = None) -> str:
    """Of every row there is, or of those of a team: equal as long as nothing was changed. The trail of what was refused
    is no change, and neither are figures made of runs, and who is signed in."""
    aside = {AuditEntry, AuditHead, DailyAnalytics, Session, UserSession}
    parts, values = [], []
    for model in apps.get_models():
        if model in aside or not model._meta.managed or model._meta.proxy:
            continue
        columns = {field.column for field in model._meta.concrete_fields}
        if team is not None and "team_id" not in columns:
            continue
        where = "WHERE t.team_id = %s" if team is not None else ""
        values += [team] if team is not None else []
        parts.append(
            f"SELECT '{model._meta.label}' || coalesce(md5(string_agg(t::text, '|' ORDER BY t::text)), '') AS sum"
            f' FROM "{model._meta.db_table}" t {where}'
        )
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT md5(string_agg(sum, ',' ORDER BY sum)) FROM ({' UNION ALL '.join(parts)}) s", values)
        return str(cursor.fetchone()[0])


@dataclass(frozen=True)
class Seen:
    """What one caller got, and what it did to all rows and to those of the team."""

    answer: Answer
    changed: bool
    changed_own_team: bool


def seen_by(clients: Mapping[str, Client], ask: Callable[[Any], Answer], team: Any) -> dict[str, Seen]:
    """The same question of everybody, each in the world as it was."""
    before, before_team = rows_digest(), rows_digest(team=team)
    seen = {}
    for caller, client in clients.items():
        with transaction.atomic():
            answer = ask(client)
            changed = answer.may_have_changed and rows_digest() != before
            seen[caller] = Seen(answer, changed, changed and rows_digest(team=team) != before_team)
            transaction.set_rollback(True)
    return seen


def shows_others(caller: str, text: str) -> bool:
    """Whether it holds a name that only a team knows which the caller is not in."""
    marks = [OTHER_MARK] if caller in MEMBERS else [OWN_MARK] if caller in OF_OTHERS else [OWN_MARK, OTHER_MARK]
    return any(mark in text for mark in marks)
