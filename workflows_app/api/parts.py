"""Versions, webhooks, imports, exports and node types."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.utils.http import content_disposition_header
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse
from rest_framework import exceptions, serializers
from rest_framework.parsers import BaseParser
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.services.teams import team_for
from pumpflix.lib.rest.errors import found
from pumpflix.lib.rest.operations import Sample, operation, page_serializer
from pumpflix.lib.rest.paging import PageQuery, page_of
from pumpflix.lib.rest.samples import WORKFLOW
from pumpflix.lib.rest.serializers import QuerySerializer
from pumpflix.lib.rest.views import ApiView
from workflows_app.api.examples import GRAPH
from workflows_app.api.serializers import (
    ExportSerializer,
    ImportedSerializer,
    ImportReportsSerializer,
    NodeTypeDetailSerializer,
    NodeTypeListSerializer,
    VersionDetailSerializer,
    VersionSerializer,
    WebhookQuery,
    WebhookSerializer,
    WorkflowDetailSerializer,
)
from workflows_app.api.workflows import HERE, workflow_of
from workflows_app.selectors import lists
from workflows_app.selectors.node_types import node_type, node_types
from workflows_app.services import archives, edits
from workflows_app.services.imports import MAX_IMPORT_BYTES

VersionPage = page_serializer("VersionPage", VersionSerializer)
WebhookPage = page_serializer("WebhookPage", WebhookSerializer)


class VersionsView(ApiView):
    @operation(
        "versionsList",
        "List versions of a workflow",
        tag="Versions",
        query=PageQuery,
        answers={200: VersionPage},
        errors=[403, 404],
        samples=[Sample("Versions", path=HERE)],
    )
    def get(self, request: Request, workflow_id: UUID) -> Response:
        rows = lists.versions_of(workflow_of(request, workflow_id))
        return self.answer(VersionPage, page_of(rows, self.query(PageQuery).wanted(), by="created_at"))


class VersionView(ApiView):
    @operation(
        "versionsGet",
        "Get a version with its graph",
        tag="Versions",
        answers={200: VersionDetailSerializer},
        errors=[403, 404],
        samples=[Sample("The first", path={**HERE, "number": "1"})],
    )
    def get(self, request: Request, workflow_id: UUID, number: int) -> Response:
        version = found(lists.version_of(workflow_of(request, workflow_id), number))
        return self.answer(VersionDetailSerializer, version)


class VersionRestoreView(ApiView):
    @operation(
        "versionsRestore",
        "Make a version the draft again",
        tag="Versions",
        answers={200: WorkflowDetailSerializer},
        errors=[403, 404, 409],
        description="The draft as it was is kept as a version first. What triggers run does not change.",
        samples=[Sample("The first", path={**HERE, "number": "1"})],
    )
    def post(self, request: Request, workflow_id: UUID, number: int) -> Response:
        workflow = workflow_of(request, workflow_id)
        version = found(lists.version_of(workflow, number))
        return self.answer(WorkflowDetailSerializer, edits.restore(workflow, version, by=request.user))


class WebhooksView(ApiView):
    @operation(
        "webhooksList",
        "List webhooks",
        tag="Webhooks",
        query=WebhookQuery,
        answers={200: WebhookPage},
        errors=[403],
        description="The addresses under which your workflows can be called; they answer while the workflow is on.",
        samples=[Sample("Of one workflow", query={"workflowId": WORKFLOW})],
    )
    def get(self, request: Request) -> Response:
        query = self.query(WebhookQuery)
        rows = lists.webhooks_for(request.user, workflow=query.validated_data.get("workflow_id"))
        page = page_of(rows, query.wanted(), by="created_at")
        for row in page.items:
            place = "form" if row.options.get("kind") == "form" else "hook"
            row.url = request.build_absolute_uri(f"/{place}/{row.token}")
            row.methods = row.methods.split(",")
        return self.answer(WebhookPage, page)


class FileParser(BaseParser):
    """The bytes of the body, whatever they are: the import says what is wrong with them."""

    media_type = "*/*"

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Any = None) -> bytes:
        most = parser_context["view"].most_bytes
        data: bytes = stream.read(most + 1)
        if len(data) > most:
            raise TooLarge
        return data


def body_of(request: Request) -> bytes:
    """What the parser read. Nothing at all is never given to it."""
    return request.data if isinstance(request.data, bytes) else b""


class TooLarge(exceptions.APIException):
    status_code = 413
    default_code = "too_large"
    default_detail = f"At most {MAX_IMPORT_BYTES // 1_048_576} MB are read at once."


class ImportQuery(QuerySerializer):
    repair = serializers.BooleanField(required=False, default=False, help_text="Cut wires that lead nowhere.")
    team_id = serializers.UUIDField(required=False, help_text="Where the workflows go; your own team without it.")


class ImportCheckView(ApiView):
    scopes = {"POST": "read"}
    parser_classes = (FileParser,)
    most_bytes = MAX_IMPORT_BYTES

    @operation(
        "importsCheck",
        "Look at workflows before importing them",
        tag="Imports and exports",
        body={"application/json": OpenApiTypes.OBJECT, "application/zip": OpenApiTypes.BINARY},
        query=ImportQuery,
        answers={200: ImportReportsSerializer},
        errors=[403, 413],
        description="Takes n8n JSON, a list of it, or a zip of files; stores nothing and says what each would become.",
        samples=[Sample("One workflow", GRAPH)],
    )
    def post(self, request: Request) -> Response:
        query = self.query(ImportQuery).validated_data
        entries = archives.read(body_of(request), repair=query["repair"])
        return self.answer(ImportReportsSerializer, {"items": [as_report(entry) for entry in entries]})


class ImportsView(ApiView):
    parser_classes = (FileParser,)
    most_bytes = MAX_IMPORT_BYTES

    @operation(
        "importsCreate",
        "Import workflows",
        tag="Imports and exports",
        body={"application/json": OpenApiTypes.OBJECT, "application/zip": OpenApiTypes.BINARY},
        query=ImportQuery,
        answers={201: ImportedSerializer, 422: ImportedSerializer},
        errors=[403, 404, 413],
        description="Takes what `importsCheck` takes. What can be imported becomes a draft, the rest comes back with "
        "its problems; 422 when nothing could.",
        samples=[Sample("One workflow", {**GRAPH, "name": "Brought along"}, status=201)],
    )
    def post(self, request: Request) -> Response:
        query = self.query(ImportQuery).validated_data
        team = team_for(request.user, query.get("team_id"))
        imported = archives.create(archives.read(body_of(request), repair=query["repair"]), team=team, by=request.user)
        answer = {"created": imported.created, "refused": [as_report(entry) for entry in imported.refused]}
        return self.answer(ImportedSerializer, answer, status=201 if imported.created else 422)


def as_report(entry: archives.Entry) -> dict[str, Any]:
    report = entry.report
    return {
        "file": entry.name,
        "name": report.name,
        "importable": report.is_importable,
        "repairable": report.is_repairable,
        "summary": report.verdict if report.is_importable else report.problems[0].message,
        "nodes": [{"node": node.name, "type": node.type, "verdict": node.verdict} for node in report.verdicts],
        "credentials": report.credentials,
        "changes": report.changes,
        "problems": [vars_of(problem) for problem in report.problems],
    }


def vars_of(problem: Any) -> dict[str, str]:
    return {"path": problem.path, "message": problem.message, "code": problem.code}


class ExportView(ApiView):
    limit = "export"

    @operation(
        "workflowsExport",
        "Export a workflow",
        tag="Imports and exports",
        answers={200: OpenApiResponse(OpenApiTypes.OBJECT, "n8n JSON, as a download.")},
        errors=[403, 404],
        samples=[Sample("As n8n JSON", path=HERE)],
    )
    def get(self, request: Request, workflow_id: UUID) -> Response:
        workflow = workflow_of(request, workflow_id)
        name = archives.free_file_name(workflow.name, set())
        return Response(edits.final_json(workflow), headers={"Content-Disposition": attachment(name)})


class ExportsView(ApiView):
    limit = "export"
    scopes = {"POST": "read"}

    @operation(
        "exportsCreate",
        "Export several workflows",
        tag="Imports and exports",
        body=ExportSerializer,
        answers={(200, "application/zip"): OpenApiTypes.BINARY},
        errors=[403, 404],
        description="A zip with one n8n JSON file each. One that is not yours makes it 404.",
        samples=[Sample("A zip", {"workflowIds": [WORKFLOW]})],
    )
    def post(self, request: Request) -> HttpResponse:
        ids = self.body(ExportSerializer)["workflow_ids"]
        chosen = [workflow_of(request, workflow_id) for workflow_id in dict.fromkeys(ids)]
        data = archives.write_zip(chosen, by=request.user)
        return HttpResponse(
            data, content_type="application/zip", headers={"Content-Disposition": attachment("workflows.zip")}
        )


def attachment(name: str) -> str:
    return content_disposition_header(as_attachment=True, filename=name) or "attachment"


class NodeTypesView(ApiView):
    @operation(
        "nodeTypesList", "List node types", tag="Node types", answers={200: NodeTypeListSerializer}, errors=[403]
    )
    def get(self, request: Request) -> Response:
        return self.answer(NodeTypeListSerializer, {"items": node_types()})


class NodeTypeView(ApiView):
    @operation(
        "nodeTypesGet",
        "Get a node type and the schema of its parameters",
        tag="Node types",
        answers={200: NodeTypeDetailSerializer},
        errors=[403, 404],
        samples=[Sample("Set", path={"name": "n8n-nodes-base.set"})],
    )
    def get(self, request: Request, name: str) -> Response:
        return self.answer(NodeTypeDetailSerializer, found(node_type(name)))
