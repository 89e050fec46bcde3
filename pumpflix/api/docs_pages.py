"""What the documentation pages show, made of the OpenAPI document."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from pumpflix.api.schema import METHODS, document
from pumpflix.lib.rest.operations import REGISTRY, Sample

DEEPEST = 3
MOST_FIELDS = 80


@dataclass(frozen=True, slots=True)
class Field:
    """A parameter, or one field of a body; `name` is dotted below the first level, with `[]` for lists."""

    name: str
    kind: str
    is_required: bool
    text: str
    place: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    status: str
    text: str
    fields: tuple[Field, ...]


@dataclass(frozen=True, slots=True)
class Example:
    """One documented call, as it is typed in three languages."""

    name: str
    address: str
    body: str
    curl: str
    python: str
    javascript: str

    @property
    def labels(self) -> dict[str, str]:
        """What each text is, for screen readers."""
        return {language: f"{language}: {self.name}" for language in ("cURL", "Python", "JavaScript")}


@dataclass(frozen=True, slots=True)
class Page:
    id: str
    method: str
    path: str
    summary: str
    text: str
    tag: str
    parameters: tuple[Field, ...]
    body: tuple[Field, ...]
    answers: tuple[Answer, ...]
    examples: tuple[Example, ...]


@dataclass(slots=True)
class Group:
    name: str
    pages: list[Page] = field(default_factory=list)


@cache
def pages(base: str) -> dict[str, Page]:
    """Every operation by id; `base` is the site's own address, which the examples call."""
    return {
        said["operationId"]: _page(said, method, path, base)
        for path, methods in document()["paths"].items()
        for method, said in methods.items()
        if method in METHODS
    }


def groups(base: str) -> list[Group]:
    """By tag, in the order of the alphabet but for signing in, which comes first."""
    found: dict[str, Group] = {}
    for page in pages(base).values():
        found.setdefault(page.tag, Group(page.tag)).pages.append(page)
    return sorted(found.values(), key=lambda group: (group.name != "Auth", group.name))


def _page(said: dict[str, Any], method: str, path: str, base: str) -> Page:
    body: dict[str, Any] = next(iter((said.get("requestBody") or {}).get("content", {}).values()), {})
    return Page(
        id=said["operationId"],
        method=method.upper(),
        path=path,
        summary=said["summary"],
        text=said["description"] if said["description"] != said["summary"] else "",
        tag=said["tags"][0],
        parameters=tuple(_parameter(entry) for entry in said.get("parameters", ())),
        body=tuple(fields_of(body.get("schema") or {})),
        answers=tuple(_answer(status, entry) for status, entry in sorted(said["responses"].items())),
        examples=tuple(_example(sample, method.upper(), path, base) for sample in _samples(said["operationId"])),
    )


def _samples(name: str) -> tuple[Sample, ...]:
    return REGISTRY[name].samples if name in REGISTRY else (Sample("Plain"),)


def _parameter(entry: dict[str, Any]) -> Field:
    schema = entry["schema"]
    default = f" Default: {schema['default']}." if schema.get("default") not in (None, "") else ""
    return Field(
        entry["name"], kind_of(schema), bool(entry.get("required")), entry.get("description", "") + default, entry["in"]
    )


def _answer(status: str, entry: dict[str, Any]) -> Answer:
    content: dict[str, Any] = next(iter(entry.get("content", {}).values()), {})
    return Answer(
        status, (entry.get("description") or "Done.").replace("`", ""), tuple(fields_of(content.get("schema") or {}))
    )


def resolved(schema: dict[str, Any]) -> dict[str, Any]:
    """What a reference stands for."""
    while "$ref" in schema:
        schema = document()["components"]["schemas"][schema["$ref"].rsplit("/", 1)[1]]
    parts = schema.get("allOf") or [part for part in schema.get("oneOf", ()) if part.get("type") != "null"]
    return resolved(parts[0]) if len(parts) == 1 else schema


def kind_of(schema: dict[str, Any]) -> str:
    """In a few words: `string`, `one of a, b`, `list of integer`."""
    found = resolved(schema)
    if "enum" in found:
        return "one of " + ", ".join(str(value) for value in found["enum"] if value is not None)
    kinds = found.get("type", "any")
    kind = " or ".join(kinds) if isinstance(kinds, list) else str(kinds)
    if kind.startswith("array"):
        return f"list of {kind_of(found.get('items') or {})}"
    return {"uuid": "id", "date-time": "time", "date": "day"}.get(str(found.get("format")), kind)


def fields_of(schema: dict[str, Any], before: str = "", depth: int = 0) -> Iterator[Field]:
    found = resolved(schema)
    needed = found.get("required", ())
    for name, inner in (found.get("properties") or {}).items():
        yield Field(before + name, kind_of(inner), name in needed, _text(inner))
        below = resolved(inner)
        is_list = below.get("type") == "array"
        nested = resolved(below.get("items") or {}) if is_list else below
        if depth < DEEPEST and nested.get("properties"):
            yield from fields_of(nested, f"{before}{name}{'[]' if is_list else ''}.", depth + 1)


def _text(schema: dict[str, Any]) -> str:
    return str(schema.get("description") or "")


def _example(sample: Sample, method: str, path: str, base: str) -> Example:
    address = re.sub(r"\{(\w+)\}", lambda found: sample.path.get(found[1], found[0]), path)
    if sample.query:
        address += "?" + "&".join(f"{key}={value}" for key, value in sample.query.items())
    body = "" if sample.body is None else json.dumps(sample.body, indent=2, ensure_ascii=False)
    return Example(
        name=sample.name,
        address=address,
        body=body,
        curl=_curl(sample, method, base + address),
        python=_python(sample, method, base + address),
        javascript=_javascript(sample, method, base + address),
    )


def _curl(sample: Sample, method: str, url: str) -> str:
    lines = [f"curl -X {method} '{url}'"]
    if not sample.as_anonymous:
        lines.append('  -H "Authorization: Bearer $TOKEN"')
    if sample.body is not None:
        text = json.dumps(sample.body, ensure_ascii=False).replace("'", "'\\''")
        lines += ["  -H 'Content-Type: application/json'", f"  -d '{text}'"]
    return " \\\n".join(lines)


def _python(sample: Sample, method: str, url: str) -> str:
    lines = ["import httpx", ""]
    given = [repr(method), repr(url)]
    if sample.body is not None:
        lines.append(f"body = {sample.body!r}")
        given.append("json=body")
    if not sample.as_anonymous:
        given.append('headers={"Authorization": f"Bearer {token}"}')
    return "\n".join(
        [*lines, f"answer = httpx.request({', '.join(given)})", "print(answer.status_code, answer.json())"]
    )


def _javascript(sample: Sample, method: str, url: str) -> str:
    headers = [] if sample.as_anonymous else ["Authorization: `Bearer ${token}`"]
    lines = [f"const answer = await fetch({json.dumps(url)}, {{", f"  method: {json.dumps(method)},"]
    if sample.body is not None:
        headers.append('"Content-Type": "application/json"')
    if headers:
        lines.append(f"  headers: {{ {', '.join(headers)} }},")
    if sample.body is not None:
        lines.append(f"  body: JSON.stringify({json.dumps(sample.body, ensure_ascii=False)}),")
    return "\n".join([*lines, "});", "console.log(answer.status, await answer.json());"])
