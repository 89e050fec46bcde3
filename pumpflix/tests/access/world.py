"""Two teams that have one of everything each, and everybody who may come to them.

`OWN` are the ids of the team in question, those of the documented examples; `OTHER` those of a team that only the
stranger and the holder of the other key are in; `RANDOM` belong to nothing."""

import datetime
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any
from uuid import UUID, uuid5

from django.db import connection
from django.test import Client
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import ApiKey, Membership, Team, User
from accounts.services import api_keys, tokens
from accounts.services.teams import personal_team, system_team
from executions_app import payload_codec
from executions_app.models import Execution, JobFile, JobFilePart, NodeRun, SavedView
from executions_app.payloads import pack, store
from executions_app.tests.factories import VersionFactory
from pumpflix.api.tests.world import account, belongings, graph, move
from pumpflix.lib.rest import samples
from templates_app import catalog
from templates_app.models import Template
from templates_app.services.catalog import seed_categories, seed_title
from templates_app.tests.factories import TemplateFactory
from workflows_app.models import ImportBatch, Webhook, Workflow

IDS = {name: value for name, value in vars(samples).items() if name.isupper()}
OWN = SimpleNamespace(**IDS)
OTHER = SimpleNamespace(**{name: str(uuid5(UUID(value), "other")) for name, value in IDS.items()})
RANDOM = SimpleNamespace(**{name: str(uuid5(UUID(value), "random")) for name, value in IDS.items()})
OWN_MARK, OTHER_MARK = "own4711-", "oth4711-"
OTHERS_VERSION = 77
"""The number of a version that only the other team's workflow has."""
ROLES = ("owner", "editor", "operator", "viewer")
CALLERS = (*ROLES, "read_key", "other_key", "stranger", "admin", "visitor")
"""`read_key` is the owner's, with the scope `read`. `other_key` has every scope in the other team, of somebody who owns
both. The stranger owns the other team. The administrator is in neither."""
MEMBERS = (*ROLES, "read_key")
OF_OTHERS = ("other_key", "stranger")
FAR = datetime.datetime(9999, 1, 1, tzinfo=datetime.UTC)


@dataclass(frozen=True)
class People:
    """Ids of the accounts behind the callers, and the texts of the keys."""

    users: dict[str, UUID]
    keys: dict[str, str]
    team: UUID
    other_team: UUID


def make() -> People:
    gallery()
    team, other_team = (Team.objects.create(name=f"{mark}team") for mark in (OWN_MARK, OTHER_MARK))
    users = {role: account(f"{OWN_MARK}{role}@mail.example") for role in ROLES}
    users |= {"stranger": account("stranger@mail.example"), "both": account("both@mail.example")}
    users["admin"] = account("admin@mail.example", is_staff=True, is_superuser=True)
    joined(team, users)
    Membership.objects.create(team=other_team, user=users["stranger"], role="owner")
    for held in (team, other_team):
        Membership.objects.create(team=held, user=users["both"], role="owner")
    filled(users["owner"], team, OWN, OWN_MARK)
    filled(users["stranger"], other_team, OTHER, OTHER_MARK)
    joined(Team.objects.get(pk=OWN.TEAM), users)
    Membership.objects.create(team_id=OTHER.TEAM, user=users["both"], role="owner")
    VersionFactory(workflow=Workflow.objects.get(pk=OTHER.WORKFLOW), number=OTHERS_VERSION, checksum="other")
    keys = {
        "read_key": key(users["owner"], team, ["read"]),
        "other_key": key(users["both"], other_team, api_keys.SCOPES),
    }
    return People({name: user.pk for name, user in users.items()}, keys, team.pk, other_team.pk)


def gallery() -> None:
    """A shipped title, a public workflow of others, and a title that the other team keeps to itself."""
    title = next(title for title in catalog.titles() if title.slug == "json-diff")
    seed_title(title, system_team(), seed_categories(), 0)
    move(Template.objects.get(slug="json-diff"))
    others = account("public@mail.example", name="Somebody")
    Workflow.objects.create(
        id=UUID(OWN.PUBLIC_WORKFLOW), team=personal_team(others), created_by=others, name="A public one",
        visibility="public", graph=graph(),
    )  # fmt: skip


def joined(team: Team, users: dict[str, User]) -> None:
    for role in ROLES:
        Membership.objects.get_or_create(team=team, user=users[role], defaults={"role": role})


def filled(owner: User, team: Team, ids: Any, mark: str) -> None:
    """One of everything, and what the documented examples have none of: a file of a run, one of a job, a title of the
    team, a webhook, a view of runs."""
    workflow = belongings(owner, team, ids, mark)
    membership = Membership.objects.get(team=team, user=owner)
    about = {"status": "draft", "name": f"{mark}title"}
    if ids is OTHER:
        TemplateFactory(id=UUID(ids.TEMPLATE), membership=membership, slug="kept-title", **about)
    else:
        TemplateFactory(membership=membership, slug="own-title", **about)
    ImportBatch.objects.create(id=UUID(ids.JOB), owner=owner, origin=f"{mark}files", stage="checked")
    Webhook.objects.create(workflow=workflow, node="Hook", token=f"{mark}token", path="", methods="POST", options={})
    SavedView.objects.create(id=UUID(ids.REPORT), user=owner, name=f"{mark}view", query="status=error")
    job_file(UUID(ids.JOB), mark)
    run_file(Execution.objects.get(pk=ids.EXECUTION), mark)


def job_file(job_id: UUID, mark: str) -> None:
    expires = timezone.now() + datetime.timedelta(days=1)
    file = JobFile.objects.create(
        job_id=job_id, name=f"{mark}runs.csv", mime_type="text/csv", size_bytes=3, is_whole=True, expires_at=expires
    )
    JobFilePart.objects.create(file=file, number=0, data=b"a,b")


def run_file(execution: Execution, mark: str) -> None:
    stored = pack(execution.team_id, f"{mark}file".encode())
    with connection.cursor() as cursor:
        store(cursor, [stored], [(stored.id, execution.pk)])
    meta = {"id": stored.ref, "fileName": "a.txt", "mimeType": "text/plain"}
    NodeRun.objects.create(
        execution=execution, node="File", run_index=0, order=9, epoch=1, status="success", started_at=timezone.now(),
        finished_at=timezone.now(), duration_ms=1.0, items_in=[1], items_out=[1],
        output=payload_codec.encode([[{"json": {"note": mark}, "binary": {"data": meta}}]]),
    )  # fmt: skip


def file_ref(mark: str, team_id: UUID) -> str:
    return pack(team_id, f"{mark}file".encode()).ref


def key(user: User, team: Team, scopes: Any) -> str:
    made = api_keys.create(team=team, by=user, name="key", scopes=list(scopes))
    # Its use is noted once a minute, which would be a change that no operation made.
    ApiKey.objects.filter(pk=made.pk).update(last_used_at=FAR)
    return made.key


def api_client(people: People, caller: str) -> APIClient:
    """Of the API, as a program comes: with a token or a key."""
    client = APIClient(raise_request_exception=False)
    if caller in people.keys:
        client.credentials(HTTP_AUTHORIZATION=f"Bearer {people.keys[caller]}")
    elif caller != "visitor":
        pair = tokens.issue(User.objects.get(pk=people.users[caller]))
        client.credentials(HTTP_AUTHORIZATION=f"Bearer {pair.access_token}")
    return client


def browser(people: People, caller: str) -> Client:
    """Of the pages, with a session. A key opens none: who brings one is a visitor."""
    if caller in people.keys:
        return Client(raise_request_exception=False, headers={"Authorization": f"Bearer {people.keys[caller]}"})
    client = Client(raise_request_exception=False)
    if caller != "visitor":
        client.force_login(User.objects.get(pk=people.users[caller]))
    return client
