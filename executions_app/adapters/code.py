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
    SandboxKilled,
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
        given: dict[str, Any] = self._limits(call)
        with translated():
            return answer_of(twice(lambda: self._pool.evaluate(call.header, call.data, **given)))

    def run(self, call: CodeCall, on_call: OnCall | None = None) -> JsonObject:
        given: dict[str, Any] = self._limits(call)
        host = None if on_call is None else Host(on_call)
        serve = None if host is None else serving(host)
        with translated():
            return answer_of(
                twice(
                    lambda: self._pool.run_code(call.header, call.data, on_call=serve, **given),
                    may_repeat=lambda: host is None or not host.was_called,
                )
            )

    def _limits(self, call: CodeCall) -> dict[str, Any]:
        return {"team": self._team, "timeout_s": call.timeout_s, "is_canceled": self._is_canceled}


class Host:
    """The author's calls to us, and whether there was one."""

    def __init__(self, on_call: OnCall) -> None:
        self._on_call = on_call
        self.was_called = False

    def __call__(self, name: str, args: list[Any]) -> Any:
        self.was_called = True
        return self._on_call(name, args)


def twice(work: Callable[[], SandboxResult], *, may_repeat: Callable[[], bool] = lambda: True) -> SandboxResult:
    """Once more where the child was killed by somebody else: it touched nothing, so nothing happens twice."""
    try:
        return work()
    except SandboxKilled:
        if not may_repeat():
            raise
        return work()


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
