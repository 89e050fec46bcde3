"""RSS, RDF and Atom feeds as items, with the names of fields that n8n gives them.

Feeds are parsed by libxml2 in its safe setting: no network, no entities, bounded depth; broken ones as far as they go.
Its cost is linear in the size of the feed."""

from collections.abc import Iterable
from datetime import UTC
from html import unescape
from typing import Any

from lxml import etree

from workflows_app.engine.errors import UserError
from workflows_app.engine.items import JsonObject
from workflows_app.toolkit.compare import iso_text
from workflows_app.toolkit.dates import parse_date
from workflows_app.toolkit.regex import compile_pattern

MAX_BYTES = 20 * 1024 * 1024
MAX_ITEMS = 20_000
MAX_SNIPPET = 1_000_000
FIELDS = (
    ("author", "creator"), ("dc:creator", "creator"), ("dc:date", "date"), ("dc:language", "language"),
    ("dc:rights", "rights"), ("dc:source", "source"), ("dc:title", "title"), ("title", "title"), ("link", "link"),
    ("pubDate", "pubDate"), ("author", "author"), ("summary", "summary"), ("content:encoded", "content:encoded"),
    ("enclosure", "enclosure"), ("dc:creator", "dc:creator"), ("dc:date", "dc:date"), ("comments", "comments"),
)  # fmt: skip
PODCAST = (
    "author", "subtitle", "summary", "explicit", "duration", "image", "episode", "season", "keywords", "episodeType",
)  # fmt: skip
BLOCK = r"([^\n])</?(?:h|br|p|ul|ol|li|blockquote|section|table|tr|div)[^>]*>([^\n])"
TAG = r"<[^>]*>"

Children = dict[str, list[Any]]


def read_feed(data: bytes, *, charset: str = "", custom: Iterable[str] = ()) -> list[JsonObject]:
    """One object per entry, in the order of the feed. `custom` names further elements to take over. Raises UserError
    where the data is no feed."""
    if len(data) > MAX_BYTES:
        raise UserError("This feed is too large.", code="file_too_large", hint=f"At most {MAX_BYTES // 1024**2} MB.")
    root = parsed(data, charset)
    kind = None if root is None else local_name(root)
    if root is None or kind not in ("rss", "RDF", "feed"):
        raise UserError(
            "This address does not answer with a feed.",
            code="feed_invalid",
            hint="Look for the address of the RSS or Atom feed of that site.",
        )
    read = atom_entry if kind == "feed" else rss_item
    wanted = "entry" if kind == "feed" else "item"
    found = [element for element in root.iter() if isinstance(element.tag, str) and local_name(element) == wanted]
    return [read(children_of(element), element, tuple(custom)) for element in found[:MAX_ITEMS]]


def parsed(data: bytes, charset: str) -> Any:
    is_declared = b"encoding=" in data[:200]
    try:
        return etree.fromstring(data.strip(), xml_parser("" if is_declared else charset))
    except (etree.XMLSyntaxError, ValueError):
        return None


def xml_parser(charset: str) -> Any:
    options = {"resolve_entities": False, "no_network": True, "recover": True, "huge_tree": False}
    try:
        return etree.XMLParser(**options, encoding=charset or None)
    except LookupError:
        return etree.XMLParser(**options)


def local_name(element: Any) -> str:
    return str(etree.QName(element).localname)


def full_name(element: Any) -> str:
    return f"{element.prefix}:{local_name(element)}" if element.prefix else local_name(element)


def children_of(element: Any) -> Children:
    out: Children = {}
    for child in element:
        if isinstance(child.tag, str):
            out.setdefault(full_name(child), []).append(child)
    return out


def text_of(element: Any) -> str:
    """The text of an element; markup that was not escaped is written out again."""
    if not len(element):
        return (element.text or "").strip()
    inner = [element.text or "", *(etree.tostring(child, encoding="unicode") for child in element)]
    return "".join(inner).strip()


def value_of(element: Any) -> Any:
    """Text, or an object with `_` (text), `$` (attributes) and the children by name."""
    attributes = {str(name).rpartition("}")[2]: str(value) for name, value in element.attrib.items()}
    inner = {name: [value_of(child) for child in list_] for name, list_ in children_of(element).items()}
    text = (element.text or "").strip()
    if not attributes and not inner:
        return text
    return {**({"_": text} if text else {}), **({"$": attributes} if attributes else {}), **inner}


def plain_value(element: Any) -> Any:
    value = value_of(element)
    return value["_"] if isinstance(value, dict) and isinstance(value.get("_"), str) else value


def copied(children: Children, custom: tuple[str, ...]) -> JsonObject:
    out: JsonObject = {}
    for source, target in (*FIELDS, *((name, name) for name in custom)):
        if source in children:
            out[target] = plain_value(children[source][0])
    if isinstance(out.get("content:encoded"), str):
        out["content:encodedSnippet"] = snippet(out["content:encoded"])
    return out


def rss_item(children: Children, element: Any, custom: tuple[str, ...]) -> JsonObject:
    out = copied(children, custom)
    if "enclosure" in children:
        out["enclosure"] = dict(children["enclosure"][0].attrib)
    if "description" in children:
        out["content"] = text_of(children["description"][0])
        out["contentSnippet"] = snippet(out["content"])
    if "guid" in children:
        out["guid"] = text_of(children["guid"][0])
    about = element.get("{http://www.w3.org/1999/02/22-rdf-syntax-ns#}about")
    if about:
        out["rdf:about"] = about
    if "category" in children:
        out["categories"] = [value_of(category) for category in children["category"]]
    podcast = {name: podcast_value(children[f"itunes:{name}"][0]) for name in PODCAST if f"itunes:{name}" in children}
    return with_date(out | ({"itunes": podcast} if podcast else {}))


def podcast_value(element: Any) -> str:
    return element.get("href") or text_of(element)


def atom_entry(children: Children, element: Any, custom: tuple[str, ...]) -> JsonObject:  # noqa: ARG001  as rss_item
    out = copied(children, custom)
    if "title" in children:
        out["title"] = text_of(children["title"][0])
    if "link" in children:
        links = children["link"]
        best = next((link for link in links if link.get("rel") == "alternate"), links[0])
        out["link"] = best.get("href") or text_of(best)
    for name in ("published", "updated"):
        moment = parse_date(text_of(children[name][0])) if name in children and "pubDate" not in out else None
        if moment is not None:
            out["pubDate"] = iso_text(moment.astimezone(UTC))
    author = children_of(children["author"][0]).get("name") if "author" in children else None
    if author:
        out["author"] = text_of(author[0])
    if "content" in children:
        out["content"] = text_of(children["content"][0])
        out["contentSnippet"] = snippet(out["content"])
    for name in ("summary", "id"):
        if name in children:
            out[name] = text_of(children[name][0])
    return with_date(out)


def with_date(out: JsonObject) -> JsonObject:
    moment = parse_date(str(out.get("pubDate") or out.get("date") or ""))
    return out if moment is None else {**out, "isoDate": iso_text(moment.astimezone(UTC))}


def snippet(html: str) -> str:
    """The text without markup; blocks begin a new line."""
    text = html[:MAX_SNIPPET]
    text = compile_pattern(BLOCK).sub(r"\1\n\2", text)
    return unescape(compile_pattern(TAG).sub("", text)).strip()
