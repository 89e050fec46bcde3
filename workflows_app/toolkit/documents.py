"""Documents that authors supply (HTML, XML, spreadsheets, PDFs, queries over items): read and written by libraries in a
locked-down child with a deadline and a memory limit, never in this process. What a team's documents do to a library
stays with that team."""

from collections.abc import Sequence
from typing import Any, Literal

from pumpflix.lib.sandbox.document_work import DocumentLimits, document_pool
from pumpflix.lib.sandbox.errors import (
    SandboxCanceled,
    SandboxCrashed,
    SandboxError,
    SandboxMemory,
    SandboxOutputTooLarge,
    SandboxTimeout,
)  # fmt: skip
from workflows_app.engine.errors import Canceled, OperationalError, ParameterError, UserError
from workflows_app.engine.json_text import dumps, loads
from workflows_app.engine.node_type import NodeRun

Library = Literal["calendar", "html", "markdown", "pdf", "sheets", "sql", "xml"]
MAX_BYTES = 100 * 1024 * 1024
LIMITS = DocumentLimits(timeout_s=60, memory_mb=768, max_output_bytes=256 * 1024 * 1024)
# A query is a program of its author: it gets a copy of the library for itself.
ALONE = DocumentLimits(timeout_s=30, memory_mb=512, max_output_bytes=256 * 1024 * 1024, is_alone=True)
TOO_MUCH: dict[type[SandboxError], str] = {
    SandboxTimeout: "This took longer than {timeout_s:g} s.",
    SandboxMemory: "This needs more than {memory_mb} MB of memory.",
    SandboxOutputTooLarge: "More came out of this than is allowed.",
    SandboxCrashed: "This could not be read.",
}


def ask(
    run: NodeRun[Any], library: Library, call: dict[str, Any], files: Sequence[bytes] = ()
) -> tuple[Any, list[bytes]]:
    """What the library answers, and the files it made. Raises UserError for a document that is damaged, protected or
    costs too much, ParameterError for what it was asked to do with it."""
    check_sizes(files)
    limits = ALONE if library == "sql" else LIMITS
    text = dumps({"library": library, "call": call})
    try:
        answer, made = document_pool().call(
            library, text, files, team=run.ports.team, limits=limits, is_canceled=run.cancelled
        )
    except SandboxError as error:
        raise engine_error(error, limits) from None
    return judged(loads(answer)), made


def check_sizes(files: Sequence[bytes]) -> None:
    if sum(map(len, files)) > MAX_BYTES:
        raise UserError("This file is too large.", code="file_too_large", hint=f"At most {MAX_BYTES // 1024**2} MB.")


def engine_error(error: SandboxError, limits: DocumentLimits) -> BaseException:
    if isinstance(error, SandboxCanceled):
        return Canceled()
    text = TOO_MUCH.get(type(error))
    if text is None:
        return OperationalError(str(error), code=error.code, hint="Ask an administrator to look.")
    message = text.format(timeout_s=limits.timeout_s, memory_mb=limits.memory_mb)
    return UserError(message, code="file_too_large", hint="Use a smaller or simpler one, or take it in parts.")


def judged(answer: dict[str, Any]) -> Any:
    refused = answer.get("refused")
    if refused is not None:
        if refused["code"] == "parameter":
            raise ParameterError(refused["message"], hint=refused["hint"])
        raise UserError(refused["message"], code=refused["code"], hint=refused["hint"])
    if "failed" in answer:
        raise UserError(
            f"This file cannot be read: {answer['failed'] or answer.get('name')}.",
            code="file_damaged",
            hint="Check that it is of the kind that was chosen, save it again and upload it anew.",
        )
    return answer.get("done")
