"""The parameters of a node with their expressions found once: constant parts are shared between items, only the way
down to an expression is rebuilt for each."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, get_args

from pydantic.fields import FieldInfo

from workflows_app.engine.expression.json_blocks import json_with
from workflows_app.engine.expression.paths import UNDEFINED, Reader
from workflows_app.engine.expression.readers import compile_template
from workflows_app.engine.expression.template import blocks, is_expression, template_text
from workflows_app.engine.params import UI_KEY, Params
from workflows_app.engine.workflow import Node

Build = Callable[[Sequence[Any]], Any]
Path = tuple[str, ...]
ANY = "*"


@dataclass(frozen=True, slots=True)
class Leaf:
    """One expression: its template text, its fast reader if it has one, and the parameter it stands in."""

    template: str
    reader: Reader | None
    path: str


@lru_cache(maxsize=8192)
def cached_reader(template: str) -> Reader | None:
    return compile_template(template)


@dataclass(frozen=True)
class ParameterTemplate:
    """`build(values)` makes the parameters from one value per leaf; a leaf that is UNDEFINED leaves its key out."""

    leaves: tuple[Leaf, ...]
    raw: Any
    _build: Build | None

    @property
    def is_constant(self) -> bool:
        return self._build is None

    def build(self, values: Sequence[Any]) -> Any:
        return self.raw if self._build is None else self._build(values)

    @classmethod
    def of(cls, node: Node, model: type[Params] | None) -> "ParameterTemplate":
        """Of a node. Parameters its type does not know, and those marked as never holding expressions, stay as they
        are: what nobody reads must not fail."""
        raw = node.parameters
        if model is None:
            return cls((), raw, None)
        known = {key for name, field in model.model_fields.items() for key in (name, field.alias or name)}
        skipped = frozenset(literal_paths(model)) | {(key,) for key in raw if key not in known}
        json_texts = frozenset((key,) for key in known if hints_of_key(model, key).get("jsonText"))
        return cls.of_value(raw, Marks(skipped, json_texts))

    @classmethod
    def of_value(cls, raw: Any, marks: "Marks | None" = None) -> "ParameterTemplate":
        leaves: list[Leaf] = []
        build = compile_value(raw, (), leaves, marks or Marks())
        return cls(tuple(leaves), raw, build)


@dataclass(frozen=True, slots=True)
class Marks:
    """Paths of parameters that are read in a way of their own: as plain text, or as JSON with expressions in it."""

    skipped: frozenset[Path] = frozenset()
    json_texts: frozenset[Path] = frozenset()


def compile_value(value: Any, path: Path, leaves: list[Leaf], marks: Marks) -> Build | None:
    """What rebuilds the value from the leaves found in it; None if it is constant."""
    if marks.skipped and pattern(path) in marks.skipped:
        return None
    if isinstance(value, str):
        if not is_expression(value):
            return None
        return compile_json_text(value, path, leaves) if path in marks.json_texts else compile_leaf(value, path, leaves)
    if isinstance(value, dict):
        members = [(key, compile_value(part, (*path, str(key)), leaves, marks)) for key, part in value.items()]
        return object_build(value, [(key, build) for key, build in members if build is not None])
    if isinstance(value, list):
        entries = [(i, compile_value(part, (*path, str(i)), leaves, marks)) for i, part in enumerate(value)]
        return list_build(value, [(index, build) for index, build in entries if build is not None])
    return None


def pattern(path: Path) -> Path:
    """The path with list places made general."""
    return tuple(ANY if part.isdecimal() else part for part in path)


def compile_leaf(value: str, path: Path, leaves: list[Leaf]) -> Build:
    number = len(leaves)
    template = template_text(value)
    leaves.append(Leaf(template, cached_reader(template), ".".join(path)))
    return lambda values: values[number]


def compile_json_text(value: str, path: Path, leaves: list[Leaf]) -> Build:
    """A leaf of its own for every block, so that each value can be written as JSON at its place."""
    parts = blocks(template_text(value))
    if parts is None or len(parts) < 2 or not any(part.is_code for part in parts):
        return compile_leaf(value, path, leaves)
    first = len(leaves)
    for part in parts:
        if part.is_code:
            template = "{{" + part.text + "}}"
            leaves.append(Leaf(template, cached_reader(template), ".".join(path)))
    return lambda values: json_with(parts, values[first:])


def object_build(value: dict[str, Any], members: list[tuple[str, Build]]) -> Build | None:
    if not members:
        return None

    def build(values: Sequence[Any]) -> dict[str, Any]:
        out = dict(value)
        for key, make in members:
            made = make(values)
            if made is UNDEFINED:
                del out[key]
            else:
                out[key] = made
        return out

    return build


def list_build(value: list[Any], entries: list[tuple[int, Build]]) -> Build | None:
    if not entries:
        return None

    def build(values: Sequence[Any]) -> list[Any]:
        out = list(value)
        for index, make in entries:
            made = make(values)
            out[index] = None if made is UNDEFINED else made
        return out

    return build


def is_hidden(model: type[Params], key: str, values: Mapping[str, Any]) -> bool:
    """Whether the form would not show that parameter beside these values (`ui(visible_when=...)`)."""
    fields = {field.alias or name: field for name, field in model.model_fields.items()}
    shown_when = hints_of(fields[key]).get("visibleWhen") if key in fields else None
    if not isinstance(shown_when, dict):
        return False
    return any(
        other in fields and values.get(other, fields[other].get_default(call_default_factory=True)) not in allowed
        for other, allowed in shown_when.items()
    )


def hints_of_key(model: type[Params], key: str) -> Mapping[str, Any]:
    return next((hints_of(field) for name, field in model.model_fields.items() if key == (field.alias or name)), {})


def hints_of(field: FieldInfo) -> Mapping[str, Any]:
    extra = field.json_schema_extra
    hints = extra.get(UI_KEY) if isinstance(extra, dict) else None
    return hints if isinstance(hints, dict) else {}


@lru_cache(maxsize=1024)
def literal_paths(model: type[Params]) -> tuple[Path, ...]:
    """Parameters that keep a leading `=` as text (`ui(no_expression=True)`), with `*` for any place in a list."""
    return tuple(find_literals(model, (), ()))


def find_literals(model: type[Params], path: Path, above: tuple[type[Params], ...]) -> Iterator[Path]:
    for name, field in model.model_fields.items():
        here = (*path, field.alias or name)
        if hints_of(field).get("noExpression"):
            yield here
        for nested, is_list in nested_models(field.annotation):
            if nested not in above:
                yield from find_literals(nested, (*here, ANY) if is_list else here, (*above, model))


def nested_models(annotation: Any, in_list: bool = False) -> Iterator[tuple[type[Params], bool]]:
    """The parameter models inside a type: `X`, `X | None`, `list[X]`, `Annotated[X, ...]`."""
    if isinstance(annotation, type) and issubclass(annotation, Params):
        yield annotation, in_list
    inside = in_list or getattr(annotation, "__origin__", None) in (list, tuple)
    for argument in get_args(annotation):
        yield from nested_models(argument, inside)
