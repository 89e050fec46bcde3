"""`manage.py reset_second_factor EMAIL`: the way back in for somebody who lost their second factor."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.models import User
from accounts.services import second_factor, sessions


class Command(BaseCommand):
    help = "Take the second factors and recovery codes of somebody off, and sign them out everywhere."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email")

    def handle(self, *args: Any, **options: Any) -> None:
        user = User.objects.filter(email=options["email"].lower()).first()
        if user is None:
            raise CommandError(f"Nobody here has the address {options['email']}.")
        count = second_factor.take_off(user, by=None)
        sessions.end_everywhere(user)
        self.stdout.write(f"taken off: {count}. {user.email} signs in with the password alone now.")
