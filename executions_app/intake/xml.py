"""An XML body as the object that n8n makes of it: names in lower case, attributes under `$`, text beside them under
`_`, repeated elements as lists. Without document types, so without entities, and never beyond the limits."""

from typing import Any
from xml.parsers import expat

from executions_app.intake.http import Refused

DEEPEST = 64
MOST_ELEMENTS = 100_000


def read_xml(text: str) -> Any:
    """Raises Refused."""
    reader = Reader()
    parser = expat.ParserCreate("utf-8")
    parser.buffer_text = True
    parser.StartElementHandler = reader.start
    parser.EndElementHandler = reader.end
    parser.CharacterDataHandler = reader.text
    parser.StartDoctypeDeclHandler = refuse_document_type
    try:
        parser.Parse(text.encode("utf-8", "replace"), True)
    except expat.ExpatError as error:
        raise Refused(422, "body_not_xml", f"The body is not XML: {expat.ErrorString(error.code)}.") from error
    return reader.root


def refuse_document_type(*_: object) -> None:
    raise Refused(422, "body_not_xml", "The body has a document type. Send XML without one.")


class Reader:
    def __init__(self) -> None:
        self.root: dict[str, Any] = {}
        self._open: list[tuple[dict[str, Any], list[str]]] = [(self.root, [])]
        self._count = 0

    def start(self, _: str, attributes: dict[str, str]) -> None:
        self._count += 1
        if self._count > MOST_ELEMENTS or len(self._open) > DEEPEST:
            raise Refused(422, "body_too_deep", f"The XML has over {MOST_ELEMENTS} elements, or over {DEEPEST} levels.")
        self._open.append(({"$": attributes} if attributes else {}, []))

    def end(self, name: str) -> None:
        inside, texts = self._open.pop()
        text = " ".join("".join(texts).split())
        if text and inside:
            inside["_"] = text
        put(self._open[-1][0], name.lower(), inside or text)

    def text(self, data: str) -> None:
        self._open[-1][1].append(data)


def put(into: dict[str, Any], name: str, value: Any) -> None:
    if name not in into:
        into[name] = value
    elif isinstance(into[name], list):
        into[name].append(value)
    else:
        into[name] = [into[name], value]
