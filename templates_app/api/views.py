"""`/api/workflow-templates`: the gallery, using a title, making one."""

from uuid import UUID

from rest_framework import exceptions
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.services import roles
from executions_app.services import cassette_of
from pumpflix.lib.rest.errors import found
from pumpflix.lib.rest.operations import Sample, operation, page_serializer
from pumpflix.lib.rest.paging import PageQuery, page_of
from pumpflix.lib.rest.samples import TEMPLATE, WORKFLOW
from pumpflix.lib.rest.views import ApiView, repeatable
from templates_app import catalogue
from templates_app.api.serializers import (
    CategoryListSerializer,
    PromoteSerializer,
    TemplateDetailSerializer,
    TemplateQuery,
    TemplateSerializer,
    TemplateVersionSerializer,
    UseSerializer,
)
from templates_app.models import Template
from templates_app.services import templates
from workflows_app.api.serializers import WorkflowDetailSerializer
from workflows_app.errors import Unsuitable
from workflows_app.selectors.lists import workflow_for
from workflows_app.services import workflows

TAG = "Templates"
TemplatePage = page_serializer("TemplatePage", TemplateSerializer)
TemplateVersionPage = page_serializer("TemplateVersionPage", TemplateVersionSerializer)


def template_of(request: Request, key: str) -> Template:
    return found(catalogue.template_for(request.user, key))


class TemplatesView(ApiView):
    @operation(
        "templatesList",
        "List templates",
        tag=TAG,
        query=TemplateQuery,
        answers={200: TemplatePage},
        errors=[403],
        description="Published titles, and those your teams saved, newest first.",
        samples=[
            Sample("Shipped ones", query={"sourceType": "prebuilt", "limit": 5}),
            Sample("By words", query={"search": "csv clean"}),
        ],
    )
    def get(self, request: Request) -> Response:
        query = self.query(TemplateQuery)
        rows = catalogue.templates_for(request.user, query.filters())
        return self.answer(TemplatePage, page_of(rows, query.wanted(), by="created_at"))


class TemplateView(ApiView):
    @operation(
        "templatesGet",
        "Get a template with its graph",
        tag=TAG,
        answers={200: TemplateDetailSerializer},
        errors=[403, 404],
        description="By id or by slug.",
        samples=[Sample("By id", path={"template_id": TEMPLATE}), Sample("By slug", path={"template_id": "json-diff"})],
    )
    def get(self, request: Request, template_id: str) -> Response:
        return self.answer(TemplateDetailSerializer, template_of(request, template_id))


class TemplateVersionsView(ApiView):
    @operation(
        "templatesVersions",
        "List versions of a template",
        tag=TAG,
        query=PageQuery,
        answers={200: TemplateVersionPage},
        errors=[403, 404],
        samples=[Sample("Versions", path={"template_id": TEMPLATE})],
    )
    def get(self, request: Request, template_id: str) -> Response:
        rows = catalogue.template_versions(template_of(request, template_id))
        return self.answer(TemplateVersionPage, page_of(rows, self.query(PageQuery).wanted(), by="created_at"))


class UseView(ApiView):
    @operation(
        "templatesUse",
        "Make a workflow of a template",
        tag=TAG,
        body=UseSerializer,
        answers={201: WorkflowDetailSerializer},
        errors=[403, 404, 422],
        is_repeatable=True,
        description="A draft of your own with fresh webhook paths. Then set its variables (`workflowsSetVariables`).",
        samples=[Sample("Use it", {}, path={"template_id": TEMPLATE}, status=201)],
    )
    @repeatable
    def post(self, request: Request, template_id: str) -> Response:
        template = template_of(request, template_id)
        given = self.body(UseSerializer)
        workflow = templates.use(template, by=request.user)
        if given["name"]:
            workflows.rename(workflow, name=given["name"], by=request.user)
        return self.answer(WorkflowDetailSerializer, workflow, status=201)


class PromoteView(ApiView):
    @operation(
        "templatesPromote",
        "Save a workflow as a template",
        tag=TAG,
        body=PromoteSerializer,
        answers={201: TemplateDetailSerializer},
        errors=[403, 404, 409, 422],
        is_repeatable=True,
        description="Needs a run that worked: its data becomes the sample. The title is your team's until a curator "
        "publishes it. Required credentials and variables are read from the workflow; anything that looks like a "
        "secret stops it.",
        samples=[
            Sample(
                "Promote",
                {"name": "Greet people", "description": "Says hello.\n\nTo everybody."},
                path={"instance_id": WORKFLOW},
                status=201,
            )
        ],
    )
    @repeatable
    def post(self, request: Request, instance_id: UUID) -> Response:
        workflow = found(workflow_for(request.user, instance_id))
        roles.require(request.user, workflow.team_id, "editor")
        given = self.body(PromoteSerializer)
        category = catalogue.category_for(workflow, given["category"])
        if category is None:
            raise exceptions.ValidationError({"category": ["There is no such category."]})
        sample = catalogue.sample_for(workflow, given["sample_execution_id"])
        if sample is None:
            raise Unsuitable(
                "A template shows a run that worked, and there is none.",
                code="sample_missing",
                hint="Execute the workflow once, then promote it.",
            )
        card = templates.Card(given["name"], given["description"], category, given["thumbnail"])
        saved = templates.promote(workflow, by=request.user, card=card, cassette=cassette_of(sample))
        return self.answer(TemplateDetailSerializer, template_of(request, str(saved.pk)), status=201)


class CategoriesView(ApiView):
    @operation("categoriesList", "List categories", tag=TAG, answers={200: CategoryListSerializer}, errors=[403])
    def get(self, request: Request) -> Response:
        return self.answer(CategoryListSerializer, {"items": catalogue.categories(request.user)})
