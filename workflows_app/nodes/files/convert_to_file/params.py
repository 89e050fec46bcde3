"""Parameters of Convert to File."""

from typing import Annotated, Any, Literal

from pydantic import Field

from workflows_app.engine.params import Params, ui
from workflows_app.toolkit.calendar_fields import ICalFields
from workflows_app.toolkit.fields import AsGroup, Flag, Text

Operation = Literal["csv", "html", "iCal", "toJson", "ods", "rtf", "toText", "xls", "xlsx", "toBinary"]
CALENDAR = {"operation": ["iCal"]}
LABELS = ["CSV", "HTML table", "Calendar", "JSON", "ODS", "RTF", "Text", "XLS", "XLSX", "From Base64 text"]


class ConvertToFileOptions(Params):
    file_name: Text = Field("", title="File name", description="Name of the file.")
    mime_type: Text = Field("", title="File type", description="MIME type; follows from the name if empty.")
    delimiter: Text = Field(",", title="Delimiter", description="Character between the columns of a CSV.")
    header_row: Flag = Field(True, title="Header row", description="Write the names of the columns first.")
    sheet_name: Text = Field("Sheet", title="Sheet", description="Name of the sheet.")
    encoding: Text = Field("utf8", title="Encoding", description="Encoding of the file, such as utf8 or latin1.")
    add_bom: Flag = Field(
        False, alias="addBOM", title="Byte order mark", description="Begin with a mark, which some programs need."
    )
    format: Flag = Field(False, title="Indent", description="Write JSON over several lines.")
    data_is_base64: Flag = Field(True, title="Content is Base64", description="Decode the text first (version 1).")
    compression: Flag = Field(False, title="Compression", description="Write a smaller XLSX or ODS file.")


class ConvertToFileParams(Params):
    operation: Operation = Field(
        "csv", title="Kind of file", description="What is written.", json_schema_extra=ui(labels=LABELS)
    )
    mode: Literal["once", "each"] = Field(
        "once",
        title="Files",
        description="All items into one file, or a file per item.",
        json_schema_extra=ui(labels=["One for all items", "One per item"], visible_when={"operation": ["toJson"]}),
    )
    source_property: Text = Field(
        "",
        title="Content field",
        description="Field of the item that holds the content.",
        json_schema_extra=ui(visible_when={"operation": ["toText", "toBinary"]}),
    )
    title: Text = Field(
        "", title="Title", description="Title of the event.", json_schema_extra=ui(visible_when=CALENDAR)
    )
    start: Any = Field(
        "", title="Start", description="When it begins.", json_schema_extra=ui(widget="date", visible_when=CALENDAR)
    )
    end: Any = Field(
        "", title="End", description="When it ends.", json_schema_extra=ui(widget="date", visible_when=CALENDAR)
    )
    all_day: Flag = Field(
        False, title="All day", description="It takes whole days.", json_schema_extra=ui(visible_when=CALENDAR)
    )
    additional_fields: Annotated[ICalFields, AsGroup] = Field(
        default_factory=lambda: ICalFields.model_validate({}),
        title="Further fields",
        description="Finer points of the event.",
        json_schema_extra=ui(visible_when=CALENDAR),
    )
    binary_property_name: Text = Field("data", title="File field", description="Field of the item that gets the file.")
    options: Annotated[ConvertToFileOptions, AsGroup] = Field(
        default_factory=lambda: ConvertToFileOptions.model_validate({}), title="Options", description="Finer points."
    )
