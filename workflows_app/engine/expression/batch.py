"""The resolver of one node run. Plain paths are read in Python; what is left of all items and all expressions goes to
the child in one call, made when the first of them is needed."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC
from typing import Any

from workflows_app.engine.errors import ExpressionError
from workflows_app.engine.expression import python_references, references, static_data
from workflows_app.engine.expression.agents import texts
from workflows_app.engine.expression.filled import filling
from workflows_app.engine.expression.parameters import Leaf, ParameterTemplate, is_hidden
from workflows_app.engine.expression.paths import CHILD, UNDEFINED
from workflows_app.engine.expression.references import References
from workflows_app.engine.expression.scope import Scope
from workflows_app.engine.expression.template import is_expression
from workflows_app.engine.items import JsonObject
from workflows_app.engine.json_text import dumps
from workflows_app.engine.params import Params
from workflows_app.engine.ports import CodeCall, Ports

BASE_TIMEOUT_S = 1.0
PAIRS_PER_SECOND = 2_000
"""A batch gets one second and half a millisecond for each value asked for."""


class BatchResolver:
    """`node_type.Resolver` for one node run. Not shared between threads."""

    def __init__(self, scope: Scope, ports: Ports) -> None:
        self._scope = scope
        self._ports = ports
        self._template = scope.node.template
        self._results: dict[tuple[str, int], Any] = {}
        self.is_constant = self._template.is_constant

    def resolve(self, item: int) -> JsonObject:
        template = self._template
        resolved: JsonObject = template.raw if template.is_constant else self._build(template, item)
        return resolved

    def filled(self, model: type[Params], item: int) -> Any:
        fillings = self._scope.node.fillings
        if model not in fillings:
            fillings[model] = filling(self._template, model)
        fill = fillings[model]
        if fill is None:
            return None
        try:
            values = [self._value(leaf, item) for leaf in self._template.leaves]
        except ExpressionError:
            return None
        return None if UNDEFINED in values else fill(values)

    def resolve_value(self, value: Any, item: int, extra: Mapping[str, Any] | None = None) -> Any:
        if extra is not None:
            # The names belong to this one evaluation, so neither they nor its results are kept.
            names = {**self._scope.extra.get("additionalKeys", {}), **extra}
            scope = replace(self._scope, extra={**self._scope.extra, "additionalKeys": names})
            return BatchResolver(scope, self._ports).resolve_value(value, item)
        resolved = self._build(ParameterTemplate.of_value(value), item)
        return None if resolved is UNDEFINED else resolved

    def evaluate(self, expression: str, item: int, *, typed: bool = False) -> Any:
        """One expression on its own, `UNDEFINED` told apart. With `typed`, values JSON lacks come marked."""
        leaf = ParameterTemplate.of_value(expression).leaves[0]
        if typed:
            self._fetch([(leaf, item)], typed=True)
            return self._taken(leaf, item)
        return self._value(leaf, item)

    def scope(self) -> JsonObject:
        """Everything the code in any text parameter of this node may refer to. Static data is None where the code
        cannot ask for it."""
        found = references.NOTHING
        parameters = self._scope.node.node.parameters
        of_code = python_references.of_code if python_references.is_python(parameters) else references.of_code
        may_ask = False
        for text in texts(parameters):
            found = found | (references.of_templates([text]) if is_expression(text) else of_code(text))
            may_ask = may_ask or static_data.may_ask(text)
        out = self._scope.to_json(self._with_parameters(found))
        state = self._ports.state
        if state is not None:
            scopes = {"global": "global", "node": f"node:{self._scope.node.name}"}
            out["staticData"] = {name: state.get(scope) for name, scope in scopes.items()} if may_ask else None
        return out

    def surroundings(self) -> JsonObject:
        """The part of the child's header that is the same for expressions and code: zone, clock, language."""
        return {"timezone": self._scope.plan.zone, "now": self._now(), "locale": "en"}

    def _build(self, template: ParameterTemplate, item: int) -> Any:
        """The parameters for one item. A parameter that is hidden may fail: nobody reads it."""
        values: list[Any] = []
        failures: list[tuple[Leaf, ExpressionError]] = []
        for leaf in template.leaves:
            try:
                values.append(self._value(leaf, item))
            except ExpressionError as error:
                failures.append((leaf, error))
                values.append(UNDEFINED)
        built = template.build(values)
        for leaf, failed in failures:
            if template is not self._template or not self._is_hidden(leaf, built):
                raise failed
        return built

    def _is_hidden(self, leaf: Leaf, built: JsonObject) -> bool:
        node_type = self._scope.node.type
        return node_type is not None and is_hidden(node_type.Params, leaf.path.partition(".")[0], built)

    def _value(self, leaf: Leaf, item: int) -> Any:
        if leaf.reader is not None:
            value = leaf.reader(self._scope, item)
            if value is not CHILD:
                return value
        if (leaf.template, item) not in self._results:
            self._fetch(self._wanted(leaf, item))
        return self._taken(leaf, item)

    def _taken(self, leaf: Leaf, item: int) -> Any:
        result = self._results[leaf.template, item]
        if "e" in result:
            raise failure(result["e"], leaf, item)
        return UNDEFINED if "u" in result else result.get("v")

    def _wanted(self, leaf: Leaf, item: int) -> list[tuple[Leaf, int]]:
        """Every value that the fast path cannot give: for all items, and of all leaves if this one is the node's own.
        With names of one call (`extra`) it is this value alone."""
        if "additionalKeys" in self._scope.extra:
            return [(leaf, item)]
        leaves = self._template.leaves if leaf in self._template.leaves else (leaf,)
        wanted: dict[tuple[str, int], tuple[Leaf, int]] = {}
        for one in leaves:
            for index in range(max(len(self._scope.items), item + 1)):
                key = (one.template, index)
                if key in self._results or key in wanted:
                    continue
                if one.reader is None or one.reader(self._scope, index) is CHILD:
                    wanted[key] = (one, index)
        return list(wanted.values())

    def _fetch(self, wanted: list[tuple[Leaf, int]], *, typed: bool = False) -> None:
        templates = {
            template: number for number, template in enumerate(dict.fromkeys(leaf.template for leaf, _ in wanted))
        }
        header: JsonObject = {
            "kind": "expressions",
            **self.surroundings(),
            "templates": list(templates),
            "wanted": [[templates[leaf.template], item] for leaf, item in wanted],
        }
        if typed:
            header["typed"] = True
        found = references.of_templates(f"={template}" for template in templates)
        data = dumps(self._scope.to_json(self._with_parameters(found)))
        timeout_s = BASE_TIMEOUT_S + len(wanted) / PAIRS_PER_SECOND
        answer = self._ports.code.evaluate(CodeCall(header=header, data=data, timeout_s=timeout_s))
        for (leaf, item), result in zip(wanted, answer["results"], strict=True):
            self._results[leaf.template, item] = result

    def _with_parameters(self, found: References) -> References:
        """`$parameter` evaluates this node's own parameters, so their references count too."""
        if not found.parameters:
            return found
        return found | references.of_templates(texts(self._scope.node.node.parameters))

    def _now(self) -> str | None:
        if not self._scope.plan.is_clock_frozen:
            return None
        return self._ports.clock.now().astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def failure(error: JsonObject, leaf: Leaf, item: int) -> ExpressionError:
    """The child's error with its place. `type` is the kind n8n gives it, `class` the error class there."""
    context = error.get("context") or {}
    place = {"type": context.get("type"), "nodeCause": error.get("nodeCause"), "class": error.get("type")}
    return ExpressionError(
        str(error.get("message") or "The expression failed."),
        expression=f"={leaf.template}",
        parameter=leaf.path,
        item=item,
        hint=str(error.get("description") or ""),
        **{key: value for key, value in place.items() if value},
    )
