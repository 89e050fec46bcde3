"""A client that knows nothing but the OpenAPI document does the whole job: account, template, variables, run, result,
webhook, promotion. No path and no field is written by hand."""

import importlib
import json
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any
from uuid import UUID

import httpx
import pytest
import websocket

from pumpflix.env import ROOT
from pumpflix.tests.product import Product

pytestmark = pytest.mark.live

PACKAGE = "pumpflix_client"
CONFIG = "post_hooks: []\ncontent_type_overrides: {application/zip: application/octet-stream}\n"
SLUG = "webhook-transform-respond"
PASSWORD = "correct horse battery"


class Generated:
    """`call("workflowsGet", …)` finds the operation's function by its id; `model("Login", …)` makes a body."""

    def __init__(self, package: ModuleType, base_url: str) -> None:
        self.package = package
        self.base_url = base_url
        self.token = ""

    def client(self) -> Any:
        if self.token:
            return self.package.AuthenticatedClient(base_url=self.base_url, token=self.token)
        return self.package.Client(base_url=self.base_url)

    def sign_in(self, token: str) -> None:
        self.token = token

    def model(self, name: str, values: dict[str, Any]) -> Any:
        return getattr(importlib.import_module(f"{PACKAGE}.models"), name).from_dict(values)

    def call(self, operation: str, *path: Any, **given: Any) -> Any:
        """The parsed answer; every answer but an error of the API counts as right."""
        with self.client() as client:
            answer = self.module(operation).sync_detailed(*path, client=client, **given)
        assert answer.status_code < 400, (operation, answer.status_code, answer.content[:2_000])
        return answer.parsed

    def module(self, operation: str) -> ModuleType:
        snake = "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in operation)
        (found,) = Path(str(self.package.__file__)).parent.glob(f"api/*/{snake}.py")
        return importlib.import_module(f"{PACKAGE}.api.{found.parent.name}.{snake}")


@pytest.fixture
def generated(product: Product, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Generated:
    """Made from the committed document, as anybody would."""
    (tmp_path / "config.yml").write_text(CONFIG)
    made = subprocess.run(
        [
            Path(sys.executable).parent / "openapi-python-client",
            "generate",
            f"--path={ROOT / 'docs/reference/openapi.json'}",
            f"--output-path={tmp_path / PACKAGE}",
            "--meta=none",
            f"--config={tmp_path / 'config.yml'}",
        ],
        capture_output=True,
        text=True,
        check=True,
    )
    assert "WARNING" not in made.stdout + made.stderr
    monkeypatch.syspath_prepend(tmp_path)
    return Generated(importlib.import_module(PACKAGE), product.url)


def followed(product: Product, token: str, execution_id: UUID) -> tuple[str, list[int]]:
    """The status at its end and the numbers of its events, as the socket tells them."""
    socket = websocket.create_connection(f"ws{product.url.removeprefix('http')}/ws", timeout=30, suppress_origin=True)
    seen: list[int] = []
    try:
        socket.send(json.dumps({"type": "auth", "token": token}))
        socket.send(json.dumps({"type": "subscribe:execution", "executionId": str(execution_id), "after": 0}))
        while True:
            line = json.loads(socket.recv())
            if line["type"] == "execution:logs":
                seen.append(line["seq"])
            if line["type"] == "execution:complete":
                return line["status"], seen
    finally:
        socket.close()


def test_a_client_made_of_the_document_alone_does_the_whole_job(product: Product, generated: Generated) -> None:
    account = {"email": "rest@mail.example", "password": PASSWORD, "name": "Rest"}
    generated.call("authRegister", body=generated.model("RegisterRequest", account))
    sign_in = {"email": account["email"], "password": PASSWORD}
    signed_in = generated.call("authLogin", body=generated.model("LoginRequest", sign_in))
    generated.sign_in(signed_in.access_token)
    assert generated.call("authMe").email == account["email"]

    titles = generated.call("templatesList", search="webhook", limit=20).items
    title = next(entry for entry in titles if entry.slug == SLUG)
    workflow = generated.call("templatesUse", str(title.id), body=generated.model("UseRequest", {}))
    values = {"values": {"greeting": "Good morning", "sender": "A client"}}
    generated.call("workflowsSetVariables", workflow.id, body=generated.model("VariablesChangeRequest", values))

    given = {"input": {"body": {"name": "Ada"}}}
    started = generated.call("workflowsExecute", workflow.id, body=generated.model("ExecuteRequest", given))
    status, seen = followed(product, signed_in.access_token, started.execution_id)
    assert (status, seen) == ("success", list(range(1, len(seen) + 1)))
    run = generated.call("executionsGet", started.execution_id)
    assert (run.status.value, [turn.status.value for turn in run.node_runs]) == ("success", ["success"] * 4)
    result = generated.call("executionsData", started.execution_id)
    assert result.items[0].to_dict()["json"]["message"] == "Good morning, Ada!"
    assert generated.call("executionsLogs", started.execution_id).last == seen[-1]

    generated.call("workflowsPublish", workflow.id)
    (hook,) = generated.call("webhooksList", workflow_id=workflow.id).items
    answer = httpx.request(hook.methods[0], hook.url, json={"name": "Grace"}, timeout=30)
    assert (answer.status_code, answer.json()["from"]) == (200, "A client")
    assert generated.call("workflowsStats", workflow.id).success >= 1

    card = {"name": "Greet who calls", "description": "Says hello to callers."}
    saved = generated.call("templatesPromote", workflow.id, body=generated.model("PromoteRequest", card))
    assert (saved.source_type.value, saved.name) == ("user", "Greet who calls")
    assert generated.call("templatesGet", str(saved.id)).input_variables[0].to_dict()["name"] == "greeting"
