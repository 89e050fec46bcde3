"""Edit Image, version 1."""

from pathlib import PurePosixPath

from workflows_app.engine.items import Binary, Item, JsonObject
from workflows_app.engine.node_type import NodeRun, NodeType, Outputs
from workflows_app.engine.registry import register
from workflows_app.nodes.files.edit_image.params import EditImageParams, ImageChange
from workflows_app.toolkit.foreign_files import ForeignFiles, foreign_files

# What a size or a place is where none is given, by operation.
DEFAULTS = {
    "create": {"width": 50, "height": 50},
    "crop": {"width": 500, "height": 500, "positionX": 0, "positionY": 0},
    "resize": {"width": 500, "height": 500},
    "composite": {"positionX": 0, "positionY": 0},
    "text": {"positionX": 50, "positionY": 50},
}


@register
class EditImage(NodeType[EditImageParams]):
    """Change a picture: resize, crop, rotate, draw, write; or find out its size and format."""

    name = "n8n-nodes-base.editImage"
    label = "Edit image"
    group = "files"
    icon = "n-file"
    silhouette = "keep"
    Params = EditImageParams

    def execute(self, run: NodeRun[EditImageParams]) -> Outputs:
        with foreign_files(run, "image") as pictures:
            return [run.map(lambda item, params, _: edited(run, pictures, item, params))]


def edited(run: NodeRun[EditImageParams], pictures: ForeignFiles, item: Item, params: EditImageParams) -> Item:
    """The item with the new picture, or with the facts of the old one as fields."""
    field = params.data_property_name or "data"
    if params.operation == "information":
        facts, _none = pictures.call({"steps": []}, run.get_file(item, field)[1])
        return Item(json={**item.json, **facts}, binary=dict(item.binary))
    steps, files = steps_of(run, item, params)
    before: Binary | None = None
    if steps and steps[0]["operation"] != "create":
        before, data = run.get_file(item, field)
        files[0] = data
    header = {"steps": steps, "format": params.options.format, "quality": params.options.quality}
    facts, (data,) = pictures.call(header, *files)
    kind = str(facts["format"]).lower()
    name = params.options.file_name or new_name(before.file_name if before else "", kind)
    file = run.put_file(data, mime_type=f"image/{kind}", file_name=name)
    return Item(json=item.json, binary={**item.binary, field: file})


def steps_of(
    run: NodeRun[EditImageParams], item: Item, params: EditImageParams
) -> tuple[list[JsonObject], list[bytes]]:
    """The steps, and the files they need; the first place is for the picture itself."""
    files: list[bytes] = [b""]
    if params.operation != "multiStep":
        return [step_of(run, item, params, params.operation, files)], files
    return [step_of(run, item, step, step.operation, files) for step in params.operations.operations], files


def step_of(
    run: NodeRun[EditImageParams], item: Item, change: ImageChange, operation: str, files: list[bytes]
) -> JsonObject:
    given = {
        name: value
        for name, value in change.model_dump(by_alias=True, exclude={"operations", "options"}).items()
        if value is not None
    }
    step = {**DEFAULTS.get(operation, {}), **given, "operation": operation}
    if operation == "composite":
        step["file"] = len(files)
        files.append(run.get_file(item, change.data_property_name_composite)[1])
    return step


def new_name(name: str, kind: str) -> str:
    """The old name with the extension of the new kind."""
    path = PurePosixPath(name or "image")
    extensions = {"jpeg": ("jpg", "jpeg"), "tiff": ("tif", "tiff")}.get(kind, (kind,))
    return str(path) if path.suffix.removeprefix(".").lower() in extensions else f"{path.stem}.{extensions[0]}"
