"""Parameters of Extract from File."""

from typing import Annotated, Literal

from pydantic import Field

from workflows_app.engine.params import Params, ui
from workflows_app.toolkit.fields import AsGroup, Flag, Text, Whole

Operation = Literal[
    "csv", "html", "fromIcs", "fromJson", "ods", "pdf", "rtf", "text", "xml", "xls", "xlsx", "binaryToPropery"
]  # fmt: skip
LABELS = [
    "CSV", "HTML table", "Calendar", "JSON", "ODS", "PDF", "RTF", "Text", "XML", "XLS", "XLSX", "Base64 text",
]  # fmt: skip
TABLES = ["csv", "html", "ods", "rtf", "xls", "xlsx"]


class ExtractFromFileOptions(Params):
    delimiter: Text = Field(",", title="Delimiter", description="Character between the columns of a CSV.")
    encoding: Text = Field("utf8", title="Encoding", description="Encoding of the file, such as utf8 or latin1.")
    header_row: Flag = Field(True, title="Header row", description="The first row holds the names of the columns.")
    include_empty_cells: Flag = Field(False, title="Keep empty cells", description="Write empty cells as empty text.")
    relax_quotes: Flag = Field(False, title="Relax quotes", description="Allow quotes in the middle of a value.")
    skip_records_with_errors: Flag = Field(
        False, title="Skip broken rows", description="Leave out rows that do not fit the header."
    )
    from_line: Whole = Field(1, ge=0, title="First line", description="Line of the CSV to begin at, counted from 1.")
    max_row_count: Whole = Field(-1, title="Max rows", description="Rows beyond it are not read; -1 reads all.")
    enable_bom: Flag = Field(
        False,
        alias="enableBOM",
        title="Drop byte order mark",
        description="Leave the mark at the start of a CSV out (always so from 1.1).",
    )
    range: Text = Field("", title="Range", description="Cells to read, like A1:D20, or a number of rows to skip.")
    sheet_name: Text = Field("", title="Sheet", description="Name of the sheet; the first one if empty.")
    strip_bom: Flag = Field(
        True, alias="stripBOM", title="Drop byte order mark", description="Leave the mark at the start of a text out."
    )
    join_pages: Flag = Field(True, title="Join pages", description="One text of all pages of a PDF, or a list.")
    max_pages: Whole = Field(0, ge=0, title="Max pages", description="Pages of a PDF to read; 0 reads all.")
    password: Text = Field(
        "",
        title="Password",
        description="Password to open a PDF with.",
        json_schema_extra=ui(widget="password"),
    )
    keep_source: Literal["", "json", "binary", "both"] = Field(
        "",
        title="Keep",
        description="What of the incoming item goes on beside the result.",
        json_schema_extra=ui(labels=["Nothing", "Fields", "File", "Both"]),
    )


class ExtractFromFileParams(Params):
    operation: Operation = Field(
        "csv", title="Kind of file", description="How the file is read.", json_schema_extra=ui(labels=LABELS)
    )
    binary_property_name: Text = Field("data", title="File field", description="Field of the item that holds the file.")
    destination_key: Text = Field(
        "data",
        title="Write to",
        description="Field that gets the content.",
        json_schema_extra=ui(visible_when={"operation": ["fromIcs", "fromJson", "text", "xml", "binaryToPropery"]}),
    )
    options: Annotated[ExtractFromFileOptions, AsGroup] = Field(
        default_factory=lambda: ExtractFromFileOptions.model_validate({}), title="Options", description="Finer points."
    )
