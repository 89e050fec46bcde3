"""`manage.py up`: PostgreSQL and Valkey where none are given, web and workers, as one supervised tree."""

import os
import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from pumpflix.env import ROOT


class Command(BaseCommand):
    help = "Start PumpFlix and keep it running until Ctrl-C."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--reload", action="store_true", help="Fresh web and worker processes when a file changes.")

    def handle(self, *args: Any, **options: Any) -> None:
        """Becomes the supervisor, which holds nothing of Django in memory."""
        more = ["--reload"] if options["reload"] else []
        os.chdir(ROOT)
        os.execv(sys.executable, [sys.executable, "-m", "pumpflix.supervisor", *more])
