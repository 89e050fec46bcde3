"""Which wait the resume address of an expression belongs to."""

import pytest

from workflows_app.engine.expression.scope import Scope
from workflows_app.engine.history import History, RunData
from workflows_app.engine.plan import compile_workflow, make_plan
from workflows_app.engine.registry import registry
from workflows_app.engine.workflow import Workflow
from workflows_app.nodes import load
from workflows_app.tests.graphs import chain, node

pytestmark = pytest.mark.engine

START, MAIL = node("Start", "manualTrigger"), node("Mail", "noOp")
FIRST = node("First", "wait", 1.1, resume="webhook")
SECOND = node("Second", "wait", 1.1, resume="form")
NAP = node("Nap", "wait", 1.1, amount=2)


def url_at(name: str, *nodes: dict, runs: int = 0, run_index: int = 0, link=lambda node, run: f"{node}#{run}") -> str:
    load()
    compiled = compile_workflow(Workflow.from_n8n(chain(*nodes)), registry)
    history = History()
    for _ in range(runs):
        history.add("First", RunData((), []))
    plan = make_plan(compiled, resume_link=link, resume_url="fixed")
    return Scope(plan, compiled.nodes[name], history, [], run_index, ()).resume_url()


@pytest.mark.parametrize(
    "name, nodes, expected",
    [
        ("Mail", (START, MAIL, NAP, FIRST, SECOND), "First#0"),
        ("First", (START, FIRST, SECOND), "First#0"),
        ("Start", (START, MAIL, NAP), ""),
        ("Second", (START, FIRST, SECOND), "Second#0"),
    ],
    ids=["the next one behind", "itself", "none", "itself, last"],
)
def test_the_address_is_that_of_the_next_wait(name, nodes, expected):
    assert url_at(name, *nodes) == expected


def test_in_a_loop_it_is_that_of_the_next_turn():
    assert url_at("Mail", START, MAIL, FIRST, runs=2) == "First#2"
    assert url_at("First", START, FIRST, runs=2, run_index=2) == "First#2"


def test_without_a_maker_of_links_it_is_the_plan_s():
    assert url_at("Mail", START, MAIL, FIRST, link=None) == "fixed"
