"""`manage.py prepare`: what must be true of the database before web and workers start."""

import time
from typing import Any

from django.conf import settings
from django.core.management import call_command, get_commands
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import OperationalError, connection
from django.urls import reverse
from redis import Redis
from redis.exceptions import RedisError

from accounts import keys
from accounts.services import first_admin
from executions_app.services import recovery
from pumpflix.supervisor.tree import KEYS_MISSING

ATTEMPTS = 5
PAUSE_S = 2
TURN_PAUSE_S = 0.5
# Any number that nothing else in this database locks.
LOCK = 7_867_001


class Command(BaseCommand):
    help = "Wait for PostgreSQL and Redis, migrate, seed the gallery, collect static files."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        text = "No worker can be alive, for the database was just started: let what former ones held go on at once."
        parser.add_argument("--alone", action="store_true", help=text)

    def handle(self, *args: Any, **options: Any) -> None:
        self._wait_for("PostgreSQL", connection.ensure_connection, OperationalError)
        self._wait_for("Redis", lambda: Redis.from_url(settings.REDIS_URL).ping(), RedisError)
        with connection.cursor() as cursor:
            self._take_turns(cursor)
            try:
                self._prepare(options["verbosity"])
                if options["alone"]:
                    recovery.release_leases()
            finally:
                cursor.execute("select pg_advisory_unlock(%s)", [LOCK])

    def _prepare(self, verbosity: int) -> None:
        call_command("migrate", interactive=False, verbosity=0)
        self._check_keys()
        if "seed" in get_commands():
            call_command("seed", verbosity=verbosity)
        if not settings.WHITENOISE_USE_FINDERS:
            call_command("collectstatic", interactive=False, verbosity=0)
        self._offer_the_first_account()

    def _offer_the_first_account(self) -> None:
        """Printed here and nowhere else: who reads this runs the instance."""
        token = first_admin.issue()
        if token:
            address = f"{settings.PUMPFLIX_PUBLIC_URL}{reverse('accounts:first-admin')}"
            self.stdout.write(
                f"Nobody has an account yet. Create the first administrator at {address}?token={token}\n"
                "The link works once, and until the next start."
            )
            self.stdout.flush()

    def _check_keys(self) -> None:
        """Better no start than one where every workflow with a credential fails."""
        missing = keys.missing_keys()
        if missing:
            names = ", ".join(f"'{key_id}'" for key_id in missing)
            raise CommandError(
                f"Stored secrets are sealed with the key {names}, which PUMPFLIX_ENCRYPTION_KEY or the data folder "
                "does not hold, or holds with other bytes. Put it back: name:key, several separated by commas.",
                returncode=KEYS_MISSING,
            )

    def _take_turns(self, cursor: Any) -> None:
        """Two machines that start at once migrate one after the other. Asked again and again: a statement that waits
        for the lock would hold up an index that is built concurrently, and that the lock."""
        while True:
            cursor.execute("select pg_try_advisory_lock(%s)", [LOCK])
            if cursor.fetchone()[0]:
                return
            time.sleep(TURN_PAUSE_S)

    def _wait_for(self, name: str, connect: Any, error: type[Exception]) -> None:
        for attempt in range(1, ATTEMPTS + 1):
            try:
                connect()
            except error as problem:
                reason = str(problem).strip().splitlines()[0]
                if attempt == ATTEMPTS:
                    raise CommandError(f"{name} does not answer: {reason}") from None
                self.stderr.write(f"{name} does not answer yet ({reason}); attempt {attempt} of {ATTEMPTS}")
                time.sleep(PAUSE_S)
            else:
                return
