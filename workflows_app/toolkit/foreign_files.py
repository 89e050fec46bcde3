"""Reading archives, feeds and images that authors supply: always in a locked-down child with a deadline and a memory
limit, never in this process. One child serves the items of one node run and is thrown away with it."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Literal

from pumpflix.lib.sandbox.errors import (
    FileRefused,
    SandboxCanceled,
    SandboxCrashed,
    SandboxError,
    SandboxMemory,
    SandboxOutputTooLarge,
    SandboxTimeout,
)  # fmt: skip
from pumpflix.lib.sandbox.file_work import FileLimits, FileWorker, file_worker
from workflows_app.engine.errors import Canceled, OperationalError, UserError
from workflows_app.engine.items import JsonObject
from workflows_app.engine.node_type import NodeRun

Kind = Literal["archive", "feed", "image"]
LIMITS = {
    "archive": FileLimits(timeout_s=60, memory_mb=1024, max_output_bytes=256 * 1024 * 1024),
    "feed": FileLimits(timeout_s=30, memory_mb=512, max_output_bytes=64 * 1024 * 1024),
    "image": FileLimits(timeout_s=60, memory_mb=1536, max_output_bytes=256 * 1024 * 1024),
}
OF_THE_AUTHOR = (SandboxTimeout, SandboxMemory, SandboxOutputTooLarge, SandboxCrashed)
MAX_BYTES = 100 * 1024 * 1024


class ForeignFiles:
    """`call` asks the child; its refusals and ends come as errors of the engine."""

    def __init__(self, worker: FileWorker) -> None:
        self._worker = worker

    def call(self, header: JsonObject, *files: bytes) -> tuple[JsonObject, list[bytes]]:
        """Raises UserError for a file that is damaged, protected, or costs too much to read."""
        check_sizes(files)
        try:
            return self._worker.call(header, files)
        except FileRefused as error:
            raise UserError(error.message, code=error.code, hint=error.hint) from None
        except SandboxCanceled:
            raise Canceled from None
        except OF_THE_AUTHOR as error:
            raise UserError(str(error), code="file_too_large", hint="Use a smaller or simpler file.") from None
        except SandboxError as error:
            raise OperationalError(str(error), code=error.code, hint="Ask an administrator to look.") from None


def check_sizes(files: Sequence[bytes]) -> None:
    if sum(map(len, files)) > MAX_BYTES:
        raise UserError("This file is too large.", code="file_too_large", hint=f"At most {MAX_BYTES // 1024**2} MB.")


@contextmanager
def foreign_files(run: NodeRun[Any], kind: Kind) -> Iterator[ForeignFiles]:
    """A child for this node run; it starts with the first call."""
    with file_worker(f"workflows_app.toolkit.inside.{kind}", LIMITS[kind], run.cancelled) as worker:
        yield ForeignFiles(worker)
