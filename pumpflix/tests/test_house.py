"""House rules that no other tool checks."""

import subprocess
from pathlib import Path

import pytest

from pumpflix.env import ROOT

LONGEST_FILE = 600
LONG_FILE = 400
LONG_FILES_ALLOWED = 0.05
SOURCES = (".py", ".js", ".mjs", ".css", ".html", ".ts", ".tsx")


def tracked() -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    return [ROOT / name for name in listed.stdout.splitlines() if (ROOT / name).is_file()]


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
    for name in ("requirements.txt", "requirements-dev.txt", "workflows_app/builder/package-lock.json"):
        text = (ROOT / name).read_text(encoding="utf-8")
        assert '"resolved"' not in text, name
        assert "--index-url" not in text, name
        assert "file:" not in text, name
        assert "--find-links" not in text, name


def test_every_locked_python_package_has_hashes():
    for name in ("requirements.txt", "requirements-dev.txt"):
        entries = (ROOT / name).read_text(encoding="utf-8").replace("\\\n", "").splitlines()
        pinned = [line for line in entries if line and not line.startswith((" ", "#"))]
        assert pinned
        assert all("==" in line and "--hash=sha256:" in line for line in pinned), name


def test_every_package_has_an_init():
    folders = {path.parent for path in tracked() if path.suffix == ".py" and path.parent != ROOT}
    assert {str(folder) for folder in folders if not (folder / "__init__.py").exists()} == set()
