"""Reading HTTP headers: content type, content disposition, retry-after."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from urllib.parse import unquote, unquote_to_bytes, urlsplit

from workflows_app.engine.errors import ParameterError
from workflows_app.toolkit.files import codec_name, extension_for

PARAMETER = re.compile(r';\s*([\w!#$%&\'*+.^`|~-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^;]*))')
BINARY_PREFIXES = ("image/", "audio/", "video/", "font/")
BINARY_TYPES = frozenset({
    "application/octet-stream", "application/pdf", "application/zip", "application/gzip", "application/x-gzip",
    "application/x-tar", "application/x-bzip", "application/x-bzip2", "application/x-7z-compressed",
    "application/vnd.rar",
    "application/epub+zip", "application/msword", "application/vnd.ms-excel", "application/vnd.ms-powerpoint",
    "application/x-font-ttf", "application/java-archive", "application/wasm", "application/x-cdf",
    "application/vnd.amazon.ebook",
})  # fmt: skip
BINARY_FAMILIES = ("application/vnd.openxmlformats-officedocument.", "application/vnd.oasis.opendocument.")


@dataclass(frozen=True, slots=True)
class ContentType:
    type: str = ""
    parameters: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_json(self) -> bool:
        return self.type == "application/json" or self.type.endswith("+json") or self.type == "text/json"

    @property
    def is_binary(self) -> bool:
        return self.type.startswith(BINARY_PREFIXES + BINARY_FAMILIES) or self.type in BINARY_TYPES

    @property
    def charset(self) -> str:
        """A charset Python knows; utf-8 for none or an unknown one."""
        try:
            return codec_name(self.parameters.get("charset", "utf-8"))
        except ParameterError:
            return "utf-8"


def parse_content_type(header: str) -> ContentType:
    kind, parameters = split_header(header)
    return ContentType(kind.lower(), parameters)


def split_header(header: str) -> tuple[str, dict[str, str]]:
    value, _, rest = header.partition(";")
    found = {
        match[1].lower(): re.sub(r"\\(.)", r"\1", match[2]) if match[2] is not None else match[3].strip()
        for match in PARAMETER.finditer(";" + rest)
    }
    return value.strip(), found


def file_name_of(header: str, url: str, mime_type: str) -> str:
    """The name a downloaded file gets: what the server says, else the end of the address; one made up, with a fitting
    extension, where neither names it."""
    _, parameters = split_header(header)
    name = extended_value(parameters.get("filename*", "")) or unquote(parameters.get("filename", ""))
    name = (name or unquote(urlsplit(url).path)).replace("\\", "/").rstrip("/").rsplit("/", 1)[-1]
    extension = extension_for(mime_type)
    return name or (f"file.{extension}" if extension else "file")


def extended_value(text: str) -> str:
    """RFC 8187: `UTF-8''na%C3%AFve.txt`."""
    charset, quote, rest = text.partition("'")
    if not quote:
        return ""
    try:
        return unquote_to_bytes(rest.partition("'")[2]).decode(charset or "utf-8", "replace")
    except LookupError:
        return ""


def retry_after_s(header: str, now: datetime) -> float | None:
    """Seconds to wait, from a number or a date; None where the header says nothing useful."""
    text = header.strip()
    if not text:
        return None
    if text.isascii() and text.isdigit():
        return float(text[:9])
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return max((moment - now).total_seconds(), 0.0)
