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
SIGNATURES = (
    (b"\x89PNG\r\n\x1a\n", "image/png"), (b"\xff\xd8\xff", "image/jpeg"), (b"GIF8", "image/gif"),
    (b"BM", "image/bmp"), (b"II*\0", "image/tiff"), (b"MM\0*", "image/tiff"), (b"%PDF", "application/pdf"),
    (b"PK\x03\x04", "application/zip"), (b"\x1f\x8b", "application/gzip"), (b"ID3", "audio/mpeg"),
    (b"\xd0\xcf\x11\xe0", "application/x-cfb"), (b"OggS", "audio/ogg"), (b"fLaC", "audio/x-flac"),
    (b"\x1aE\xdf\xa3", "video/webm"), (b"<?xml ", "application/xml"), (b"{\\rtf", "application/rtf"),
)  # fmt: skip
UNKNOWN = "application/octet-stream"
ENCODINGS = {"utf8": "utf-8", "ucs2": "utf-16-le", "utf16": "utf-16", "utf16le": "utf-16-le", "binary": "latin-1"}
BOMS = (codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def mime_of(file_name: str, default: str = UNKNOWN) -> str:
    """The type that the extension says; `default` for an unknown one."""
    extension = extension_of(file_name)
    return MIME.get(extension) or mimetypes.guess_type(f"x.{extension}")[0] or default if extension else default


def type_of(data: bytes) -> str:
    """The type that the first bytes tell; plain text where they tell none."""
    for start, kind in SIGNATURES:
        if data.startswith(start):
            return kind
    if data[:4] == b"RIFF":
        return {b"WEBP": "image/webp", b"WAVE": "audio/wav", b"AVI ": "video/x-msvideo"}.get(data[8:12], "text/plain")
    return "video/mp4" if data[4:8] == b"ftyp" else "text/plain"


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
