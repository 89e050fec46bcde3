"""`manage.py schemas`: writes the generated reference pages and snapshots below `docs/`."""

from typing import Any

from django.core.management.base import BaseCommand

from pumpflix.env import ROOT
from pumpflix.reference import generated

DOCS = ROOT / "docs"
WHOLLY_GENERATED = "nodes"


class Command(BaseCommand):
    help = "Renew what is generated below docs/: settings, node pages, node schemas."
    requires_system_checks = []

    def handle(self, *args: Any, **options: Any) -> None:
        files = generated()
        for path in (DOCS / WHOLLY_GENERATED).glob("*.*"):
            if str(path.relative_to(DOCS)) not in files:
                path.unlink()
        for name, text in files.items():
            place = DOCS / name
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(text, encoding="utf-8")
