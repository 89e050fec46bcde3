"""What can go wrong in the sandbox: one class per thing the caller must do, each with a stable ``code``."""


class SandboxError(Exception):
    """Root of the tree. ``code`` is stable; the message says what to do next."""

    code = "sandbox_error"


class SandboxUnavailable(SandboxError):
    """No child could be started at the level the administrator accepts."""

    code = "sandbox_unavailable"


class SandboxTimeout(SandboxError):
    """The call ran past its time limit and was ended."""

    code = "sandbox_timeout"


class SandboxCanceled(SandboxError):
    """The caller took the call back while it waited or ran."""

    code = "sandbox_canceled"


class SandboxMemory(SandboxError):
    """The call used more memory than it may and was ended."""

    code = "sandbox_memory"


class SandboxOutputTooLarge(SandboxError):
    """The result, or a call back to the host, is larger than allowed."""

    code = "sandbox_output_too_large"


class SandboxCrashed(SandboxError):
    """The child died or broke the protocol. ``detail`` is what it wrote last, for the log, never for the author."""

    code = "sandbox_crashed"

    def __init__(self, message: str, *, detail: str = "") -> None:
        super().__init__(message)
        self.detail = detail


class SandboxKilled(SandboxCrashed):
    """Somebody else killed the child: the machine short of memory, or a person. The same code may well run again."""


class HostCallError(Exception):
    """Raised by ``on_call`` to make the promise in the author's code reject with this name, message and description."""

    def __init__(self, message: str, *, name: str = "Error", description: str | None = None) -> None:
        super().__init__(message)
        self.name = name
        self.description = description


class FileRefused(Exception):
    """Raised by the work inside a file child for a file that is damaged, protected or too large: the author acts."""

    def __init__(self, message: str, *, hint: str = "", code: str = "file_damaged") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.code = code
