"""XML to JSON values and back, by the rules n8n's XML node has. Entities of a document's own are refused, and size and
depth are bounded, so that no document costs more than it is long."""

import re
from dataclasses import dataclass, field
from typing import Any
from xml.sax import SAXException, SAXParseException
from xml.sax.handler import ContentHandler
from xml.sax.xmlreader import AttributesImpl

from defusedxml import DefusedXmlException
from defusedxml.sax import parseString

from workflows_app.engine.errors import ParameterError, UserError
from workflows_app.toolkit.compare import to_text

MAX_BYTES = 10 * 1024 * 1024
MAX_DEPTH = 200
MAX_ELEMENTS = 200_000
SPACES = re.compile(r"\s{2,}")
NAME = re.compile(r"[^\W\d][\w.:-]*")
NO_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


@dataclass(frozen=True, slots=True)
class Reading:
    """How elements become values; the names are those of the node's options."""

    attr_key: str = "$"
    char_key: str = "_"
    explicit_array: bool = False
    explicit_root: bool = True
    ignore_attrs: bool = False
    merge_attrs: bool = True
    normalize: bool = False
    normalize_tags: bool = False
    trim: bool = False


@dataclass(frozen=True, slots=True)
class Writing:
    """How values become elements."""

    attr_key: str = "$"
    char_key: str = "_"
    root_name: str = "root"
    cdata: bool = False
    headless: bool = False


@dataclass(slots=True)
class Open:
    """An element that is not closed yet."""

    name: str
    value: dict[str, Any] = field(default_factory=dict)
    text: list[str] = field(default_factory=list)


def parse_xml(text: str, how: Reading) -> Any:
    """The value of a document. Raises UserError with line and column."""
    data = text.strip().removeprefix("\ufeff").encode("utf-8", "replace")
    if len(data) > MAX_BYTES:
        raise UserError("This XML is too large.", code="file_too_large", hint=f"At most {MAX_BYTES // 1024**2} MB.")
    tree = Tree(how)
    try:
        parseString(ENCODING.sub(rb"\1", data, count=1), tree)
    except SAXParseException as error:
        place = f"line {error.getLineNumber()}, column {(error.getColumnNumber() or 0) + 1}"
        raise UserError(
            f"This is not well-formed XML: {error.getMessage()} ({place}).", code="xml_invalid", hint="Correct the XML."
        ) from error
    except (DefusedXmlException, SAXException) as error:
        raise UserError(
            "This XML declares entities of its own.", code="xml_refused", hint="Remove its document type."
        ) from error
    return {tree.root_name: tree.root} if how.explicit_root else tree.root


ENCODING = re.compile(rb"^(<\?xml[^>]*?)\s+encoding\s*=\s*[\"'][^\"']*[\"']")
"""The text is decoded already: what its first line says about bytes no longer holds."""


class Tree(ContentHandler):
    """Builds the value while the document is read."""

    def __init__(self, how: Reading) -> None:
        super().__init__()
        self.how = how
        self.stack: list[Open] = []
        self.count = 0
        self.root: Any = None
        self.root_name = ""

    def startElement(self, name: str, attrs: AttributesImpl) -> None:  # noqa: N802  the parser's name
        self.count += 1
        if self.count > MAX_ELEMENTS or len(self.stack) >= MAX_DEPTH:
            raise UserError("This XML has too many elements.", code="file_too_large", hint="Split it up.")
        opened = Open(name.lower() if self.how.normalize_tags else name)
        if not self.how.ignore_attrs and attrs.getLength():
            target = opened.value if self.how.merge_attrs else opened.value.setdefault(self.how.attr_key, {})
            for key, value in attrs.items():
                if self.how.merge_attrs:
                    self.add(target, key, value)
                else:
                    target[key] = value
        self.stack.append(opened)

    def characters(self, content: str) -> None:
        if self.stack:
            self.stack[-1].text.append(content)

    def endElement(self, _: str) -> None:  # noqa: N802  the parser's name
        closed = self.stack.pop()
        value = self.value_of(closed)
        if self.stack:
            self.add(self.stack[-1].value, closed.name, value)
        else:
            self.root_name, self.root = closed.name, value

    def value_of(self, element: Open) -> Any:
        text = "".join(element.text)
        if not text.strip():
            return element.value or text
        text = text.strip() if self.how.trim else text
        text = SPACES.sub(" ", text).strip() if self.how.normalize else text
        return {**element.value, self.how.char_key: text} if element.value else text

    def add(self, target: dict[str, Any], name: str, value: Any) -> None:
        if name not in target:
            target[name] = [value] if self.how.explicit_array else value
        elif isinstance(target[name], list):
            target[name].append(value)
        else:
            target[name] = [target[name], value]


# writing ------------------------------------------------------------------------------------------------------------
def write_xml(value: dict[str, Any], how: Writing) -> str:
    """A document. A value with a single field is that element; others get a root of the name asked for."""
    name: str = how.root_name
    inner: Any = value
    if len(value) == 1 and how.root_name == "root":
        name, inner = next(iter(value.items()))
    lines = [] if how.headless else ['<?xml version="1.0" encoding="UTF-8" standalone="yes"?>']
    written = [element(name, entry, how, 0) for entry in (inner if isinstance(inner, list) else [inner])]
    return "\n".join([*lines, *written])


def element(name: str, value: Any, how: Writing, depth: int) -> str:
    """One element with everything in it, indented by its depth."""
    if depth > MAX_DEPTH:
        raise UserError("This data is nested too deeply for XML.", code="file_too_large", hint="Flatten it first.")
    if not NAME.fullmatch(name):
        raise ParameterError(f"'{name[:40]}' cannot be the name of an element.", hint="Rename the field.")
    attributes, text, children = parts(value, how, depth)
    head = "  " * depth + f"<{name}{attributes}"
    if not text and not children:
        return f"{head}/>"
    if not children or text:
        return f"{head}>{text}{''.join(child.strip() for child in children)}</{name}>"
    return "\n".join([f"{head}>", *children, "  " * depth + f"</{name}>"])


def parts(value: Any, how: Writing, depth: int) -> tuple[str, str, list[str]]:
    """Attributes, text and children of an element."""
    if not isinstance(value, dict | list):
        return "", content(value, how), []
    attributes, text, children = "", "", []
    for key, entry in pairs(value):
        if key == how.attr_key and isinstance(entry, dict):
            attributes += "".join(f' {attribute_name(name)}="{quoted(inner)}"' for name, inner in entry.items())
        elif key == how.char_key and not isinstance(entry, dict | list):
            text += content(entry, how)
        else:
            entries = entry if isinstance(entry, list) else [entry]
            children += [element(key, one, how, depth + 1) for one in entries]
    return attributes, text, children


def pairs(value: Any) -> list[tuple[str, Any]]:
    """The fields of an object, or those of all objects in a list; other entries of a list have no name to go by."""
    if isinstance(value, dict):
        return [(str(key), entry) for key, entry in value.items()]
    return [pair for entry in value if isinstance(entry, dict) for pair in pairs(entry)]


def attribute_name(name: str) -> str:
    if not NAME.fullmatch(name):
        raise ParameterError(f"'{name[:40]}' cannot be the name of an attribute.", hint="Rename the field.")
    return name


def content(value: Any, how: Writing) -> str:
    text = NO_XML.sub("", to_text(value))
    if how.cdata and any(sign in text for sign in "&<>"):
        return f"<![CDATA[{text.replace(']]>', ']]]]><![CDATA[>')}]]>"
    return escaped(text).replace("\r", "&#xD;")


def quoted(value: Any) -> str:
    text = escaped(NO_XML.sub("", to_text(value))).replace('"', "&quot;")
    return text.replace("\t", "&#x9;").replace("\n", "&#xA;").replace("\r", "&#xD;")


def escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
