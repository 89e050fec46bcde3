"""Executions for tests."""

from typing import Any

import factory
from factory.django import DjangoModelFactory

from executions_app import payload_codec
from executions_app.models import Execution
from workflows_app.models import Webhook, WorkflowVersion
from workflows_app.services.versions import checksum
from workflows_app.tests.factories import WorkflowFactory
from workflows_app.tests.graphs import manual_set, webhook_chain


class VersionFactory(DjangoModelFactory):
    class Meta:
        model = WorkflowVersion

    workflow = factory.SubFactory(WorkflowFactory)
    number = factory.Sequence(lambda n: n + 1)
    graph = factory.SelfAttribute("workflow.graph")
    checksum = factory.LazyAttribute(lambda version: checksum(version.graph))
    reason = "run"


class ExecutionFactory(DjangoModelFactory):
    """Queued, unless a status is given; a running one belongs to another worker."""

    class Meta:
        model = Execution

    version = factory.SubFactory(VersionFactory)
    workflow = factory.SelfAttribute("version.workflow")
    team = factory.SelfAttribute("workflow.team")
    mode = "manual"
    start_node = "Start"


def version_of(graph: dict[str, Any], **workflow: Any) -> WorkflowVersion:
    return VersionFactory(workflow=WorkflowFactory(graph=graph, **workflow))


def execution_of(graph: dict[str, Any] | None = None, items: list[Any] | None = None, **fields: Any) -> Execution:
    """A queued execution of that graph, started with those items."""
    if items is not None:
        fields["trigger_items"] = payload_codec.encode(items)
    return ExecutionFactory(version=version_of(graph or manual_set(greeting="Hello")), **fields)


def live_webhook(graph: dict[str, Any] | None = None, **fields: Any) -> Webhook:
    """A webhook of a workflow that is switched on."""
    graph = graph or webhook_chain()
    version = version_of(graph)
    version.workflow.live_version = version
    version.workflow.save()
    parameters = graph["nodes"][0]["parameters"]
    values = {
        "node": graph["nodes"][0]["name"],
        "token": f"token-{version.pk.hex}",
        "path": parameters.get("path", ""),
        "methods": parameters.get("httpMethod", "POST"),
        "response_mode": parameters.get("responseMode", "onReceived"),
        "options": {"options": parameters.get("options", {})},
        "is_live": True,
    }
    return Webhook.objects.create(workflow=version.workflow, **{**values, **fields})
