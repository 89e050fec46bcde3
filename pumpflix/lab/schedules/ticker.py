"""A ticker and nothing else, to be killed: the product's own round over due schedules, again and again."""

import sys
import time

import django

django.setup()

from executions_app.runner.schedules import fire_due_schedules  # noqa: E402 - Django must be set up first

PAUSE_S = 0.02


def main() -> None:
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    while True:
        if fire_due_schedules() == 0:
            time.sleep(PAUSE_S)


if __name__ == "__main__":
    main()
