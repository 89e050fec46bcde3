"""What can only be done beside the product, with its settings: `python -m pumpflix.lab.bench.inside WHAT ARGUMENTS`.
Prints one JSON value."""

import json
import math
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import django

EMAIL = "bench@mail.example"
READS = 200
RINGS = 2_000


def main(arguments: list[str]) -> None:
    django.setup()
    what, *rest = arguments
    known: dict[str, Callable[..., Any]] = {
        "publish": publish, "queries": queries, "rings": rings, "cold": cold, "crowd": crowd
    }  # fmt: skip
    sys.stdout.write(json.dumps(known[what](*rest)))


def publish(*files: str) -> dict[str, Any]:
    """Bring the files in and switch them on; a key for the API, and the workflows by name."""
    from accounts.models import User  # noqa: PLC0415 - once Django is set up; so are the others here
    from accounts.services import api_keys, teams  # noqa: PLC0415
    from workflows_app.services import imports, workflows  # noqa: PLC0415

    user, _ = User.objects.get_or_create(email=EMAIL)
    team = teams.personal_team(user)
    made = {}
    for file in files:
        workflow = imports.create(imports.read(Path(file).read_bytes()), team=team, by=user)
        made[Path(file).stem] = str(workflows.publish(workflow, by=user).pk)
    scopes = ["read", "run", "write"]
    return {"key": api_keys.create(team=team, by=user, name="bench", scopes=scopes).key, "workflows": made}


def queries() -> dict[str, Any]:
    """The time of single statements of the pages and of the hot path, in ms, with the rows that the bench has made."""
    from django.db import connection  # noqa: PLC0415
    from django.test.utils import CaptureQueriesContext  # noqa: PLC0415

    from accounts.models import User  # noqa: PLC0415
    from executions_app.models import Execution  # noqa: PLC0415
    from executions_app.selectors.executions import events_of, execution_for, with_node_runs  # noqa: PLC0415
    from executions_app.selectors.lists import run_page  # noqa: PLC0415

    user = User.objects.get(email=EMAIL)
    ids = list(Execution.objects.order_by("-created_at").values_list("pk", flat=True)[:READS])
    with CaptureQueriesContext(connection) as captured:
        for execution_id in ids:
            run_page(user)
            execution = execution_for(user, execution_id)
            assert execution is not None
            with_node_runs(execution)
            events_of(execution, after=0)
    times = sorted(float(query["time"]) * 1000 for query in captured.captured_queries)
    rows = Execution.objects.count()
    return {"p95": percentile(times, 0.95), "worst": times[-1], "statements": len(times), "executions": rows}


def rings() -> dict[str, float]:
    """Wake-ups published a second, and the CPU time of one in this process: a busy machine distorts the first."""
    from executions_app import doorbell  # noqa: PLC0415

    doorbell.ring()
    began, cpu_before = time.perf_counter(), time.process_time()
    for _ in range(RINGS):
        doorbell.ring()
    cpu_ms = (time.process_time() - cpu_before) / RINGS * 1000
    return {"perS": RINGS / (time.perf_counter() - began), "cpuMs": cpu_ms}


def cold() -> dict[str, Any]:
    """The slowest node run so far: right after a start these are the first of every type."""
    from executions_app.models import NodeRun  # noqa: PLC0415

    rows = NodeRun.objects.exclude(duration_ms=None).order_by("-duration_ms").values_list("duration_ms", "node")
    slowest = rows.first()
    return {"worstMs": slowest[0], "node": slowest[1], "nodeRuns": rows.count()} if slowest else {"worstMs": 0.0}


def crowd(name: str) -> dict[str, Any]:
    """How the executions of that workflow ended, and what their nodes took."""
    from executions_app.models import Execution, NodeRun  # noqa: PLC0415

    runs = NodeRun.objects.filter(execution__workflow__name=name).exclude(duration_ms=None)
    times = sorted(float(took or 0) for took in runs.values_list("duration_ms", flat=True))
    succeeded = Execution.objects.filter(workflow__name=name, status="success").count()
    return {"succeeded": succeeded, "nodeMs": percentile(times, 0.95)}


def percentile(ordered: list[float], share: float) -> float:
    return ordered[min(len(ordered) - 1, math.ceil(len(ordered) * share) - 1)] if ordered else 0.0


if __name__ == "__main__":
    main(sys.argv[1:])
