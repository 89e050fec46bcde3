"""Trying credentials of servers that speak their own protocol: sign in, ask for next to nothing, leave."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from pumpflix.lib.safe_http import Dialer, OutboundError
from pumpflix.lib.safe_http.servers import SPEAKERS
from pumpflix.lib.safe_http.smtp import try_login
from workflows_app.engine.items import JsonObject
from workflows_app.services.outbound import outbound_policy, server_of

PATIENCE_S = 20.0


@dataclass(frozen=True, slots=True)
class Question:
    """What changes nothing and needs no right but to be let in."""

    speech: str
    verb: str
    arguments: JsonObject = field(default_factory=dict)


QUESTIONS = {
    "postgres": Question("postgres", "run", {"work": []}),
    "mySql": Question("mysql", "run", {"work": []}),
    "redis": Question("redis", "commands", {"commands": [["PING"]]}),
    "imap": Question("imap", "search", {"mailbox": "INBOX", "criteria": ["UID", "1:1"]}),
    "ftp": Question("ftp", "list", {"path": "."}),
    "sftp": Question("sftp", "list", {"path": "."}),
    "sshPassword": Question("ssh", "run", {"command": "true"}),
    "sshPrivateKey": Question("ssh", "run", {"command": "true"}),
}


def is_server(type_name: str) -> bool:
    return type_name == "smtp" or type_name in QUESTIONS


def until(deadline: float) -> Callable[[], None]:
    """What is asked about once a second while a server keeps silent."""

    def poll() -> None:
        if time.monotonic() > deadline:
            raise OutboundError("deadline_exceeded", "The server does not answer in time.")

    return poll


def sign_in(type_name: str, fields: JsonObject) -> str:
    """A sentence about being let in. Raises OutboundError, ServerRefused, MailRefused."""
    dialer = Dialer(outbound_policy())
    if type_name == "smtp":
        try_login(dialer, server_of(fields))
        return "The mail server lets it in."
    question = QUESTIONS[type_name]
    # Connecting alone may take a run minutes; here somebody waits, and a thread of the web process with them.
    speaker = SPEAKERS[question.speech](dialer, fields, until(time.monotonic() + PATIENCE_S))
    try:
        speaker.ask(question.verb, question.arguments, b"", PATIENCE_S)
    finally:
        speaker.close()
    return "The server lets it in."
