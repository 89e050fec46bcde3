"""`manage.py prune`: take away now what is past its time, or say what would go."""

import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from executions_app.selectors.sizes import Size, sizes
from executions_app.services import compaction, payload_sweep, pruning


class Command(BaseCommand):
    help = "Remove executions and other rows that are past their time. Workers do this by themselves every few minutes."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="Only say what would go.")
        parser.add_argument("--days", type=int, help="Instead of PUMPFLIX_KEEP_RUNS_DAYS. 0: for ever.")
        parser.add_argument("--runs", type=int, help="Instead of PUMPFLIX_KEEP_RUNS. 0: any number.")
        parser.add_argument(
            "--compact",
            action="store_true",
            help="Afterwards rewrite the tables, so that the file system gets the space. Locks each of them meanwhile.",
        )

    def handle(self, **options: Any) -> None:
        is_dry, before = options["dry_run"], sizes()
        kept = pruning.retention()
        wanted = {name: kept_or(options[name], getattr(kept, name)) for name in ("days", "runs")}
        pruned = pruning.Pruning(pruning.Retention(**wanted), is_dry=is_dry).run()
        swept = payload_sweep.sweep(is_dry=is_dry)
        verb = "would go" if is_dry else "gone"
        for reason, count in pruned.executions.items():
            self.stdout.write(f"executions, {reason}: {count} {verb}")
        for table, count in pruned.rows.items():
            self.stdout.write(f"{table}: {count} {verb}")
        self.stdout.write(f"payloads: {swept.payloads} {verb}, {swept.size_bytes / 1e6:.1f} MB")
        if options["compact"] and not is_dry:
            compaction.compact(tell=self.say)
        if not is_dry:
            self._compare(before, sizes())

    def say(self, text: str) -> None:
        self.stdout.write(text)
        sys.stdout.flush()

    def _compare(self, before: list[Size], after: list[Size]) -> None:
        now = {size.table: size.size_bytes for size in after}
        for size in before:
            self.stdout.write(f"{size.table}: {size.size_bytes / 1e6:.1f} MB -> {now[size.table] / 1e6:.1f} MB")


def kept_or(given: int | None, setting: int) -> int:
    return setting if given is None else max(given, 0)
