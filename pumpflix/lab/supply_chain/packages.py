"""What we are built of: pinned with hashes, recent enough to be without holes that are known, under licences we may
pass on."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, metadata
from pathlib import Path
from typing import Any

from packaging.version import Version

from pumpflix.env import ROOT

PYTHON_LOCK = ROOT / "requirements.txt"
FRONT_END = ROOT / "workflows_app" / "builder"

# The first version without a hole that was published for it.
LEAST = {
    "django": "5.2.14",
    "djangorestframework": "3.17.2",
    "pyjwt": "2.13",
    "daphne": "4.2.2",
}
# Words of licences that ask for more than a notice. LGPL is for libraries that are used as they come.
NOT_OURS = re.compile(r"\b(AGPL|SSPL|BUSL|Commons Clause|GPL(?!.*exception))\b|Affero|(?<!Lesser )General Public", re.I)
LESSER = re.compile(r"LGPL|Lesser General Public", re.I)
SPELLED = re.compile(r"^([A-Za-z0-9._-]+)==([^\s;]+)(.*)$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Package:
    """`hashes` is how many the lock has for it."""

    name: str
    version: str
    licence: str
    hashes: int
    kind: str = "pypi"


def python_packages(lock: Path = PYTHON_LOCK) -> list[Package]:
    text = lock.read_text(encoding="utf-8").replace("\\\n", "")
    return [
        Package(name, version, licence_of(name), rest.count("--hash=sha256:"))
        for name, version, rest in SPELLED.findall(text)
    ]


def npm_packages(folder: Path = FRONT_END) -> list[Package]:
    """Those that end in what browsers and the sandbox get."""
    lock = json.loads((folder / "package-lock.json").read_text(encoding="utf-8"))
    found = {
        (path.rpartition("node_modules/")[2], entry["version"]): Package(
            path.rpartition("node_modules/")[2],
            entry["version"],
            str(entry.get("license", "")),
            int("integrity" in entry),
            "npm",
        )
        for path, entry in lock["packages"].items()
        if path and not entry.get("dev")
    }
    return sorted(found.values(), key=lambda package: (package.name, package.version))


def licence_of(name: str) -> str:
    """What the installed package says: its expression, else its classifiers, else its text's first line."""
    try:
        said: Any = metadata(name)
    except PackageNotFoundError:
        return ""
    spelled = [line.rpartition("::")[2].strip() for line in said.get_all("Classifier") or [] if "License ::" in line]
    given = str(said.get("License") or "").strip().partition("\n")[0]
    return str(said.get("License-Expression") or ", ".join(spelled) or given)[:120]


def problems(packages: list[Package]) -> Iterator[str]:
    """In words; none for what may be released."""
    for package in packages:
        at = f"{package.name} {package.version}"
        least = LEAST.get(package.name.lower())
        if least and Version(package.version) < Version(least):
            yield f"{at}: at least {least} is needed, older ones have known holes"
        if not package.hashes:
            yield f"{at}: the lock has no hash for it"
        if NOT_OURS.search(package.licence) and not LESSER.search(package.licence):
            yield f"{at}: {package.licence} cannot be passed on under Apache-2.0"


def licence_list(packages: list[Package]) -> str:
    """The page that goes with a release."""
    rows = [f"| {package.name} | {package.version} | {package.licence or 'see the package'} |" for package in packages]
    return "\n".join(["# Licences", "", "| package | version | licence |", "|---|---|---|", *rows, ""])
