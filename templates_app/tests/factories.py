"""Rows of the gallery for tests: small, and made without playing anything."""

from typing import Any

import factory
from factory.django import DjangoModelFactory

from accounts.tests.factories import MembershipFactory
from templates_app.models import Category, SelfTest, Template, TemplateVersion
from workflows_app.services import versions as workflow_versions
from workflows_app.tests.factories import WorkflowFactory

GRAPH: dict[str, Any] = {
    "name": "Two nodes",
    "nodes": [
        {"id": "a", "name": "Start", "type": "n8n-nodes-base.manualTrigger", "typeVersion": 1, "position": [0, 0],
         "parameters": {}},
        {"id": "b", "name": "Rest", "type": "n8n-nodes-base.noOp", "typeVersion": 1, "position": [220, 0],
         "parameters": {}},
    ],
    "connections": {"Start": {"main": [[{"node": "Rest", "type": "main", "index": 0}]]}},
    "settings": {"executionOrder": "v1"},
}  # fmt: skip
CASSETTE = b'{"version":1,"trigger":{"node":"Start","items":[{"json":{"a":1}}]},"calls":[]}'


class CategoryFactory(DjangoModelFactory):
    class Meta:
        model = Category
        django_get_or_create = ("slug",)

    slug = "clean"
    name = "Clean data"
    tint = "clean"


class TemplateFactory(DjangoModelFactory):
    """A published title with a version whose sample plays; `graph` and `cassette` may be given."""

    class Meta:
        model = Template
        skip_postgeneration_save = True
        exclude = ("membership",)

    membership = factory.SubFactory(MembershipFactory)

    slug = factory.Sequence(lambda number: f"title-{number}")
    source_type = "user"
    team = factory.SelfAttribute("membership.team")
    category = factory.SubFactory(CategoryFactory)
    name = factory.Sequence(lambda number: f"Title {number}")
    pitch = "Does one thing."
    description = "Does one thing, and says so."
    status = "published"
    created_by = factory.SelfAttribute("membership.user")

    @factory.post_generation
    def version(self, create, extracted, **given):
        graph, cassette = given.get("graph", GRAPH), given.get("cassette", CASSETTE)
        holder = WorkflowFactory(team=self.team, created_by=self.created_by, membership=None, graph=graph)
        snapshot = workflow_versions.snapshot(holder, graph=graph, reason="template", by=None)
        made = TemplateVersion.objects.create(template=self, number=1, workflow_version=snapshot, cassette=cassette)
        SelfTest.objects.create(version=made, result="passed")
        self.current_version = made
        self.save()
