"""Parameters of Spreadsheet File."""

from typing import Annotated, Literal

from pydantic import Field

from workflows_app.engine.params import Params, ui
from workflows_app.toolkit.fields import AsGroup, Flag, Text, Whole

FORMATS = ["autodetect", "csv", "html", "ods", "rtf", "xls", "xlsx"]


class SpreadsheetFileOptions(Params):
    file_name: Text = Field("", title="File name", description="Name of the file that is written.")
    header_row: Flag = Field(True, title="Header row", description="The first row holds the names of the columns.")
    include_empty_cells: Flag = Field(False, title="Keep empty cells", description="Write empty cells as empty text.")
    raw_data: Flag = Field(False, title="Raw data", description="Leave texts that look like numbers as they are.")
    read_as_string: Flag = Field(
        False, title="Read as text", description="Decode the file as UTF-8 before it is read; needed for some CSVs."
    )
    range: Text = Field("", title="Range", description="Cells to read, like A1:D20, or a number of rows to skip.")
    sheet_name: Text = Field("", title="Sheet", description="Name of the sheet; the first one if empty.")
    delimiter: Text = Field(",", title="Delimiter", description="Character between the columns of a CSV.")
    encoding: Text = Field("utf-8", title="Encoding", description="Encoding of a CSV, such as utf-8 or latin1.")
    enable_bom: Flag = Field(
        False, alias="enableBOM", title="Drop byte order mark", description="Leave the mark at the start of a CSV out."
    )
    relax_quotes: Flag = Field(False, title="Relax quotes", description="Allow quotes in the middle of a value.")
    from_line: Whole = Field(0, ge=0, title="First line", description="Line of the CSV to begin at, counted from 1.")
    max_row_count: Whole = Field(-1, title="Max rows", description="Rows beyond it are not read; -1 reads all.")
    compression: Flag = Field(False, title="Compression", description="Kept for compatibility.")


class SpreadsheetFileParams(Params):
    operation: Literal["fromFile", "toFile"] = Field(
        "fromFile",
        title="Operation",
        description="Read a spreadsheet into items, or write items into one.",
        json_schema_extra=ui(labels=["Read from file", "Write to file"]),
    )
    file_format: Literal["", "autodetect", "csv", "html", "ods", "rtf", "xls", "xlsx"] = Field(
        "",
        title="File format",
        description="Kind of the file. When reading, it is told by the file if empty; when writing, empty means xls.",
    )
    binary_property_name: Text = Field("data", title="File field", description="Field of the item with the file.")
    options: Annotated[SpreadsheetFileOptions, AsGroup] = Field(
        default_factory=lambda: SpreadsheetFileOptions.model_validate({}), title="Options", description="Finer points."
    )
