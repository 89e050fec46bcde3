"""Taking known secrets out of texts, bytes and JSON values, in every form they are likely to come back in."""

import base64
import html
import json
import re
from collections.abc import Iterable
from threading import Lock
from typing import Any
from urllib.parse import quote, quote_plus

import orjson

MASK = "********"
SHORTEST = 6
LONG_LINE = 24
ESCAPE = re.compile("%[0-9A-F]{2}")


class Redactor:
    """Learns secrets while a run opens them; safe for threads. Texts shorter than six characters are left alone: they
    would be found everywhere."""

    def __init__(self) -> None:
        self._forms: tuple[str, ...] = ()
        self._raw: tuple[bytes, ...] = ()
        self._lock = Lock()

    def learn(self, secrets: Iterable[str]) -> None:
        with self._lock:
            known = set(self._forms)
            found = {form for secret in secrets if len(secret) >= SHORTEST for form in forms_of(secret)}
            if found <= known:
                return
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
        return text

    def data(self, data: bytes) -> bytes:
        for form in self._raw:
            if form in data:
                data = data.replace(form, MASK.encode())
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
        return any(form in data for form in self._raw)

    def _walked(self, value: Any) -> Any:
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, dict):
            return {self._walked(name): self._walked(entry) for name, entry in value.items()}
        if isinstance(value, list | tuple):
            return [self._walked(entry) for entry in value]
        return value


def forms_of(secret: str) -> Iterable[str]:
    """As it is, inside JSON, HTML or an address, in hexadecimal, in Base64 (alone, or anywhere in a longer text). Of a
    text of many lines, such as a key, each long line too: services quote them one by one."""
    data = secret.encode("utf-8", "surrogatepass")
    plain = secret.encode("utf-8", "replace").decode()
    yield secret
    yield from escaped(plain)
    yield from in_addresses(secret)
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


def in_addresses(secret: str) -> Iterable[str]:
    for form in (
        quote(secret, safe="", errors="replace"),
        quote(secret, safe="/", errors="replace"),
        quote(secret, safe="-_.!~*'()", errors="replace"),
        quote_plus(secret, errors="replace"),
    ):
        yield form
        yield ESCAPE.sub(lambda found: found[0].lower(), form)
        # An address inside an address.
        yield form.replace("%", "%25")


def in_base64(data: bytes) -> Iterable[str]:
    for lead in range(3):
        encoded = base64.b64encode(b"\0" * lead + data).decode()
        # The first and last characters mix with what stands beside; the middle is the same wherever it stands.
        inner = encoded[-(-lead * 8 // 6) :].rstrip("=")
        inner = inner[: (lead + len(data)) * 8 // 6 - (-(-lead * 8 // 6))]
        if len(inner) >= SHORTEST + 2:
            yield inner
            yield inner.replace("+", "-").replace("/", "_")
