"""Reading what a person typed into the wizard: one value per variable, or one message per field."""

import json
import re
from typing import Any
from urllib.parse import urlsplit

from workflows_app.engine.errors import Problem, WorkflowInvalid

EMAIL = re.compile(r"[^@\s]{1,64}@[^@\s.]+(\.[^@\s.]+)+")
TIME = re.compile(r"([01]\d|2[0-3]):[0-5]\d")
MAX_CHARACTERS = 20_000


def read(schema: list[dict[str, Any]], typed: dict[str, str]) -> tuple[dict[str, Any], dict[str, str]]:
    """`(values, errors)` by variable name. A text that starts with `=` stays a text: it is never an expression."""
    values: dict[str, Any] = {}
    errors: dict[str, str] = {}
    for variable in schema:
        name, text = variable["name"], typed.get(variable["name"], "")
        try:
            values[name] = value_of(variable, text)
        except ValueError as error:
            errors[name] = str(error)
    return values, errors


def checked(schema: list[dict[str, Any]], given: dict[str, Any]) -> dict[str, Any]:
    """Values as a program gives them, each of the kind its variable has. Raises WorkflowInvalid with every problem."""
    known = {variable["name"]: variable for variable in schema}
    values: dict[str, Any] = {}
    problems = []
    for name, value in given.items():
        try:
            values[name] = value_of(known[name], typed(value))
        except KeyError:
            problems.append(Problem(f"values.{name[:100]}", "The workflow has no such variable.", "unknown_variable"))
        except ValueError as error:
            problems.append(Problem(f"values.{name[:100]}", str(error), "variable_invalid"))
    if problems:
        raise WorkflowInvalid(problems)
    return values


def typed(value: Any) -> str:
    """A value as somebody would type it."""
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    return "on" if value is True else "" if value is False else json.dumps(value)


def value_of(variable: dict[str, Any], text: str) -> Any:
    """Raises ValueError with a sentence for the person who typed."""
    kind = variable.get("type", "text")
    if kind == "boolean":
        return text in ("on", "true", "1", "yes")
    text = text.replace("\x00", "").strip() if kind != "json" else text.replace("\x00", "")
    if not text.strip():
        if variable.get("required"):
            raise ValueError("Fill this in.")
        return None if kind in ("number", "json") else ""
    if len(text) > MAX_CHARACTERS:
        raise ValueError(f"At most {MAX_CHARACTERS} characters.")
    if kind == "choice":
        return as_choice(text, variable.get("choices") or [])
    return READERS.get(kind, as_text)(text)


def as_text(text: str) -> str:
    return f"={{{{ {json.dumps(text)} }}}}" if text.startswith("=") else text


def as_number(text: str) -> float | int:
    try:
        number = float(text.replace(",", "."))
    except ValueError:
        raise ValueError("Write a number, for example 42 or 3.5.") from None
    if not abs(number) <= 1e15:
        raise ValueError("This number is out of range.")
    return int(number) if number.is_integer() else number


def as_email(text: str) -> str:
    if not EMAIL.fullmatch(text):
        raise ValueError("Write an e-mail address, for example you@example.com.")
    return text


def as_url(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("Write a web address that starts with http:// or https://.")
    return text


def as_time(text: str) -> str:
    if not TIME.fullmatch(text):
        raise ValueError("Write a time as HH:MM, for example 08:30.")
    return text


def as_choice(text: str, choices: list[Any]) -> str:
    if text not in [str(choice) for choice in choices]:
        raise ValueError("Choose one of the options.")
    return text


def as_json(text: str) -> str:
    """Stored as text: the Set node of type object or array parses it."""
    try:
        json.loads(text)
    except json.JSONDecodeError as error:
        raise ValueError(f"Not JSON: {error.msg} in line {error.lineno}, column {error.colno}.") from None
    except RecursionError:
        raise ValueError("Nested too deeply.") from None
    return text


def as_list(text: str) -> str:
    """One entry a line, stored as a JSON list."""
    return json.dumps([line.strip() for line in text.splitlines() if line.strip()])


READERS = {
    "text": as_text,
    "number": as_number,
    "email": as_email,
    "url": as_url,
    "time": as_time,
    "json": as_json,
    "list": as_list,
}
