"""Say what this instance makes of workflow files, node by node, without storing anything."""

from argparse import ArgumentParser
from collections import Counter
from pathlib import Path
from typing import Any

import orjson
from django.core.management.base import BaseCommand, CommandError

from workflows_app.services import imports
from workflows_app.services.imports import ImportReport


class Command(BaseCommand):
    help = "Judge n8n exports: files, or folders of *.json. Ends with one line that counts the verdicts."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("paths", nargs="+", type=Path, help="a workflow file, or a folder of them")
        parser.add_argument(
            "--repair", action="store_true", help="cut wires to nodes that are not there, and list them"
        )
        parser.add_argument("--json", action="store_true", help="one JSON object per file")
        parser.add_argument("--brief", action="store_true", help="one line per file instead of one per node")

    def handle(self, *args: Any, **options: Any) -> None:
        totals: Counter[str] = Counter()
        for path in files(options["paths"]):
            report = imports.read(path.read_bytes(), repair=options["repair"])
            totals["files"] += 1
            totals.update(outcome(report))
            self.stdout.write(as_json(path, report) if options["json"] else as_text(path, report, options["brief"]))
        words = (
            "files",
            "importable",
            "runs now",
            "with swaps",
            "damaged",
            "nodes",
            "native",
            "off",
            "differs",
            "swap",
            "placeholder",
        )
        self.stdout.write("check_workflow: " + ", ".join(f"{totals[word]} {word}" for word in words))


def files(paths: list[Path]) -> list[Path]:
    found = []
    for path in paths:
        if not path.exists():
            raise CommandError(f"{path} does not exist.")
        found += sorted(path.glob("*.json")) if path.is_dir() else [path]
    return found


def outcome(report: ImportReport) -> Counter[str]:
    if not report.is_importable:
        return Counter({"damaged": 1})
    kinds = Counter(str(one.verdict) for one in report.verdicts)
    kinds["nodes"] = len(report.verdicts)
    kinds["importable"] = 1
    kinds["runs now"] = int(report.verdict == "Runs now")
    kinds["with swaps"] = int(report.verdict.startswith("Runs after"))
    return kinds


def as_text(path: Path, report: ImportReport, brief: bool) -> str:
    lines = [f"{path.name}: {report.verdict if report.is_importable else 'damaged'}"]
    lines += [f"  {problem.path}: {problem.message}" for problem in report.problems]
    lines += [f"  changed: {change}" for change in report.changes if not brief]
    if not brief:
        lines += [
            f"  {one.verdict:<11} {one.name} ({one.type} {one.version:g}){': ' + one.note if one.note else ''}"
            for one in report.verdicts
        ]
    return "\n".join(lines)


def as_json(path: Path, report: ImportReport) -> str:
    shown = {
        "file": path.name,
        "importable": report.is_importable,
        "verdict": report.verdict if report.is_importable else "damaged",
        "problems": report.problems,
        "changes": report.changes,
        "credentials": report.credentials,
        "nodes": report.verdicts,
    }
    return orjson.dumps(shown).decode()
