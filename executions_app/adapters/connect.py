"""The Connect port made real: conversations with databases, mailboxes and file servers, over the one dialer.

Each answer is recorded as those of HTTP are, so that a node of many questions goes on where it was after a crash, and a
sample can be made of any run."""

import base64
import hashlib
import json
from collections.abc import Callable
from typing import Any

from executions_app import payload_codec
from executions_app.adapters.http import engine_error, outbound_policy
from executions_app.runner.session import Session
from pumpflix.lib.safe_http import Dialer, OutboundError
from pumpflix.lib.safe_http.servers import SPEAKERS, ServerRefused, Speaker
from workflows_app.engine.errors import ParameterError, PumpFlixError, RemoteError
from workflows_app.engine.outside import Answer, Ask, Conversation, Server
from workflows_app.engine.ports import CallSite
from workflows_app.toolkit.redaction import Redactor

MAX_RECORDED_BYTES = 48 * 1024

Poll = Callable[[], None]


class ConnectAdapter:
    """Conversations of one run, or of a run without a database: then there is no barrier."""

    def __init__(
        self, dialer: Dialer, barrier: Callable[[CallSite], None] | None = None, poll: Poll | None = None
    ) -> None:
        self._dialer = dialer
        self._barrier = barrier
        self._poll = poll

    def open(self, server: Server) -> Conversation:
        return LiveConversation(SPEAKERS[server.speech](self._dialer, server.fields, self._poll), self._barrier)


class LiveConversation:
    def __init__(self, speaker: Speaker, barrier: Callable[[CallSite], None] | None) -> None:
        self._speaker = speaker
        self._barrier = barrier

    def ask(self, site: CallSite, question: Ask) -> Answer:
        if self._barrier is not None:
            self._barrier(site)
        try:
            value, files = self._speaker.ask(question.verb, question.arguments, question.data, question.timeout_s)
        except OutboundError as error:
            raise engine_error(error) from None
        except ServerRefused as error:
            raise refusal(error) from None
        return Answer(value, files)

    def close(self) -> None:
        self._speaker.close()


class RecordedConnect:
    """Asks nothing again that a former worker of this execution was answered."""

    def __init__(self, inner: ConnectAdapter, session: Session, redactor: Redactor | None = None) -> None:
        self._inner = inner
        self._session = session
        self._redactor = Redactor() if redactor is None else redactor

    def open(self, server: Server) -> Conversation:
        return RecordedConversation(self._inner.open(server), server, self._session, self._redactor)


class RecordedConversation:
    """What a server says back goes on without the secrets this run has opened, as answers of HTTP do."""

    def __init__(self, inner: Conversation, server: Server, session: Session, redactor: Redactor) -> None:
        self._inner = inner
        self._server = server
        self._session = session
        self._redactor = redactor

    def ask(self, site: CallSite, question: Ask) -> Answer:
        recorded = self._session.recorded_call(site)
        if recorded is not None:
            call = payload_codec.decode(recorded)
            if call["fingerprint"] == fingerprint(self._server, question):
                return answer_of(call["response"])
        answer = self._redacted(self._inner.ask(site, question))
        encoded = payload_codec.encode(call_of(self._server, question, answer))
        if len(encoded) <= MAX_RECORDED_BYTES:
            self._session.keep_call(site, encoded)
        return answer

    def _redacted(self, answer: Answer) -> Answer:
        if not self._redactor:
            return answer
        return Answer(self._redactor.value(answer.value), tuple(self._redactor.data(file) for file in answer.files))

    def close(self) -> None:
        self._inner.close()


def dialer() -> Dialer:
    """Under the policy of the settings."""
    return Dialer(outbound_policy())


def refusal(error: ServerRefused) -> PumpFlixError:
    """A server's no in the words of the engine, or what is wrong with the question or the credential."""
    if error.is_of_the_author:
        return ParameterError(error.message, hint=error.hint, code=error.code)
    return RemoteError(
        error.message, permanent=not error.is_transient, hint=error.hint, code=error.code, data=error.data
    )


def fingerprint(server: Server, question: Ask) -> dict[str, str]:
    """What tells one question from another. Arguments and bytes are told by their digest: they may be large."""
    text = json.dumps(question.arguments, sort_keys=True, default=str).encode("ascii") + b"\n" + question.data
    return {"protocol": server.speech, "verb": question.verb, "digest": hashlib.sha256(text).hexdigest()}


def call_of(server: Server, question: Ask, answer: Answer) -> dict[str, Any]:
    """One recorded call, in the shape a cassette keeps."""
    response: dict[str, Any] = {"value": answer.value}
    if answer.files:
        response["files"] = [base64.b64encode(file).decode("ascii") for file in answer.files]
    return {"fingerprint": fingerprint(server, question), "response": response}


def answer_of(response: dict[str, Any]) -> Answer:
    return Answer(response.get("value"), tuple(base64.b64decode(file) for file in response.get("files") or []))
