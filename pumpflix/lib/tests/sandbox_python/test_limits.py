"""Bombs of Python end within their limit and hurt no neighbour; a spare takes over at once."""

import statistics
import threading
import time

import psutil
import pytest

from pumpflix.lib.sandbox import (
    CodePool,
    SandboxCanceled,
    SandboxCrashed,
    SandboxMemory,
    SandboxOutputTooLarge,
    SandboxTimeout,
    SandboxUnavailable,
)  # fmt: skip
from pumpflix.lib.tests.sandbox_python.conftest import SETTINGS, call

LOOPS = {
    "a loop": "while True: pass",
    "a loop that catches everything": "while True:\n    try:\n        while True: pass\n    except BaseException: pass",
    "a long sleep": "import time\ntime.sleep(1000)",
    "an await that never ends": "import asyncio\nawait asyncio.Event().wait()",
    "a backtracking regular expression": "import re\nre.match('(a+)+$', 'a' * 40 + '!')",
    "an error that loops as text": "class E(Exception):\n    def __str__(self):\n        while True: pass\nraise E",
    "a lock": "import threading\nthreading.Lock().acquire(); lock = threading.Lock(); lock.acquire(); lock.acquire()",
    "a hundred megabytes of console output": "for _ in range(10**9): print('x' * 1000)",
    "a loop in a dict that is returned": "class D(dict):\n  def items(self):\n    while True: pass\nreturn D(a=1)",
}
MEMORY = {
    "a growing list": "a = []\nwhile True: a.append([len(a)])",
    "one large text": "return len('x' * 10**9)",
    "bytes": "a = []\nwhile True: a.append(bytearray(10**7))",
    "recursion": "import sys\nsys.setrecursionlimit(10**9)\ndef f(): f()\nf()",
}


def seconds(work) -> float:
    started = time.monotonic()
    work()
    return time.monotonic() - started


@pytest.mark.requirement(5)
@pytest.mark.parametrize("code", LOOPS.values(), ids=LOOPS)
def test_a_loop_ends_at_its_deadline_and_the_next_run_works(answer_to, value_of, code):
    def run():
        with pytest.raises(SandboxTimeout, match=r"longer than 0\.5 s"):
            answer_to(code, timeout_s=0.5)

    assert seconds(run) < 2.5
    assert value_of("return 1 + 1") == 2


@pytest.mark.requirement(5)
@pytest.mark.parametrize("code", MEMORY.values(), ids=MEMORY)
def test_a_memory_bomb_ends_with_its_own_error(answer_to, code):
    with pytest.raises(SandboxMemory, match="64 MB"):
        answer_to(code, memory_mb=64)


def test_recursion_is_an_error_of_the_code(answer_to):
    error = answer_to("def f(): return f()\nreturn f()")["error"]
    assert error["message"] == "RecursionError: maximum recursion depth exceeded [line 1]"
    assert error["stack"].count("\n") == 20


@pytest.mark.requirement(5)
def test_a_result_that_floods_is_cut_off(answer_to):
    with pytest.raises(SandboxOutputTooLarge):
        answer_to("return [{'json': {'text': 'x' * 10**7}}]")


@pytest.mark.requirement(5)
def test_prints_are_kept_up_to_a_limit(answer_to):
    lines = answer_to("for number in range(5000): print(number)\nreturn []")["console"]
    assert len(lines) == 1001
    assert lines[-1]["level"] == "warn"
    assert sum(len(line["text"]) for line in answer_to("print('x' * 10**7)\nreturn []")["console"]) < 10_000


@pytest.mark.requirement(5)
def test_a_neighbour_goes_on_while_code_loops_forks_and_floods(pool, value_of):
    bomb = """
import os, threading
def burn():
    while True: pass
for _ in range(4): threading.Thread(target=burn, daemon=True).start()
while True:
    print('x' * 1000)
    try: os.fork()
    except OSError: pass"""
    ended = threading.Event()

    def attack():
        with pytest.raises(SandboxTimeout):
            call(pool, bomb, timeout_s=2.0)
        ended.set()

    attacker = threading.Thread(target=attack)
    attacker.start()
    served = 0
    while not ended.is_set():
        assert value_of("return _json.n", {"n": served}) == served
        served += 1
    attacker.join()
    assert served > 3


def test_code_ends_when_its_run_is_canceled(answer_to):
    def run():
        with pytest.raises(SandboxCanceled):
            answer_to("while True: pass", is_canceled=lambda: True)

    assert seconds(run) < 2


def test_a_child_that_dies_is_a_crash_and_the_next_run_works(answer_to, value_of):
    with pytest.raises(SandboxCrashed) as crashed:
        answer_to("import os\nos._exit(3)")
    assert "exit 3" in crashed.value.detail
    assert value_of("return 1") == 1


def test_a_spare_is_handed_over_at_once(pool, value_of):
    """The time from asking to the end of an empty run, where a spare is ready."""
    value_of("return 1")
    spent = []
    for _ in range(5):
        wait_for_spares(pool)
        spent.append(seconds(lambda: value_of("return 1")))
    assert statistics.median(spent) < 0.05


def wait_for_spares(pool: CodePool) -> None:
    spawner = pool._python_spawner
    deadline = time.monotonic() + 20
    while spawner._ready.qsize() < spawner._stock and time.monotonic() < deadline:
        threading.Event().wait(0.01)


def test_no_child_starts_before_python_is_needed_and_none_stays():
    pool = CodePool(settings=SETTINGS, accept_reduced=True, code_children=1)
    own = psutil.Process()
    before = {child.pid for child in own.children()}
    pool.warm(python=True)
    wait_for_spares(pool)
    started = [child for child in own.children() if child.pid not in before]
    assert any("py_child.py" in " ".join(child.cmdline()) for child in started)
    assert call(pool, "return [{'a': 1}]")["output"] == [{"json": {"a": 1}}]
    pool.close()
    assert not [child for child in own.children() if child.pid not in before]
    with pytest.raises(SandboxUnavailable):
        call(pool, "return []")
