"""Form: a further page of a form, or its last one. The page itself is shown elsewhere."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import Field

from workflows_app.engine.errors import ParameterError
from workflows_app.engine.items import JsonObject
from workflows_app.engine.json_text import dumps
from workflows_app.engine.node_type import NodeRun, NodeType, Outputs, Pause
from workflows_app.engine.params import Params, ui
from workflows_app.engine.ports import WebhookResponse
from workflows_app.engine.registry import register
from workflows_app.toolkit.clock import MAX_WAIT_S, later
from workflows_app.toolkit.ensure import ensure
from workflows_app.toolkit.fields import AsGroup, Flag, Text
from workflows_app.toolkit.form_fields import FormFields, field_names, fields_from_json
from workflows_app.toolkit.form_pages import ENDING, page_of
from workflows_app.toolkit.schedules import seconds_of


class FormOptions(Params):
    form_title: Text = Field("", title="Title", description="Heading of the page.")
    form_description: Text = Field("", title="Description", description="Text below the heading.")
    button_label: Text = Field("", title="Button", description="Text on the button.")
    custom_css: Text = Field("", title="Style", description="Style sheet of the page.")


class FormParams(Params):
    operation: Literal["page", "completion"] = Field(
        "page",
        title="Page",
        description="A further page with fields, or the last page.",
        json_schema_extra=ui(labels=["A further page", "The last page"]),
    )
    define_form: Literal["fields", "json"] = Field(
        "fields",
        title="Fields come from",
        description="Rows, or a JSON list.",
        json_schema_extra=ui(labels=["Rows", "JSON"], visible_when={"operation": ["page"]}),
    )
    form_fields: Annotated[FormFields, AsGroup] = Field(
        default_factory=lambda: FormFields.model_validate({}),
        title="Fields",
        description="What is asked for.",
        json_schema_extra=ui(visible_when={"defineForm": ["fields"]}),
    )
    json_output: Any = Field(
        "[]",
        title="Fields as JSON",
        description="A list of fields.",
        json_schema_extra=ui(widget="code", language="json", rows=8, visible_when={"defineForm": ["json"]}),
    )
    limit_wait_time: Flag = Field(False, title="Limit the wait", description="Go on even if the page is not sent.")
    resume_amount: Any = Field(1, title="At most", description="Number of units to wait at most.")
    resume_unit: Text = Field("hours", title="Unit of the limit", description="Unit of the longest wait.")
    respond_with: Text = Field("text", title="Show", description="What the last page shows.")
    completion_title: Text = Field("", title="Heading", description="Heading of the last page.")
    completion_message: Text = Field("", title="Text", description="Text of the last page.")
    response_text: Text = Field("", title="Own page", description="HTML of the last page.")
    redirect_url: Text = Field("", title="Go to", description="Address to go to instead of a last page.")
    input_data_field_name: Text = Field("data", title="File", description="Field of the file to send.")
    options: Annotated[FormOptions, AsGroup] = Field(
        default_factory=lambda: FormOptions.model_validate({}), title="Options", description="Finer points."
    )


@register
class Form(NodeType[FormParams]):
    """Show a further page of a form and wait for it, or show the last page."""

    name = "n8n-nodes-base.form"
    label = "Form page"
    group = "flow"
    icon = "n-form"
    silhouette = "choice"
    versions = (1, 2, 2.3)
    Params = FormParams

    def execute(self, run: NodeRun[FormParams]) -> Outputs | Pause:
        """What was entered goes on; the last page passes its items on."""
        params = run.params
        if params.operation == "completion":
            run.respond(WebhookResponse(200, (("content-type", ENDING),), dumps(ending(run, params))))
            return [run.items]
        if run.is_resumed:
            return [run.items if run.resumed_with is None else run.resumed_with]
        fields = fields_of(params)
        if not field_names(fields):
            raise ParameterError("The page has no fields.", hint="Add a field, or make it the last page.")
        page = page_of(params.options.form_title, params.options.form_description, params.options.button_label, fields)
        return Pause("form", deadline(run, params) if params.limit_wait_time else None, page)


def ending(run: NodeRun[FormParams], params: FormParams) -> JsonObject:
    """The last page as data: words, an address to go to, HTML, or a file."""
    if params.respond_with == "redirect":
        return {"redirect": params.redirect_url}
    if params.respond_with == "showText":
        return {"html": params.response_text}
    words: JsonObject = {"title": params.completion_title, "message": params.completion_message}
    if params.respond_with != "returnBinary":
        return words
    name = params.input_data_field_name or "data"
    holder = next((item for item in run.items if name in item.binary), None)
    if holder is None:
        raise ParameterError(f"No item has a file named '{name}'.", hint="Set the field of the file to send.")
    return {**words, "file": holder.binary[name].to_json()}


def deadline(run: NodeRun[FormParams], params: FormParams) -> datetime:
    seconds = seconds_of(params.resume_amount, params.resume_unit)
    if not 0 <= seconds <= MAX_WAIT_S:
        raise ParameterError("The longest wait is no length of time.", hint="Enter a number from 0 up.")
    return later(run, seconds)


def fields_of(params: FormParams) -> FormFields:
    if params.define_form == "fields":
        return params.form_fields
    return fields_from_json(ensure("array", params.json_output, "jsonOutput"))
