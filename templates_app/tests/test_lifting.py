"""Literals that become variables of a template."""

import pytest

from templates_app.lifting import lifted, literals
from workflows_app.tests.graphs import assign, chain, node

pytestmark = pytest.mark.app


def mailer(*between):
    mail = node("Mail", "emailSend", 2.1, toEmail="ana@mail.example", subject="Hello", text="={{ $json.a }}")
    return chain(node("Start", "manualTrigger"), *between, mail, name="Mailer")


def test_addresses_and_links_are_offered_and_nothing_else():
    graph = mailer(node("Ask", "httpRequest", 4.2, url="https://api.example/v1", method="GET"))
    assert [(one.node, one.name, one.kind) for one in literals(graph)] == [
        ("Ask", "url", "url"),
        ("Mail", "toEmail", "email"),
    ]


def test_a_lifted_literal_is_assigned_in_variables_and_read_from_there():
    graph = mailer(node("Variables", "set", 3.4, **assign(greeting="Hi")))
    made = lifted(graph, literals(graph))
    by_name = {one["name"]: one for one in made["nodes"]}
    assert by_name["Mail"]["parameters"]["toEmail"] == "={{ $('Variables').first().json.toEmail }}"
    assigned = {e["name"]: e["value"] for e in by_name["Variables"]["parameters"]["assignments"]["assignments"]}
    assert assigned == {"greeting": "Hi", "toEmail": "ana@mail.example"}
    assert made["meta"]["pumpflix"]["variables"][0]["type"] == "email"
    assert graph["nodes"][2]["parameters"]["toEmail"] == "ana@mail.example"


def test_without_a_variables_node_one_is_put_behind_the_trigger():
    graph = mailer()
    made = lifted(graph, literals(graph))
    assert made["connections"]["Start"]["main"] == [[{"node": "Variables", "type": "main", "index": 0}]]
    assert made["connections"]["Variables"]["main"][0][0]["node"] == "Mail"


def test_nothing_chosen_changes_nothing():
    graph = mailer()
    assert lifted(graph, []) is graph
