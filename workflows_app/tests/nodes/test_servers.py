"""Nodes that talk with servers: what they ask, what they make of answers, and who has to switch them on."""

from dataclasses import replace
from typing import Any

import pytest

from workflows_app.engine.errors import ParameterError
from workflows_app.engine.plan import compile_workflow, make_plan
from workflows_app.engine.registry import Registry
from workflows_app.engine.run import run
from workflows_app.engine.workflow import Workflow
from workflows_app.nodes.messaging.email_read_imap.node import EmailReadImap
from workflows_app.tests.nodes.support import Result, World, one_node
from workflows_app.toolkit import mail_read
from workflows_app.toolkit.imap_search import criteria
from workflows_app.toolkit.sql_text import bound, statements
from workflows_app.toolkit.sql_wire import bind, wire

pytestmark = pytest.mark.nodes


def call(protocol: str, verb: str, value: Any = None, files: list[str] | None = None) -> dict[str, Any]:
    response = {"value": value, **({"files": files} if files else {})}
    return {"fingerprint": {"protocol": protocol, "verb": verb}, "response": response}


# who may --------------------------------------------------------------------------------------------------------------
@pytest.mark.requirement(12)
@pytest.mark.parametrize("kind", ["executeCommand", "ftp", "ssh"])
def test_a_node_that_is_switched_off_says_who_can_switch_it_on(kind: str) -> None:
    world = World()
    world.ports = replace(world.ports, permits=lambda _name: False)
    result = one_node(kind, 1, {"command": "true"}, [[{}]], world=world, retryOnFail=True)
    assert result.error is not None
    assert result.error["code"] == "node_type_switched_off"
    assert "administrator" in result.error["description"]
    assert f"'{kind}' in PUMPFLIX_RISKY_NODES" in result.error["description"]
    assert world.outside.asked == []


# SQL ------------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "sql, parts",
    [
        ("SELECT 1; SELECT 2;", ["SELECT 1", "SELECT 2"]),
        ("SELECT ';'; -- ; no\nSELECT 2", ["SELECT ';'", "-- ; no\nSELECT 2"]),
        ("SELECT $$;$$, $a$ ; $a$; /* ; /* x */ ; */ SELECT 1",
         ["SELECT $$;$$, $a$ ; $a$", "/* ; /* x */ ; */ SELECT 1"]),
        ("CREATE FUNCTION f() BEGIN ATOMIC SELECT 1; SELECT CASE WHEN true THEN 1 END; END; SELECT 2",
         ["CREATE FUNCTION f() BEGIN ATOMIC SELECT 1; SELECT CASE WHEN true THEN 1 END; END", "SELECT 2"]),
        ("SELECT 'never closed; SELECT 2", ["SELECT 'never closed; SELECT 2"]),
        (" ; ;", []),
    ],
)  # fmt: skip
def test_a_text_is_split_where_statements_end(sql: str, parts: list[str]) -> None:
    assert [statement.text for statement in statements(sql, "postgres")] == parts


def test_placeholders_in_quotes_and_comments_are_text() -> None:
    made = [bound(one, [7, 'a"b', [1, 2]], "postgres") for one in statements(
        "SELECT '$1', \"$1\", $1::int, $2:name, id IN ($3:csv), $1:json -- $9", "postgres")]  # fmt: skip
    sql, values = wire(made[0], "postgres")
    assert sql == 'SELECT \'$1\', "$1", $1::int, "a""b", id IN ($2, $3), $4 -- $9'
    assert values == [["7", 23], ["1", 23], ["2", 23], ["7", 0]]


@pytest.mark.parametrize("sql, word", [("SELECT $2", "there is no parameter"), ("SELECT $1:raw", "as it is")])
def test_what_cannot_be_bound_is_refused(sql: str, word: str) -> None:
    with pytest.raises(ParameterError, match=word):
        bound(statements(sql, "postgres")[0], ["x; DROP TABLE t"], "postgres")


@pytest.mark.parametrize(
    "value, text, kind",
    [
        (None, None, 0), (True, "true", 16), (5, "5", 23), (2**40, str(2**40), 20), (2**70, str(2**70), 1700),
        (1.5, "1.5", 1700), ("a'b", "a'b", 0), ({"a": 1}, '{"a":1}', 0), ([1, None], "{1,NULL}", 1007),
        (['a"b', "c,d"], '{"a\\"b","c,d"}', 1009), ([[True]], "{{true}}", 1000), ([], "{}", 0),
        ([1, 2.5], "{1,2.5}", 1231),
    ],
)  # fmt: skip
def test_values_are_typed_as_they_would_be_in_the_text(value: Any, text: str | None, kind: int) -> None:
    assert bind(value) == [text, kind]


def query(version: float, replacement: Any, **item: Any) -> list[Any]:
    """The values that a query of three placeholders is sent with."""
    world = World([call("postgres", "run", [{"results": [{"rows": [], "count": 0}]}])], {"postgres": {}})
    parameters = {"operation": "executeQuery", "query": "SELECT $1, $2", "options": {"queryReplacement": replacement}}
    result: Result = one_node("postgres", version, parameters, [[item]], world=world)
    assert result.status == "success", result.error
    return [text for text, _ in world.outside.asked[0]["work"][0][0][1]]


def test_query_parameters_are_read_as_each_version_reads_them() -> None:
    assert query(2.6, "={{ [$json.a, 'x,y'] }}", a="1,2") == ["1,2", "x,y"]
    assert query(2.6, "={{ $json.a }}", a="1,2") == ["1", "2"]
    assert query(2.4, "={{ $json.a }}, second", a="1,2") == ["1,2", "second"]
    assert query(2.6, "one, two") == ["one", "two"]


def test_what_an_expression_yields_is_not_read_for_expressions_again() -> None:
    world = World([call("postgres", "run", [{"results": [{"rows": [], "count": 0}]}])], {"postgres": {}})
    parameters = {"operation": "executeQuery", "query": "=SELECT '{{ $json.a }}'"}
    one_node("postgres", 2.6, parameters, [[{"a": "{{ 1 + 1 }}"}]], world=world)
    assert world.outside.asked[0]["work"][0][0][0] == "SELECT '{{ 1 + 1 }}'"


def test_an_item_that_the_database_refuses_goes_on_as_an_error() -> None:
    answers = [{"results": [{"rows": [{"n": 1}]}]}, {"error": "no", "data": {}}]
    world = World([call("postgres", "run", answers)], {"postgres": {}})
    parameters = {"operation": "executeQuery", "query": "SELECT 1", "options": {"queryBatching": "independently"}}
    result = one_node("postgres", 2.6, parameters, [[{}, {}]], world=world, onError="continueRegularOutput")
    assert result.json("Node") == [{"n": 1}, {"error": "no"}]


# mails ----------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "rules, words",
    [
        ('["UNSEEN"]', ["UNSEEN"]),
        ('[["SINCE", "May 20, 2024"], "!SEEN"]', ["SINCE", "20-May-2024", "NOT", "SEEN"]),
        ('[["OR", ["FROM", "a\\"b"], ["!TO", "c"]]]', ["OR", 'FROM "a\\"b"', "NOT TO"]),
        ('[["HEADER", "X-A", "1"], ["UID", [1, 2]], ["LARGER", 5]]',
         ["HEADER", '"X-A"', '"1"', "UID", "1,2", "LARGER", "5"]),
    ],
)  # fmt: skip
def test_rules_become_words_of_the_search(rules: str, words: list[str]) -> None:
    found = criteria(rules)
    assert [word for word in words if word.split()[0] not in " ".join(found)] == []


@pytest.mark.parametrize("rules", ["nonsense", "{}", '["EXPLODE"]', '[["UID", "1 STORE"]]', '[["SINCE", "soon"]]'])
def test_rules_that_are_none_are_refused(rules: str) -> None:
    with pytest.raises(ParameterError):
        criteria(rules)


def test_a_mail_is_taken_apart() -> None:
    data = (
        b"From: =?utf-8?q?J=C3=BC?= <j@x.example>\r\nTo: a@y.example\r\nSubject: Hi\r\n"
        b"Date: Tue, 5 Mar 2024 10:11:12 +0100\r\n"
        b"Message-ID: <1@x>\r\n\r\nHello <you>\r\nhttps://x.example/?a=1\r\n"
    )
    assert mail_read.resolved(data) | {"headers": {}} == {
        "headers": {}, "html": False, "subject": "Hi", "date": "2024-03-05T09:11:12.000Z", "messageId": "<1@x>",
        "text": "Hello <you>\nhttps://x.example/?a=1\n",
        "textAsHtml": '<p>Hello &lt;you&gt;<br/><a href="https://x.example/?a=1">https://x.example/?a=1</a></p>',
        "from": {"value": [{"address": "j@x.example", "name": "Jü"}], "text": '"Jü" <j@x.example>',
                 "html": mail_read.resolved(data)["from"]["html"]},
        "to": {"value": [{"address": "a@y.example", "name": ""}], "text": "a@y.example",
               "html": mail_read.resolved(data)["to"]["html"]},
    }  # fmt: skip
    assert mail_read.raw_text(data).startswith("Hello <you>")


def test_a_broken_mail_is_still_a_mail() -> None:
    assert mail_read.simple(b"\xff\xfe\r\nSubject: =?x?q?a?=\r\nDate: soon\r\n\r\n\xff")["metadata"] is not None
    assert "date" not in mail_read.resolved(b"Date: soon\r\n\r\nx")


def test_new_mails_are_found_once_and_marked_after_they_are_stored() -> None:
    mail = "U3ViamVjdDogaGkNCg0KeA=="
    world = World(
        [call("imap", "search", {"validity": 9, "uids": [3, 5]}),
         call("imap", "fetch", [{"uid": 5, "size": 1}], [mail]),
         call("imap", "mark"), call("imap", "search", {"validity": 9, "uids": [5]})],
        {"imap": {}},
    )  # fmt: skip
    seen: list[Any] = []

    class Ticker(EmailReadImap):
        def execute(self, run: Any) -> Any:
            first = self.poll(run, {"validity": 9, "lastUid": 3})
            settled = self.settle(run, first.state)
            seen.extend([first, settled, self.poll(run, settled)])
            return [first.items]

    node = world_node(world, Ticker())
    assert [item.json["subject"] for item in node] == ["hi"]
    first, settled, second = seen
    assert (first.state["lastUid"], first.state["unmarked"], settled["unmarked"]) == (5, [5], [])
    assert (second.items, second.state["lastUid"]) == ([], 5)
    assert world.outside.asked[0]["criteria"] == ["UNSEEN", "UID", "4:*"]


MAIL = "U3ViamVjdDogaGkNCg0KeA=="


def polled(world: World, state: dict[str, Any], **parameters: Any) -> Any:
    """What one look at a mailbox found, from that state on."""
    seen: list[Any] = []

    class Ticker(EmailReadImap):
        def execute(self, run: Any) -> Any:
            seen.append(self.poll(run, state))
            return [seen[0].items]

    world_node(world, Ticker(), **parameters)
    return seen[0]


def test_a_mailbox_made_anew_is_read_from_the_beginning_and_nothing_in_it_is_marked_for_the_old_one() -> None:
    uids = list(range(1, 11))
    world = World(
        [call("imap", "search", {"validity": 10, "uids": [10]}),
         call("imap", "search", {"validity": 10, "uids": uids}),
         call("imap", "fetch", [{"uid": uid, "size": 1} for uid in uids], [MAIL] * 10)],
        {"imap": {}},
    )  # fmt: skip
    found = polled(world, {"validity": 9, "lastUid": 500, "unmarked": [3]})
    assert len(found.items) == 10
    assert found.state == {"validity": 10, "lastUid": 10, "unmarked": uids}
    assert [asked["criteria"] for asked in world.outside.asked[:2]] == [["UNSEEN", "UID", "501:*"], ["UNSEEN"]]
    assert [asked["uids"] for asked in world.outside.asked[2:]] == [uids]


@pytest.mark.parametrize("tracks", [True, False])
def test_mails_that_were_delivered_and_not_marked_are_marked_and_not_delivered_again(tracks: bool) -> None:
    world = World(
        [call("imap", "search", {"validity": 9, "uids": [3, 5, 6]}),
         call("imap", "mark"),
         call("imap", "fetch", [{"uid": 6, "size": 1}], [MAIL])],
        {"imap": {}},
    )  # fmt: skip
    state = {"validity": 9, "lastUid": 5, "unmarked": [3, 5]}
    found = polled(world, state, options={"trackLastMessageId": tracks})
    assert (len(found.items), found.state["lastUid"], found.state["unmarked"]) == (1, 6, [6])
    assert [asked["uids"] for asked in world.outside.asked if "uids" in asked] == [[3, 5], [6]]


def world_node(world: World, node_type: Any, **parameters: Any) -> list[Any]:
    """The items of one turn of that type, standing in for the one registered."""
    registry = Registry()
    registry.add(type(node_type))
    node = {"name": "M", "type": node_type.name, "typeVersion": 2, "position": [0, 0], "parameters": parameters}
    raw = {"nodes": [node], "connections": {}}
    plan = make_plan(compile_workflow(Workflow.from_n8n(raw), registry), mode="manual", execution_id="test")
    return Result(list(run(plan, world.ports)), world).items("M")
