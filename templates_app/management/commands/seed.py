"""Load the shipped titles into the gallery. Running it again only adds what is new or changed."""

from typing import Any

from django.core.management.base import BaseCommand

from templates_app.services import catalog


class Command(BaseCommand):
    help = "Load categories and the shipped titles; safe to run at every start."

    def handle(self, *args: Any, **options: Any) -> None:
        seeded = catalog.seed()
        self.stdout.write("gallery: " + ", ".join(f"{number} {word}" for word, number in seeded.counts.items()))
        for slug, reason in seeded.refused.items():
            self.stderr.write(f"gallery: {slug} is left out. {reason}")
