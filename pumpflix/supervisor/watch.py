"""`make dev`: tells the supervisor when a source file has changed."""

import os
import signal
import sys

from watchfiles import PythonFilter, watch

from pumpflix.env import ROOT

WATCHED = ("pumpflix", "accounts", "workflows_app", "executions_app", "templates_app")


def main(supervisor: int) -> None:
    folders = [ROOT / name for name in WATCHED]
    for _changes in watch(*folders, watch_filter=PythonFilter(), debounce=300):
        os.kill(supervisor, signal.SIGUSR1)


if __name__ == "__main__":
    main(int(sys.argv[1]))
