"""Sticky Note: words on the canvas. Never runs."""

from pydantic import Field

from workflows_app.engine.node_type import NodeRun, NodeType, Outputs
from workflows_app.engine.params import Params, ui
from workflows_app.engine.registry import register
from workflows_app.toolkit.fields import Text, Whole


class StickyNoteParams(Params):
    content: Text = Field(
        "",
        title="Text",
        description="What the note says, in Markdown.",
        json_schema_extra=ui(widget="markdown", rows=8, no_expression=True),
    )
    height: Whole = Field(160, title="Height", description="Height on the canvas, in pixels.")
    width: Whole = Field(240, title="Width", description="Width on the canvas, in pixels.")
    color: int | str = Field(1, title="Colour", description="Number of a preset colour, or a hex value.")


@register
class StickyNote(NodeType[StickyNoteParams]):
    """A note for the people who read the workflow. It has no wires and never runs."""

    name = "n8n-nodes-base.stickyNote"
    label = "Note"
    group = "flow"
    icon = "n-md"
    inputs = ()
    outputs = ()
    Params = StickyNoteParams

    def execute(self, run: NodeRun[StickyNoteParams]) -> Outputs:  # noqa: ARG002 - a note never runs
        return []
