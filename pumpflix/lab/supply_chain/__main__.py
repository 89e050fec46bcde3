"""`make release`: what goes with a release into `dist/`, after everything that could keep it back was asked.

Writes `sbom.json` (CycloneDX), `licences.md` and `requirements.txt` with its hashes."""

import argparse
import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from pumpflix import __version__
from pumpflix.env import ROOT
from pumpflix.lab.supply_chain import packages, secrets_scan


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--into", type=Path, default=ROOT / "dist")
    parser.add_argument("--without-history", action="store_true", help="Look for secrets in the files of now alone.")
    given = parser.parse_args()
    built_of = packages.python_packages() + packages.npm_packages()
    found = list(packages.problems(built_of)) + secrets(with_history=not given.without_history)
    if found:
        sys.stdout.write("\n".join(found) + f"\nrelease: {len(found)} problems\n")
        return 1
    given.into.mkdir(parents=True, exist_ok=True)
    (given.into / "licences.md").write_text(packages.licence_list(built_of), encoding="utf-8")
    shutil.copy(packages.PYTHON_LOCK, given.into / "requirements.txt")
    count = write_sbom(given.into / "sbom.json", built_of)
    sys.stdout.write(f"release: {__version__}, {count} components, 0 problems\n")
    return 0


def secrets(*, with_history: bool) -> list[str]:
    found = secrets_scan.in_files() + (secrets_scan.in_history() if with_history else [])
    return [f"{one.where}: looks like a {one.form}" for one in found]


def write_sbom(path: Path, built_of: list[packages.Package]) -> int:
    """cyclonedx-py reads the lock; the front-end's packages and everybody's licences are added. How many there are."""
    command = [sys.executable, "-m", "cyclonedx_py", "requirements", str(packages.PYTHON_LOCK)]
    made = subprocess.run([*command, "--of", "JSON", "--output-reproducible"], check=True, capture_output=True)
    sbom: dict[str, Any] = json.loads(made.stdout)
    licences = {(package.kind, package.name): package.licence for package in built_of}
    of_python = [one | licensed(licences.get(("pypi", one["name"]), "")) for one in sbom["components"]]
    sbom["components"] = of_python + [npm_component(package) for package in built_of if package.kind == "npm"]
    sbom.setdefault("metadata", {})["component"] = {
        "type": "application",
        "bom-ref": "pumpflix",
        "name": "pumpflix",
        "version": __version__,
        **licensed("Apache-2.0"),
    }
    path.write_text(json.dumps(sbom, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    return len(sbom["components"])


def npm_component(package: packages.Package) -> dict[str, Any]:
    purl = f"pkg:npm/{package.name.replace('@', '%40')}@{package.version}"
    spelled = {"type": "library", "bom-ref": purl, "name": package.name, "version": package.version, "purl": purl}
    return {**spelled, **licensed(package.licence)}


def licensed(licence: str) -> dict[str, Any]:
    return {"licenses": [{"license": {"name": licence}}]} if licence else {}


if __name__ == "__main__":
    sys.exit(main())
