"""House rules that no other tool checks."""

import ast
import re
import subprocess
import sys
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

from pumpflix.env import ROOT

LONGEST_FILE = 600
LONG_FILE = 400
LONG_FILES_ALLOWED = 0.05
OUR_PACKAGES = {"pumpflix", "accounts", "workflows_app", "executions_app", "templates_app"}
INSTALLED = packages_distributions()
SOURCES = (".py", ".js", ".mjs", ".css", ".html", ".ts", ".tsx")


def tracked() -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    return [ROOT / name for name in listed.stdout.splitlines() if (ROOT / name).is_file()]


def product_files() -> list[Path]:
    aside = {"tests", "lab", "conftest.py"}
    return [path for path in tracked() if path.suffix == ".py" and not aside & set(path.relative_to(ROOT).parts)]


@pytest.fixture(scope="module")
def lengths() -> dict[str, int]:
    files = [path for path in tracked() if path.suffix in SOURCES and "migrations" not in path.parts]
    return {str(path.relative_to(ROOT)): len(path.read_text(encoding="utf-8").splitlines()) for path in files}


def test_no_file_is_longer_than_600_lines(lengths):
    assert {name: count for name, count in lengths.items() if count > LONGEST_FILE} == {}


def test_few_files_are_longer_than_400_lines(lengths):
    long = {name: count for name, count in lengths.items() if count > LONG_FILE}
    assert len(long) <= LONG_FILES_ALLOWED * len(lengths), long


def test_lock_files_name_no_place_to_download_from():
    for name in (
        "requirements.txt",
        "requirements-dev.txt",
        "requirements-semgrep.txt",
        "workflows_app/builder/package-lock.json",
    ):
        text = (ROOT / name).read_text(encoding="utf-8")
        assert '"resolved"' not in text, name
        assert "--index-url" not in text, name
        assert "file:" not in text, name
        assert "--find-links" not in text, name


def test_every_locked_python_package_has_hashes():
    for name in ("requirements.txt", "requirements-dev.txt", "requirements-semgrep.txt"):
        entries = (ROOT / name).read_text(encoding="utf-8").replace("\\\n", "").splitlines()
        pinned = [line for line in entries if line and not line.startswith((" ", "#"))]
        assert pinned
        assert all("==" in line and "--hash=sha256:" in line for line in pinned), name


@pytest.mark.parametrize("name", ["requirements", "requirements-dev", "requirements-semgrep"])
def test_the_lock_holds_what_is_required(name):
    """`make lock` was run after the last change."""
    pinned = r"^([A-Za-z0-9._-]+)(?:\[[a-z]+\])?==([^\s;\\]+)"
    wanted = re.findall(pinned, (ROOT / f"{name}.in").read_text(encoding="utf-8"), flags=re.MULTILINE)
    locked = dict(re.findall(pinned, (ROOT / f"{name}.txt").read_text(encoding="utf-8"), flags=re.MULTILINE))
    assert {package: version for package, version in wanted if locked.get(_normal(package)) != version} == {}


def test_what_the_product_imports_is_required_by_name():
    """A package that comes along with another one today may stay away tomorrow."""
    assert _not_required(product_files(), _required("requirements.in")) == set()


def test_what_the_tests_import_is_required_by_name():
    files = [path for path in tracked() if path.suffix == ".py"]
    assert _not_required(files, _required("requirements.in") | _required("requirements-dev.in")) == set()


def _not_required(files: list[Path], required: set[str]) -> set[tuple[str, str]]:
    return {
        (module, str(path.relative_to(ROOT)))
        for path in files
        for module in {name.partition(".")[0] for name in _imported(path)} - OUR_PACKAGES
        if not _distributions(module) & required
    }


def test_the_product_never_imports_its_campaigns_or_its_tests():
    """`pumpflix/lab` looks at the product from outside; tests may use its instruments."""
    wrong = {
        (name, str(path.relative_to(ROOT)))
        for path in product_files()
        for name in _imported(path)
        if name.startswith("pumpflix.lab") or ".tests" in name
    }
    assert wrong == set()


def _required(name: str) -> set[str]:
    text = (ROOT / name).read_text(encoding="utf-8")
    return {_normal(found) for found in re.findall(r"^([A-Za-z0-9._-]+)", text, flags=re.MULTILINE)}


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _imported(path: Path) -> set[str]:
    """Full names of modules, without the standard library."""
    names = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    return {name for name in names if name.partition(".")[0] not in sys.stdlib_module_names}


def _distributions(module: str) -> set[str]:
    return {_normal(name) for name in INSTALLED.get(module, [])}


def test_every_package_has_an_init():
    folders = {path.parent for path in tracked() if path.suffix == ".py" and path.parent != ROOT}
    assert {str(folder) for folder in folders if not (folder / "__init__.py").exists()} == set()
