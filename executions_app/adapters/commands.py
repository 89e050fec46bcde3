"""The Commands port made real: the shell of this machine, for nodes that an administrator has switched on."""

from collections.abc import Callable
from pathlib import Path

from django.conf import settings

from executions_app import payload_codec
from executions_app.runner.session import Session
from pumpflix.lib.shell import ShellOutputTooLarge, ShellTimeout, run_shell
from workflows_app.engine.errors import OperationalError
from workflows_app.engine.outside import CommandLine, CommandResult
from workflows_app.engine.ports import CallSite

FOLDER = "commands"
MAX_RECORDED_BYTES = 48 * 1024


class ShellCommands:
    """Runs commands in one folder. `poll` is asked once a second."""

    def __init__(self, folder: Path, poll: Callable[[], None] | None = None) -> None:
        self._folder = folder
        self._poll = poll

    def run(self, site: CallSite, command: CommandLine) -> CommandResult:  # noqa: ARG002  the port's signature
        if "\0" in command.text:
            raise OperationalError("A command cannot hold a NUL character.", code="command_failed")
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        try:
            result = run_shell(
                command.text,
                folder=self._folder,
                timeout_s=command.timeout_s,
                max_bytes=command.max_bytes,
                poll=self._poll,
            )
        except ShellTimeout:
            raise OperationalError(
                f"The command did not end within {command.timeout_s:g} s.",
                code="command_timeout",
                hint="It was ended with everything it had started. Give it less to do, or let it go on elsewhere.",
            ) from None
        except ShellOutputTooLarge:
            raise OperationalError(
                f"The command wrote more than {command.max_bytes // 1024**2} MB.",
                code="command_output_too_large",
                hint="Let it write to a file, or pass on only what is needed.",
            ) from None
        except OSError as error:
            raise OperationalError(
                f"The command could not be started: {error.strerror}.", code="command_failed"
            ) from None
        return CommandResult(result.exit_code, words(result.stdout), words(result.stderr))


class LiveCommands:
    """The commands of one execution: none before the intent is stored, and none again whose result is on record."""

    def __init__(self, session: Session, poll: Callable[[], None]) -> None:
        self._session = session
        self._inner = ShellCommands(command_folder(), poll)

    def run(self, site: CallSite, command: CommandLine) -> CommandResult:
        recorded = self._session.recorded_call(site)
        if recorded is not None:
            call = payload_codec.decode(recorded)
            if call["fingerprint"] == fingerprint(command):
                return result_of(call["response"])
        self._session.barrier(site)
        result = self._inner.run(site, command)
        if len(result.stdout) + len(result.stderr) <= MAX_RECORDED_BYTES:
            self._session.keep_call(site, payload_codec.encode(call_of(command, result)))
        return result


def command_folder() -> Path:
    """Where commands start and may leave files: one folder of the instance."""
    return Path(settings.PUMPFLIX.data_dir) / FOLDER


def words(data: bytes) -> str:
    return data.decode("utf-8", "replace")


def fingerprint(command: CommandLine) -> dict[str, str]:
    return {"protocol": "command", "verb": "run", "text": command.text}


def call_of(command: CommandLine, result: CommandResult) -> dict[str, object]:
    """One recorded call, in the shape a cassette keeps."""
    response = {"exitCode": result.exit_code, "stdout": result.stdout, "stderr": result.stderr}
    return {"fingerprint": fingerprint(command), "response": response}


def result_of(response: dict[str, object]) -> CommandResult:
    code = response.get("exitCode")
    out, err = str(response.get("stdout", "")), str(response.get("stderr", ""))
    return CommandResult(code if isinstance(code, int) else 0, out, err)
