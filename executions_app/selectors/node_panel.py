"""One opened node of a run: its input or output, a page at a time."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from executions_app import payload_codec
from executions_app.models import Execution, NodeRun
from executions_app.selectors.data_view import DataView, data_view
from executions_app.selectors.outputs import node_inputs, node_outputs
from executions_app.selectors.run_words import FINISHED as ORIGINS
from executions_app.selectors.turns import node_turns
from workflows_app.selectors.scenes import output_label_of

VIEWS = ("table", "json", "schema")


@dataclass(frozen=True)
class OutputTab:
    index: int
    label: str
    count: int
    is_open: bool


@dataclass(frozen=True)
class NodePanel:
    """One turn of one node with the data of the side that is open. `origin` says where the output came from, unless the
    node just made it."""

    id: str
    name: str
    status: str
    side: str
    view: str
    data: DataView
    items_in: int
    items_out: int
    outputs: list[OutputTab]
    turn: int
    run_index: int
    turns: int
    error_text: str
    error_hint: str
    origin: str = ""

    @property
    def turn_number(self) -> int:
        return self.turn + 1

    @property
    def previous_turn(self) -> int:
        return self.turn - 1


@dataclass(frozen=True)
class Opened:
    """What the address asks to see: a node, a turn of it, input or output, table, JSON or schema, a page or one item,
    the item whose lineage is lit. Without a side: the output, or the input of a node that failed."""

    node: str = ""
    turn: int = -1
    side: str = ""
    output: int = -1
    view: str = "table"
    page: int = 1
    item: int = 0
    trace: str = ""

    @classmethod
    def from_query(cls, query: Mapping[str, str]) -> "Opened":
        return cls(
            node=query.get("node", ""),
            turn=_number(query.get("turn"), -1),
            side=query.get("side", "") if query.get("side") in ("input", "output") else "",
            output=_number(query.get("output"), -1),
            view=query["view"] if query.get("view") in VIEWS else "table",
            page=_number(query.get("page"), 1),
            item=_number(query.get("item"), 0),
            trace=query.get("trace", "")[:400],
        )


def opened_node(execution: Execution, opened: Opened, *, fallback: str = "") -> NodePanel | None:
    """The node the address names, else `fallback`, else the failed or the last one; None while nothing has run."""
    turns = node_turns(execution)
    names = {turn.node for turn in turns}
    name = next((wanted for wanted in (opened.node, fallback) if wanted in names), "") or _worth_opening(turns)
    mine = [turn for turn in turns if turn.node == name]
    if not mine:
        return None
    place = opened.turn if 0 <= opened.turn < len(mine) else len(mine) - 1
    turn = NodeRun.objects.get(execution=execution, node=name, run_index=mine[place].run_index)
    outputs = node_outputs(execution, turn)
    chosen = opened.output if 0 <= opened.output < len(outputs) else _first_filled(outputs)
    side = opened.side or ("input" if turn.status == "error" and not any(outputs) else "output")
    items = node_inputs(execution, turn) if side == "input" else (outputs[chosen] if outputs else [])
    error = decoded_error(turn)
    return NodePanel(
        id=name,
        name=name,
        status=turn.status,
        side=side,
        view=opened.view,
        data=data_view(items, page=opened.page, item=opened.item, with_schema=opened.view == "schema"),
        items_in=sum(turn.items_in),
        items_out=sum(len(entry) for entry in outputs),
        outputs=[
            OutputTab(
                index=index,
                label=output_label_of(execution.version.graph, name, index) or f"Output {index + 1}",
                count=len(entry),
                is_open=index == chosen,
            )
            for index, entry in enumerate(outputs)
        ],
        turn=place,
        run_index=turn.run_index,
        turns=len(mine),
        error_text=str(error.get("message") or ""),
        error_hint=str(error.get("hint") or error.get("description") or ""),
        origin=ORIGINS.get(turn.origin, ""),
    )


def _worth_opening(turns: list[NodeRun]) -> str:
    failed = [turn for turn in turns if turn.status == "error"]
    done = [turn for turn in turns if sum(turn.items_out)]
    return (failed or done or turns)[-1].node if turns else ""


def _first_filled(outputs: list[list[Any]]) -> int:
    return next((index for index, items in enumerate(outputs) if items), 0)


def decoded_error(turn: NodeRun) -> dict[str, Any]:
    if not turn.error:
        return {}
    value = payload_codec.decode(bytes(turn.error))
    return value if isinstance(value, dict) else {"message": str(value)}


def _number(text: str | None, default: int) -> int:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 9 else default
