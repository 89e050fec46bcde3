"""Whatever is put in, a report comes out that says what and where; nothing is stored when it is not a workflow."""

import json

import pytest

from accounts.services.teams import personal_team
from accounts.tests.factories import UserFactory
from workflows_app.engine.errors import WorkflowInvalid
from workflows_app.models import Workflow
from workflows_app.services import imports
from workflows_app.tests.graphs import chain, manual_set, node

pytestmark = pytest.mark.app


def first_problem(source):
    report = imports.read(source)
    assert report.graph is None
    assert not report.is_importable
    return report.problems[0]


def wired(target="Set", index=0):
    graph = chain(node("Start", "manualTrigger"), node("Set", "set"))
    graph["connections"]["Start"]["main"][0][0] = {"node": target, "type": "main", "index": index}
    return json.dumps(graph)


@pytest.mark.parametrize(
    "source,code,place",
    [
        ("", "empty", "$"),
        ("   \n ", "empty", "$"),
        ("hello", "not_json", "line 1, column 1"),
        ('{"nodes": [\n  {"name": }]}', "not_json", "line 2, column 12"),
        ("[]", "not_an_object", "$"),
        ('"text"', "not_an_object", "$"),
        ("{}", "nodes_missing", "nodes"),
        ('{"nodes": {}}', "nodes_missing", "nodes"),
        ('{"nodes": [1]}', "wrong_shape", "nodes[0]"),
        ('{"nodes": [{"type": "x"}]}', "wrong_shape", "nodes[0].name"),
        ('{"nodes": [{"name": "A", "type": "x", "parameters": [1]}]}', "wrong_shape", "nodes[0].parameters"),
        ('{"nodes": [{"name": "A", "type": "x", "typeVersion": 1e308}]}', "wrong_shape", "nodes[0].typeVersion"),
        ('{"nodes": [{"name": "A", "type": "x", "position": ["1"]}]}', "wrong_shape", "nodes[0].position"),
        ('{"nodes": [], "connections": 7}', "wrong_shape", "connections"),
        ('{"nodes": [], "connections": {"A": {}}}', "unknown_source", "connections.A"),
        ('{"nodes": [], "a": NaN}', "not_json", "$"),
        ('{"nodes": [], "a": 1e400}', "not_json", "$"),
        ('{"nodes": [], "a": "\\u0000"}', "nul_character", "$"),
        ('{"nodes": [], "a": "\\ud800"}', "unstorable_value", "$"),
        (f'{{"nodes": [], "a": {"9" * 100}}}', "unstorable_value", "$"),
        ('{"nodes": [], "a": {"b": [1, 1e300]}}', "unstorable_value", "$"),
        ('{"nodes": [], "a": -1e19}', "unstorable_value", "$"),
        (b"\xff\xfe{", "not_utf8", "$"),
        ("[" * 100_000, "too_deep", "$"),
        ("[" * 80 + "]" * 80, "too_deep", "$"),
    ],
    ids=lambda value: value if isinstance(value, str) and len(value) < 20 else None,
)
def test_what_is_no_workflow_ends_on_a_problem_with_its_place(source, code, place):
    problem = first_problem(source)
    assert (problem.code, problem.path) == (code, place)


def test_duplicate_names_are_told_with_both_places():
    problem = first_problem(json.dumps({"nodes": [node("A", "set"), node("A", "noOp")]}))
    assert (problem.code, problem.path) == ("duplicate_name", "nodes[1].name")
    assert "nodes[0]" in problem.message


@pytest.mark.parametrize(
    "source,code",
    [
        (wired("Nobody"), "unknown_target"),
        (wired(index=-1), "wrong_shape"),
        (wired(index="0"), "wrong_shape"),
    ],
)
def test_wires_to_nowhere_are_told_with_their_place(source, code):
    problem = first_problem(source)
    assert problem.code == code
    assert problem.path.startswith("connections.Start.main[0][0]")


def test_five_thousand_nodes_are_too_many():
    problem = first_problem(json.dumps({"nodes": [node(f"N{i}", "noOp") for i in range(5_000)]}))
    assert (problem.code, problem.path) == ("too_many_nodes", "nodes")


def test_twenty_megabytes_are_not_even_parsed():
    assert first_problem(b"x" * 20 * 1024 * 1024).code == "too_large"


def test_every_problem_is_reported_not_the_first():
    report = imports.read('{"nodes": [{"name": ""}, {"type": 3}]}')
    assert [problem.path for problem in report.problems] == [
        "nodes[0].name", "nodes[0].type", "nodes[1].name", "nodes[1].type"
    ]  # fmt: skip


def test_trailing_text_after_a_workflow_is_pointed_at():
    problem = first_problem(json.dumps(manual_set(a=1)) + "\nthanks!")
    assert "more text follows" in problem.message
    assert problem.path.startswith("line 2")


def test_a_workflow_inside_an_envelope_is_found():
    assert imports.read(json.dumps({"workflow": manual_set(a=1)})).is_importable


def test_unknown_node_types_are_placeholders_that_keep_their_json():
    strange = {**node("Odd", "@somebody/n8n-nodes-odd.thing", 7, deep={"a": [1]}), "unknown": {"kept": True}}
    report = imports.read(json.dumps(chain(node("Start", "manualTrigger"), strange)))

    assert [verdict.name for verdict in report.placeholders] == ["Odd"]
    assert report.graph["nodes"][1] == strange


@pytest.mark.requirement(36)
def test_credential_ids_of_another_instance_are_taken_off_and_listed():
    call = {**node("Call", "httpRequest", 4), "credentials": {"httpBasicAuth": {"id": "77", "name": "Prod"}}}
    report = imports.read(json.dumps(chain(node("Start", "manualTrigger"), call)))

    assert report.graph["nodes"][1]["credentials"] == {"httpBasicAuth": {"id": None, "name": "Prod"}}
    assert report.credentials == ["httpBasicAuth"]
    assert "Call" in report.changes[0]


@pytest.mark.django_db
def test_an_importable_report_becomes_a_draft_of_the_team():
    user = UserFactory()
    report = imports.read(json.dumps(manual_set(a=1)).encode("utf-8-sig"))

    workflow = imports.create(report, team=personal_team(user), by=user)

    assert workflow.name == "Chain"
    assert workflow.graph["nodes"][1]["name"] == "Variables"


@pytest.mark.django_db
def test_nothing_is_stored_for_a_report_with_problems():
    user = UserFactory()
    with pytest.raises(WorkflowInvalid):
        imports.create(imports.read("{}"), team=personal_team(user), by=user)
    assert not Workflow.objects.exists()


def test_wires_to_nowhere_are_cut_on_request_and_each_is_listed():
    source = wired("Nobody")
    assert imports.read(source).is_repairable

    report = imports.read(source, repair=True)

    assert report.is_importable
    assert report.graph["connections"]["Start"] == {"main": [[]]}
    assert report.changes == ["Wire from 'Start' to 'Nobody' cut: there is no such node"]


def test_wires_of_a_node_that_is_gone_are_cut_on_request():
    graph = {**manual_set(a=1), "connections": {"Ghost": {"main": [[]]}}}
    assert imports.read(json.dumps(graph), repair=True).changes == ["Wires of 'Ghost' cut: there is no such node"]


def test_what_is_wrong_beyond_wires_is_not_repaired():
    report = imports.read('{"nodes": [{"name": ""}]}', repair=True)
    assert (report.is_importable, report.is_repairable) == (False, False)


def test_the_verdict_is_told_in_words():
    assert imports.read(json.dumps(manual_set(a=1))).verdict == "Runs now"
