"""What can go wrong when people change workflows. Each has a stable code and says what to do."""

from workflows_app.engine.errors import UserError


class Conflict(UserError):
    """Somebody saved in the meantime; `data` names both versions."""

    code = "conflict"


class NotAllowed(UserError):
    code = "not_allowed"


class Busy(UserError):
    """Not now: nothing was stored. `status` is 429 where the caller's team has too much under way, 503 where everybody
    has to wait."""

    code = "busy"

    def __init__(self, message: str, *, code: str, hint: str, status: int = 429, retry_after_s: int) -> None:
        super().__init__(message, code=code, hint=hint)
        self.status = status
        self.retry_after_s = retry_after_s


class Unsuitable(UserError):
    """The request makes sense but not for this object (publishing without a trigger, a file that is too large)."""

    code = "unsuitable"
