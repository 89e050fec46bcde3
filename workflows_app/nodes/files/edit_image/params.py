"""Parameters of Edit Image."""

from typing import Annotated, Any, Literal

from pydantic import Field

from workflows_app.engine.params import Params, ui
from workflows_app.toolkit.fields import AsGroup, AsList, Number, Text, Whole

Change = Literal[
    "blur", "border", "composite", "create", "crop", "draw", "resize", "rotate", "shear", "text", "transparent"
]
Operation = Literal[
    "blur", "border", "composite", "create", "crop", "draw", "resize", "rotate", "shear", "text", "transparent",
    "information", "multiStep",
]  # fmt: skip
CHANGES = [
    "Blur", "Border", "Put on top", "New picture", "Crop", "Draw", "Resize", "Rotate", "Shear", "Text",
    "Make transparent",
]  # fmt: skip
RESIZES = ["Exactly", "Fit inside", "Cover", "Only if larger", "Only if smaller", "Percent"]
SIZED = ["create", "crop", "resize"]
PLACED = ["composite", "crop", "text"]


def only(*operations: str) -> dict[str, Any]:
    return ui(visible_when={"operation": list(operations)})


class ImageChange(Params):
    """The settings of one change; which of them count is a matter of the operation."""

    sigma: Number = Field(2, title="Sigma", description="How far the blur reaches.", json_schema_extra=only("blur"))
    border_width: Whole = Field(10, title="Border width", description="In pixels.", json_schema_extra=only("border"))
    border_height: Whole = Field(10, title="Border height", description="In pixels.", json_schema_extra=only("border"))
    border_color: Text = Field(
        "#000000", title="Border color", description="Like #rrggbb.", json_schema_extra=only("border")
    )
    data_property_name_composite: Text = Field(
        "", title="Picture on top", description="File field of the other picture.", json_schema_extra=only("composite")
    )
    operator: Text = Field(
        "Over", title="Operator", description="How both pictures are joined.", json_schema_extra=only("composite")
    )
    background_color: Text = Field(
        "#ffffff00", title="Background", description="Like #rrggbb.", json_schema_extra=only("create", "rotate")
    )
    width: Number | None = Field(None, title="Width", description="In pixels.", json_schema_extra=only(*SIZED))
    height: Number | None = Field(None, title="Height", description="In pixels.", json_schema_extra=only(*SIZED))
    position_x: Number | None = Field(
        None, title="Position X", description="From the left, in pixels.", json_schema_extra=only(*PLACED)
    )
    position_y: Number | None = Field(
        None, title="Position Y", description="From the top, in pixels.", json_schema_extra=only(*PLACED)
    )
    primitive: Literal["rectangle", "circle", "line"] = Field(
        "rectangle", title="Shape", description="What is drawn.", json_schema_extra=only("draw")
    )
    color: Text = Field(
        "#ff0000", title="Color", description="Like #rrggbb.", json_schema_extra=only("draw", "transparent")
    )
    start_position_x: Number = Field(50, title="Start X", description="In pixels.", json_schema_extra=only("draw"))
    start_position_y: Number = Field(50, title="Start Y", description="In pixels.", json_schema_extra=only("draw"))
    end_position_x: Number = Field(250, title="End X", description="In pixels.", json_schema_extra=only("draw"))
    end_position_y: Number = Field(250, title="End Y", description="In pixels.", json_schema_extra=only("draw"))
    corner_radius: Number = Field(0, title="Corner radius", description="In pixels.", json_schema_extra=only("draw"))
    resize_option: Literal[
        "ignoreAspectRatio", "maximumArea", "minimumArea", "onlyIfLarger", "onlyIfSmaller", "percent"
    ] = Field(
        "maximumArea",
        title="Resize",
        description="What width and height mean.",
        json_schema_extra=ui(labels=RESIZES, visible_when={"operation": ["resize"]}),
    )
    rotate: Number = Field(0, title="Angle", description="Degrees, clockwise.", json_schema_extra=only("rotate"))
    degrees_x: Number = Field(0, title="Degrees X", description="Sideways.", json_schema_extra=only("shear"))
    degrees_y: Number = Field(0, title="Degrees Y", description="Upwards.", json_schema_extra=only("shear"))
    text: Text = Field("", title="Text", description="What is written.", json_schema_extra=only("text"))
    font_size: Number = Field(18, title="Font size", description="In pixels.", json_schema_extra=only("text"))
    font_color: Text = Field("#000000", title="Font color", description="Like #rrggbb.", json_schema_extra=only("text"))
    line_length: Whole = Field(
        80, title="Line length", description="Characters after which a line breaks.", json_schema_extra=only("text")
    )


class ImageStep(ImageChange):
    operation: Change = Field("border", title="Operation", description="What is changed.")


class ImageSteps(Params):
    operations: Annotated[list[ImageStep], AsList] = Field(
        default_factory=list, title="Steps", description="Changes, one after the other."
    )


class EditImageOptions(Params):
    file_name: Text = Field("", title="File name", description="Name of the new file; that of the old one if empty.")
    format: Literal["", "bmp", "gif", "jpeg", "png", "tiff", "webp"] = Field(
        "", title="Format", description="Kind of the new file; that of the old one if empty."
    )
    quality: Whole = Field(0, ge=0, le=100, title="Quality", description="Of JPEG and WebP, 1 to 100; 0 is usual.")


class EditImageParams(ImageChange):
    operation: Operation = Field(
        "border",
        title="Operation",
        description="What is changed or found out.",
        json_schema_extra=ui(labels=[*CHANGES, "Facts", "Several steps"]),
    )
    data_property_name: Text = Field("data", title="File field", description="Field of the item with the picture.")
    operations: Annotated[ImageSteps, AsGroup] = Field(
        default_factory=lambda: ImageSteps.model_validate({}),
        title="Steps",
        description="Changes, one after the other.",
        json_schema_extra=only("multiStep"),
    )
    options: Annotated[EditImageOptions, AsGroup] = Field(
        default_factory=lambda: EditImageOptions.model_validate({}), title="Options", description="Finer points."
    )
