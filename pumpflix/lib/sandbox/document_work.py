"""The parent's side of the children that read and write documents: shared by the teams of a process, ready before they
are needed, ended by a call's deadline or memory limit."""

import importlib.util
import json
import os
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from pumpflix.lib.sandbox.crew import Crew, Spawner
from pumpflix.lib.sandbox.document_child import cut, packed
from pumpflix.lib.sandbox.errors import SandboxCrashed, SandboxUnavailable
from pumpflix.lib.sandbox.parent import Call, Child, ChildSettings, IsCanceled, launch

LIBRARIES = Path(__file__).resolve().parents[3] / "static" / "build" / "documents"
_CHILD_MEMORY_MB = 2048
_PATIENCE_S = 0.02


@dataclass(frozen=True)
class DocumentLimits:
    """Of one call. ``is_alone``: what the library is given is a program, so nobody else uses that copy of it."""

    timeout_s: float = 60.0
    memory_mb: int = 512
    max_output_bytes: int = 128 * 1024 * 1024
    is_alone: bool = False


class DocumentPool:
    """Calls libraries of ``libraries`` in locked-down children. Every method may be called from many threads.

    Unlike code, a document is not meant to run: where the walls cannot be raised in full, it is read all the same, in a
    process of its own with limits.
    """

    def __init__(self, libraries: Path = LIBRARIES, size: int | None = None) -> None:
        self._libraries = libraries
        self._pid = os.getpid()
        self._spawner = Spawner(self._start)
        self._crew = Crew(self._spawner, size or os.cpu_count() or 1, _PATIENCE_S)

    def call(
        self,
        library: str,
        call: bytes,
        files: Sequence[bytes] = (),
        *,
        team: str,
        limits: DocumentLimits,
        is_canceled: IsCanceled | None = None,
    ) -> tuple[bytes, list[bytes]]:
        """The answer as JSON, and the files that come with it. Raises a ``SandboxError``."""
        header = json.dumps({"library": f"{library}.js", "alone": limits.is_alone}).encode()
        request = Call(
            operation="d",
            header=header,
            data=b"".join(packed([call, *files])),
            team=team,
            timeout_s=limits.timeout_s,
            memory_mb=limits.memory_mb,
            max_output_bytes=limits.max_output_bytes,
            is_canceled=is_canceled,
        )
        with self._crew.child(team, request) as child:
            result = child.run(request)
        try:
            answer, *more = cut(memoryview(result.text))
        except (ValueError, IndexError) as error:
            raise SandboxCrashed("The file could not be read.", detail=repr(error)) from error
        return bytes(answer), [bytes(file) for file in more]

    def warm(self) -> None:
        """Have a child started in the background."""
        self._spawner.order()

    def close(self) -> None:
        """End every child. Calls in flight end as their children do."""
        self._crew.close()
        self._spawner.close()

    @property
    def is_of_this_process(self) -> bool:
        return self._pid == os.getpid()

    def _start(self) -> Child:
        wheel = importlib.util.find_spec("py_mini_racer")
        if wheel is None or wheel.origin is None:
            raise SandboxUnavailable("The package mini-racer is not installed; documents are read with it.")
        if not (self._libraries / "driver.js").is_file():
            raise SandboxUnavailable("The libraries that read documents are not built; run make setup.")
        told = {"wheel": str(Path(wheel.origin).parent), "libraries": str(self._libraries)}
        return launch(ChildSettings(self._libraries, max_memory_mb=_CHILD_MEMORY_MB), "document_child.py", told)


_lock = threading.Lock()
_pools: list[DocumentPool] = []


def document_pool() -> DocumentPool:
    """The children of this process."""
    with _lock:
        if not _pools or not _pools[-1].is_of_this_process:
            _pools.append(DocumentPool())
        return _pools[-1]
