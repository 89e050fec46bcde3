"""The child that reads foreign files: it answers, and whatever goes wrong inside ends within its limits."""

import time
from collections.abc import Iterator

import pytest

from pumpflix.lib.sandbox.errors import (
    FileRefused,
    SandboxCanceled,
    SandboxCrashed,
    SandboxError,
    SandboxMemory,
    SandboxOutputTooLarge,
    SandboxTimeout,
    SandboxUnavailable,
)  # fmt: skip
from pumpflix.lib.sandbox.file_work import FileLimits, FileWorker, file_worker

JOBS = "pumpflix.lib.tests.sandbox.file_jobs"
SMALL = FileLimits(timeout_s=2, memory_mb=64, max_output_bytes=2**21)


@pytest.fixture
def worker() -> Iterator[FileWorker]:
    with file_worker(JOBS, SMALL) as made:
        yield made


def test_files_go_in_and_come_out(worker: FileWorker) -> None:
    answer, files = worker.call({"job": "echo", "say": "hi"}, [b"abc", b"", b"x" * 300_000])
    assert answer == {"sizes": [3, 0, 300_000], "said": "hi"}
    assert [file[:3] for file in files] == [b"cba", b"", b"xxx"]


def test_one_child_serves_many_calls(worker: FileWorker) -> None:
    worker.call({"job": "echo"})
    first = worker._child
    with pytest.raises(FileRefused):
        worker.call({"job": "refuse"})
    worker.call({"job": "echo"})
    assert worker._child is first


def test_a_refusal_says_why(worker: FileWorker) -> None:
    with pytest.raises(FileRefused) as caught:
        worker.call({"job": "refuse"})
    assert (caught.value.message, caught.value.hint, caught.value.code) == ("No.", "Try another.", "file_protected")


@pytest.mark.parametrize(
    "job, error",
    [
        ("loop", SandboxTimeout),
        ("hoard", SandboxMemory),
        ("flood", SandboxOutputTooLarge),
        ("leave", SandboxCrashed),
        ("break", FileRefused),
    ],
)
def test_what_goes_wrong_inside_ends_the_child(worker: FileWorker, job: str, error: type[Exception]) -> None:
    began = time.monotonic()
    with pytest.raises(error) as caught:
        worker.call({"job": job})
    assert time.monotonic() - began < SMALL.timeout_s + 2
    assert "secret" not in str(caught.value)
    assert worker._child is None
    assert worker.call({"job": "echo", "say": 1})[0]["said"] == 1


@pytest.mark.requirement(1, 19)
def test_nothing_outside_can_be_reached(worker: FileWorker) -> None:
    outcome, _ = worker.call({"job": "reach out"})
    assert "done" not in outcome.values()


def test_a_canceled_run_ends_its_child() -> None:
    with file_worker(JOBS, SMALL, lambda: True) as worker, pytest.raises(SandboxCanceled):
        worker.call({"job": "wait"})


def test_a_module_that_cannot_be_imported_is_told() -> None:
    with file_worker("pumpflix.lib.tests.sandbox.no_such_module", SMALL) as worker, pytest.raises(SandboxUnavailable):
        worker.call({})


def test_places_are_given_back_after_errors() -> None:
    for _ in range(6):
        with file_worker(JOBS, SMALL) as worker, pytest.raises((SandboxError, FileRefused)):
            worker.call({"job": "leave"})
