"""Taking known secrets out of texts, bytes and JSON values, in every form they are likely to come back in."""

import base64
import html
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from threading import Lock
from typing import Any

import orjson

MASK = "********"
SHORTEST = 6
LONG_LINE = 24
HTML = {'"': "&(?:quot|#34|#x22);", "'": "&#(?:39|x27);", "<": "&lt;", ">": "&gt;", "&": r"(?:&|\\{1,15}u0026)amp;"}
PARTS = re.compile(r"\\+|[^\\]")
NEEDS_PERCENT = re.compile(r"[^A-Za-z0-9._~-]")


@dataclass(frozen=True, slots=True)
class Loose:
    """Patterns for one secret. `anchor` is the part of it that stands in every spelling: without it nobody looks."""

    anchor: str
    anchor_raw: bytes
    text: re.Pattern[str]
    raw: re.Pattern[bytes]


class Redactor:
    """Learns secrets while a run opens them; safe for threads. Texts shorter than six characters are left alone: they
    would be found everywhere."""

    def __init__(self) -> None:
        self._forms: tuple[str, ...] = ()
        self._raw: tuple[bytes, ...] = ()
        self._loose: frozenset[Loose] = frozenset()
        self._lock = Lock()

    def learn(self, secrets: Iterable[str]) -> None:
        with self._lock:
            known, long = set(self._forms), [secret for secret in secrets if len(secret) >= SHORTEST]
            found = {form for secret in long for form in forms_of(secret)}
            if found <= known:
                return
            self._loose |= {loose for loose in map(in_addresses, long) if loose is not None}
            # A secret may contain another one: the longest goes first.
            self._forms = tuple(sorted(known | found, key=len, reverse=True))
            self._raw = tuple(form.encode("utf-8", "surrogatepass") for form in self._forms)

    def __bool__(self) -> bool:
        return bool(self._forms)

    def __call__(self, value: Any) -> Any:
        return self.value(value)

    def text(self, text: str) -> str:
        for form in self._forms:
            if form in text:
                text = text.replace(form, MASK)
        for loose in self._loose:
            if loose.anchor in text:
                text = loose.text.sub(MASK, text)
        return text

    def data(self, data: bytes) -> bytes:
        for form in self._raw:
            if form in data:
                data = data.replace(form, MASK.encode())
        for loose in self._loose:
            if loose.anchor_raw in data:
                data = loose.raw.sub(MASK.encode(), data)
        return data

    def value(self, value: Any) -> Any:
        """A JSON value; the very object where nothing is found."""
        if not self._forms or value is None or isinstance(value, bool | int | float):
            return value
        if isinstance(value, str):
            return self.text(value)
        return self._walked(value) if self._is_found_in(value) else value

    def _is_found_in(self, value: Any) -> bool:
        try:
            data = orjson.dumps(value, option=orjson.OPT_NON_STR_KEYS)
        except (TypeError, ValueError):
            return True
        if any(form in data for form in self._raw):
            return True
        return any(loose.anchor_raw in data and loose.raw.search(data) for loose in self._loose)

    def _walked(self, value: Any) -> Any:
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, dict):
            return {self._walked(name): self._walked(entry) for name, entry in value.items()}
        if isinstance(value, list | tuple):
            return [self._walked(entry) for entry in value]
        return value


def forms_of(secret: str) -> Iterable[str]:
    """As it is, inside JSON or HTML, in hexadecimal, in Base64 (alone, or anywhere in a longer text). Of a
    text of many lines, such as a key, each long line too: services quote them one by one."""
    data = secret.encode("utf-8", "surrogatepass")
    plain = secret.encode("utf-8", "replace").decode()
    yield secret
    # Headers are read as Latin-1, whatever was written into them.
    yield data.decode("latin-1")
    yield from escaped(plain)
    yield data.hex()
    yield data.hex().upper()
    yield from in_base64(data)
    lines = plain.splitlines()
    if len(lines) > 1:
        yield from (line for line in map(str.strip, lines) if len(line) >= LONG_LINE and "-----" not in line)


def escaped(plain: str) -> Iterable[str]:
    """In JSON, also where it is text in a JSON text, and in HTML."""
    for inside in (orjson.dumps(plain)[1:-1].decode(), json.dumps(plain)[1:-1]):
        yield inside
        yield inside.replace("/", "\\/")
        yield json.dumps(inside)[1:-1]
    yield html.escape(plain)
    yield html.escape(plain, quote=False)


def in_addresses(secret: str) -> Loose | None:
    """Finds it in an address, however many of its characters are written as %XX, in an address inside an address too,
    and as JSON quotes it; None where all of it always stands there as it is."""
    if not secret.isascii() or NEEDS_PERCENT.search(secret):
        found = "".join(map(loosely, PARTS.findall(secret.encode("utf-8", "replace").decode())))
        anchor = max(NEEDS_PERCENT.split(secret), key=len)
        return Loose(anchor, anchor.encode(), re.compile(found), re.compile(found.encode()))
    return None


def loosely(char: str) -> str:
    """A pattern for one character, as it is, as %XX, or as JSON or HTML writes it, up to four times inside each other:
    bounded, so that no text makes it slow."""
    if char.startswith("\\"):
        return backslashes(len(char))
    if char.isascii() and not NEEDS_PERCENT.match(char):
        return re.escape(char)
    coded = "".join("%(?:25){0,3}" + either_case(f"{byte:02X}") for byte in char.encode())
    units = char.encode("utf-16-be")
    quoted = "".join(r"\\{1,15}u" + either_case(units[at : at + 2].hex().upper()) for at in range(0, len(units), 2))
    plain = {" ": r"[ +]", '"': r'\\{0,15}"', "/": r"\\{0,15}/"}.get(char, re.escape(char))
    named = HTML.get(char, "")
    return f"(?:{plain}|{coded}|{quoted}{named and f'|{named}'})"


def backslashes(count: int) -> str:
    """A pattern for so many of them, which JSON doubles each time. As one part: one after the other they could share
    the backslashes of a text in more ways than there is time for."""
    doubled = "|".join(rf"\\{{{count * times}}}" for times in (8, 4, 2, 1))
    return rf"(?:{doubled}|(?:%(?:25){{0,3}}5[Cc]|\\{{1,15}}u005[Cc]){{{count}}})"


def either_case(digits: str) -> str:
    return "".join(f"[{digit}{digit.lower()}]" if digit.isalpha() else digit for digit in digits)


def in_base64(data: bytes) -> Iterable[str]:
    for lead in range(3):
        encoded = base64.b64encode(b"\0" * lead + data).decode()
        # The first and last characters mix with what stands beside; the middle is the same wherever it stands.
        inner = encoded[-(-lead * 8 // 6) :].rstrip("=")
        inner = inner[: (lead + len(data)) * 8 // 6 - (-(-lead * 8 // 6))]
        if len(inner) >= SHORTEST + 2:
            yield inner
            yield inner.replace("+", "-").replace("/", "_")
