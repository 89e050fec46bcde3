"""`python -m pumpflix.lab.bench`: the workloads on both sides, then the targets; one last line."""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from pumpflix.env import ROOT
from pumpflix.lab.bench import crowd, n8n, report, rounds, stack, targets, workloads
from pumpflix.lab.bench.load import Load, send

DEFAULT_WORKLOADS = ROOT.parent / "shared" / "bench" / "workloads"
DEFAULT_DATA = Path(tempfile.gettempdir()) / "pumpflix-bench-n8n"
PARTS = ("workloads", "targets", "crowd")


def main(arguments: list[str]) -> int:
    chosen = options(arguments)
    known = workloads.found_in(chosen.workloads, chosen.only)
    if not known:
        say(f"bench: no workloads in {chosen.workloads}; name their folder with --workloads")
        return 2
    with ExitStack() as context:
        context.enter_context(latency_server(chosen.workloads))
        folder = context.enter_context(stack.folder())
        ours = context.enter_context(stack.running(folder))
        theirs = context.enter_context(their_side(chosen, known)) if "workloads" in chosen.parts else None
        return measured(chosen, known, ours, theirs, folder)


def options(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m pumpflix.lab.bench")
    parser.add_argument("--workloads", type=Path, default=DEFAULT_WORKLOADS, help="folder of n8n exports")
    parser.add_argument("--n8n", type=Path, default=None, help="folder with an installed n8n; else recorded figures")
    parser.add_argument("--n8n-data", type=Path, default=DEFAULT_DATA, help="what that n8n keeps between runs")
    parser.add_argument("--only", type=lambda text: text.split(","), default=[], help="workloads, such as w1,w5")
    parser.add_argument("--parts", type=lambda text: text.split(","), default=list(PARTS), help=",".join(PARTS))
    parser.add_argument("--rounds", type=int, default=3)
    return parser.parse_args(arguments)


def measured(
    chosen: argparse.Namespace, known: list[workloads.Workload], ours: stack.Stack, theirs: Any, folder: Path
) -> int:
    idle = targets.idle_memory(ours)
    names = {one.name for one in known} | ({targets.ASYNC} if "targets" in chosen.parts else set())
    files = [chosen.workloads / f"{name}.json" for name in sorted(names)]
    published = ours.inside("publish", *map(str, files), *own_files(folder))
    key, ids = published["key"], published["workflows"]
    for one in known:
        send(Load(ours.hook(one.name), 1, 1.0, 1, expect=one.expect))
    found = [idle, targets.cold_node(ours)]
    rows = played(chosen, known, ours, theirs)
    if "targets" in chosen.parts:
        say(targets.warm_up(ours, key))
        found += [targets.api_answers(ours, key), *targets.wake_ups(ours)]
        found += [targets.socket_latency(ours, key, ids[targets.LIVE]), targets.indexed_query(ours)]
    if "crowd" in chosen.parts:
        found += targets.crowd_targets(crowd.gather(ours, key))
    for line in targets.table(found):
        say(line)
    say(report.last_line(rows))
    return 1 if any(row.is_missed for row in rows) or not all(one.is_met for one in found) else 0


def own_files(folder: Path) -> list[str]:
    """The workflows that the targets need, written where they can be brought in."""
    made = {crowd.NAME: crowd.graph(), targets.LIVE: targets.live_graph()}
    for name, graph in made.items():
        (folder / f"{name}.json").write_text(json.dumps(graph))
    return [str(folder / f"{name}.json") for name in made]


def played(
    chosen: argparse.Namespace, known: list[workloads.Workload], ours: stack.Stack, theirs: Any
) -> list[report.Row]:
    """Workload by workload, the two sides in turn, so that a busy minute of the machine meets both."""
    figures: dict[str, dict[str, rounds.Figure]] = {"ours": {}, "n8n": {}}
    for workload in known if "workloads" in chosen.parts else []:
        taken: dict[str, list[rounds.Round]] = {}
        for _ in range(chosen.rounds):
            for side in filter(None, (ours, theirs)):
                taken.setdefault(side.name, []).append(rounds.play(side, workload))
        for name, several in taken.items():
            figures[name][workload.name] = rounds.figure(several)
            sys.stderr.write(f"{workload.name} {name}: {rounds.figure(several)}\n")
    rows = report.rows(figures["ours"], figures["n8n"])
    if rows:
        told = report.recorded()
        source = "in the same run" if theirs else f"recorded: {told['product']}, {told['date']}, {told['machine']}"
        for line in [
            report.heading(chosen.rounds, os.cpu_count() or 1, source),
            "",
            *report.table(rows),
            "",
            *report.complaints(rows),
        ]:
            say(line)
    return rows


@contextmanager
def their_side(chosen: argparse.Namespace, known: list[workloads.Workload]) -> Iterator[n8n.N8n | None]:
    if chosen.n8n is None:
        yield None
        return
    files = [chosen.workloads / f"{one.name}.json" for one in known]
    with n8n.running(n8n.installed_in(chosen.n8n.resolve(), chosen.n8n_data.resolve()), files) as running:
        yield running


@contextmanager
def latency_server(folder: Path) -> Iterator[None]:
    """The local server that some workloads call, where it lies beside them."""
    program = folder.resolve().parent / "latency_server.py"
    if not program.is_file():
        yield
        return
    process = subprocess.Popen([sys.executable, str(program)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        yield
    finally:
        process.terminate()
        process.wait()


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
