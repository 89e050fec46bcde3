"""What can go wrong when people change workflows. Each has a stable code and says what to do."""

from workflows_app.engine.errors import UserError


class Conflict(UserError):
    """Somebody saved in the meantime; `data` names both versions."""

    code = "conflict"


class NotAllowed(UserError):
    code = "not_allowed"


class Unsuitable(UserError):
    """The request makes sense but not for this object (publishing without a trigger, a file that is too large)."""

    code = "unsuitable"
