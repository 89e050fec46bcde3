"""Everything wrong with a workflow, in tiers: the graph as a whole, then each node, then its expressions. Nothing is
raised and nothing is run; expressions are judged by their syntax and by the names they use."""

from collections.abc import Iterator
from functools import lru_cache

from pydantic import ValidationError
from tree_sitter import Parser

from workflows_app.engine.errors import Problem, UserError
from workflows_app.engine.expression import references
from workflows_app.engine.expression.parameters import Leaf, ParameterTemplate
from workflows_app.engine.expression.template import blocks
from workflows_app.engine.plan import STICKY_NOTE, Compiled, CompiledNode, compile_workflow, start_node
from workflows_app.engine.registry import Registry
from workflows_app.engine.workflow import Workflow


def check(workflow: Workflow, registry: Registry) -> list[Problem]:
    """All problems: errors stop a run sooner or later, warnings may be meant. Paths point into the stored JSON."""
    compiled = compile_workflow(workflow, registry)
    return [*graph_problems(compiled), *node_problems(compiled), *expression_problems(compiled)]


def graph_problems(compiled: Compiled) -> Iterator[Problem]:
    """Where it starts, what is never reached, and wires that lead into inputs or out of outputs that are not there."""
    starts = [name for name, one in compiled.nodes.items() if may_start(compiled, one)]
    try:
        start_node(compiled)
    except UserError as error:
        if not starts:
            yield Problem("nodes", error.message, error.instance_code)
    reached = {*starts, *(below for name in starts for below in compiled.graph.reachable(name))}
    for index, node in enumerate(compiled.workflow.nodes):
        one = compiled.nodes[node.name]
        if starts and node.name not in reached and runs_at_all(compiled, one):
            text = f"No trigger leads to '{node.name}', so it never runs."
            yield Problem(f"nodes[{index}]", text, "unreachable", "warning")
        yield from wire_problems(one, index)


def may_start(compiled: Compiled, one: CompiledNode) -> bool:
    """A trigger, or a placeholder in front of others that may be one."""
    if one.type is not None:
        return one.type.trigger
    return one.node.type != STICKY_NOTE and not compiled.graph.incoming[one.name] and bool(one.outgoing)


def runs_at_all(compiled: Compiled, one: CompiledNode) -> bool:
    """Sticky notes and nodes attached to others (models, tools) are not reached along the main wires."""
    attached = any(wire.source == one.name and wire.type != "main" for wire in compiled.workflow.connections)
    return one.node.type != STICKY_NOTE and not attached


def wire_problems(one: CompiledNode, index: int) -> Iterator[Problem]:
    if one.type is None:
        return
    for wire in one.outgoing:
        if wire.source_index >= one.output_count:
            text = f"'{one.name}' has no output {wire.source_index}; the wire to '{wire.target}' carries nothing."
            yield Problem(f"nodes[{index}]", text, "no_such_output", "warning")
    if one.width > max(one.input_count, 1):
        text = f"'{one.name}' has {one.input_count} input(s), but a wire leads to input {one.width - 1}."
        yield Problem(f"nodes[{index}]", text, "no_such_input", "warning")


def node_problems(compiled: Compiled) -> Iterator[Problem]:
    """Unknown types, missing credentials, and literal parameters that their type does not accept."""
    for index, node in enumerate(compiled.workflow.nodes):
        one = compiled.nodes[node.name]
        if one.type is None:
            if node.type != STICKY_NOTE:
                text = f"'{node.name}' is of type '{node.type}', which is not available here. Its settings are kept."
                yield Problem(f"nodes[{index}].type", text, "node_type_unknown", "warning")
            continue
        if not node.disabled:
            yield from parameter_problems(one, index)


def parameter_problems(one: CompiledNode, index: int) -> Iterator[Problem]:
    """Only literals are judged: what an expression will give is not known yet."""
    assert one.type is not None
    try:
        one.type.Params.model_validate(one.node.parameters)
    except ValidationError as error:
        dynamic = {tuple(leaf.path.split(".")) for leaf in one.template.leaves}
        for entry in error.errors(include_url=False, include_input=False):
            place = tuple(str(part) for part in entry["loc"])
            if not any(is_along(place, path) for path in dynamic):
                path = ".".join((f"nodes[{index}].parameters", *place))
                yield Problem(path, f"{entry['msg']}.", "parameter_invalid")


def is_along(place: tuple[str, ...], path: tuple[str, ...]) -> bool:
    """Whether an error's place is at, above or below an expression. Model tags in the place are skipped."""
    rest = iter(place)
    common = [part for part in path if part in rest]
    return len(common) == len(path) or (bool(place) and place == path[: len(place)])


def expression_problems(compiled: Compiled) -> Iterator[Problem]:
    for index, node in enumerate(compiled.workflow.nodes):
        template: ParameterTemplate = compiled.nodes[node.name].template
        for leaf in template.leaves:
            yield from leaf_problems(compiled, leaf, f"nodes[{index}].parameters.{leaf.path}")


def leaf_problems(compiled: Compiled, leaf: Leaf, path: str) -> Iterator[Problem]:
    if leaf.reader is None and not is_syntax_valid(leaf.template):
        yield Problem(path, "The expression is not valid JavaScript.", "expression_syntax")
        return
    for name in references.of_template(leaf.template).nodes:
        if name not in compiled.nodes:
            text = f"The expression reads node '{name}', which is not in this workflow."
            yield Problem(path, text, "unknown_node_reference")


@lru_cache(maxsize=4096)
def is_syntax_valid(template: str) -> bool:
    """Whether every block parses. A template that is very long, or that only the child can split, is taken as valid."""
    if len(template) > references.MAX_PARSED:
        return True
    parser = Parser(references.JAVASCRIPT)
    return all(
        not parser.parse(f"(\n{part.text}\n)".encode("utf-8", "surrogatepass")).root_node.has_error
        or not parser.parse(part.text.encode("utf-8", "surrogatepass")).root_node.has_error
        for part in blocks(template) or ()
        if part.is_code
    )
