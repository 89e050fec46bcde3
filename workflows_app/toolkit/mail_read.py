"""A mail as it came, taken apart: headers, texts and attachments. Only the plain parser of the standard library is
used: its newer one may take very long over addresses made for that."""

import re
from collections.abc import Iterator
from datetime import UTC
from email import policy
from email.header import decode_header, make_header
from email.message import Message
from email.parser import BytesParser
from email.utils import getaddresses, parsedate_to_datetime
from html import escape
from typing import Any

from workflows_app.engine.items import JsonObject

TOP = ("cc", "date", "from", "subject", "to")
MAX_PARTS = 500
MAX_HEADER = 64 * 1024
LINK = re.compile(r"https?://[^\s<>\"']{1,2000}")


def parsed(data: bytes) -> "Message[str, str]":
    return BytesParser(policy=policy.compat32).parsebytes(data)


def header(mail: "Message[str, str]", name: str) -> str:
    """Decoded; empty text if there is none."""
    value = mail.get(name)
    return "" if value is None else decoded(str(value))


def decoded(text: str) -> str:
    """`=?utf-8?q?Gr=C3=BC=C3=9Fe?=` as it is read; what cannot be decoded stays as it came."""
    flat = " ".join(text[:MAX_HEADER].split())
    try:
        return str(make_header(decode_header(flat)))
    except (LookupError, ValueError, UnicodeError):
        return flat


def headers(mail: "Message[str, str]") -> dict[str, str]:
    """The first of each name, names in small letters."""
    out: dict[str, str] = {}
    for name, value in mail.items():
        out.setdefault(name.lower(), decoded(str(value)))
    return out


def lines(mail: "Message[str, str]") -> dict[str, str]:
    """Each header as the line it came in."""
    return {name.lower(): f"{name}: {decoded(str(value))}" for name, value in mail.items()}


def texts(mail: "Message[str, str]") -> tuple[str, str]:
    """The plain text and the HTML of the mail; empty where it has none."""
    found = {"text/plain": "", "text/html": ""}
    for part in parts(mail):
        kind = part.get_content_type()
        if kind in found and not found[kind] and part.get_content_disposition() != "attachment":
            found[kind] = body_text(part)
    return found["text/plain"], found["text/html"]


def attachments(mail: "Message[str, str]") -> list[tuple[str, str, bytes]]:
    """Name, MIME type and bytes of what is attached, embedded pictures too."""
    out: list[tuple[str, str, bytes]] = []
    for part in parts(mail):
        name = part.get_filename()
        is_text = part.get_content_type() in ("text/plain", "text/html")
        if part.get_content_disposition() == "attachment" or name or not is_text:
            data = part.get_payload(decode=True)
            if isinstance(data, bytes):
                out.append((decoded(name or "") or f"attachment_{len(out)}", part.get_content_type(), data))
    return out


def parts(mail: "Message[str, str]") -> Iterator["Message[str, str]"]:
    """The leaves; an attached mail is one."""
    waiting = [mail]
    for _ in range(MAX_PARTS):
        if not waiting:
            return
        part = waiting.pop(0)
        inner = part.get_payload()
        if part.get_content_maintype() == "multipart" and isinstance(inner, list):
            waiting = [one for one in inner if isinstance(one, Message)] + waiting
        else:
            yield part


def body_text(part: "Message[str, str]") -> str:
    data = part.get_payload(decode=True)
    if not isinstance(data, bytes):
        return ""
    try:
        return data.decode(part.get_content_charset() or "utf-8", "replace")
    except LookupError:
        return data.decode("utf-8", "replace")


def addresses(mail: "Message[str, str]", name: str) -> JsonObject | None:
    """Who is named there, one by one and as text; None where nobody is."""
    raw = [str(value)[:MAX_HEADER] for value in mail.get_all(name, [])]
    people = [{"address": address, "name": decoded(shown)} for shown, address in getaddresses(raw) if address]
    if not people:
        return None
    texts_of = [f'"{one["name"]}" <{one["address"]}>' if one["name"] else one["address"] for one in people]
    html = ", ".join(
        f'<span class="mp_address_group"><span class="mp_address_name">{escape(one["name"])}</span> &lt;'
        f'<a href="mailto:{escape(one["address"])}" class="mp_address_email">{escape(one["address"])}</a>&gt;</span>'
        if one["name"]
        else f'<span class="mp_address_group"><a href="mailto:{escape(one["address"])}" class="mp_address_email">'
        f"{escape(one['address'])}</a></span>"
        for one in people
    )
    return {"value": people, "html": html, "text": ", ".join(texts_of)}


def sent_at(mail: "Message[str, str]") -> str | None:
    """When, in ISO 8601; None where that cannot be read."""
    try:
        at = parsedate_to_datetime(header(mail, "date"))
        at = at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
    except (ValueError, TypeError, OverflowError):
        return None
    return f"{at:%Y-%m-%dT%H:%M:%S}.000Z"


def text_as_html(text: str) -> str:
    """Paragraphs and links of a plain text."""
    paragraphs = [part for part in text.strip().split("\n\n") if part.strip()]
    return "".join(f"<p>{linked(escape(part.strip())).replace(chr(10), '<br/>')}</p>" for part in paragraphs)


def linked(text: str) -> str:
    return LINK.sub(lambda found: f'<a href="{found[0]}">{found[0]}</a>', text)


def simple(data: bytes) -> JsonObject:
    mail = parsed(data)
    known = headers(mail)
    plain, html = texts(mail)
    out: JsonObject = {"textHtml": html} if html else {}
    if plain:
        out["textPlain"] = plain
    out["metadata"] = {name: value for name, value in known.items() if name not in TOP}
    return {**out, **{name: known[name] for name in TOP if name in known}}


def resolved(data: bytes) -> JsonObject:
    mail = parsed(data)
    plain, html = texts(mail)
    out: dict[str, Any] = {"headers": lines(mail), "html": html or False}
    if plain:
        out |= {"text": plain, "textAsHtml": text_as_html(unified(plain))}
    out |= {"subject": header(mail, "subject"), "date": sent_at(mail)}
    out |= {key: addresses(mail, name) for key, name in PEOPLE.items()}
    out |= {"messageId": header(mail, "message-id"), "inReplyTo": header(mail, "in-reply-to")}
    return {name: unified(value) for name, value in out.items() if value not in (None, "")}


PEOPLE = {"to": "to", "from": "from", "cc": "cc", "bcc": "bcc", "replyTo": "reply-to"}


def raw_text(data: bytes) -> str:
    """What follows the headers, as it came."""
    return re.split(rb"\r?\n\r?\n", data, maxsplit=1)[-1].decode("utf-8", "replace")


def unified(value: Any) -> Any:
    """Lines of a text end as they do on Unix."""
    return value.replace("\r\n", "\n") if isinstance(value, str) else value
