"""The fast path of expressions against V8: whatever it answers, JavaScript answers the same. One real child runs."""

import json
import math

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from executions_app.adapters.code import CodeAdapter
from executions_app.adapters.local import MemoryPayloads, SystemClock
from executions_app.tests.adapters.formulas import Formulas
from pumpflix.lib.sandbox import CodePool
from workflows_app.engine.errors import ExpressionError
from workflows_app.engine.events import Source
from workflows_app.engine.expression.batch import BatchResolver
from workflows_app.engine.expression.paths import CHILD, UNDEFINED
from workflows_app.engine.expression.readers import compile_template
from workflows_app.engine.expression.scope import Scope
from workflows_app.engine.history import History, RunData
from workflows_app.engine.items import Item, PairedItem
from workflows_app.engine.plan import compile_workflow, make_plan
from workflows_app.engine.ports import Ports
from workflows_app.engine.registry import Registry
from workflows_app.engine.workflow import Workflow

pytestmark = pytest.mark.engine

NAMES = ("a", "b c", "length", "0", "toString", "json", "é", "valueOf", "map", "keys", "name")
NUMBERS = st.one_of(
    st.integers(-(2**60), 2**60),
    st.floats(allow_nan=False, allow_infinity=False),
    st.sampled_from([0, -0.0, 1.0, 1e15, 1e16, 1e21, 1e-4, 1e-7, 0.1, 2**53 - 1, 2**53, 123456.789]),
)
SCALARS = st.one_of(
    st.none(), st.booleans(), NUMBERS, st.text(max_size=6), st.sampled_from(["={{ 1 }}", "{{ a }}", ""])
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.sampled_from(NAMES), inner, max_size=4)),
    max_leaves=8,
)
OBJECTS = st.dictionaries(st.sampled_from(NAMES), VALUES, max_size=5)
ROOTS = (
    "$json", "$input.item.json", "$input.first().json", "$input.last().json", "$('X').item.json", "$('X').first().json",
    '$("X").last().json', "$node['X'].json", "$node.X.json", "$('X').pairedItem().json", "$json?",
)  # fmt: skip
STEPS = st.one_of(
    st.sampled_from([".a", "?.a", ".length", ".toString", ".name", ".map", ".valueOf", ".é", ".keys"]),
    st.sampled_from(NAMES).map(lambda name: f'["{name}"]'),
    st.sampled_from(NAMES).map(lambda name: f"?.['{name}']"),
    st.integers(0, 3).map(lambda place: f"[{place}]"),
)
PATHS = st.builds(lambda root, steps: root + "".join(steps), st.sampled_from(ROOTS), st.lists(STEPS, max_size=4))
LITERALS = st.sampled_from(["$itemIndex", "$runIndex", "12", "-3", "'x'", '"y z"', "true", "null", "false", "0", "''"])
CODES = st.one_of(PATHS, PATHS, PATHS, LITERALS)
TEXTS = st.text(alphabet="ab \n\"'`${}\\é", max_size=4)
TEMPLATES = st.one_of(
    CODES.map(lambda code: f"{{{{ {code} }}}}"),
    CODES.map(lambda code: f"{{{{{code}}}}}"),
    st.builds(lambda before, code, after: f"{before}{{{{ {code} }}}}{after}", TEXTS, CODES, TEXTS),
    st.builds(lambda one, text, two: f"{{{{ {one} }}}}{text}{{{{ {two} }}}}", CODES, TEXTS, CODES),
    TEXTS,
)


@pytest.fixture(scope="module")
def ports():
    pool = CodePool(accept_reduced=True)
    yield Ports(clock=SystemClock(), code=CodeAdapter(pool, "test"), payloads=MemoryPayloads())
    pool.close()


PLAN = make_plan(
    compile_workflow(
        Workflow.from_n8n({
            "nodes": [{"name": name, "type": "t"} for name in ("X", "Here")],
            "connections": {"X": {"main": [[{"node": "Here", "type": "main", "index": 0}]]}},
        }),
        Registry(),
    ),
    start="X",
)  # fmt: skip


def scope_of(jsons) -> Scope:
    """Node Here behind node X, whose items came out of X in reverse."""
    history = History()
    history.add("X", RunData((), [[Item(one) for one in jsons]]))
    last = len(jsons) - 1
    items = [Item(one, paired=(PairedItem(last - place),)) for place, one in enumerate(reversed(jsons))]
    return Scope(PLAN, PLAN.compiled.nodes["Here"], history, items, 2, (Source("X"),))


class ChildOnly(BatchResolver):
    """Asks the child for everything."""

    def answer(self, template: str, item: int):
        try:
            return self.evaluate(f"={template}", item)
        except ExpressionError as error:
            return error


def told_by_child(scope, ports, template, item):
    resolver = ChildOnly(scope, ports)
    leaf = resolver._template.of_value(f"={template}").leaves[0]
    resolver._fetch([(leaf, item)])
    try:
        return resolver._taken(leaf, item)
    except ExpressionError as error:
        return error


def told_of_all(scope, ports, templates):
    """What the child gives for each template, in one call; what it refuses comes as the error."""
    resolver = ChildOnly(scope, ports)
    leaves = [resolver._template.of_value(f"={template}").leaves[0] for template in templates]
    resolver._fetch([(leaf, 0) for leaf in leaves])
    answers = {}
    for leaf in leaves:
        try:
            answers[leaf.template] = resolver._taken(leaf, 0)
        except ExpressionError as error:
            answers[leaf.template] = str(error)
    return answers


def same(one, other) -> bool:
    """Equal as JSON, with true apart from 1, and objects by content."""
    return json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(jsons=st.lists(OBJECTS, min_size=1, max_size=2), templates=st.lists(TEMPLATES, min_size=1, max_size=12))
def test_whatever_the_fast_path_answers_v8_answers_too(ports, jsons, templates):
    scope = scope_of(jsons)
    for template in templates:
        reader = compile_template(template)
        if reader is None:
            continue
        fast = reader(scope, 0)
        if fast is CHILD:
            continue
        slow = told_by_child(scope, ports, template, 0)
        if fast is UNDEFINED:
            assert slow is UNDEFINED, (template, slow)
        else:
            assert same(fast, slow), (template, fast, slow)


@pytest.mark.parametrize("seed", range(6))
def test_whatever_python_computes_v8_computes_too(ports, seed):
    """300 random formulas on random data, those that Python answers asked of the child in one call."""
    made = Formulas(seed)
    scope = scope_of([made.data(), made.data()])
    fast = {}
    for template in made.templates(300):
        reader = compile_template(template)
        if reader is not None and (value := reader(scope, 0)) is not CHILD:
            fast[template] = value
    assert len(fast) > 30, "the formulas are no longer of the kind that Python answers"
    slow = told_of_all(scope, ports, list(fast))
    for template, value in fast.items():
        told = slow[template]
        same_answer = told is UNDEFINED if value is UNDEFINED else told is not UNDEFINED and same(value, told)
        assert same_answer, (template, value, told, scope.items[0].json)


@pytest.mark.parametrize("value", [0.1, 1.5, 123456.789, 1e-4 + 1e-9, 99999999999999.9, -2.5, 3.0, 1e14 + 0.5], ids=str)
def test_numbers_inside_text(ports, value):
    scope = scope_of([{"a": value}])
    fast = compile_template("x {{ $json.a }}")(scope, 0)
    assert fast == told_by_child(scope, ports, "x {{ $json.a }}", 0)
    assert math.isclose(float(fast[2:]), value)
