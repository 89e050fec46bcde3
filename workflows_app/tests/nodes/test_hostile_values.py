"""Values that pose as something else on their way through nodes: as an expression, as a member of JavaScript, as a
file, as a node nobody switched on. They stay the values they are."""

import time
from typing import Any

import pytest

from workflows_app.engine.registry import registry
from workflows_app.nodes import load
from workflows_app.tests.graphs import assign, chain, node
from workflows_app.tests.nodes.support import Result, World, one_node, run_workflow

pytestmark = pytest.mark.nodes

NAMES = ["__proto__", "constructor", "prototype", "toString", "hasOwnProperty", "__defineGetter__"]
CLEAN = "{{ ({}).polluted === undefined && [].polluted === undefined }}"
EXPRESSIONS = ["={{7*7}}", "={{ $env }}", "{{ 7*7 }}", "=={{ $json }}", "={{ '={{7*7}}' }}"]
OK = {"status": 200, "body": '{"ok": true}', "headers": {"content-type": "application/json"}}


def answered(url: str, method: str = "POST") -> World:
    return World([{"fingerprint": {"method": method, "url": url}, "response": OK}])


# one evaluation -------------------------------------------------------------------------------------------------------
@pytest.mark.requirement(3)
@pytest.mark.parametrize("text", EXPRESSIONS)
def test_text_from_outside_passes_through_every_node_as_it_came(text: str) -> None:
    """Set, Set by JSON, Set again, a query, a body, an answer."""
    world = answered("https://api.example/")
    body = node("Call", "httpRequest", 4.2, method="POST", url="https://api.example/", sendBody=True, options={},
                specifyBody="json", jsonBody="={{ JSON.stringify({ said: $('Third').item.json.said }) }}",
                contentType="json")  # fmt: skip
    graph = chain(
        node("Start", "manualTrigger"),
        node("First", "set", 3.4, **assign(said="={{ $json.text }}")),
        node("Second", "set", 3.4, mode="raw", options={}, jsonOutput='={{ { "said": $json.said } }}'),
        node("Third", "set", 3.4, **assign(said="={{ $('First').item.json.said }}", again="={{ $json.said }}")),
        body,
        node("Answer", "respondToWebhook", 1.1, respondWith="text", responseBody="={{ $('Third').item.json.again }}"),
    )
    result = run_workflow(graph, world, items=[world.item({"json": {"text": text}})], mode="webhook")
    assert result.status == "success", result.error
    assert result.json("Third")[0] == {"said": text, "again": text}
    [sent] = world.http.sent
    assert sent.body is not None
    assert result.world.caller.response is not None
    assert result.world.caller.response.body.decode() == text


# names of JavaScript --------------------------------------------------------------------------------------------------
@pytest.mark.requirement(10)
@pytest.mark.parametrize("name", NAMES)
def test_a_node_of_that_name_is_a_node_like_any_other(name: str) -> None:
    graph = chain(
        node("Start", "manualTrigger"),
        node(name, "set", 3.4, **assign(polluted="yes")),
        node("Last", "set", 3.4, **assign(said=f"={{{{ $('{name}').item.json.polluted }}}}", clean=f"={CLEAN}")),
    )
    result = run_workflow(graph, World())
    assert result.status == "success", result.error
    assert result.json("Last")[0] == {"polluted": "yes", "said": "yes", "clean": "true"}


@pytest.mark.requirement(10)
@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("shape", ["{}", "a.{}", "{}.polluted", "a.{}.polluted", "a[0].{}.polluted"])
def test_a_path_of_that_name_reaches_no_prototype(name: str, shape: str) -> None:
    path = shape.format(name)
    for kind, version, parameters in [
        ("set", 3.4, assign(**{path: "yes"})),
        ("set", 1, {"values": {"string": [{"name": path, "value": "yes"}]}, "options": {"dotNotation": True}}),
        ("renameKeys", 1, {"keys": {"key": [{"currentKey": "old", "newKey": path}]}}),
        ("splitOut", 1, {"fieldToSplitOut": path, "options": {}}),
        ("removeDuplicates", 2, {"compare": "selectedFields", "fieldsToCompare": path, "options": {}}),
        ("sort", 1, {"sortFieldsUi": {"sortField": [{"fieldName": path}]}, "options": {}}),
    ]:
        inputs = [[{"old": "yes", "a": [{"b": 1}]}, {"old": "no", "a": [{"b": 2}]}]]
        assert settled(one_node(kind, version, parameters, inputs)), kind
    assert is_clean()


@pytest.mark.requirement(10)
@pytest.mark.parametrize("name", NAMES)
def test_a_header_a_query_a_credential_or_a_page_of_that_name_is_only_sent(name: str) -> None:
    url = "https://api.example/"
    entry = {"parameters": [{"name": name, "value": "yes"}]}
    result = one_node(
        "httpRequest", 4.2,
        {"method": "POST", "url": url, "sendHeaders": True, "headerParameters": entry, "sendBody": True,
         "bodyParameters": entry, "options": {"pagination": {"pagination": {
             "paginationMode": "updateAParameterInEachRequest", "parameters": {"parameters": [
                 {"type": "body", "name": name, "value": "={{ $pageCount }}"}]},
             "paginationCompleteWhen": "receiveSpecificStatusCodes", "statusCodesWhenComplete": "200"}}}},
        [[{}]], world=answered(url), credentials={name: {"id": "x", "name": name}},
    )  # fmt: skip
    assert settled(result)
    assert is_clean()


@pytest.mark.requirement(10)
@pytest.mark.parametrize("name", NAMES)
def test_an_element_of_xml_of_that_name_is_a_key(name: str) -> None:
    text = f"<root><{name}><polluted>yes</polluted></{name}></root>"
    result = one_node("xml", 1, {"mode": "xmlToJson", "options": {}}, [[{"data": text}]])
    assert settled(result)
    assert is_clean()


def settled(result: Result) -> bool:
    """It ended, well or with an error that names its reason."""
    return result.status == "success" or bool(result.error and not result.error["code"].startswith("unexpected"))


def is_clean() -> bool:
    result = one_node("set", 3.4, assign(clean=f"={CLEAN}"), [[{}]])
    return result.json("Node")[0]["clean"] == "true"


# types after the expression -------------------------------------------------------------------------------------------
FILES = [
    {"path": "/etc/passwd"},
    {"href": "http://169.254.169.254/"},
    [{"path": "/etc/passwd"}],
    {"raw": {"path": "/"}},
]


@pytest.mark.requirement(11)
@pytest.mark.parametrize("evil", FILES, ids=["path", "href", "list", "raw"])
@pytest.mark.parametrize("version", [1, 2, 2.1])
def test_the_text_of_a_mail_is_never_a_file_or_an_address(evil: Any, version: float) -> None:
    parameters = {
        "fromEmail": "a@mail.example", "toEmail": "b@mail.example", "subject": "={{ $json.evil }}",
        "emailFormat": "both", "text": "={{ $json.evil }}", "html": "={{ $json.evil }}", "options": {},
    }  # fmt: skip
    result = one_node("emailSend", version, parameters, [[{"evil": evil}]])
    for message, _ in result.world.postman.sent:
        assert {type(message.subject), type(message.text), type(message.html)} == {str}
        assert "root:" not in message.text + message.html + message.subject
    assert settled(result)


@pytest.mark.requirement(11)
@pytest.mark.parametrize("field", ["attachments", "ccEmail", "bccEmail", "replyTo"])
def test_nor_is_anything_beside_it(field: str) -> None:
    parameters = {"fromEmail": "a@mail.example", "toEmail": "b@mail.example", "options": {field: "={{ $json.evil }}"}}
    for evil in FILES:
        result = one_node("emailSend", 2.1, parameters, [[{"evil": evil}]])
        assert result.status == "error"
        assert result.world.postman.sent == []


@pytest.mark.requirement(11)
@pytest.mark.parametrize("evil", [["a", "b"], {"x": 1}, ["a\r\nX-Evil: 1"], None, True], ids=str)
def test_a_header_is_a_text_of_one_line(evil: Any) -> None:
    url = "https://api.example/"
    parameters = {
        "url": url, "sendHeaders": True, "options": {},
        "headerParameters": {"parameters": [{"name": "X-Said", "value": "={{ $json.evil }}"}]},
    }  # fmt: skip
    result = one_node("httpRequest", 4.2, parameters, [[{"evil": evil}]], world=answered(url, "GET"))
    assert settled(result)
    assert all(type(value) is str for sent in result.world.http.sent for _, value in sent.headers)


@pytest.mark.requirement(11)
@pytest.mark.parametrize("evil", FILES, ids=["path", "href", "list", "raw"])
def test_an_address_is_no_object(evil: Any) -> None:
    result = one_node("httpRequest", 4.2, {"url": "={{ $json.evil }}", "options": {}}, [[{"evil": evil}]])
    assert result.status == "error"
    assert all(sent.url.startswith("http://{") or not sent.url.startswith("http") for sent in result.world.http.sent)


# what is not there ----------------------------------------------------------------------------------------------------
@pytest.mark.requirement(12)
@pytest.mark.parametrize(
    "path", ["/etc/passwd", "../../etc/passwd", "/proc/self/environ", "..;/etc/passwd", "a\0b", "CON"]
)
@pytest.mark.parametrize("kind, version, field", [
    ("readBinaryFile", 1, "filePath"), ("readBinaryFiles", 1, "fileSelector"), ("readWriteFile", 1, "fileSelector"),
])  # fmt: skip
def test_nodes_for_files_know_the_store_of_the_team_and_no_disk(
    kind: str, version: float, field: str, path: str
) -> None:
    result = one_node(kind, version, {"operation": "read", field: path, "options": {}}, [[{}]])
    assert result.items("Node") == [] or result.status == "error"


@pytest.mark.requirement(12)
def test_nodes_that_give_away_the_host_are_absent_or_have_to_be_switched_on() -> None:
    load()
    risky = {kind.name for kind in registry.all() if kind.needs_permission}
    assert risky == {"n8n-nodes-base.executeCommand", "n8n-nodes-base.ftp", "n8n-nodes-base.ssh"}
    known = {kind.name for kind in registry.all()}
    assert not known & {"n8n-nodes-base.git", "n8n-nodes-base.localFileTrigger", "n8n-nodes-base.sqlite"}


@pytest.mark.requirement(9)
def test_a_template_of_open_braces_holds_nobody_up() -> None:
    began = time.process_time()
    result = one_node("html", 1.2, {"operation": "generateHtmlTemplate", "html": "{{" * 200_000}, [[{}]])
    assert settled(result)
    assert time.process_time() - began < 5
