"""The Code port: what the sandbox says, in the engine's words."""

import pytest

from executions_app.adapters.code import CodeAdapter, engine_error
from pumpflix.lib.sandbox import (
    HostCallError,
    SandboxCanceled,
    SandboxCrashed,
    SandboxKilled,
    SandboxMemory,
    SandboxOutputTooLarge,
    SandboxResult,
    SandboxTimeout,
    SandboxUnavailable,
)
from workflows_app.engine.errors import Canceled, OperationalError, RemoteError, UserError
from workflows_app.engine.ports import CodeCall

pytestmark = pytest.mark.engine

CALL = CodeCall({"kind": "x"}, b"{}", 2.5)


class FakePool:
    """Answers with a text or raises, and keeps how it was called."""

    def __init__(self, text=b'{"results": []}', error=None):
        self.text, self.error, self.calls = text, error, []

    def evaluate(self, header, data, **given):
        return self._answer(header, data, given)

    def run_code(self, header, data, **given):
        return self._answer(header, data, given)

    def _answer(self, header, data, given):
        self.calls.append((header, data, given))
        if self.error is not None:
            raise self.error
        return SandboxResult(self.text, 1.0, 1.0)


def test_an_expression_batch_goes_to_the_pool_of_the_team():
    pool = FakePool()
    assert CodeAdapter(pool, "team-1").evaluate(CALL) == {"results": []}
    [(header, data, given)] = pool.calls
    assert (header, data) == ({"kind": "x"}, b"{}")
    assert (given["team"], given["timeout_s"]) == ("team-1", 2.5)


class KilledOnce(FakePool):
    """Its child is killed in the first call, once the code has called back as often as told."""

    def __init__(self, calls_back=0):
        super().__init__()
        self.calls_back = calls_back

    def _answer(self, header, data, given):
        self.calls.append((header, data, given))
        if len(self.calls) > 1:
            return SandboxResult(self.text, 1.0, 1.0)
        for _ in range(self.calls_back):
            given["on_call"]("httpRequest", [])
        raise SandboxKilled("The sandbox process ended.")


@pytest.mark.parametrize("ask", ["evaluate", "run"])
def test_a_child_killed_from_outside_costs_nobody_a_run(ask):
    pool = KilledOnce()
    assert getattr(CodeAdapter(pool, "t"), ask)(CALL) == {"results": []}
    assert len(pool.calls) == 2


def test_code_that_called_out_is_not_run_again():
    pool = KilledOnce(calls_back=1)
    with pytest.raises(OperationalError):
        CodeAdapter(pool, "t").run(CALL, lambda name, args: {})
    assert len(pool.calls) == 1


def test_an_answer_nested_beyond_reason_is_an_error_of_ours():
    deep = b"[" * 200_000 + b"]" * 200_000
    with pytest.raises(OperationalError, match="cannot be read back"):
        CodeAdapter(FakePool(deep), "t").run(CALL)


@pytest.mark.parametrize("ask", ["evaluate", "run"])
def test_a_call_ends_with_its_run(ask):
    canceled = []
    pool = FakePool(error=SandboxCanceled("The run was canceled."))
    with pytest.raises(Canceled):
        getattr(CodeAdapter(pool, "t", lambda: bool(canceled)), ask)(CALL)
    assert not pool.calls[0][2]["is_canceled"]()
    canceled.append(True)
    assert pool.calls[0][2]["is_canceled"]()


def test_code_without_helpers_has_nobody_to_call():
    pool = FakePool(b'{"output": [1]}')
    assert CodeAdapter(pool, "t").run(CALL) == {"output": [1]}
    assert pool.calls[0][2]["on_call"] is None


def test_an_answer_may_hold_what_is_no_utf8():
    assert CodeAdapter(FakePool(b'{"output": "\\ud83d"}'), "t").run(CALL) == {"output": "\ud83d"}


class TestHelpers:
    def serve(self, on_call):
        pool = FakePool()
        CodeAdapter(pool, "t").run(CALL, on_call)
        return pool.calls[0][2]["on_call"]

    def test_the_code_gets_what_they_return(self):
        assert self.serve(lambda name, args: [name, *args])("httpRequest", [1]) == ["httpRequest", 1]

    def test_errors_of_the_engine_reach_the_code(self):
        def fail(name, args):
            raise RemoteError("no", hint="why")

        with pytest.raises(HostCallError, match="no") as caught:
            self.serve(fail)("httpRequest", [])
        assert (caught.value.name, caught.value.description) == ("RemoteError", "why")

    def test_the_end_of_the_run_does_not(self):
        def cancel(name, args):
            raise Canceled

        with pytest.raises(Canceled):
            self.serve(cancel)("httpRequest", [])


@pytest.mark.parametrize(
    "error,kind,code",
    [
        (SandboxTimeout("slow"), UserError, "sandbox_timeout"),
        (SandboxMemory("big"), UserError, "sandbox_memory"),
        (SandboxOutputTooLarge("long"), UserError, "sandbox_output_too_large"),
        (SandboxCrashed("died"), OperationalError, "sandbox_crashed"),
        (SandboxUnavailable("none"), OperationalError, "sandbox_unavailable"),
    ],
    ids=lambda value: getattr(value, "code", None),
)
def test_limits_are_the_authors_the_rest_is_ours(error, kind, code):
    made = engine_error(error)
    assert type(made) is kind
    assert (made.instance_code, made.message) == (code, str(error))
    assert made.hint
    for ask in ("evaluate", "run"):
        with pytest.raises(kind):
            getattr(CodeAdapter(FakePool(error=error), "t"), ask)(CALL)
