"""Parameters that are validated once for all items and turns.

Where expressions stand only in fields of any type, no value they yield can change what validation says about the rest.
So the model is made once, with a hole for each expression; for an item only the way down to the holes is copied.
Constant parameters are the case without holes: one object for every run of the version.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, get_args, get_origin

from pydantic import ValidationError

from workflows_app.engine.expression.parameters import ParameterTemplate
from workflows_app.engine.params import Params

Fill = Callable[[Sequence[Any]], Any]


@dataclass(frozen=True, slots=True)
class Hole:
    """Stands for the value of one expression."""

    leaf: int


def filling(template: ParameterTemplate, model: type[Params]) -> Fill | None:
    """What makes the validated model of one value per expression; None where every item has to be validated."""
    if not all(is_free(model, leaf.path.split(".")) for leaf in template.leaves):
        return None
    raw = template.build([Hole(number) for number in range(len(template.leaves))])
    try:
        made = model.model_validate(raw)
    except ValidationError:
        return None
    if holes_in(made) != len(template.leaves):
        return None
    return compile_filling(made) or (lambda _values: made)


def is_free(model: Any, path: list[str]) -> bool:
    """Whether the path leads to a field that takes a value of any type as it is, past fields that nothing looks at."""
    name, *rest = path
    found = next(((key, field) for key, field in model.model_fields.items() if name in (key, field.alias)), None)
    if found is None or is_checked(model, found[0]):
        return False
    field = found[1]
    if not rest:
        return field.annotation is Any and not field.metadata
    inner = field.annotation
    if get_origin(inner) is list:
        (inner,), rest = get_args(inner), rest[1:]
    return bool(rest) and isinstance(inner, type) and issubclass(inner, Params) and is_free(inner, rest)


def is_checked(model: type[Params], name: str) -> bool:
    """Whether the model looks at all its fields, or at this one, in a way of its own."""
    known = model.__pydantic_decorators__
    by_field: list[Any] = [*known.field_validators.values(), *known.validators.values()]
    return bool(known.model_validators or known.root_validators) or any(
        name in one.info.fields or "*" in one.info.fields for one in by_field
    )


def holes_in(value: Any) -> int:
    if isinstance(value, Hole):
        return 1
    return sum(map(holes_in, parts_of(value).values()))


def parts_of(value: Any) -> Mapping[Any, Any]:
    if isinstance(value, Params):
        return value.__dict__
    return dict(enumerate(value)) if isinstance(value, list) else {}


def compile_filling(value: Any) -> Fill | None:
    """What fills the holes in the value; None if there are none."""
    if isinstance(value, Hole):
        leaf = value.leaf
        return lambda values: values[leaf]
    found = [(key, fill) for key, part in parts_of(value).items() if (fill := compile_filling(part)) is not None]
    if not found:
        return None
    return filled_list(value, found) if isinstance(value, list) else filled_model(value, found)


def filled_list(value: list[Any], places: list[tuple[int, Fill]]) -> Fill:
    def fill(values: Sequence[Any]) -> list[Any]:
        out = value.copy()
        for place, part in places:
            out[place] = part(values)
        return out

    return fill


def filled_model(value: Params, fields: list[tuple[str, Fill]]) -> Fill:
    """A copy as `model_construct` makes it, without looking at fields that stay."""
    model, state, given = type(value), value.__dict__, value.model_fields_set
    put = object.__setattr__

    def fill(values: Sequence[Any]) -> Params:
        own = state.copy()
        for name, part in fields:
            own[name] = part(values)
        made = model.__new__(model)
        put(made, "__dict__", own)
        put(made, "__pydantic_fields_set__", given)
        put(made, "__pydantic_extra__", None)
        put(made, "__pydantic_private__", None)
        return made

    return fill
