"""The Code port made real: expressions and Code nodes in the locked-down children of `pumpflix.lib.sandbox`."""

from collections.abc import Callable
from typing import Any

from pumpflix.lib.sandbox import (
    CodePool,
    HostCallError,
    SandboxCrashed,
    SandboxError,
    SandboxMemory,
    SandboxOutputTooLarge,
    SandboxResult,
    SandboxTimeout,
)  # fmt: skip
from workflows_app.engine.errors import OperationalError, PumpFlixError, UserError
from workflows_app.engine.items import JsonObject
from workflows_app.engine.json_text import loads
from workflows_app.engine.ports import CodeCall

OnCall = Callable[[str, list[Any]], Any]

HINTS: dict[type[SandboxError], str] = {
    SandboxTimeout: "Look for a loop that does not end, or give it less to do at once.",
    SandboxMemory: "Work on fewer items at a time, for example with Loop Over Items.",
    SandboxOutputTooLarge: "Put out less, for example only the fields that are used later.",
}


class CodeAdapter:
    """The Code port of one execution. `team` names whose context is used: teams never share one."""

    def __init__(self, pool: CodePool, team: str) -> None:
        self._pool = pool
        self._team = team

    def evaluate(self, call: CodeCall) -> JsonObject:
        try:
            result = self._pool.evaluate(call.header, call.data, team=self._team, timeout_s=call.timeout_s)
        except SandboxError as error:
            raise engine_error(error) from error
        return answer_of(result)

    def run(self, call: CodeCall, on_call: OnCall | None = None) -> JsonObject:
        served = None if on_call is None else serving(on_call)
        try:
            result = self._pool.run_code(
                call.header, call.data, team=self._team, timeout_s=call.timeout_s, on_call=served
            )
        except SandboxError as error:
            raise engine_error(error) from error
        return answer_of(result)


def serving(on_call: OnCall) -> OnCall:
    """Errors of the engine reach the author's code as rejections; all else ends the call."""

    def serve(name: str, args: list[Any]) -> Any:
        try:
            return on_call(name, args)
        except PumpFlixError as error:
            raise HostCallError(error.message, name=type(error).__name__, description=error.hint or None) from error

    return serve


def answer_of(result: SandboxResult) -> JsonObject:
    answer: JsonObject = loads(result.text)
    return answer


def engine_error(error: SandboxError) -> PumpFlixError:
    """Limits are the author's to keep; a child that died or could not start is ours."""
    hint = HINTS.get(type(error))
    if hint is not None:
        return UserError(str(error), code=error.code, hint=hint)
    hint = "Run it again." if isinstance(error, SandboxCrashed) else "Ask an administrator to look at the health page."
    return OperationalError(str(error), code=error.code, hint=hint)
