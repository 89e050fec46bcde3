"""The turn of a database node: one conversation, one question with the statements of all items, rows as items."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from workflows_app.engine.errors import OperationalError, ParameterError, PumpFlixError
from workflows_app.engine.expression.template import blocks, is_expression
from workflows_app.engine.items import Item, Items, JsonObject, PairedItem
from workflows_app.engine.node_type import NodeRun, failed_item
from workflows_app.engine.pairing import pair
from workflows_app.toolkit.compare import to_text
from workflows_app.toolkit.paths import read
from workflows_app.toolkit.servers import Talk
from workflows_app.toolkit.sql_text import Dialect, Statement, bound, statements
from workflows_app.toolkit.sql_wire import wire

SUCCESS: JsonObject = {"success": True}


@dataclass(frozen=True, slots=True)
class Batching:
    """How the statements of a turn belong together. `is_one`: all of them succeed or none; else an item that fails
    leaves the others alone."""

    is_one: bool
    together: str

    @classmethod
    def of(cls, name: str, work: Sequence[Sequence[Statement]]) -> "Batching":
        every = [statement for one in work for statement in one]
        if any(statement.controls_transactions for statement in every):
            return cls(name != "independently", "")
        if name == "independently":
            return cls(False, "item")
        return cls(True, "all" if len(every) > 1 else "")


Done = tuple[int, list[Statement], list[JsonObject]] | tuple[int, PumpFlixError]
"""An item's number with its statements and their results, or with what went wrong."""
Compose = Callable[[int], list[Statement]]


def carry_out(
    run: NodeRun[Any], talk: Talk, compose: Compose, *, dialect: Dialect, batching: str, settings: JsonObject
) -> list[Done]:
    """An entry for every item. Where the node continues on error and the statements are one, a single entry says what
    went wrong."""
    work: list[tuple[int, list[Statement]]] = []
    failed: dict[int, PumpFlixError] = {}
    for index in range(len(run.items)):
        try:
            work.append((index, compose(index)))
        except PumpFlixError as error:
            if not run.continues_on_error:
                error.data.setdefault("itemIndex", index)
                raise
            failed[index] = error
    plan = Batching.of(batching, [one for _, one in work])
    question = {
        "work": [[wire(statement, dialect) for statement in one] for _, one in work],
        "together": plan.together,
        "goOn": run.continues_on_error and not plan.is_one,
        **settings,
    }
    try:
        answers = talk.ask("run", question).value if work else []
    except PumpFlixError as error:
        if not run.continues_on_error:
            raise
        return [(0, error)]
    done: list[Done] = [
        (index, made, answer["results"]) if "results" in answer else (index, refused(answer))
        for (index, made), answer in zip(work, answers, strict=True)
    ]
    return sorted([*done, *failed.items()], key=lambda entry: entry[0])


def refused(answer: JsonObject) -> PumpFlixError:
    return OperationalError(str(answer.get("error")), code="server_refused", data=answer.get("data"))


def as_items(
    done: Sequence[Done], count: int, *, batching: str, tells_success: Callable[[list[Statement]], bool]
) -> Items:
    """A row an item. `tells_success` says of statements that gave no row whether they are worth an item; of statements
    that are one, one item for all."""
    out: Items = []
    silent: list[list[Statement]] = []
    for entry in done:
        if len(entry) == 2:
            out.append(failed_item(entry[1], entry[0]))
            continue
        index, made, results = entry
        rows = [Item(json=row, paired=pair(index)) for result in results for row in result.get("rows") or []]
        out += rows
        if not rows and batching != "single":
            out += [Item(json=dict(SUCCESS), paired=pair(index))] if tells_success(made) else []
        elif not rows:
            silent.append(made)
    if not out and any(tells_success(made) for made in silent):
        out.append(Item(json=dict(SUCCESS), paired=tuple(PairedItem(index) for index in range(count))))
    return out


def query_of(text: str, values: Sequence[Any], dialect: Dialect) -> list[Statement]:
    """What an author wrote, its placeholders bound. Raises ParameterError."""
    found = statements(text, dialect)
    if not found:
        raise ParameterError("There is no query.", hint="Enter one, or check the expression it comes from.")
    return [bound(statement, values, dialect) for statement in found]


def query_text(run: NodeRun[Any], resolved: str, index: int) -> str:
    """The query of one item. Its expressions count also where the parameter as a whole is none; what an expression
    yields is never read for expressions again."""
    raw = run.node.parameters.get("query")
    if not isinstance(raw, str) or is_expression(raw) or "{{" not in raw:
        return resolved
    return to_text(run.resolver.resolve_value(f"={raw}", index))


# query parameters -----------------------------------------------------------------------------------------------------
REPLACEMENT = "options.queryReplacement"


def replacements(run: NodeRun[Any], index: int, given: Any, *, splits_results: bool) -> list[Any]:
    """The query parameters of one item: a list as it is, or a text with commas. An expression in the text is one value,
    whatever it holds; with `splits_results` (newer versions) a text that it yields is split at commas too."""
    raw = read(run.node.parameters, REPLACEMENT, None)
    if isinstance(given, list):
        return given
    if given is not None and not isinstance(given, str | int | float | bool | dict):
        raise not_a_list()
    if not isinstance(raw, str):
        return parts(given)
    if is_expression(raw) and given is None:
        raise not_a_list()
    if not is_expression(raw) and "{{" not in raw:
        return parts(given)
    text = raw.removeprefix("=")
    return newer(run, index, text) if splits_results else older(run, index, text)


def newer(run: NodeRun[Any], index: int, text: str) -> list[Any]:
    """Only expressions count where there is one."""
    codes = [block.text for block in blocks(text) or () if block.is_code]
    if not codes:
        return list(parts(text))
    out: list[Any] = []
    for code in codes:
        value = run.resolver.resolve_value("={{" + code + "}}", index)
        if isinstance(value, dict | list):
            out.append(value)
        elif value is not None:
            shown = to_text(value)
            out += [shown] if is_json_text(shown) else parts(shown)
    return out


def older(run: NodeRun[Any], index: int, text: str) -> list[Any]:
    """Split at every comma that stands outside an expression."""
    out: list[Any] = []
    for part in split_outside(text):
        is_code = "{{" in part
        out.append(run.resolver.resolve_value(f"={part}", index) if is_code else part)
    return out


def split_outside(text: str) -> list[str]:
    """A comma inside `{{ }}` belongs to the expression."""
    out = [""]
    for block in blocks(text) or ():
        if block.is_code:
            out[-1] += "{{" + block.text + "}}"
            continue
        first, *rest = block.text.split(",")
        out[-1] += first
        out += rest
    return [part.strip() for part in out if part.strip()]


def parts(text: Any) -> list[Any]:
    if text is None:
        return []
    return [part.strip() for part in to_text(text).split(",") if part]


def is_json_text(text: str) -> bool:
    stripped = text.strip()
    return stripped[:1] in ("[", "{") and stripped[-1:] in ("]", "}")


def not_a_list() -> ParameterError:
    return ParameterError(
        "Query Parameters must be a string of comma-separated values or an array of values",
        hint="Give a list, such as {{ [$json.id, $json.name] }}.",
    )
