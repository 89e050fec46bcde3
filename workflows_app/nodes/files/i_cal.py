"""iCalendar: an event as a file."""

from typing import Annotated, Any

from pydantic import Field

from workflows_app.engine.items import Item
from workflows_app.engine.node_type import NodeRun, NodeType, Outputs
from workflows_app.engine.params import Params, ui
from workflows_app.engine.registry import register
from workflows_app.toolkit.calendar_fields import ICalFields, event_file
from workflows_app.toolkit.fields import AsGroup, Flag, Text


class ICalParams(Params):
    title: Text = Field("", title="Title", description="Title of the event.")
    start: Any = Field("", title="Start", description="When it begins.", json_schema_extra=ui(widget="date"))
    end: Any = Field("", title="End", description="When it ends.", json_schema_extra=ui(widget="date"))
    all_day: Flag = Field(False, title="All day", description="It takes whole days.")
    binary_property_name: Text = Field("data", title="File field", description="Field of the item that gets the file.")
    additional_fields: Annotated[ICalFields, AsGroup] = Field(
        default_factory=lambda: ICalFields.model_validate({}), title="Further fields", description="Finer points."
    )


@register
class ICal(NodeType[ICalParams]):
    """Make a calendar file with one event of each item."""

    name = "n8n-nodes-base.iCal"
    label = "iCalendar"
    group = "files"
    icon = "n-file"
    silhouette = "keep"
    Params = ICalParams

    def execute(self, run: NodeRun[ICalParams]) -> Outputs:
        def work(item: Item, params: ICalParams, index: int) -> Item:
            file = event_file(run, params, index)
            return Item(json={}, binary={**item.binary, params.binary_property_name or "data": file})

        return [run.map(work)]
