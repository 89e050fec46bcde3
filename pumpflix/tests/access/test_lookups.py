"""Views find nothing by an id alone: every lookup begins with what its caller may see."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from pumpflix.env import ROOT
from pumpflix.tests.test_house import product_files

pytestmark = pytest.mark.requirement(48)

SCOPED = {"visible_to", "editable_by", "runnable_by", "restorable_by", "usable_by", "readable_by"}
MAKING = {"create", "bulk_create", "create_user"}
# Functions that read rows in another way, and what stands before it.
SETTLED = {
    ("accounts/views/profile.py", "has_other_services"): "of whoever asks",
    ("executions_app/views/jobs.py", "cancel"): "the id of a job that `own` found",
    ("executions_app/api/jobs.py", "post"): "the id of a job that `job_of` found",
    ("executions_app/views/setup.py", "finish"): "the workflow that the view found among those its caller may change",
    ("executions_app/views/runs.py", "execution_events"): "events of the run that `visible_execution` found",
    ("executions_app/views/runs.py", "visible_execution"): "after `may_see`, which also knows the browser of a sample",
    ("executions_app/views/workflows.py", "run_context"): "runs of the workflow that the view found",
    ("executions_app/views/run_list.py", "view_delete"): "views belong to a person, who is named",
    ("executions_app/sample_access.py", "may_see"): "after visible_to: a sample that a signed cookie names",
    ("templates_app/views.py", "run_context"): "after `may_see`, and a sample alone",
    ("templates_app/views_find.py", "results"): "categories, which are everybody's",
}


def shells() -> list[Path]:
    """Where requests come in. The administration is for administrators, who see all rows."""
    places = ("views", "api", "consumers.py", "live_socket.py", "socket_access.py", "sample_access.py", "pages.py")
    found = []
    for path in product_files():
        inside = path.relative_to(ROOT)
        named = any(part in places or part.startswith("views") for part in inside.parts)
        if named and "lib" not in inside.parts:
            found.append(path)
    return found


def unscoped(tree: ast.AST) -> Iterator[tuple[str, int, str]]:
    """(function, line, what) of every `Model.objects.<anything>` that is neither scoped nor a new row, and of every
    lookup in a bare model."""
    for function in ast.walk(tree):
        if not isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        for node in ast.walk(function):
            if (
                isinstance(node, ast.Attribute)
                and isinstance(node.value, ast.Attribute)
                and node.value.attr == "objects"
            ):
                if node.attr not in SCOPED | MAKING:
                    yield function.name, node.lineno, ast.unparse(node)
            elif is_bare(node):
                yield function.name, node.lineno, ast.unparse(node)


def is_bare(node: ast.AST) -> bool:
    """`get_object_or_404(Workflow, …)`"""
    if not isinstance(node, ast.Call) or ast.unparse(node.func) not in ("get_object_or_404", "get_list_or_404"):
        return False
    return isinstance(node.args[0], ast.Name) and node.args[0].id[:1].isupper()


def lookups() -> list[tuple[str, str, str]]:
    found = []
    for path in shells():
        name = str(path.relative_to(ROOT))
        for function, line, text in unscoped(ast.parse(path.read_text(encoding="utf-8"))):
            found.append((name, function, f"{name}:{line} {text}"))
    return found


def test_every_lookup_in_a_view_begins_with_what_its_caller_may_see() -> None:
    """Begin with `visible_to`, `editable_by` or `runnable_by`; or say here what stands before it."""
    assert [where for name, function, where in lookups() if (name, function) not in SETTLED] == []


def test_what_is_settled_is_still_there() -> None:
    assert set(SETTLED) - {(name, function) for name, function, _ in lookups()} == set()


@pytest.mark.parametrize(
    "text",
    [
        "Workflow.objects.get(pk=workflow_id)",
        "models.Workflow.objects.filter(pk=workflow_id).first()",
        "get_object_or_404(Workflow, pk=workflow_id)",
        "Workflow.objects.select_related('team').get(pk=workflow_id)",
    ],
)
def test_a_lookup_by_an_id_alone_is_seen(text: str) -> None:
    tree = ast.parse(f"def view(request, workflow_id):\n    return {text}\n")
    assert [function for function, _, _ in unscoped(tree)] == ["view"]


def test_a_scoped_lookup_passes() -> None:
    text = "get_object_or_404(Workflow.objects.visible_to(request.user), pk=workflow_id)"
    assert list(unscoped(ast.parse(f"def view(request, workflow_id):\n    return {text}\n"))) == []
