"""The error tree.

PumpFlixError                 has a stable `code`, a message, and what to do next (`hint`)
|- UserError                  the author acts: the workflow, an expression, a parameter, a credential
|  |- WorkflowInvalid         the graph or its JSON cannot be run; carries every problem found
|  |- ExpressionError         one expression failed; carries the expression and its place
|  |- ParameterError          a resolved parameter has the wrong shape
|  |- CredentialMissing       a node needs a credential that is not there
|  |- NodeFailed              the node says no on purpose (Stop and Error, a check that did not hold)
|- OperationalError           the world acts: retried by policy
|  |- NodeTimeout             a node or a run took longer than allowed
|  |- RemoteError             the other side answered with an error; `permanent` ones are not retried
|- UnexpectedError            we act: traced and reported
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar


@dataclass(frozen=True, slots=True)
class Problem:
    """One finding of a check. `path` points into the JSON (`nodes[3].name`); `level` is `error` or `warning`."""

    path: str
    message: str
    code: str
    level: str = "error"


class PumpFlixError(Exception):
    """Base. `message` is for people, `hint` says what to do, `data` is shown beside the message and kept small."""

    code: ClassVar[str] = "error"

    def __init__(self, message: str, *, hint: str = "", code: str | None = None, data: dict[str, Any] | None = None):
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.instance_code = code or self.code
        self.data = data or {}

    def to_json(self) -> dict[str, Any]:
        out: dict[str, Any] = {"type": type(self).__name__, "code": self.instance_code, "message": self.message}
        if self.hint:
            out["description"] = self.hint
        if self.data:
            out["context"] = self.data
        return out


class UserError(PumpFlixError):
    code = "user_error"


class WorkflowInvalid(UserError):
    code = "workflow_invalid"

    def __init__(self, problems: list[Problem], message: str = ""):
        self.problems = problems
        first = problems[0] if problems else None
        text = message or (f"{first.path}: {first.message}" if first else "This is not a workflow.")
        super().__init__(text, data={"problems": len(problems)})


class ExpressionError(UserError):
    code = "expression_error"

    def __init__(
        self,
        message: str,
        *,
        expression: str = "",
        parameter: str = "",
        item: int | None = None,
        hint: str = "",
        **data: Any,
    ):
        place = {"expression": expression, "parameter": parameter, "itemIndex": item}
        super().__init__(message, hint=hint, data={k: v for k, v in {**place, **data}.items() if v not in ("", None)})
        self.expression = expression
        self.parameter = parameter
        self.item = item


class ParameterError(UserError):
    code = "parameter_error"


class CredentialMissing(UserError):
    code = "credential_missing"


class NodeFailed(UserError):
    code = "node_failed"


class OperationalError(PumpFlixError):
    code = "operational_error"


class NodeTimeout(OperationalError):
    code = "node_timeout"


class RemoteError(OperationalError):
    code = "remote_error"

    def __init__(  # noqa: PLR0913  keyword-only, each a fact about the answer
        self,
        message: str,
        *,
        status: int | None = None,
        permanent: bool = False,
        retry_after_s: float | None = None,
        hint: str = "",
        code: str | None = None,
        data: dict[str, Any] | None = None,
    ):
        super().__init__(
            message, hint=hint, code=code, data={**(data or {}), **({"httpCode": status} if status else {})}
        )
        self.status = status
        self.permanent = permanent
        self.retry_after_s = retry_after_s


class UnexpectedError(PumpFlixError):
    code = "unexpected_error"


class LeaseLost(BaseException):
    """No error of the run: this process may not write for the execution any more. Only the runner may catch it."""


class Canceled(BaseException):
    """The run was canceled; raised at the next port call or poll, caught by the run loop."""


class Paused(BaseException):
    """What a port raises when what it called waits: the turn pauses, for `workflow`, until `resume_at` or a call."""

    def __init__(self, resume_at: datetime | None) -> None:
        super().__init__()
        self.resume_at = resume_at


MAX_ITEMS = 1_000_000
"""Of one turn. More of them keep a worker from its heartbeat, and so from everything else that it runs."""


def refuse_too_many_items(count: int) -> None:
    """Raises UserError for more items than one turn may put out. A node that knows asks before it makes them."""
    if count > MAX_ITEMS:
        raise UserError(
            f"{count:,} items are more than one turn of a node may put out: {MAX_ITEMS:,}.",
            code="too_many_items",
            hint="Work on them in parts: read page by page, or split what comes in before this node.",
        )
