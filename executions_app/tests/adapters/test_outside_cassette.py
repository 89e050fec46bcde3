"""Conversations and commands of a sample: recorded answers, nobody reached, nothing switched on."""

from typing import Any

import pytest

from executions_app.adapters.cassette import Cassette, CassetteHttp, outside_of
from executions_app.adapters.connect import call_of
from workflows_app.engine.errors import OperationalError
from workflows_app.engine.outside import Answer, Ask, CommandLine, Server
from workflows_app.engine.ports import CallSite, HttpRequest

pytestmark = pytest.mark.engine

SERVER = Server("postgres", {"host": "db.example", "password": "secret"})
ASK = Ask("run", {"work": [[["SELECT 1", []]]]})


def recorded(
    question: Ask = ASK, *, item: int = 0, value: Any = "one", files: tuple[bytes, ...] = ()
) -> dict[str, Any]:
    return {"node": "Rows", "run": 0, "item": item, "call": 0, **call_of(SERVER, question, Answer(value, files))}


def ports(*calls: dict[str, Any]) -> dict[str, Any]:
    return outside_of(Cassette.read({"version": 1, "trigger": {"items": []}, "calls": list(calls)}))


def ask(made: dict[str, Any], question: Ask = ASK, *, node: str = "Rows", item: int = 0) -> Answer:
    answer: Answer = made["connect"].open(SERVER).ask(CallSite(node, 0, item, 0), question)
    return answer


def test_a_recorded_answer_comes_back_with_its_files() -> None:
    assert ask(ports(recorded(files=(b"\xff", b"")))) == Answer("one", (b"\xff", b""))


def test_the_same_question_is_answered_at_another_place_too() -> None:
    assert ask(ports(recorded()), node="Renamed", item=3).value == "one"


def test_a_question_that_holds_the_time_of_day_is_answered_by_its_place() -> None:
    now = Ask("run", {"work": [[["SELECT 2", []]]]})
    assert ask(ports(recorded(item=1, value="other"), recorded()), now).value == "one"


def test_a_cassette_written_by_hand_needs_no_digest() -> None:
    call = {"node": "Rows", "fingerprint": {"protocol": "postgres", "verb": "run"}, "response": {"value": [1]}}
    assert ask(ports(call)).value == [1]


def test_another_server_has_no_answer() -> None:
    made = ports(recorded())
    with pytest.raises(OperationalError) as caught:
        made["connect"].open(Server("redis")).ask(CallSite("Rows", 0, 0, 0), ASK)
    assert caught.value.instance_code == "not_in_sample"


def test_no_part_of_a_credential_is_recorded() -> None:
    assert "secret" not in str(recorded())
    assert "db.example" not in str(recorded())


def test_a_command_is_answered_and_not_run() -> None:
    call = {"node": "Sh", "fingerprint": {"protocol": "command", "verb": "run"},
            "response": {"exitCode": 3, "stdout": "a", "stderr": "b"}}  # fmt: skip
    made = ports(call)
    result = made["commands"].run(CallSite("Sh", 0, 0, 0), CommandLine("rm -rf x"))
    assert (result.exit_code, result.stdout, result.stderr) == (3, "a", "b")
    assert made["permits"]("n8n-nodes-base.executeCommand")


def test_calls_of_servers_are_no_answers_for_http() -> None:
    port = CassetteHttp(Cassette.read({"version": 1, "trigger": {"items": []}, "calls": [recorded()]}))
    with pytest.raises(OperationalError, match="no answer for GET"):
        port.send(CallSite("Rows", 0, 0, 0), HttpRequest("GET", "https://x.example/"))
