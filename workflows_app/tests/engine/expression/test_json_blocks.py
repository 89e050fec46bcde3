"""Values inside JSON that an author typed."""

from typing import Any

import pytest

from workflows_app.engine.expression.json_blocks import json_with
from workflows_app.engine.expression.paths import UNDEFINED
from workflows_app.engine.expression.template import blocks

pytestmark = pytest.mark.engine


@pytest.mark.parametrize(
    "template, values, made",
    [
        ('{"a": {{ x }}}', [{"b": [1]}], '{"a": {"b":[1]}}'),
        ('{"a": {{ x }}, "b": {{ y }}}', [None, UNDEFINED], '{"a": null, "b": null}'),
        ('{"a": "{{ x }}"}', ['say "hi"\n'], '{"a": "say \\"hi\\"\\n"}'),
        ('{"a": "{{ x }} {{ y }}"}', [None, UNDEFINED], '{"a": "null undefined"}'),
        ('{"a": {{ x }}}', ['"quoted"'], '{"a": "quoted"}'),
        ('{"{{ x }}": true}', [5], '{"5": true}'),
        ('{"\\"": {{ x }}}', ["1"], '{"\\"": 1}'),
    ],
)
def test_value_is_written_the_way_its_place_asks_for(template: str, values: list[Any], made: str) -> None:
    assert json_with(blocks(template) or (), values) == made
