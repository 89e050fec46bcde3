"""Texts that look like secrets are found, masked, and taken out; samples and expressions are left alone."""

import pytest

from workflows_app.services import import_secrets
from workflows_app.tests.graphs import chain, node

pytestmark = pytest.mark.app

KEY = "sk-" + "a1B2c3D4" * 4


def graph_with(**parameters):
    return chain(node("A", "manualTrigger"), node("B", "set", 3.4, **parameters))


@pytest.mark.parametrize(
    "parameters",
    [
        {"note": f"use {KEY} please"},
        {"note": "ghp_" + "x1Y2" * 9},
        {"url": "https://maya:s3cretword@host.example/x"},
        {"url": "https://host.example/x?api_key=0123456789abcdef"},
        {"value": "-----BEGIN RSA PRIVATE KEY-----\nabc\n-----END RSA PRIVATE KEY-----"},
        {"password": "correct-horse"},
        {"pairs": [{"name": "X-Api-Key", "value": "0123456789"}]},
    ],
)
def test_is_found_and_masked(parameters):
    (secret,) = import_secrets.secrets_in(graph_with(**parameters))
    assert import_secrets.MASK in secret.shown
    assert "0123456789" not in secret.shown
    assert KEY not in secret.shown


@pytest.mark.parametrize(
    "parameters",
    [
        {"note": "sk-your-key-goes-here-please"},
        {"password": "={{ $json.password }}"},
        {"token": "YOUR_TOKEN_HERE"},
        {"note": "the password is in the safe"},
        {"password": "short"},
        {"url": "https://host.example/x?page=0123456789abcdef"},
    ],
)
def test_is_no_secret(parameters):
    assert import_secrets.secrets_in(graph_with(**parameters)) == []


def call(**parameters):
    return chain(node("A", "manualTrigger"), node("Call", "httpRequest", 4.2, **parameters))


def test_a_header_moves_to_the_vault_bound_to_its_host():
    pairs = [{"name": "Accept", "value": "*/*"}, {"name": "Authorization", "value": f"Bearer {KEY}"}]
    graph = call(url="https://api.mail.example/v1", headerParameters={"parameters": pairs})
    changed, (draft,), lines = import_secrets.without(graph, import_secrets.secrets_in(graph), to_vault=True)
    assert (draft.type, draft.host) == ("httpHeaderAuth", "api.mail.example")
    assert draft.fields == {"name": "Authorization", "value": f"Bearer {KEY}"}
    parameters = changed["nodes"][1]["parameters"]
    assert parameters["genericAuthType"] == "httpHeaderAuth"
    assert parameters["headerParameters"] == {"parameters": [{"name": "Accept", "value": "*/*"}]}
    assert lines == ["Call: key in headerParameters.parameters.1.value moved to the vault"]
    assert KEY not in repr(draft)
    assert KEY in str(graph)


def test_what_fits_no_credential_is_dropped_even_for_the_vault():
    graph = graph_with(apiKey="0123456789")
    changed, drafts, lines = import_secrets.without(graph, import_secrets.secrets_in(graph), to_vault=True)
    assert (changed["nodes"][1]["parameters"]["apiKey"], drafts) == ("", [])
    assert lines == ["B: value of a secret setting in apiKey dropped"]
