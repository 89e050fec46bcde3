"""`make dev`: tells the supervisor when a source file has changed."""

import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

from watchfiles import PythonFilter, watch

from pumpflix.env import ROOT

WATCHED = ("pumpflix", "accounts", "workflows_app", "executions_app", "templates_app")


def tell_of_changes(supervisor: int, folders: Sequence[Path]) -> None:
    for _changes in watch(*folders, watch_filter=PythonFilter(), debounce=300):
        os.kill(supervisor, signal.SIGUSR1)


if __name__ == "__main__":
    tell_of_changes(int(sys.argv[1]), [ROOT / name for name in WATCHED])
