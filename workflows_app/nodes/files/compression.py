"""Compression, versions 1 and 1.1: zip and gzip, packing and unpacking."""

from pathlib import PurePosixPath
from typing import Literal

from pydantic import Field

from workflows_app.engine.errors import UserError
from workflows_app.engine.items import Binary, Item
from workflows_app.engine.node_type import NodeRun, NodeType, Outputs
from workflows_app.engine.params import Params, ui
from workflows_app.engine.registry import register
from workflows_app.toolkit.fields import Text
from workflows_app.toolkit.files import mime_of, type_of
from workflows_app.toolkit.foreign_files import ForeignFiles, foreign_files
from workflows_app.toolkit.paths import names

PACKING = {"operation": ["compress"]}
ZIP = b"PK"
GZIP = b"\x1f\x8b"


class CompressionParams(Params):
    operation: Literal["compress", "decompress"] = Field(
        "decompress",
        title="Operation",
        description="Pack files, or unpack an archive.",
        json_schema_extra=ui(labels=["Pack", "Unpack"]),
    )
    binary_property_name: Text = Field(
        "data", title="File fields", description="Fields that hold the files; several with commas."
    )
    output_format: Literal["", "gzip", "zip"] = Field(
        "",
        title="Format",
        description="What is written; zip holds several files, gzip one.",
        json_schema_extra=ui(visible_when=PACKING),
    )
    file_name: Text = Field(
        "", title="File name", description="Name of the archive.", json_schema_extra=ui(visible_when=PACKING)
    )
    binary_property_output: Text = Field(
        "data",
        title="Write to",
        description="Field that gets the archive.",
        json_schema_extra=ui(visible_when=PACKING),
    )
    output_prefix: Text = Field(
        "",
        title="Prefix",
        description="Fields of unpacked files begin with it, followed by a number; empty means file_.",
        json_schema_extra=ui(visible_when={"operation": ["decompress"]}),
    )


@register
class Compression(NodeType[CompressionParams]):
    """Pack files into a zip or gzip archive, or unpack one."""

    name = "n8n-nodes-base.compression"
    label = "Compression"
    group = "files"
    icon = "n-file"
    silhouette = "keep"
    versions = (1, 1.1)
    Params = CompressionParams

    def execute(self, run: NodeRun[CompressionParams]) -> Outputs:
        with foreign_files(run, "archive") as packer:

            def work(item: Item, params: CompressionParams, _: int) -> Item:
                files = [run.get_file(item, field) for field in names(params.binary_property_name)]
                if params.operation == "decompress":
                    return Item(json=item.json, binary=unpacked(run, packer, files, params))
                return Item(json=item.json, binary=packed(run, packer, files, params))

            return [run.map(work)]


Files = list[tuple[Binary, bytes]]


def unpacked(
    run: NodeRun[CompressionParams], packer: ForeignFiles, files: Files, params: CompressionParams
) -> dict[str, Binary]:
    """The content of all archives, numbered on. Raises UserError for a file that is neither zip nor gzip."""
    contents: list[tuple[str, bytes]] = []
    for file, data in files:
        if data[:2] == ZIP:
            header, found = packer.call({"do": "unzip"}, data)
            contents += zip(header["names"], found, strict=True)
        elif data[:2] == GZIP:
            (inner,) = packer.call({"do": "gunzip"}, data)[1]
            contents.append((file.file_name.removesuffix(".gz").removesuffix(".gzip"), inner))
        else:
            raise UserError(
                f"'{file.file_name or 'The file'}' is neither a zip nor a gzip file.",
                code="file_damaged",
                hint="Choose the field that holds the archive.",
            )
    prefix = params.output_prefix or "file_"
    return {
        f"{prefix}{number}": run.put_file(data, mime_type=mime_of(name, "") or type_of(data), file_name=name)
        for number, (name, data) in enumerate(contents)
    }


def packed(
    run: NodeRun[CompressionParams], packer: ForeignFiles, files: Files, params: CompressionParams
) -> dict[str, Binary]:
    """The archive in its field; gzip holds one file, so more of them get numbers. What was packed is left behind."""
    field = params.binary_property_output or "data"
    if params.output_format != "gzip":
        inner = [file.file_name or f"file_{number}" for number, (file, _) in enumerate(files)]
        (data,) = packer.call({"do": "zip", "names": inner}, *(data for _, data in files))[1]
        return {field: run.put_file(data, mime_type="application/zip", file_name=params.file_name or "data.zip")}
    is_old = run.node.type_version < 1.1
    out = {}
    for number, (file, data) in enumerate(files):
        (made,) = packer.call({"do": "gzip"}, data)[1]
        name = f"{PurePosixPath(file.file_name).stem or 'file'}.gzip" if is_old else gzip_name(file, params.file_name)
        key = f"{params.output_prefix or 'data'}{number}" if is_old else f"{field}{number or ''}"
        out[key] = run.put_file(made, mime_type="application/gzip", file_name=name)
    return out


def gzip_name(file: Binary, wanted: str) -> str:
    """The name that is wanted, or the file's own, with its extension inside: `rows.csv.gz`."""
    name = (wanted or file.file_name or "file").removesuffix(".gz")
    suffix = PurePosixPath(file.file_name).suffix
    return f"{name if PurePosixPath(name).suffix else name + suffix}.gz"
