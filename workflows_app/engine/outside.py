"""Two ways out beside HTTP and mail: a conversation with a server in its own protocol, and a command of this machine.

What is asked and answered has a JSON form, files beside it, so that every answer can be recorded and played back."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

from workflows_app.engine.items import JsonObject
from workflows_app.engine.ports import CallSite

Speech = Literal["postgres", "mysql", "redis", "imap", "ftp", "sftp", "ssh"]


@dataclass(frozen=True, slots=True)
class Server:
    """Who is talked to: the protocol, and the fields of a credential under n8n's names. They are never recorded."""

    speech: Speech
    fields: Mapping[str, Any] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class Ask:
    """One question: a verb of the protocol with its arguments, which have a JSON form, and bytes to send. `timeout_s`
    is the total limit until the answer is complete, connecting included."""

    verb: str
    arguments: JsonObject
    data: bytes = b""
    timeout_s: float = 300.0


@dataclass(frozen=True, slots=True)
class Answer:
    """`value` has a JSON form; `files` are bytes that it speaks of, in order."""

    value: Any
    files: tuple[bytes, ...] = ()


class Conversation(Protocol):
    def ask(self, site: CallSite, question: Ask) -> Answer:
        """Connects with the first question. Raises RemoteError with the server's own words when it says no,
        OperationalError when no answer came, and ParameterError for an address that may not be reached."""

    def close(self) -> None:
        """Say goodbye; never raises."""


class Connect(Protocol):
    def open(self, server: Server) -> Conversation:
        """Nothing leaves before the first question. One conversation belongs to one thread."""


@dataclass(frozen=True, slots=True)
class CommandLine:
    """A line for the shell of the machine. `max_bytes` counts what it writes to both of its outputs."""

    text: str
    timeout_s: float = 300.0
    max_bytes: int = 8 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class CommandResult:
    exit_code: int
    stdout: str
    stderr: str


class Commands(Protocol):
    def run(self, site: CallSite, command: CommandLine) -> CommandResult:
        """Whatever the exit code. Raises OperationalError when the time or the output limit was reached; then nothing
        of the command is running any more."""
