"""Start a child that does not outlive us: by exec, in a session of its own, with a death signal on Linux."""

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from pumpflix.supervisor.account import LIBC, Account

PR_SET_PDEATHSIG = 1
DIED_WITH_PARENT = 125


@dataclass(frozen=True)
class Recipe:
    """`death_signal` is what the kernel sends the child should we vanish; `inherited` are descriptors it may use."""

    command: Sequence[str]
    environ: Mapping[str, str]
    cwd: Path | str = "/"
    account: Account | None = None
    death_signal: signal.Signals = signal.SIGKILL
    inherited: tuple[int, ...] = ()


def spawn(recipe: Recipe, output: IO[bytes] | None = None) -> subprocess.Popen[bytes]:
    """Call it from a thread that lives as long as the children may: the kernel ties the signal to the thread.

    The terminal's Ctrl-C does not reach the child; whoever spawned it stops it, in order.
    """
    return subprocess.Popen(
        list(recipe.command),
        env=dict(recipe.environ),
        cwd=recipe.cwd,
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=subprocess.STDOUT if output else None,
        pass_fds=recipe.inherited,
        start_new_session=True,
        preexec_fn=_preparation(recipe.account, recipe.death_signal),  # noqa: PLW1509 - see the docstring: one thread
    )


def _preparation(account: Account | None, death_signal: signal.Signals) -> Callable[[], None]:
    parent = os.getpid()

    def prepare() -> None:  # pragma: no cover - runs between fork and exec
        if account:
            account.assume()
        if sys.platform == "linux":
            # After the change of account, which clears it.
            LIBC.prctl(PR_SET_PDEATHSIG, int(death_signal), 0, 0, 0)
            if os.getppid() != parent:
                os._exit(DIED_WITH_PARENT)

    return prepare


def stop_group(process: subprocess.Popen[bytes], signal_number: signal.Signals) -> None:
    """Signal the child and whatever it started; a child that is gone is fine."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal_number)
