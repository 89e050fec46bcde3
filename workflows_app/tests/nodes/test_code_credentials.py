"""Code that sends requests with a credential it never sees."""

import pytest

from workflows_app.tests.nodes.support import World, one_node

pytestmark = pytest.mark.nodes

CALL = {
    "fingerprint": {"method": "POST", "url": "https://api.example/x?q=1"},
    "response": {"status": 200, "headers": {"content-type": "application/json"}, "body": '{"ok": true}'},
}
CODE = """const answer = await this.helpers.httpRequestWithAuthentication.call(this, 'httpHeaderAuth',
    { method: 'POST', url: 'https://api.example/x', qs: { q: 1 }, body: { a: 1 } });
return [{ json: { answer, seen: JSON.stringify(this) } }];"""


def run(world, code=CODE):
    return one_node("code", 2, {"jsCode": code}, [[{}]], world=world)


def test_the_request_carries_the_credential_and_the_code_does_not():
    world = World([CALL], {"httpHeaderAuth": {"name": "X-Key", "value": "s3cret-value"}})
    result = run(world)
    [json] = result.json("Node")
    assert json["answer"] == {"ok": True}
    assert "s3cret" not in str(json)
    [sent] = world.http.sent
    assert dict(sent.headers)["X-Key"] == "s3cret-value"
    assert sent.body == b'{"a":1}'
    assert sent.secret_headers == ("X-Key",)


def test_without_a_credential_of_that_type_the_code_is_told():
    result = run(World([CALL]))
    assert "httpHeaderAuth" in result.error["message"]
