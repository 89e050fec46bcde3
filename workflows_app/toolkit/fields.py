"""Field types for parameter models: what an expression yields is bent to the type as n8n does, not refused. A number
where text is wanted becomes text, `"false"` is false, an empty text where a number is wanted is the default."""

from typing import Annotated, Any

from pydantic import BeforeValidator

from workflows_app.toolkit.compare import is_nan, to_flag, to_number, to_text


def text(value: Any) -> str:
    return to_text(value)


def flag(value: Any) -> bool:
    return to_flag(value)


def number(value: Any) -> Any:
    """A number, or the value itself where it is none, so that validation says what was expected."""
    if isinstance(value, str) and not value.strip():
        return value
    result = to_number(value)
    return value if is_nan(result) else result


def whole(value: Any) -> Any:
    result = number(value)
    return int(result) if isinstance(result, float) and abs(result) < 1e15 else result


def listed(value: Any) -> list[Any]:
    """A list; a lone value becomes a list of one, nothing becomes an empty list."""
    if value is None or value == "":
        return []
    return value if isinstance(value, list) else [value]


def grouped(value: Any) -> dict[str, Any]:
    """A group of fields; n8n stores an empty one as a list or as text."""
    return value if isinstance(value, dict) else {}


Text = Annotated[str, BeforeValidator(text)]
Flag = Annotated[bool, BeforeValidator(flag)]
Number = Annotated[float, BeforeValidator(number)]
Whole = Annotated[int, BeforeValidator(whole)]

AsList = BeforeValidator(listed)
AsGroup = BeforeValidator(grouped)
