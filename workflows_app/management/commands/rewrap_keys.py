"""`manage.py rewrap_keys`: put everything that is stored sealed under the first key of PUMPFLIX_ENCRYPTION_KEY."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts import keys


class Command(BaseCommand):
    help = "Wrap the data keys of stored secrets with the current key. Safe to interrupt and to repeat."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--batch", type=int, default=keys.BATCH, help="secrets at a time")

    def handle(self, *args: Any, **options: Any) -> None:
        report = keys.rewrap_all(max(1, options["batch"]))
        self.stdout.write(f"rewrapped: {report.done}, left: {len(report.failed)}")
        if report.failed:
            raise CommandError("These do not open:\n" + "\n".join(report.failed))
