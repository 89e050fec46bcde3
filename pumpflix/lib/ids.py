"""Identifiers: time-ordered row ids, unguessable tokens for URLs, and the key that lets a receiver drop repeats."""

import hashlib
import re
import secrets
import threading
import time
import uuid

_VERSION_7 = 0x7 << 76
_VARIANT = 0b10 << 62
_RANDOM_BITS = 62
_FRACTION_BITS = 12
_NS_PER_MS = 1_000_000

_MIN_TOKEN_BYTES = 16
_PLAIN_NODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.~-]{0,63}")


class _Ticks:
    """Milliseconds since 1970 with 12 bits of fraction, never the same twice in a process, never backwards."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._last = 0

    def take(self) -> int:
        ms, rest_ns = divmod(time.time_ns(), _NS_PER_MS)
        tick = (ms << _FRACTION_BITS) | ((rest_ns << _FRACTION_BITS) // _NS_PER_MS)
        with self._lock:
            self._last = max(tick, self._last + 1)
            return self._last


_ticks = _Ticks()


def uuid7() -> uuid.UUID:
    """A UUID version 7 (RFC 9562, 6.2 method 3): strictly rising in a process, sorted by time across processes."""
    ms, fraction = divmod(_ticks.take(), 1 << _FRACTION_BITS)
    return uuid.UUID(int=(ms << 80) | _VERSION_7 | (fraction << 64) | _VARIANT | secrets.randbits(_RANDOM_BITS))


def url_token(size_bytes: int = 24) -> str:
    """Random text for a URL: letters, digits, `-` and `_`; at least 128 bits, 192 unless told otherwise."""
    if size_bytes < _MIN_TOKEN_BYTES:
        raise ValueError(f"A token has at least {_MIN_TOKEN_BYTES} random bytes, not {size_bytes}.")
    return secrets.token_urlsafe(size_bytes)


def idempotency_key(execution: uuid.UUID | str, node: str, run_index: int, item: int, call: int) -> str:
    """`pf-<execution>-<node>-<run>-<item>-<call>`: the same for every repeat and retry of that one call.

    A node's name that is not plain ASCII is replaced by its digest, so that the key is always legal in a header.
    The last three fields are numbers, hence no two calls share a key whatever dashes a name contains.
    """
    part = (
        node
        if _PLAIN_NODE.fullmatch(node)
        else f"~{hashlib.sha256(node.encode('utf-8', 'surrogatepass')).hexdigest()[:24]}"
    )
    return f"pf-{execution}-{part}-{run_index}-{item}-{call}"
