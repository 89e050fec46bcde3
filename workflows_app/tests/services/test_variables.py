"""What a person types into the wizard, and what is made of it."""

import pytest

from workflows_app.services.variables import read

pytestmark = pytest.mark.app


@pytest.mark.parametrize(
    "kind,typed,value",
    [
        ("text", "  Ada ", "Ada"),
        ("text", "", ""),
        ("text", "={{ $env }}", '={{ "={{ $env }}" }}'),
        ("text", "a\x00b", "ab"),
        ("number", "42", 42),
        ("number", "3,5", 3.5),
        ("number", "", None),
        ("boolean", "on", True),
        ("boolean", "", False),
        ("email", "you@mail.example", "you@mail.example"),
        ("url", "https://a.example/x?y=1", "https://a.example/x?y=1"),
        ("time", "08:30", "08:30"),
        ("choice", "low", "low"),
        ("json", '{"a": 1}', '{"a": 1}'),
        ("list", "one\n\n two ", '["one", "two"]'),
    ],
)
def test_typed_text_becomes_a_value(kind, typed, value):
    values, errors = read([{"name": "v", "type": kind, "choices": ["low", "high"]}], {"v": typed})
    assert (values, errors) == ({"v": value}, {})


@pytest.mark.parametrize(
    "kind,typed,hint",
    [
        ("number", "many", "number"),
        ("number", "nan", "range"),
        ("number", "1e99", "range"),
        ("email", "nobody", "e-mail"),
        ("url", "javascript:alert(1)", "http"),
        ("url", "https://", "http"),
        ("time", "25:00", "HH:MM"),
        ("choice", "other", "options"),
        ("json", "{", "line 1"),
        ("json", "[" * 5_000, "deeply"),
        ("text", "x" * 20_001, "characters"),
    ],
)
def test_a_wrong_value_is_told_beside_its_field(kind, typed, hint):
    values, errors = read([{"name": "v", "type": kind, "choices": ["low"]}], {"v": typed})
    assert values == {}
    assert hint in errors["v"]


def test_a_required_field_must_be_filled():
    assert read([{"name": "v", "type": "text", "required": True}], {})[1] == {"v": "Fill this in."}


def test_all_errors_are_told_at_once():
    schema = [{"name": "a", "type": "number"}, {"name": "b", "type": "email"}]
    assert set(read(schema, {"a": "x", "b": "y"})[1]) == {"a", "b"}
