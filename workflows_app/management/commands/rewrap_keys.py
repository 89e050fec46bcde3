"""`manage.py rewrap_keys`: put every stored credential and the seeds of second factors under the first key of
PUMPFLIX_ENCRYPTION_KEY."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.services import second_factor
from workflows_app.services import credentials


class Command(BaseCommand):
    help = "Wrap the data keys of stored credentials with the current key. Safe to interrupt and to repeat."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--batch", type=int, default=500, help="credentials at a time")

    def handle(self, *args: Any, **options: Any) -> None:
        done = 0
        while True:
            report = credentials.rewrap(limit=options["batch"])
            done += report.done
            if not report.done or not report.left:
                break
        seeds, broken = second_factor.rewrap_seeds()
        self.stdout.write(f"rewrapped: {done + seeds}, left: {report.left + len(broken)}")
        if report.left or broken:
            raise CommandError("These do not open:\n" + "\n".join([*report.failed, *broken]))
