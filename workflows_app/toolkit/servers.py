"""Talking with a server in its own protocol: one conversation for a whole node run, every question counted per item."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from workflows_app.engine.items import JsonObject
from workflows_app.engine.node_type import NodeRun
from workflows_app.engine.outside import Answer, Ask, Conversation, Server, Speech

LIMIT_S = 300.0


class Talk:
    """What a node asks with."""

    def __init__(self, run: NodeRun[Any], conversation: Conversation) -> None:
        self._run = run
        self._conversation = conversation

    def ask(self, verb: str, arguments: JsonObject, *, item: int = 0, data: bytes = b"") -> Answer:
        """One question for that item. Raises what `Conversation.ask` raises."""
        return self._conversation.ask(self._run.site(item), Ask(verb, arguments, data, LIMIT_S))


@contextmanager
def talking(run: NodeRun[Any], speech: Speech, credential: str, **more: Any) -> Iterator[Talk]:
    """A conversation with the server of the node's credential, closed at the end. `more` are fields that the node adds.
    A sample run has no credentials and needs none."""
    fields = run.credential(credential) if run.ports.credentials is not None else {}
    conversation = run.connect(Server(speech, {**fields, **more}))
    try:
        yield Talk(run, conversation)
    finally:
        conversation.close()
