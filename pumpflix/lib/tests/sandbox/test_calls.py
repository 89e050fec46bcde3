"""What a caller of the pool gets: values, calls back to the host, named errors."""

import json
import threading

import pytest

from pumpflix.lib.sandbox import (
    CodePool,
    HostCallError,
    SandboxCrashed,
    SandboxOutputTooLarge,
    SandboxResult,
    SandboxUnavailable,
)
from pumpflix.lib.tests.sandbox.conftest import WORLD


def test_expressions_come_back_in_order(pool):
    answer = pool.evaluate(
        {"templates": ["1 + 1", "data.name", "undefined", "nope"]}, b'{"name": "Zo\xc3\xab"}', team="t"
    )
    assert json.loads(answer.text)["results"][:3] == [{"v": 2}, {"v": "Zoë"}, {"u": 1}]
    assert json.loads(answer.text)["results"][3]["e"]["type"] == "ReferenceError"
    assert answer.wall_ms > 0
    assert answer.cpu_ms > 0


@pytest.mark.parametrize("text", ["", "line\nbreak", "\u2028", "nul\x00", "🎬", '"quoted"', "x" * 700_000])
def test_text_passes_through_unharmed(value_of, text):
    assert value_of("data", text) == text


def test_a_lone_surrogate_stays_one(value_of):
    assert value_of("data", "\ud800") == "\ud800"
    assert value_of("'\\ud800'") == "\ud800"


def test_the_zone_is_utc_and_the_language_english(value_of):
    assert value_of("[new Date(0).getTimezoneOffset(), Intl.NumberFormat().resolvedOptions().locale]") == [0, "en-US"]


def test_code_may_wait_for_what_it_made_itself(outcome_of):
    assert outcome_of("return await Promise.all([1, Promise.resolve(2)])") == {"output": [1, 2]}


def test_code_that_waits_for_nothing_is_told_so(outcome_of):
    assert "never finished" in outcome_of("await new Promise(() => {})")["error"]["message"]


@pytest.mark.parametrize("text", [b"", b"{", b"[" * 100_000, b"NaN}", b"\xff"])
def test_a_result_that_cannot_be_read_back_is_one_of_our_errors(text):
    with pytest.raises(SandboxCrashed, match="cannot be read back"):
        SandboxResult(text, 0.0, 0.0).json()


def test_a_result_reads_back_with_lone_surrogates():
    assert SandboxResult(b'{"a": "\\ud800", "b": 1}', 0.0, 0.0).json() == {"a": "\ud800", "b": 1}


def test_every_code_run_gets_chance_of_its_own(outcome_of):
    first, second = (outcome_of("return header.entropy")["output"] for _ in range(2))
    assert len(first) == 64
    assert first != second


def test_calls_to_the_host_are_answered_in_the_order_they_were_made(outcome_of):
    asked = []

    def on_call(name, args):
        asked.append((name, args))
        return {"n": len(asked)}

    code = "return await Promise.all([host.call('first', [1]), host.call('second', [data])])"
    assert outcome_of(code, "x", on_call=on_call) == {"output": [{"n": 1}, {"n": 2}]}
    assert asked == [("first", [1]), ("second", ["x"])]


def test_a_call_nobody_waits_for_is_made_all_the_same(outcome_of):
    asked = []
    outcome_of("host.call('log', []); return 1", on_call=lambda name, args: asked.append(name))
    assert asked == ["log"]


def test_an_error_for_the_author_rejects_the_promise(outcome_of):
    def on_call(name, args):
        raise HostCallError("not allowed", name="NodeApiError", description="The address is private.")

    assert outcome_of("await host.call('httpRequest', [])", on_call=on_call)["error"] == {
        "type": "NodeApiError",
        "message": "not allowed",
        "description": "The address is private.",
    }


@pytest.mark.parametrize("error", [TimeoutError("too slow"), ValueError("bad"), ConnectionResetError("gone")])
def test_any_other_error_of_the_host_comes_out_as_it_is(outcome_of, error):
    def on_call(name, args):
        raise error

    with pytest.raises(type(error)) as raised:
        outcome_of("await host.call('x', [])", on_call=on_call)
    assert raised.value is error


def test_an_answer_that_is_no_json_comes_out_as_the_hosts_error(outcome_of):
    with pytest.raises(ValueError, match="JSON"):
        outcome_of("await host.call('x', [])", on_call=lambda name, args: float("nan"))


def test_a_call_nobody_expects_ends_the_child(outcome_of):
    with pytest.raises(SandboxCrashed):
        outcome_of("await host.call('x', [])")


def test_arguments_that_are_no_json_reject_the_promise(outcome_of):
    assert outcome_of("await host.call('x', [1n])", on_call=lambda *_: 1)["error"]["type"] == "TypeError"


def test_a_result_above_the_limit_has_its_own_error(outcome_of):
    with pytest.raises(SandboxOutputTooLarge, match="4 MB") as raised:
        outcome_of("return 'x'.repeat(5e6)")
    assert raised.value.code == "sandbox_output_too_large"


def test_an_argument_above_the_limit_has_its_own_error(outcome_of):
    with pytest.raises(SandboxOutputTooLarge):
        outcome_of("await host.call('x', ['y'.repeat(5e6)])", on_call=lambda *_: 1)


def test_many_threads_share_the_pool(pool):
    answers = {}

    def work(number):
        answer = pool.evaluate(
            {"templates": ["data * 2"]}, str(number).encode(), team=f"team-{number % 3}", timeout_s=10
        )
        answers[number] = json.loads(answer.text)["results"][0]["v"]

    threads = [threading.Thread(target=work, args=[number]) for number in range(40)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == {number: number * 2 for number in range(40)}


def test_more_teams_than_contexts_are_served(pool):
    for number in range(20):
        answer = pool.evaluate({"templates": ["data"]}, str(number).encode(), team=f"crowd-{number}", timeout_s=10)
        assert json.loads(answer.text)["results"] == [{"v": number}]


def test_a_closed_pool_says_so():
    pool = CodePool(settings=WORLD, accept_reduced=True)
    pool.warm()
    pool.close()
    with pytest.raises(SandboxUnavailable, match="shutting down"):
        pool.evaluate({"templates": []}, b"null", team="t")


def test_a_pool_that_closes_lets_nobody_wait_for_a_child():
    pool = CodePool(settings=WORLD, accept_reduced=True)
    pool.warm()
    pool._spawner.close()
    for _ in range(3):
        with pytest.raises(SandboxUnavailable, match="shutting down"):
            pool._spawner.take()
    pool._expressions.close()
