"""Parameters validated once: the same as validating every item, wherever that is possible at all."""

from typing import Annotated, Any

import pytest
from pydantic import Field, field_validator

from workflows_app.engine.expression.filled import filling
from workflows_app.engine.expression.parameters import ParameterTemplate
from workflows_app.engine.params import Params
from workflows_app.toolkit.fields import AsGroup, AsList, Text

pytestmark = pytest.mark.engine


class Row(Params):
    name: Text = Field("")
    value: Any = Field(None)


class Group(Params):
    rows: Annotated[list[Row], AsList] = Field(default_factory=list)


class Whole(Params):
    group: Annotated[Group, AsGroup] = Field(default_factory=Group)
    any_value: Any = Field(None)
    text: Text = Field("")


class Checked(Params):
    value: Any = None

    @field_validator("value")
    @classmethod
    def _upper(cls, value: Any) -> Any:
        return str(value).upper()


def template(raw: Any) -> ParameterTemplate:
    return ParameterTemplate.of_value(raw)


def test_values_are_put_where_their_expressions_stand() -> None:
    rows = [{"name": "a", "value": "={{ $json.a }}"}, {"name": "b", "value": 2}, {"name": "c", "value": "={{ 1 }}"}]
    raw = {"group": {"rows": rows}, "anyValue": "={{ $json }}", "text": "kept"}
    made = template(raw)
    fill = filling(made, Whole)
    assert fill is not None
    for values in ([1, {"x": [2]}, None], ["one", True, {"y": 1}]):
        filled, validated = fill(values), Whole.model_validate(made.build(values))
        assert filled == validated
        assert filled.model_dump() == validated.model_dump()
        assert filled.model_fields_set == validated.model_fields_set
        assert filled.group.rows[0].model_fields_set == validated.group.rows[0].model_fields_set


def test_what_one_item_gets_another_does_not_see() -> None:
    fill = filling(template({"group": {"rows": [{"name": "a", "value": "={{ 1 }}"}]}}), Whole)
    assert fill is not None
    first, second = fill([1]), fill([2])
    assert (first.group.rows[0].value, second.group.rows[0].value) == (1, 2)


def test_constant_parameters_are_one_object() -> None:
    fill = filling(template({"text": "same"}), Whole)
    assert fill is not None
    assert fill([]) is fill([])


@pytest.mark.parametrize(
    "raw, model",
    [
        ({"text": "={{ 1 }}"}, Whole),
        ({"group": "={{ $json.group }}"}, Whole),
        ({"group": {"rows": "={{ $json.rows }}"}}, Whole),
        ({"group": {"rows": [{"name": "={{ 1 }}"}]}}, Whole),
        ({"anyValue": {"inner": "={{ 1 }}"}}, Whole),
        ({"group": {"rows": [3]}, "anyValue": "={{ 1 }}"}, Whole),
        ({"value": "={{ 1 }}"}, Checked),
    ],
    ids=["a typed field", "a group", "a list", "a name in a list", "inside a value", "wrong anyway", "looked at"],
)
def test_all_else_is_validated_item_by_item(raw: Any, model: type[Params]) -> None:
    assert filling(template(raw), model) is None
