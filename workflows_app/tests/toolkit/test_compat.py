import pytest

from workflows_app import nodes
from workflows_app.engine.workflow import Node, Workflow
from workflows_app.tests.graphs import chain, node
from workflows_app.toolkit.compat import in_words, judge, verdicts

pytestmark = pytest.mark.nodes


@pytest.mark.parametrize(
    "kind,version,verdict,note",
    [
        ("set", 3.4, "native", ""),
        ("set", 3.9, "differs", "runs as version 3.5"),
        ("stickyNote", 1, "native", ""),
        ("slack", 2, "swap", "“HTTP request” can take its place"),
        ("nobodyKnows", 1, "placeholder", "this type is not known here"),
        ("@somebody/n8n-nodes-odd.slack", 1, "placeholder", "this type is not known here"),
        ("set", 0.5, "placeholder", "version 0.5 is not known here"),
    ],
)
def test_each_node_gets_a_verdict_with_its_reason(kind, version, verdict, note):
    found = judge(Node(node("N", kind, version)), nodes.load())
    assert (found.verdict, found.note) == (verdict, note)


@pytest.mark.parametrize(
    "kinds,words",
    [
        (["set"], "Runs now"),
        (["slack"], "Runs after 1 swap"),
        (["slack", "github"], "Runs after 2 swaps"),
        (["nobodyKnows", "slack"], "Cannot run yet: 1 node is not known here"),
        (["nobodyKnows", "norThis"], "Cannot run yet: 2 nodes are not known here"),
    ],
)
def test_a_workflow_is_judged_in_words(kinds, words):
    built = chain(*(node(f"N{n}", kind) for n, kind in enumerate(kinds)))
    assert in_words(verdicts(Workflow.from_n8n(built), nodes.load())) == words


def test_an_empty_workflow_has_nothing_to_run():
    assert in_words([]) == "Nothing to run"
