"""Bombs end within their limit, with a named error, and hurt nobody else."""

import json
import threading
import time

import psutil
import pytest

from pumpflix.lib.sandbox import (
    SandboxCanceled,
    SandboxKilled,
    SandboxMemory,
    SandboxOutputTooLarge,
    SandboxTimeout,
    parent,
)

LOOPS = {
    "an endless loop": "(() => { while (true) {} })()",
    "a backtracking regular expression": "/^(a+)+$/.test('a'.repeat(40) + '!')",
    "a loop while the result is written": "({ toJSON() { while (true); } })",
    "a loop while the error is written": "(() => { throw { get message() { while (true); } }; })()",
    "a huge power": "10n ** 1000000000n",
    "a sort that never ends": "[2, 1].sort(() => { while (true); })",
}
MEMORY = {
    "a growing list": "const a = []; while (true) a.push({ a: 1, b: [a.length] });",
    "growing text": "const a = []; while (true) a.push('x'.repeat(1e6) + a.length);",
    "memory beside the heap": "const a = []; while (true) a.push(new Uint8Array(1e7).fill(1));",
    "a growing map": "const m = new Map(); while (true) m.set({}, new Array(100).fill(m.size));",
    "promises without end": "const a = []; while (true) a.push(Promise.all([a, Promise.resolve(a.length)]));",
}
INERT = {
    "a text too long for the engine": "'x'.repeat(2 ** 29)",
    "a list too long": "new Array(2 ** 32)",
    "a buffer too large": "new ArrayBuffer(2 ** 33)",
    "endless recursion": "(function f() { f(); })()",
    "a text that grows by itself": "(() => { let s = 'x'; while (true) s += s; })()",
}


def seconds(call) -> float:
    started = time.monotonic()
    call()
    return time.monotonic() - started


@pytest.mark.requirement(5)
@pytest.mark.parametrize("source", LOOPS.values(), ids=LOOPS)
def test_a_loop_ends_at_its_deadline_and_the_next_call_works(value_of, source):
    def run():
        with pytest.raises(SandboxTimeout, match=r"longer than 0\.3 s"):
            value_of(source, timeout_s=0.3)

    assert seconds(run) < 2.3
    assert value_of("1 + 1", timeout_s=5) == 2


@pytest.mark.requirement(5)
@pytest.mark.parametrize(
    "code",
    [
        "while (true) {}",
        "while (true) await 0;",
        "for await (const x of (async function* () { while (true) yield 1; })());",
    ],
)
def test_code_that_never_lets_go_ends_at_its_deadline(outcome_of, code):
    with pytest.raises(SandboxTimeout):
        outcome_of(code, timeout_s=0.3)


@pytest.mark.requirement(5)
@pytest.mark.parametrize("code", MEMORY.values(), ids=MEMORY)
def test_a_memory_bomb_ends_with_its_own_error(outcome_of, code):
    with pytest.raises(SandboxMemory, match="64 MB"):
        outcome_of(code, timeout_s=20, memory_mb=64)


@pytest.mark.parametrize("source", INERT.values(), ids=INERT)
def test_what_the_engine_itself_refuses_is_an_error_of_the_code(value_of, source):
    assert value_of(source, timeout_s=5)["type"] in ("RangeError", "InternalError")


@pytest.mark.requirement(5)
def test_a_result_that_floods_is_cut_off(outcome_of):
    with pytest.raises(SandboxOutputTooLarge):
        outcome_of("return new Array(2e6).fill('flood')")


@pytest.mark.requirement(5)
def test_a_neighbour_goes_on_while_code_loops(pool, value_of, outcome_of):
    ended = threading.Event()

    def loop():
        with pytest.raises(SandboxTimeout):
            outcome_of("while (true) {}", timeout_s=1.5)
        ended.set()

    victim = threading.Thread(target=loop)
    victim.start()
    served = 0
    while not ended.is_set():
        assert value_of("data", served, team="neighbour", timeout_s=1) == served
        served += 1
    victim.join()
    assert served > 20


def test_an_expression_that_loops_does_not_hold_up_the_others(pool, value_of):
    def loop():
        with pytest.raises(SandboxTimeout):
            value_of("(() => { while (true) {} })()", timeout_s=2)

    value_of("1")
    victim = threading.Thread(target=loop)
    victim.start()
    assert seconds(lambda: [value_of("1", team="neighbour") for _ in range(5)]) < 1.5
    victim.join()


def test_code_ends_when_its_run_is_canceled(outcome_of):
    canceled = threading.Event()

    def on_call(name, args):
        canceled.set()

    def run():
        with pytest.raises(SandboxCanceled) as raised:
            outcome_of("await host.call('x', []); while (true) {}", on_call=on_call, is_canceled=canceled.is_set)
        assert raised.value.code == "sandbox_canceled"

    assert seconds(run) < 2


def test_a_caller_may_give_up_while_it_waits_for_a_child(pool, outcome_of):
    busy = [threading.Semaphore(0), threading.Event()]

    def on_call(name, args):
        busy[0].release()
        busy[1].wait(30)

    hold = "await host.call('wait', [])"
    holders = [threading.Thread(target=outcome_of, args=[hold], kwargs={"on_call": on_call}) for _ in range(2)]
    for holder in holders:
        holder.start()
    for _ in holders:
        busy[0].acquire(timeout=10)
    with pytest.raises(SandboxCanceled):
        outcome_of("return 1", is_canceled=lambda: True)
    busy[1].set()
    for holder in holders:
        holder.join()


def test_the_spare_takes_over_at_once(pool, value_of):
    with pytest.raises(SandboxTimeout):
        value_of("(() => { while (true) {} })()", timeout_s=0.1)
    assert seconds(lambda: value_of("1", timeout_s=5)) < 1


def test_a_child_that_was_killed_in_its_sleep_is_not_handed_out(pool, value_of):
    value_of("1")
    children = psutil.Process().children()
    for child in children:
        child.kill()
    psutil.wait_procs(children, timeout=10)
    assert value_of("40 + 2", timeout_s=5) == 42


def test_a_call_cannot_ask_for_more_memory_than_the_pool_allows(pool):
    with pytest.raises(SandboxMemory, match="256 MB"):
        pool.run_code({"code": MEMORY["memory beside the heap"]}, b"null", team="t", timeout_s=20, memory_mb=4096)


def test_code_that_is_quicker_than_the_look_at_its_size_is_told_the_same(pool, monkeypatch):
    monkeypatch.setattr(parent, "_TICK_S", 15.0)
    with pytest.raises(SandboxMemory, match="256 MB"):
        pool.run_code({"code": MEMORY["memory beside the heap"]}, b"null", team="t", timeout_s=20, memory_mb=4096)


def test_errors_carry_a_stable_code(value_of):
    with pytest.raises(SandboxTimeout) as raised:
        value_of("(() => { while (true) {} })()", timeout_s=0.1)
    assert raised.value.code == "sandbox_timeout"
    assert json.dumps(str(raised.value))


def test_a_child_that_dies_in_the_middle_is_a_crash_and_the_next_call_works(outcome_of):
    def on_call(name, args):
        for child in psutil.Process().children():
            child.kill()

    with pytest.raises(SandboxKilled) as crashed:
        outcome_of("await host.call('x', []); await host.call('y', [])", on_call=on_call)
    assert "exit -9" in crashed.value.detail
    assert outcome_of("return 1") == {"output": 1}
