"""Texts in a workflow that look like secrets: where they stand, masked, and the graph without them. Nothing here is
logged, and no secret leaves this module but into a draft of a credential."""

import re
from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from pumpflix.lib.safe_http.errors import OutboundError
from pumpflix.lib.safe_http.urls import parse_host

SHAPES = (
    ("private key", re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)")),
    ("token", re.compile(r"\bgh[pousr]_[A-Za-z0-9]{20,}|\bgithub_pat_\w{20,}|\bglpat-[\w-]{16,}")),
    ("token", re.compile(r"\bxox[abeoprs]-[A-Za-z0-9-]{10,}")),
    ("key", re.compile(r"\bsk-[A-Za-z0-9_-]{16,}|\b[rs]k_(?:live|test)_[A-Za-z0-9]{10,}")),
    ("key", re.compile(r"\bAKIA[0-9A-Z]{16}\b|\bAIza[\w-]{30,}")),
    ("key", re.compile(r"\bSG\.[\w-]{16,}\.[\w-]{16,}|\bpat[A-Za-z0-9]{14}\.[0-9a-f]{40,}")),
    ("token", re.compile(r"\beyJ[\w-]{8,}\.eyJ[\w-]{8,}\.[\w-]{8,}")),
    ("token", re.compile(r"\b[0-9]{8,10}:AA[\w-]{30,}")),
    ("token", re.compile(r"(?i)\b(?:bearer|basic)\s+[A-Za-z0-9+/._~=-]{12,}")),
    ("password", re.compile(r"(?<=://)[^\s/:@{}]+:[^\s/@{}]+(?=@)")),
    ("key", re.compile(r"(?i)(?<=[?&])(?:api[_-]?key|access[_-]?token|token|key|secret|sig)=[A-Za-z0-9._~-]{12,}")),
)  # fmt: skip
NAMES = re.compile(
    r"(?i)^(?:.*[_-])?(?:api[_-]?key|apikey|password|passwd|secret|client[_-]?secret|access[_-]?token|auth[_-]?token|token"
    r"|authorization|x-api-key|private[_-]?key)$"
)
SAMPLE = re.compile(r"(?i)your|example|placeholder|xxxx|<.*>|\*\*\*|changeme|insert|replace|\bdemo\b|dummy")
SHORTEST = 8
MASK = "••••••"
LISTS = {"headerParameters": "httpHeaderAuth", "queryParameters": "httpQueryAuth"}
MOST = 200


@dataclass(frozen=True, slots=True)
class Secret:
    """`path` leads to the text below the node's parameters; `vault` names the credential type it can move into."""

    node: str
    path: tuple[str | int, ...]
    kind: str
    shown: str
    vault: str = ""

    @property
    def place(self) -> str:
        return ".".join(str(part) for part in self.path)


@dataclass(frozen=True, slots=True)
class Draft:
    """A credential that would hold what was taken out of a node."""

    node: str
    type: str
    fields: dict[str, str] = field(repr=False)
    host: str = ""


def secrets_in(graph: Mapping[str, Any]) -> list[Secret]:
    found: list[Secret] = []
    for node in graph.get("nodes") or []:
        parameters = node.get("parameters") or {}
        for path, text in texts(parameters, ()):
            if kind := kind_of(text, name_beside(parameters, path)):
                found.append(Secret(node["name"], path, kind, masked(text), vault_type(node, path)))
    return found[:MOST]


def texts(value: Any, path: tuple[str | int, ...]) -> Iterator[tuple[tuple[str | int, ...], str]]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from texts(inner, (*path, str(key)))
    elif isinstance(value, list):
        for place, inner in enumerate(value):
            yield from texts(inner, (*path, place))
    elif isinstance(value, str) and len(value) >= SHORTEST:
        yield path, value


def kind_of(text: str, name: str) -> str:
    """What kind of secret a text holds; empty for none. What only names a place for one does not count."""
    for kind, shape in SHAPES:
        if (match := shape.search(text)) and not SAMPLE.search(match.group()):
            return kind
    is_plain = not text.startswith("=") and "{{" not in text and " " not in text.strip()
    if NAMES.match(name) and is_plain and len(text) <= 400 and not SAMPLE.search(text):
        return "value of a secret setting"
    return ""


def name_beside(parameters: Any, path: tuple[str | int, ...]) -> str:
    """The key of a value; for the `value` of a pair, the `name` beside it."""
    key = str(path[-1]) if path else ""
    if key != "value":
        return key
    pair = at(parameters, path[:-1])
    return str(pair.get("name") or "") if isinstance(pair, dict) else ""


def at(value: Any, path: tuple[str | int, ...]) -> Any:
    for part in path:
        value = value[part]
    return value


def masked(text: str) -> str:
    """The secret parts of a text with their first letters at most."""
    for _kind, shape in SHAPES:
        text = shape.sub(lambda match: match.group()[:3] + MASK, text)
    if MASK not in text:
        return text[:2] + MASK
    return text if len(text) <= 120 else text[:119] + "…"


def masked_anywhere(text: str) -> str:
    """A text for people, with whatever looks like a secret in it masked."""
    for _kind, shape in SHAPES:
        text = shape.sub(lambda match: match.group()[:3] + MASK, text)
    return text


def vault_type(node: Mapping[str, Any], path: tuple[str | int, ...]) -> str:
    """Headers and query parameters of an HTTP request that carries no credential yet can move to the vault."""
    if node.get("type") != "n8n-nodes-base.httpRequest" or float(node.get("typeVersion") or 1) < 3:
        return ""
    parameters = node.get("parameters") or {}
    is_free = parameters.get("authentication") in (None, "", "none") and not node.get("credentials")
    is_pair = len(path) == 4 and path[1] == "parameters" and path[3] == "value"
    return LISTS.get(str(path[0]), "") if is_free and is_pair else ""


Cleaned = tuple[dict[str, Any], list[Draft], list[str]]


def without(graph: Mapping[str, Any], found: list[Secret], *, to_vault: bool) -> Cleaned:
    """The graph without these secrets, the credentials to make of them, and a line for each. One credential a node:
    what does not fit into it is dropped."""
    changed = deepcopy(dict(graph))
    by_name = {node["name"]: node for node in changed["nodes"]}
    drafts: dict[str, Draft] = {}
    pairs: list[tuple[Any, Any]] = []
    lines: list[str] = []
    for secret in found:
        node = by_name[secret.node]
        holder = at(node["parameters"], secret.path[:-1])
        if to_vault and secret.vault and secret.node not in drafts:
            drafts[secret.node] = Draft(
                secret.node, secret.vault, {"name": str(holder.get("name")), "value": holder["value"]}, host_of(node)
            )
            node["parameters"] |= {"authentication": "genericCredentialType", "genericAuthType": secret.vault}
            pairs.append((at(node["parameters"], secret.path[:2]), holder))
            lines.append(f"{secret.node}: {secret.kind} in {secret.place} moved to the vault")
        else:
            holder[secret.path[-1]] = ""
            lines.append(f"{secret.node}: {secret.kind} in {secret.place} dropped")
    for listed, pair in pairs:
        listed[:] = [one for one in listed if one is not pair]
    return changed, list(drafts.values()), lines


def host_of(node: Mapping[str, Any]) -> str:
    """The host a request goes to, where its address is no expression."""
    url = node["parameters"].get("url")
    if not isinstance(url, str) or url.startswith("="):
        return ""
    try:
        return parse_host(urlsplit(url).hostname or "")
    except (OutboundError, ValueError):
        return ""
