"""`/api/workflows`: create, read, change, copy, switch on and off."""

from typing import Any
from uuid import UUID

from rest_framework.request import Request
from rest_framework.response import Response

from accounts.services.teams import team_for
from pumpflix.lib.rest.errors import found
from pumpflix.lib.rest.operations import Sample, operation, page_serializer
from pumpflix.lib.rest.paging import page_of
from pumpflix.lib.rest.samples import PUBLIC_WORKFLOW, WORKFLOW
from pumpflix.lib.rest.views import ApiView, repeatable
from workflows_app.api.examples import GRAPH
from workflows_app.api.serializers import (
    DuplicateSerializer,
    TagListSerializer,
    VariablesChangeSerializer,
    VariablesSerializer,
    WorkflowChangeSerializer,
    WorkflowConflictSerializer,
    WorkflowCreateSerializer,
    WorkflowDetailSerializer,
    WorkflowQuery,
    WorkflowReplaceSerializer,
    WorkflowSerializer,
)
from workflows_app.models import Workflow
from workflows_app.selectors import lists
from workflows_app.selectors.graph import variables
from workflows_app.services import edits, workflows
from workflows_app.services.variables import checked

TAG = "Workflows"
HERE = {"workflow_id": WORKFLOW}
WorkflowPage = page_serializer("WorkflowPage", WorkflowSerializer)


def workflow_of(request: Request, workflow_id: UUID) -> Workflow:
    """One of the caller's; else 404."""
    return found(lists.workflow_for(request.user, workflow_id))


def changes_of(given: dict[str, Any]) -> edits.Changes:
    named = ("name", "description", "tags", "visibility", "graph")
    return edits.Changes(**{name: given[name] for name in named if name in given})


class WorkflowsView(ApiView):
    @operation(
        "workflowsList",
        "List workflows",
        tag=TAG,
        query=WorkflowQuery,
        answers={200: WorkflowPage},
        errors=[403],
        description="Your teams' workflows without their graphs, last changed first.",
        samples=[
            Sample("Those that are switched on", query={"status": "live", "limit": 20}),
            Sample("By tag and words", query={"tags": "invoices", "search": "clean"}),
        ],
    )
    def get(self, request: Request) -> Response:
        query = self.query(WorkflowQuery)
        rows = lists.workflows_for(request.user, query.filters())
        return self.answer(WorkflowPage, page_of(rows, query.wanted(), by="updated_at"))

    @operation(
        "workflowsCreate",
        "Create a workflow",
        tag=TAG,
        body=WorkflowCreateSerializer,
        answers={201: WorkflowDetailSerializer},
        errors=[403, 404, 413, 415, 422],
        is_repeatable=True,
        description="A draft that is switched off. The graph is n8n JSON.",
        samples=[
            Sample("With a graph", {"name": "Greet", "tags": ["demo"], "graph": GRAPH}, status=201),
            Sample("Empty", {"name": "From nothing"}, status=201),
        ],
    )
    @repeatable
    def post(self, request: Request) -> Response:
        given = self.body(WorkflowCreateSerializer)
        team = team_for(request.user, given.pop("team_id", None))
        workflow = edits.create(changes_of(given), team=team, by=request.user)
        return self.answer(WorkflowDetailSerializer, workflow, status=201)


class PublicWorkflowsView(ApiView):
    @operation(
        "workflowsListPublic",
        "List public workflows",
        tag=TAG,
        query=WorkflowQuery,
        answers={200: WorkflowPage},
        errors=[403],
        description="What teams show to everybody who is signed in. Read one with `workflowsGet`, copy it with "
        "`workflowsDuplicate`.",
        samples=[Sample("Public ones", query={"search": "public"})],
    )
    def get(self, request: Request) -> Response:
        query = self.query(WorkflowQuery)
        page = page_of(lists.public_workflows(query.filters()), query.wanted(), by="updated_at")
        for workflow in page.items:
            workflow.team.name = lists.public_name(workflow)
        return self.answer(WorkflowPage, page)


class WorkflowView(ApiView):
    @operation(
        "workflowsGet",
        "Get a workflow",
        tag=TAG,
        answers={200: WorkflowDetailSerializer},
        errors=[403, 404],
        samples=[Sample("One of yours", path=HERE), Sample("A public one", path={"workflow_id": PUBLIC_WORKFLOW})],
    )
    def get(self, request: Request, workflow_id: UUID) -> Response:
        own = lists.workflow_for(request.user, workflow_id)
        return self.answer(WorkflowDetailSerializer, own or found(shared(workflow_id)))

    @operation(
        "workflowsReplace",
        "Replace a workflow",
        tag=TAG,
        body=WorkflowReplaceSerializer,
        answers={200: WorkflowDetailSerializer, 409: WorkflowConflictSerializer},
        errors=[403, 404, 413, 415, 422],
        description="Writes every field. `lockVersion` is that of the workflow as you read it; if somebody saved "
        "since, the answer is 409 with both sides.",
        samples=[Sample("All fields", {"name": "Greet", "graph": GRAPH, "lockVersion": 1}, path=HERE)],
    )
    def put(self, request: Request, workflow_id: UUID) -> Response:
        return self.save(request, workflow_id, self.body(WorkflowReplaceSerializer))

    @operation(
        "workflowsUpdate",
        "Change a workflow",
        tag=TAG,
        body=WorkflowChangeSerializer,
        answers={200: WorkflowDetailSerializer, 409: WorkflowConflictSerializer},
        errors=[403, 404, 413, 415, 422],
        description="Writes the fields that are given. A version is kept when nodes or wires change, and always with "
        "`createVersion`.",
        samples=[
            Sample("Another name", {"name": "Greet everybody"}, path=HERE),
            Sample("A graph, with its version", {"graph": GRAPH, "lockVersion": 1, "createVersion": True}, path=HERE),
        ],
    )
    def patch(self, request: Request, workflow_id: UUID) -> Response:
        return self.save(request, workflow_id, self.body(WorkflowChangeSerializer))

    @operation(
        "workflowsDelete",
        "Delete a workflow",
        tag=TAG,
        answers={204: None},
        errors=[403, 404],
        description="Switches its triggers off and takes it out of every list; its runs stay.",
        samples=[Sample("Delete", path=HERE, status=204)],
    )
    def delete(self, request: Request, workflow_id: UUID) -> Response:
        workflows.delete(workflow_of(request, workflow_id), by=request.user)
        return Response(status=204)

    def save(self, request: Request, workflow_id: UUID, given: dict[str, Any]) -> Response:
        workflow = edits.update(
            workflow_of(request, workflow_id),
            changes_of(given),
            by=request.user,
            lock_version=given.get("lock_version"),
            create_version=given["create_version"],
        )
        return self.answer(WorkflowDetailSerializer, workflow)


def shared(workflow_id: UUID) -> Workflow | None:
    """A public workflow of others: its definition, and no address of anybody."""
    workflow = lists.public_workflow(workflow_id)
    if workflow is not None:
        workflow.graph = edits.for_others(workflow)
        workflow.team.name = lists.public_name(workflow)
    return workflow


class DuplicateView(ApiView):
    @operation(
        "workflowsDuplicate",
        "Duplicate a workflow",
        tag=TAG,
        body=DuplicateSerializer,
        answers={201: WorkflowDetailSerializer},
        errors=[403, 404],
        is_repeatable=True,
        description="A draft of its own, switched off. A public workflow of others is copied to your team.",
        samples=[Sample("Under another name", {"name": "Greet again"}, path=HERE, status=201)],
    )
    @repeatable
    def post(self, request: Request, workflow_id: UUID) -> Response:
        given = self.body(DuplicateSerializer)
        own = lists.workflow_for(request.user, workflow_id)
        workflow = own or found(lists.readable_workflow(request.user, workflow_id))
        wanted = given.get("team_id")
        team = workflow.team if own and not wanted else team_for(request.user, wanted)
        copied = edits.duplicate(workflow, by=request.user, team=team, name=given.get("name", ""))
        return self.answer(WorkflowDetailSerializer, copied, status=201)


class PublishView(ApiView):
    @operation(
        "workflowsPublish",
        "Switch a workflow on",
        tag=TAG,
        answers={200: WorkflowSerializer},
        errors=[403, 404, 422],
        description="Makes a version of the draft and lets its triggers run it: webhooks answer, schedules count.",
        samples=[Sample("On", path=HERE)],
    )
    def post(self, request: Request, workflow_id: UUID) -> Response:
        workflow = workflows.publish(workflow_of(request, workflow_id), by=request.user)
        return self.answer(WorkflowSerializer, workflow)


class UnpublishView(ApiView):
    @operation(
        "workflowsUnpublish",
        "Switch a workflow off",
        tag=TAG,
        answers={200: WorkflowSerializer},
        errors=[403, 404],
        description="Nothing starts it but a call of `workflowsExecute`; what runs goes on.",
        samples=[Sample("Off", path=HERE)],
    )
    def post(self, request: Request, workflow_id: UUID) -> Response:
        workflow = workflows.unpublish(workflow_of(request, workflow_id), by=request.user)
        return self.answer(WorkflowSerializer, workflow)


class VariablesView(ApiView):
    @operation(
        "workflowsVariables",
        "Get a workflow's variables",
        tag=TAG,
        answers={200: VariablesSerializer},
        errors=[403, 404],
        samples=[Sample("Variables", path=HERE)],
    )
    def get(self, request: Request, workflow_id: UUID) -> Response:
        workflow = workflow_of(request, workflow_id)
        return self.answer(VariablesSerializer, {"items": variables(workflow.graph)})

    @operation(
        "workflowsSetVariables",
        "Set a workflow's variables",
        tag=TAG,
        body=VariablesChangeSerializer,
        answers={200: VariablesSerializer},
        errors=[403, 404, 409, 422],
        description="Writes values into the node `Variables`; those that are not named stay.",
        samples=[Sample("One value", {"values": {"greeting": "Good morning"}}, path=HERE)],
    )
    def put(self, request: Request, workflow_id: UUID) -> Response:
        workflow = workflow_of(request, workflow_id)
        values = checked(variables(workflow.graph), self.body(VariablesChangeSerializer)["values"])
        workflows.set_variables(workflow, values=values, by=request.user)
        return self.answer(VariablesSerializer, {"items": variables(workflow.graph)})


class TagsView(ApiView):
    @operation("tagsList", "List tags in use", tag=TAG, answers={200: TagListSerializer}, errors=[403])
    def get(self, request: Request) -> Response:
        return self.answer(TagListSerializer, {"items": lists.tags_for(request.user)})
