"""Merge by SQL: a query over the tables input1, input2 and so on, run in a copy of the library of its own."""

from typing import Any

from workflows_app.engine.errors import ParameterError, PumpFlixError
from workflows_app.engine.items import Item, Items, PairedItem
from workflows_app.engine.node_type import NodeRun, failed_item
from workflows_app.toolkit.compare import plain
from workflows_app.toolkit.documents import ask


def by_sql(run: NodeRun[Any], inputs: list[Items]) -> Items:
    """An item per row. A row that can be traced is paired with the items it was made of, others with all."""
    query = run.params.query.strip()
    if not query:
        raise ParameterError("There is no query.", hint="Write a SELECT over the tables input1, input2 and so on.")
    tables = [[plain(item.json) for item in items] for items in inputs]
    try:
        rows, _ = ask(run, "sql", {"query": query, "tables": tables})
    except PumpFlixError as error:
        if not run.continues_on_error:
            raise
        return [failed_item(error, 0)]
    if not rows and (run.node.type_version < 3.2 or run.params.options.empty_query_result == "success"):
        return [Item(json={"success": True}, paired=())]
    everything = tuple(PairedItem(place, number) for number, items in enumerate(inputs) for place in range(len(items)))
    return [Item(json=row["json"], paired=pairs_of(row) if row["isTraced"] else everything) for row in rows]


def pairs_of(row: dict[str, Any]) -> tuple[PairedItem, ...]:
    return tuple(PairedItem(place, number) for number, place in row["from"])
