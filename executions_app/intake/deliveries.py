"""What makes a call of a webhook count once: the number its sender gave the delivery, an `Idempotency-Key`, or what the
node names. Without any of them two equal calls are two events."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from workflows_app.engine.expression.javascript import Defer
from workflows_app.engine.expression.parameters import cached_reader
from workflows_app.engine.expression.paths import CHILD, UNDEFINED
from workflows_app.engine.expression.template import template_text
from workflows_app.engine.items import Item, JsonObject

KEPT = timedelta(days=7)
"""Longer than the senders repeat."""
KEY_KEPT = timedelta(hours=24)
SENDERS = ("x-github-delivery", "webhook-id", "svix-id", "x-shopify-webhook-id")
KEY = "idempotency-key"


@dataclass(frozen=True, slots=True)
class Delivery:
    """`fingerprint` is that of the whole call where the same key must not come with another one; else empty."""

    key: str
    kept: timedelta
    fingerprint: str = ""


@dataclass(frozen=True, slots=True)
class Call:
    """What a delivery is told by. `json` is the item as the workflow sees it, `said` the call but for its headers and
    `body`."""

    headers: Mapping[str, str]
    json: JsonObject
    said: bytes
    body: bytes = b""

    @property
    def fingerprint(self) -> str:
        made = hashlib.sha256(self.said + b"\n")
        made.update(self.body)
        return made.hexdigest()


class OneItem:
    """Where the node's expression is read: the item of the call, and nothing before it."""

    def __init__(self, json: JsonObject) -> None:
        self.items = [Item(json=json)]
        self.run_index = 0

    def paired_item(self, node: str, item: int) -> Item | None:  # noqa: ARG002 - the frame of any node
        return None

    first_item = last_item = lambda _self, _node: None
    same_index_item = paired_item

    def now(self) -> Any:
        """No time of day tells one delivery from another."""
        raise Defer


def delivery_of(call: Call, chosen: Mapping[str, Any]) -> Delivery | None:
    """`chosen` are the node's options: what they name goes first. None where nothing numbers the call."""
    template = str(chosen.get("deliveryId") or "")
    if template and (own := read_id(template, call.json)):
        return Delivery(digest("own", own), KEPT)
    for name in SENDERS:
        if value := call.headers.get(name):
            return Delivery(digest(name, value), KEPT)
    body = call.json.get("body")
    if "stripe-signature" in call.headers and isinstance(body, dict) and isinstance(body.get("id"), str):
        return Delivery(digest("stripe", body["id"]), KEPT)
    if value := call.headers.get(KEY):
        return Delivery(digest(KEY, value), KEY_KEPT, call.fingerprint)
    return None


def read_id(template: str, json: JsonObject) -> str:
    """Empty where the call has nothing at that place."""
    reader = cached_reader(template_text(template))
    found = CHILD if reader is None else reader(OneItem(json), 0)
    return str(found) if isinstance(found, str | int | float) and found not in (CHILD, UNDEFINED, "") else ""


def digest(kind: str, value: str) -> str:
    return hashlib.sha256(f"{kind}:{value}".encode("utf-8", "replace")).hexdigest()
