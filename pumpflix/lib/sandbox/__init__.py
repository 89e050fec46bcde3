"""Foreign JavaScript (expressions, Code nodes) in processes that hold nothing: no file, no network, no secret."""

from pumpflix.lib.sandbox.errors import (
    HostCallError,
    SandboxCanceled,
    SandboxCrashed,
    SandboxError,
    SandboxKilled,
    SandboxMemory,
    SandboxOutputTooLarge,
    SandboxTimeout,
    SandboxUnavailable,
)
from pumpflix.lib.sandbox.parent import ChildSettings, OnCall, SandboxResult
from pumpflix.lib.sandbox.pool import CodePool

__all__ = [
    "ChildSettings",
    "CodePool",
    "HostCallError",
    "OnCall",
    "SandboxCanceled",
    "SandboxCrashed",
    "SandboxError",
    "SandboxKilled",
    "SandboxMemory",
    "SandboxOutputTooLarge",
    "SandboxResult",
    "SandboxTimeout",
    "SandboxUnavailable",
]
