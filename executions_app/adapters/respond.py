"""The Respond port made real: the answer is committed with the run, then streamed to the web process that waits."""

from collections.abc import Callable

from executions_app.webhook_answers import encode_response
from workflows_app.engine.ports import CallSite, WebhookResponse


class RespondAdapter:
    """`is_awaited` is false where the caller was answered at once, or nobody called."""

    def __init__(
        self, barrier: Callable[[CallSite], None], respond: Callable[[bytes], bool], *, is_awaited: bool
    ) -> None:
        self._barrier = barrier
        self._respond = respond
        self._is_awaited = is_awaited

    def respond(self, site: CallSite, response: WebhookResponse) -> bool:
        if not self._is_awaited:
            return False
        self._barrier(site)
        return self._respond(encode_response(response))
