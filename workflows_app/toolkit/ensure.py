"""A parameter as the type it must have, or an error that names it. For parameters that may come as text, as a value of
an expression, or as JSON."""

from typing import Any

from workflows_app.engine.errors import ParameterError
from workflows_app.toolkit.compare import is_nan, is_true, json_text, to_number, to_text, type_of
from workflows_app.toolkit.paths import MISSING
from workflows_app.toolkit.relaxed_json import NotJson, parse

HINT = "Correct the value or the expression behind it."


def ensure(kind: str, value: Any, name: str) -> Any:
    """`kind` is string, number, boolean, object, array or json; `MISSING` is no value. Raises ParameterError."""
    if value is MISSING:
        raise ParameterError(f"Parameter '{name}' could not be 'undefined'", hint=HINT)
    if value is None:
        raise ParameterError(f"Parameter '{name}' must not be null", hint=HINT)
    if kind == "string":
        return json_text(value) if isinstance(value, list | dict) else to_text(value)
    if kind == "number":
        number = to_number(value)
        if is_nan(number):
            raise ParameterError(f"Parameter '{name}' must be a number, but we got '{to_text(value)[:80]}'", hint=HINT)
        return number
    if kind == "boolean":
        return is_true(value)
    return ensure_json(kind, value, name)


def ensure_json(kind: str, value: Any, name: str) -> Any:
    if isinstance(value, str):
        try:
            value = parse(value)
        except NotJson as error:
            raise ParameterError(
                f"Parameter '{name}' could not be parsed", hint=f"It is not valid JSON: {error}."
            ) from None
    if kind == "json" or type_of(value) == kind:
        return value
    raise ParameterError(
        f"Parameter '{name}' must be {'an array' if kind == 'array' else 'an object'}, but we got {type_of(value)}",
        hint=HINT,
    )
