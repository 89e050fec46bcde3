"""Parameters of HTML."""

from typing import Annotated, Literal

from pydantic import Field

from workflows_app.engine.params import Params, ui
from workflows_app.toolkit.fields import AsGroup, AsList, Flag, Text


class HtmlExtraction(Params):
    key: Text = Field("", title="Name", description="Field that gets the value.")
    css_selector: Text = Field("", title="CSS selector", description="Which elements of the page.")
    return_value: Literal["text", "html", "attribute", "value"] = Field(
        "text",
        title="Take",
        description="What of the element.",
        json_schema_extra=ui(labels=["Its text", "The HTML inside", "An attribute", "The value of a form field"]),
    )
    attribute: Text = Field("", title="Attribute", description="Name of the attribute.")
    skip_selectors: Text = Field("", title="Leave out", description="Selectors of parts whose text is not taken.")
    return_array: Flag = Field(False, title="All of them", description="A list of all elements instead of one value.")


class HtmlExtractions(Params):
    values: Annotated[list[HtmlExtraction], AsList] = Field(
        default_factory=list, title="Values", description="One value per row."
    )


class HtmlOptions(Params):
    trim_values: Flag = Field(True, title="Trim", description="Drop spaces and line breaks at either end.")
    clean_up_text: Flag = Field(False, title="One line", description="Join lines and repeated spaces into one space.")
    caption: Text = Field("", title="Caption", description="Text above a table.")
    capitalize: Flag = Field(False, title="Capital letters", description="Begin the names of columns with a capital.")
    custom_styling: Flag = Field(False, title="No style", description="Leave the look of a table to your own CSS.")
    table_attributes: Text = Field("", title="Attributes of the table", description='Such as class="wide".')
    header_attributes: Text = Field("", title="Attributes of the header", description="For each cell of the header.")
    row_attributes: Text = Field("", title="Attributes of rows", description="For each row.")
    cell_attributes: Text = Field("", title="Attributes of cells", description="For each cell.")


class HtmlParams(Params):
    operation: Literal["generateHtmlTemplate", "extractHtmlContent", "convertToHtmlTable"] = Field(
        "generateHtmlTemplate",
        title="Do",
        description="Fill in a page, pick values out of one, or make a table.",
        json_schema_extra=ui(labels=["Fill in a page", "Pick values out", "Make a table"]),
    )
    html: Text = Field(
        "",
        title="HTML",
        description="The page; {{ }} in it are expressions.",
        json_schema_extra=ui(
            widget="code", language="html", rows=16, visible_when={"operation": ["generateHtmlTemplate"]}
        ),
    )
    source_data: Literal["json", "binary"] = Field(
        "json",
        title="Page is in",
        description="A field of the item, or a file.",
        json_schema_extra=ui(labels=["A field", "A file"], visible_when={"operation": ["extractHtmlContent"]}),
    )
    data_property_name: Text = Field("data", title="Field", description="Field or file that holds the page.")
    extraction_values: Annotated[HtmlExtractions, AsGroup] = Field(
        default_factory=lambda: HtmlExtractions.model_validate({}),
        title="Values",
        description="What to pick out.",
        json_schema_extra=ui(visible_when={"operation": ["extractHtmlContent"]}),
    )
    options: Annotated[HtmlOptions, AsGroup] = Field(
        default_factory=lambda: HtmlOptions.model_validate({}), title="Options", description="Finer points."
    )
