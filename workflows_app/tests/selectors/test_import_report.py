"""The groups of a report: what each row needs next."""

import pytest

from workflows_app.selectors.import_report import ImportRow, groups_of

pytestmark = pytest.mark.nodes


def row(state: str = "checked", **report) -> ImportRow:
    return ImportRow(place=0, name="flow.json", state=state, report=report, workflow_id=None)


@pytest.mark.parametrize(
    "given,kind",
    [
        (row(counts={"native": 2}), "now"),
        (row(counts={"native": 1, "swap": 1}), "swap"),
        (row(counts={"swap": 1, "placeholder": 1}), "blocked"),
        (row(counts={"off": 1}), "blocked"),
        (row(counts={"native": 1}, secrets=[{"node": "Ask"}]), "secret"),
        (row("refused"), "refused"),
    ],
)
def test_a_row_belongs_to_what_it_needs_next(given, kind):
    assert given.kind == kind


def test_groups_are_counted_and_the_chosen_one_is_marked():
    groups = groups_of([row(counts={}), row(counts={}), row("refused"), row("waiting")], "refused")
    assert [(group.kind, group.count, group.is_chosen) for group in groups] == [
        ("now", 2, False),
        ("refused", 1, True),
    ]


def test_where_all_need_the_same_there_is_nothing_to_choose():
    assert groups_of([row("refused"), row("refused")], "") == []
