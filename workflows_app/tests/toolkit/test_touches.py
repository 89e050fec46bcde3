"""The label: every host that stands in the graph is on it, and what cannot be known is said."""

import pytest

from workflows_app import nodes
from workflows_app.engine.workflow import Workflow
from workflows_app.tests.graphs import chain, node
from workflows_app.toolkit.touches import touches

pytestmark = pytest.mark.nodes


def label(*built):
    return touches(Workflow.from_n8n(chain(node("Start", "manualTrigger"), *built)), nodes.load())


def request(name="Call", url="https://api.mail.example/v1", **more):
    return node(name, "httpRequest", 4.2, url=url, **more)


def test_a_literal_host_is_listed_once():
    assert label(request(), request("Again", "https://api.mail.example/v2?x=1")).hosts == ["api.mail.example"]


def test_a_host_inside_an_expression_counts():
    assert label(request(url="=https://files.example/{{ $json.id }}")).hosts == ["files.example"]


def test_an_address_an_expression_decides_is_said_as_written():
    found = label(request(url="={{ $json.target }}"))
    assert (found.hosts, found.dynamic, found.is_offline) == ([], ["{{ $json.target }}"], False)


@pytest.mark.parametrize("method,writes", [("GET", []), ("HEAD", []), ("POST", ["Call"]), ("={{ $json.m }}", ["Call"])])
def test_only_methods_that_change_something_write(method, writes):
    assert label(request(method=method)).writes == writes


@pytest.mark.parametrize("operation,reads,writes", [("get", ["Rows"], []), ("insert", [], ["Rows"])])
def test_a_table_that_is_only_looked_at_is_read(operation, reads, writes):
    found = label(node("Rows", "dataTable", 1.1, operation=operation, dataTableId="invoices"))
    assert (found.reads, found.writes) == (reads, writes)


def test_hosts_in_code_are_listed_and_the_code_is_named():
    found = label(node("Compute", "code", 2, jsCode="await this.helpers.httpRequest({url: 'https://x.example/a'})"))
    assert (found.hosts, found.code, found.writes) == (["x.example"], ["Compute"], [])


def test_credentials_are_named_by_type():
    call = {**request(), "credentials": {"httpBasicAuth": {"id": "1", "name": "mine"}}}
    assert label(call).credentials == ["httpBasicAuth"]


def test_an_unknown_type_is_said_to_be_unknown():
    found = label(node("Odd", "@somebody/n8n-nodes-odd.thing"))
    assert found.unknown == ["Odd (@somebody/n8n-nodes-odd.thing)"]
    assert not found.is_offline


def test_a_disabled_node_touches_nothing():
    assert label({**request(), "disabled": True}).is_offline


def test_nodes_that_only_compute_touch_nothing():
    found = label(node("Fields", "set", 3.4), node("File", "extractFromFile"))
    assert found.is_offline
    assert found.files == ["File"]


def test_a_broken_address_is_no_host():
    assert label(request(url="http://[::1")).hosts == []
