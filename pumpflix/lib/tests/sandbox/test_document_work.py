"""The children that read documents: they answer, keep teams apart, and end with whatever goes wrong inside."""

import json
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pumpflix.lib.sandbox.document_work import LIBRARIES, DocumentLimits, DocumentPool
from pumpflix.lib.sandbox.errors import (
    SandboxCanceled,
    SandboxError,
    SandboxMemory,
    SandboxOutputTooLarge,
    SandboxTimeout,
    SandboxUnavailable,
)  # fmt: skip

SMALL = DocumentLimits(timeout_s=2, memory_mb=64, max_output_bytes=2**21)
ALONE = DocumentLimits(timeout_s=2, memory_mb=64, is_alone=True)
JOBS = """
let seen = 0;
documents.jobs = ({ job, say }, files, made) => JOBS[job](say, files, made);
const JOBS = {
  echo: (say, files, made) => {
    files.forEach((file) => made.push(file.slice().reverse()));
    return { said: say, sizes: files.map((file) => file.length) };
  },
  part: (_say, [file], made) => void made.push(file.subarray(1, 3)),
  later: async (say) => { await null; return say; },
  never: () => new Promise(() => {}),
  count: () => ++seen,
  refuse: () => { throw new Refused("No.", "Try another.", "file_protected"); },
  break: () => { throw new TypeError("inside"); },
  pollute: () => { try { Object.prototype.polluted = 1; } catch {} return { polluted: {}.polluted === undefined }; },
  loop: () => { for (;;); },
  hoard: () => { const kept = []; for (;;) kept.push({ n: kept.length, text: "x".repeat(100) + kept.length }); },
  fill: () => { const kept = []; for (;;) kept.push(new Uint8Array(16 * 2 ** 20).fill(1)); },
  flood: (_say, _files, made) => void made.push(new Uint8Array(3 * 2 ** 20)),
  talk: () => "x".repeat(3 * 2 ** 20),
  world: () => Object.getOwnPropertyNames(globalThis).filter((name) => /wasm|WebAss|process|require|host/i.test(name)),
};
"""


@pytest.fixture(scope="module")
def pool(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DocumentPool]:
    folder = tmp_path_factory.mktemp("libraries")
    (folder / "driver.js").write_bytes((LIBRARIES / "driver.js").read_bytes())
    (folder / "jobs.js").write_text(JOBS)
    made = DocumentPool(folder, size=1)
    yield made
    made.close()


def ask(
    pool: DocumentPool, job: str, say: Any = None, files: tuple[bytes, ...] = (), team: str = "a",
    limits: DocumentLimits = SMALL,
) -> tuple[Any, list[bytes]]:  # fmt: skip
    call = json.dumps({"library": "jobs", "call": {"job": job, "say": say}}).encode()
    answer, made = pool.call("jobs", call, files, team=team, limits=limits)
    return json.loads(answer), made


def test_files_go_in_and_come_out(pool: DocumentPool) -> None:
    answer, files = ask(pool, "echo", "hé", (b"abc", b"", b"x" * 300_000))
    assert answer == {"done": {"said": "hé", "sizes": [3, 0, 300_000]}}
    assert [file[:3] for file in files] == [b"cba", b"", b"xxx"]


def test_a_file_may_be_part_of_a_larger_one(pool: DocumentPool) -> None:
    assert ask(pool, "part", files=(b"abcd",))[1] == [b"bc"]


def test_work_may_take_turns(pool: DocumentPool) -> None:
    assert ask(pool, "later", 7)[0] == {"done": 7}


def test_a_refusal_says_why_and_a_failure_what(pool: DocumentPool) -> None:
    assert ask(pool, "refuse")[0] == {"refused": {"message": "No.", "hint": "Try another.", "code": "file_protected"}}
    assert ask(pool, "break")[0] == {"failed": "inside", "name": "TypeError"}


@pytest.mark.requirement(6, 8)
def test_teams_have_libraries_of_their_own(pool: DocumentPool) -> None:
    counts = [ask(pool, "count", team=team)[0]["done"] for team in ("x", "x", "y", "x")]
    assert counts == [1, 2, 1, 3]


@pytest.mark.requirement(6, 8)
def test_what_runs_alone_leaves_nothing(pool: DocumentPool) -> None:
    assert [ask(pool, "count", team="z", limits=ALONE)[0]["done"] for _ in range(3)] == [1, 1, 1]


def test_a_large_document_leaves_nothing(pool: DocumentPool) -> None:
    ask(pool, "count", team="l")
    ask(pool, "echo", files=(b"x" * (5 * 2**20 // 4),) * 4, team="l", limits=DocumentLimits())
    assert ask(pool, "count", team="l")[0]["done"] == 1


@pytest.mark.requirement(10)
def test_no_document_changes_what_all_objects_have(pool: DocumentPool) -> None:
    assert ask(pool, "pollute")[0] == {"done": {"polluted": True}}


def test_nothing_of_the_host_can_be_reached(pool: DocumentPool) -> None:
    assert ask(pool, "world")[0] == {"done": []}


@pytest.mark.parametrize(
    "job, error",
    [
        ("loop", SandboxTimeout),
        ("hoard", SandboxMemory),
        ("fill", SandboxError),
        ("flood", SandboxOutputTooLarge),
        ("talk", SandboxOutputTooLarge),
        ("never", SandboxError),
    ],
)
def test_what_goes_wrong_inside_ends_within_its_limits(pool: DocumentPool, job: str, error: type[Exception]) -> None:
    began = time.monotonic()
    with pytest.raises(error):
        ask(pool, job, team="victim")
    assert time.monotonic() - began < SMALL.timeout_s + 2
    assert ask(pool, "echo", 1, team="victim")[0]["done"]["said"] == 1


def test_a_canceled_run_ends_its_call(pool: DocumentPool) -> None:
    call = json.dumps({"library": "jobs", "call": {"job": "loop"}}).encode()
    with pytest.raises(SandboxCanceled):
        pool.call("jobs", call, team="a", limits=SMALL, is_canceled=lambda: True)


def test_many_threads_share_the_children(pool: DocumentPool) -> None:
    answers: list[Any] = []
    work = [
        threading.Thread(target=lambda n=number: answers.append(ask(pool, "echo", n, team=f"t{n % 5}")[0]))
        for number in range(20)
    ]
    for thread in work:
        thread.start()
    for thread in work:
        thread.join()
    assert sorted(answer["done"]["said"] for answer in answers) == list(range(20))


def test_a_folder_without_libraries_says_what_to_do(tmp_path: Path) -> None:
    pool = DocumentPool(tmp_path)
    try:
        with pytest.raises(SandboxUnavailable, match="make setup"):
            ask(pool, "echo")
    finally:
        pool.close()
