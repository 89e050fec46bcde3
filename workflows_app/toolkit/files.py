"""Names, types and encodings of files."""

import codecs
import mimetypes
from pathlib import PurePosixPath

from workflows_app.engine.errors import ParameterError

MIME = {
    "csv": "text/csv",
    "txt": "text/plain",
    "json": "application/json",
    "html": "text/html",
    "xml": "application/xml",
    "md": "text/markdown",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "xls": "application/vnd.ms-excel",
    "ods": "application/vnd.oasis.opendocument.spreadsheet",
    "ics": "text/calendar",
    "rtf": "application/rtf",
    "pdf": "application/pdf",
}
EXTENSIONS = {kind: extension for extension, kind in MIME.items()}
UNKNOWN = "application/octet-stream"
ENCODINGS = {"utf8": "utf-8", "ucs2": "utf-16-le", "utf16": "utf-16", "utf16le": "utf-16-le", "binary": "latin-1"}
BOMS = (codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def mime_of(file_name: str, default: str = UNKNOWN) -> str:
    """The type that the extension says; `default` for an unknown one."""
    extension = extension_of(file_name)
    return MIME.get(extension) or mimetypes.guess_type(f"x.{extension}")[0] or default if extension else default


def extension_of(file_name: str) -> str:
    return PurePosixPath(file_name).suffix.removeprefix(".").lower()


def extension_for(mime_type: str) -> str:
    """The usual extension of a type, without the dot; empty if there is none."""
    kind = mime_type.partition(";")[0].strip().lower()
    return EXTENSIONS.get(kind) or (mimetypes.guess_extension(kind) or "").removeprefix(".")


def codec_name(encoding: str) -> str:
    """Python's name for an encoding as n8n lists it. Raises ParameterError for one that is no text encoding."""
    name = ENCODINGS.get(encoding.lower().replace("-", "").replace("_", ""), encoding or "utf-8")
    try:
        codec = codecs.lookup(name)
        "".encode(codec.name)
    except LookupError as error:
        raise ParameterError(
            f"'{encoding}' is not a text encoding.", hint="Use utf-8, latin1 or windows-1252."
        ) from error
    return codec.name


def decode(data: bytes, encoding: str = "utf-8", *, keep_bom: bool = False) -> str:
    """Text of a file; bytes that do not fit become the replacement character. A byte order mark is dropped."""
    text = data.decode(codec_name(encoding), "replace")
    return text if keep_bom else text.removeprefix("\ufeff")


def encode(text: str, encoding: str = "utf-8", *, add_bom: bool = False) -> bytes:
    name = codec_name(encoding)
    data = text.encode(name, "replace")
    if add_bom and name.startswith("utf") and not data.startswith(BOMS):
        data = "\ufeff".encode(name) + data
    return data


def kind_of(mime_type: str) -> str:
    """n8n's rough kind of a file: image, audio, video, text, html, json, pdf; empty for others."""
    kind = mime_type.partition(";")[0].strip().lower()
    named = {"text/html": "html", "application/json": "json", "application/pdf": "pdf"}
    family = kind.partition("/")[0]
    return named.get(kind) or (family if family in ("image", "audio", "video", "text") else "")


def size_text(size: int) -> str:
    """`59 B`, `1.04 kB`: three digits and a decimal unit."""
    value, unit = float(size), 0
    while value >= 1000 and unit < len(UNITS) - 1:
        value, unit = value / 1000, unit + 1
    return f"{size} B" if not unit else f"{float(f'{value:.3g}'):g} {UNITS[unit]}"


UNITS = ("B", "kB", "MB", "GB", "TB")
