"""The Code port made real: expressions and Code nodes in the locked-down children of `pumpflix.lib.sandbox`."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from pumpflix.lib.sandbox import (
    CodePool,
    HostCallError,
    SandboxCanceled,
    SandboxCrashed,
    SandboxError,
    SandboxMemory,
    SandboxOutputTooLarge,
    SandboxResult,
    SandboxTimeout,
)  # fmt: skip
from workflows_app.engine.errors import Canceled, OperationalError, PumpFlixError, UserError
from workflows_app.engine.items import JsonObject
from workflows_app.engine.ports import CodeCall

OnCall = Callable[[str, list[Any]], Any]

HINTS: dict[type[SandboxError], str] = {
    SandboxTimeout: "Look for a loop that does not end, or give it less to do at once.",
    SandboxMemory: "Work on fewer items at a time, for example with Loop Over Items.",
    SandboxOutputTooLarge: "Put out less, for example only the fields that are used later.",
}


class CodeAdapter:
    """The Code port of one execution. `team` names whose context is used: teams never share one. Once `is_canceled`
    says so, a call ends with Canceled."""

    def __init__(self, pool: CodePool, team: str, is_canceled: Callable[[], bool] = lambda: False) -> None:
        self._pool = pool
        self._team = team
        self._is_canceled = is_canceled

    def evaluate(self, call: CodeCall) -> JsonObject:
        with translated():
            return answer_of(
                self._pool.evaluate(
                    call.header,
                    call.data,
                    team=self._team,
                    timeout_s=call.timeout_s,
                    is_canceled=self._is_canceled,
                )
            )

    def run(self, call: CodeCall, on_call: OnCall | None = None) -> JsonObject:
        with translated():
            return answer_of(
                self._pool.run_code(
                    call.header,
                    call.data,
                    team=self._team,
                    timeout_s=call.timeout_s,
                    on_call=None if on_call is None else serving(on_call),
                    is_canceled=self._is_canceled,
                )
            )


def serving(on_call: OnCall) -> OnCall:
    """Errors of the engine reach the author's code as rejections; all else ends the call."""

    def serve(name: str, args: list[Any]) -> Any:
        try:
            return on_call(name, args)
        except PumpFlixError as error:
            raise HostCallError(error.message, name=type(error).__name__, description=error.hint or None) from error

    return serve


@contextmanager
def translated() -> Iterator[None]:
    """Errors of the sandbox leave as those of the engine."""
    try:
        yield
    except SandboxError as error:
        raise engine_error(error) from error


def answer_of(result: SandboxResult) -> JsonObject:
    answer: JsonObject = result.json()
    return answer


def engine_error(error: SandboxError) -> PumpFlixError | Canceled:
    """Limits are the author's to keep; a child that died or could not start is ours."""
    if isinstance(error, SandboxCanceled):
        return Canceled()
    hint = HINTS.get(type(error))
    if hint is not None:
        return UserError(str(error), code=error.code, hint=hint)
    hint = "Run it again." if isinstance(error, SandboxCrashed) else "Ask an administrator to look at the health page."
    return OperationalError(str(error), code=error.code, hint=hint)
