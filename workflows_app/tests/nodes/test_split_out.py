"""A list with more entries than a turn may put out is refused before its items are made."""

import pytest

from workflows_app.engine import errors
from workflows_app.engine.errors import UserError
from workflows_app.engine.items import Item
from workflows_app.nodes.transform.split_out import SplitOutParams, split_item

pytestmark = pytest.mark.nodes


@pytest.mark.parametrize("many", [list(range(6)), dict.fromkeys("abcdef", 1)])
def test_a_list_that_is_too_long_is_refused(monkeypatch: pytest.MonkeyPatch, many: object) -> None:
    monkeypatch.setattr(errors, "MAX_ITEMS", 5)
    with pytest.raises(UserError) as refused:
        split_item(Item(json={"a": many}), SplitOutParams(fieldToSplitOut="a"))
    assert refused.value.instance_code == "too_many_items"
