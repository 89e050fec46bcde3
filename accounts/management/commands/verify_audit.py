"""Say whether the audit trail is whole."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.services import audit_check


class Command(BaseCommand):
    help = "Check that no entry of the audit trail was changed or is missing. Ends with 1 where one was."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--seal-again", action="store_true", help="Seal its end anew, after the secret key was changed on purpose."
        )

    def handle(self, *args: Any, **options: Any) -> None:
        found = audit_check.seal_again() if options["seal_again"] else audit_check.check()
        if found.problems:
            raise CommandError("\n".join(found.problems))
        self.stdout.write(f"The audit trail is whole: {found.entries} entries, the last {found.chain[:16] or 'none'}.")
