"""Which tests say which requirement they show, read from the sources: nothing is imported or collected."""

import ast
from collections.abc import Iterator
from pathlib import Path

from pumpflix.env import ROOT

MARK = "requirement"
APPS = ("accounts", "executions_app", "pumpflix", "templates_app", "workflows_app")


def shown_by(root: Path = ROOT) -> dict[int, list[str]]:
    """`path::test` by number, in order. A number that is no plain integer raises ValueError with its place."""
    found: dict[int, set[str]] = {}
    for path in test_files(root):
        source = path.read_text(encoding="utf-8")
        if f"mark.{MARK}(" not in source:
            continue
        for number, name in marks(source, path.relative_to(root).as_posix()):
            found.setdefault(number, set()).add(name)
    return {number: sorted(names) for number, names in sorted(found.items())}


def test_files(root: Path) -> Iterator[Path]:
    for app in APPS:
        yield from sorted(path for path in (root / app).rglob("test_*.py") if "node_modules" not in path.parts)


def marks(source: str, where: str) -> Iterator[tuple[int, str]]:
    """Number and test of every mark in a file. A mark on the module, or in a list of cases, is the file's; one on a
    class the class's."""
    return _inside(ast.parse(source), where)


def _inside(node: ast.AST, where: str) -> Iterator[tuple[int, str]]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Call) and isinstance(child.func, ast.Attribute) and child.func.attr == MARK:
            yield from ((_number(argument, where), where) for argument in child.args)
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield from _inside(child, f"{where}::{child.name}")
        else:
            yield from _inside(child, where)


def _number(argument: ast.expr, where: str) -> int:
    if isinstance(argument, ast.Constant) and type(argument.value) is int:
        return argument.value
    place = f"{where.partition('::')[0]}:{argument.lineno}"
    raise ValueError(f"{place}: the mark takes the numbers themselves, as requirement(29, 30)")
