"""What expressions see of the workflow: items, other nodes, parameters, the execution."""

from typing import Any

import pytest

from pumpflix.lib.tests.prelude.realm import Failed, Realm, header, plain


def item(**json: Any) -> dict[str, Any]:
    return {"json": json}


ITEMS = [
    {"json": {"n": 1}, "binary": {"file": {"fileName": "a.txt"}}, "pairedItem": {"item": 0}},
    {"json": {"n": 2}, "pairedItem": {"item": 1}},
]
SCOPE: dict[str, Any] = {
    "node": {
        "name": "Here",
        "id": "id-1",
        "typeVersion": 2,
        "type": "t",
        "parameters": {
            "plain": "text",
            "computed": "={{ $json.n * 10 }}",
            "mixed": "=n is {{ $parameter.computed }}",
            "nested": {"list": ["={{ $itemIndex }}"]},
            "self": "={{ $parameter.self }}",
            "locator": {"__rl": True, "mode": "url", "value": "https://x/doc/42", "__regex": "doc/(\\d+)"},
        },
    },
    "items": ITEMS,
    "runIndex": 1,
    "mode": "manual",
    "prevNode": {"name": "Before", "outputIndex": 0, "runIndex": 0},
    "workflow": {"id": "w", "name": "Flow", "active": True},
    "execution": {"id": "e", "mode": "test", "resumeUrl": "http://resume", "customData": {"old": "1"}},
    "vars": {"colour": "red"},
    "knownNodes": ["Here", "Before", "Split", "Lost", "Later"],
    "nodes": {
        "Before": {
            "runs": [[[item(a=0)]], [[item(a=1), item(a=2), item(a=3)]]],
            "executed": True,
            "parameters": {"p": "={{ 1 + 1 }}"},
            "context": {"cursor": 5},
            "pairs": [{"run": 1, "output": 0, "item": 2}, {"run": 1, "output": 0, "item": 0}],
        },
        "Split": {"runs": [[[], [item(s=1), item(s=2)]]], "executed": True, "defaultOutput": 1},
        "Lost": {
            "runs": [[[item(a=1)]]],
            "executed": True,
            "pairs": [
                {
                    "error": {
                        "message": "No path",
                        "type": "ExpressionError",
                        "description": "why",
                        "nodeCause": "X",
                        "context": {"type": "paired_item_no_info"},
                    }
                },
                None,
            ],
        },
        "Later": {"runs": [], "executed": False},
    },
}


def value(realm: Realm, code: str, index: int = 0, **scope: Any) -> Any:
    head = header(["{{ " + code + " }}"], wanted=[[0, index]])
    return plain(realm.evaluate(head, {**SCOPE, **scope})["results"][0])


@pytest.mark.parametrize(
    "code, expected",
    [
        ("$json.n", 2),
        ("$data.n", 2),
        ("$binary", {}),
        ("$itemIndex", 1),
        ("$position", 1),
        ("$runIndex", 1),
        ("$mode", "manual"),
        ("$nodeId", "id-1"),
        ("$nodeVersion", 2),
        ("$workflow", {"id": "w", "name": "Flow", "active": True}),
        ("$execution.id", "e"),
        ("$executionId", "e"),
        ("$execution.resumeUrl", "http://resume"),
        ("$execution.customData.get('old')", "1"),
        ("$execution.customData.getAll()", {"old": "1"}),
        ("$vars.colour", "red"),
        ("$env.HOME", None),
        ("$prevNode.name", "Before"),
        ("$secrets", None),
        ("$input.item.json.n", 2),
        ("$input.first().json.n", 1),
        ("$input.last().json.n", 2),
        ("$input.all().length", 2),
        ("$input.params.p", 2),
        ("$input.context.cursor", 5),
        ("$items().length", 2),
        ("$items('Before')[0].json.a", 1),
        ("$items('Before', 0, 0)[0].json.a", 0),
        ("$item(0).$json.n", 1),
        ("$item(0).$node['Before'].json.a", 1),
        ("$thisItem.json.n", 2),
        ("$now.zoneName", "America/New_York"),
        ("$today.toISO()", "2025-06-16T00:00:00.000-04:00"),
        ("DateTime.now().toMillis() === new Date().getTime() && Date.now() === $now.toMillis()", True),
        ("new Date() instanceof Date && Date.UTC(1970, 0) === 0", True),
    ],
)
def test_the_current_item_and_run(realm: Realm, code: str, expected: object) -> None:
    assert value(realm, code, 1) == expected


@pytest.mark.parametrize(
    "code, expected",
    [
        ("$('Before').item.json.a", 3),
        ("$('Before').pairedItem().json.a", 3),
        ("$('Before').pairedItem(1).json.a", 1),
        ("$('Before').itemMatching(1).json.a", 1),
        ("$getPairedItem('Before', 1).json.a", 1),
        ("$('Before').all().map(x => x.json.a)", [1, 2, 3]),
        ("$('Before').first().json.a", 1),
        ("$('Before').last().json.a", 3),
        ("$('Before').first(0, 0).json.a", 0),
        ("$('Before').params.p", 2),
        ("$('Before').context.cursor", 5),
        ("$('Before').isExecuted", True),
        ("$('Later').isExecuted", False),
        ("$('Later').params", {}),
        ("$('Split').all().length", 2),
        ("$('Split').first().json.s", 1),
        ("$('Split').first(0)", None),
        ("$('Split').item.json.s", 1),
        ("$('Lost').itemMatching(1)", None),
        ("$node['Before'].json.a", 1),
        ("$node.Before.data.a", 1),
        ("$node.Before.binary", {}),
        ("$node.Before.parameter.p", 2),
        ("$node.Before.context.cursor", 5),
        ("$node.Before.runIndex", 1),
        ("'Before' in $node", True),
    ],
)
def test_other_nodes(realm: Realm, code: str, expected: object) -> None:
    assert value(realm, code) == expected


@pytest.mark.parametrize(
    "code, message",
    [
        ("$('Nobody').first()", "Referenced node doesn't exist"),
        ("$('Later').first()", "Node 'Later' hasn't been executed"),
        ("$('Later').item", "Node 'Later' hasn't been executed"),
        ("$('Before').all(0, 7)", 'Run 7 of node "Before" not found'),
        ("$('Before').all(3)", 'Node "Before" has no branch with index 3.'),
        ("$('Lost').item", "No path"),
        ("$('Before').itemMatching()", "Missing item index for .itemMatching()"),
        ("$('Before').pairedItem(9)", "Can't get data for expression"),
        ("$()", "When calling $(), please specify a node"),
        ("$node.Nobody.json", "Referenced node doesn't exist"),
        ("$input.first(1)", "$input.first() should have no arguments"),
        ("$jmespath({}, 1)", "expected two arguments (Object, string) for this function"),
        ("$fromAI('a')", "No execution data available"),
        ("$fromAI('')", "Add a key, e.g. $fromAI('placeholder_name')"),
        ("$execution.customData.set('a b', 1)", 'Custom data key can only contain characters "A-Za-z0-9_" (key "a b")'),
        ("$execution.customData.set('a', {})", "Custom data value must be a string or number"),
    ],
)
def test_errors_that_reach_the_author(realm: Realm, code: str, message: str) -> None:
    with pytest.raises(Failed) as failed:
        value(realm, code)
    assert (str(failed.value), failed.value.kind) == (message, "ExpressionError")


def test_a_prepared_pairing_error_keeps_its_cause(realm: Realm) -> None:
    with pytest.raises(Failed) as failed:
        value(realm, "$('Lost').item")
    assert failed.value.details == {
        "type": "ExpressionError",
        "message": "No path",
        "description": "why",
        "nodeCause": "X",
        "context": {"type": "paired_item_no_info"},
    }


@pytest.mark.parametrize("code", ["$json", "$binary", "$data.x", "$input.all()", "$input.item"])
def test_without_an_item_there_is_no_data(realm: Realm, code: str) -> None:
    with pytest.raises(Failed, match="No execution data available") as failed:
        value(realm, code, -1, items=[])
    assert failed.value.details["context"]["type"] == "no_execution_data"


def test_missing_data_may_be_allowed(realm: Realm) -> None:
    assert value(realm, "$json", -1, items=[], missing="undefined") is None
    assert value(realm, "$input.all()", -1, items=[], missing="undefined") == []


def test_an_old_reference_needs_an_item_with_the_same_index(realm: Realm) -> None:
    with pytest.raises(Failed, match='No data found for item-index: "1"'):
        value(realm, "$node.Here2.json", 1, nodes={"Here2": {"runs": [[[item(a=1)]]], "executed": True}})


@pytest.mark.parametrize(
    "code, expected",
    [
        ("$parameter.plain", "text"),
        ("$parameter.computed", 10),
        ("$parameter.mixed", "n is 10"),
        ("$parameter.nested", {"list": [0]}),
        ("$parameter.locator", "42"),
        ("$parameter.self", None),
        ("$parameter['&sibling']", 7),
        ("$rawParameter.computed", "={{ $json.n * 10 }}"),
        ("Object.keys($parameter).length", 6),
    ],
)
def test_parameters_are_evaluated_when_they_are_read(realm: Realm, code: str, expected: object) -> None:
    assert value(realm, code, siblingParameters={"sibling": "={{ 3 + 4 }}"}) == expected


@pytest.mark.parametrize(
    "code, expected",
    [
        ("$fromAI('city')", "Rome"),
        ("$fromAi('deep')", "asked"),
        ("$fromai('gone', 'what', 'string', 'else')", "else"),
        ("$fromAI('toString')", None),
    ],
)
def test_what_a_model_fills_in(realm: Realm, code: str, expected: object) -> None:
    assert value(realm, code, aiInput={"city": "Rome", "query": {"deep": "asked"}}) == expected


def test_additional_names_of_a_call_come_first(realm: Realm) -> None:
    assert (
        value(realm, "$response.body.n + $pageCount", additionalKeys={"$response": {"body": {"n": 1}}, "$pageCount": 2})
        == 3
    )


def test_environment_access_can_be_denied(realm: Realm) -> None:
    with pytest.raises(Failed, match="access to env vars denied"):
        value(realm, "$env.HOME", env={"HOME": "/root"}, envBlocked=True)


@pytest.mark.parametrize(
    "code, expected",
    [
        ("$if(1 < 2, 'a', 'b')", "a"),
        ("$ifEmpty('', 'b')", "b"),
        ("$ifEmpty(0, 'b')", 0),
        ("$not(1)", False),
        ("$min(3, 1) + $max(3, 1)", 4),
        ("average(1, 2, 3)", 2),
        ("numberList(3, 1)", [3, 2, 1]),
        ("zip(['a'], [1])", {"a": 1}),
        ("$jmespath({ a: [{ b: 1 }, { b: 2 }] }, 'a[*].b')", [1, 2]),
    ],
)
def test_functions(realm: Realm, code: str, expected: object) -> None:
    assert value(realm, code) == expected


@pytest.mark.parametrize(
    "name",
    ["eval", "Function", "fetch", "Promise", "setTimeout", "globalThis", "window", "Reflect", "Proxy", "WebAssembly"],
)
def test_denied_names_are_empty_objects(realm: Realm, name: str) -> None:
    assert value(realm, name) == {}


def test_an_old_items_call_counts_a_node_that_runs_once_with_one_item(realm: Realm) -> None:
    assert value(realm, "$items().length", nodes={"Before": {"executeOnce": True}}) == 1
