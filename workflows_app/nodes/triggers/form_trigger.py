"""Form Trigger: start when a form is sent. The form itself is shown elsewhere; this node passes on what was entered."""

from typing import Annotated, Any, Literal

from pydantic import Field

from workflows_app.engine.node_type import NodeRun, NodeType, Outputs
from workflows_app.engine.params import Params, ui
from workflows_app.engine.registry import register
from workflows_app.toolkit.fields import AsGroup, Flag, Text
from workflows_app.toolkit.form_fields import FormFields


class FormTriggerOptions(Params):
    path: Text = Field("", title="Address", description="Last part of the form's address (from 2.1).")
    append_attribution: Flag = Field(True, title="Show where it runs", description="A line below the form.")
    button_label: Text = Field("", title="Button", description="Text on the button.")
    form_submitted_text: Text = Field("", title="Thanks", description="Shown after sending.")
    ignore_bots: Flag = Field(False, title="Ignore bots", description="Do not start for crawlers.")
    use_workflow_timezone: Flag = Field(
        False, title="Workflow's time zone", description="Note the time of sending in the workflow's zone."
    )
    respond_with_options: Any = Field(None, title="Answer", description="What is shown after sending.")
    custom_css: Text = Field("", title="Style", description="Style sheet of the form.")


class FormTriggerParams(Params):
    path: Text = Field("", title="Address", description="Last part of the form's address.")
    form_title: Text = Field("", title="Title", description="Heading of the form.")
    form_description: Text = Field(
        "", title="Description", description="Text below the heading.", json_schema_extra=ui(rows=2)
    )
    form_fields: Annotated[FormFields, AsGroup] = Field(
        default_factory=lambda: FormFields.model_validate({}), title="Fields", description="What is asked for."
    )
    define_form: Literal["fields", "json"] = Field(
        "fields",
        title="Fields come from",
        description="Rows, or a JSON list (from 2.1).",
        json_schema_extra=ui(labels=["Rows", "JSON"]),
    )
    json_output: Any = Field(
        "[]",
        title="Fields as JSON",
        description="A list of fields.",
        json_schema_extra=ui(widget="code", language="json", rows=8, visible_when={"defineForm": ["json"]}),
    )
    authentication: Literal["none", "basicAuth"] = Field(
        "none",
        title="Who may open it",
        description="Anyone, or those with name and password.",
        json_schema_extra=ui(labels=["Anyone", "With name and password"]),
    )
    response_mode: Literal["onReceived", "lastNode", "responseNode"] = Field(
        "onReceived",
        title="Answer",
        description="When the sender sees an answer.",
        json_schema_extra=ui(labels=["At once", "When the last node is done", "By a Respond node"]),
    )
    options: Annotated[FormTriggerOptions, AsGroup] = Field(
        default_factory=lambda: FormTriggerOptions.model_validate({}), title="Options", description="Finer points."
    )


@register
class FormTrigger(NodeType[FormTriggerParams]):
    """Start the workflow when someone sends its form. The item holds what was entered."""

    name = "n8n-nodes-base.formTrigger"
    label = "Form"
    group = "trigger"
    icon = "n-form"
    silhouette = "trigger"
    versions = (1, 2, 2.1, 2.2, 2.3)
    inputs = ()
    trigger = True
    credentials = ("httpBasicAuth",)
    Params = FormTriggerParams

    def execute(self, run: NodeRun[FormTriggerParams]) -> Outputs:
        return [run.items]
