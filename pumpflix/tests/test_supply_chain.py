"""What we are built of, and what keeps a release back."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from pumpflix.env import ROOT
from pumpflix.lab.supply_chain import packages, secrets_scan
from pumpflix.lab.supply_chain.__main__ import write_sbom

pytestmark = [pytest.mark.requirement(68)]


def spelled(name: str = "left-pad", version: str = "1.0", licence: str = "MIT", hashes: int = 1) -> packages.Package:
    return packages.Package(name, version, licence, hashes)


def test_nothing_keeps_a_release_back():
    built_of = packages.python_packages() + packages.npm_packages()
    assert len(built_of) > 100
    assert list(packages.problems(built_of)) == []


@pytest.mark.parametrize("name,version", [("django", "5.2.14"), ("djangorestframework", "3.17.2"), ("pyjwt", "2.13")])
def test_what_had_holes_is_newer_than_they_were(name, version):
    locked = {package.name: package for package in packages.python_packages()}
    assert packages.Version(locked[name].version) >= packages.Version(version)


def test_the_server_that_let_frames_grow_is_not_among_them():
    assert "daphne" not in {package.name for package in packages.python_packages()}


PLANTED = {
    "a Django with a known hole": (spelled("django", "5.2.13"), "at least 5.2.14"),
    "a JWT library with a known hole": (spelled("PyJWT", "2.12.1"), "at least 2.13"),
    "no hash": (spelled(hashes=0), "no hash"),
    "AGPL": (spelled(licence="AGPL-3.0-only"), "cannot be passed on"),
    "GPL in words": (spelled(licence="GNU General Public License v3 (GPLv3)"), "cannot be passed on"),
    "SSPL": (spelled(licence="SSPL-1.0"), "cannot be passed on"),
}


@pytest.mark.parametrize("package,told", PLANTED.values(), ids=PLANTED)
def test_what_must_not_be_among_them_is_told(package, told):
    (problem,) = packages.problems([package])
    assert told in problem


@pytest.mark.parametrize(
    "licence", ["LGPL-3.0-or-later", "GNU Lesser General Public License v2.1", "MIT OR Apache-2.0"]
)
def test_licences_that_ask_for_a_notice_are_fine(licence):
    assert list(packages.problems([spelled(licence=licence)])) == []


def test_every_package_that_is_passed_on_says_its_licence():
    unknown = [one.name for one in packages.python_packages() + packages.npm_packages() if not one.licence]
    assert unknown == []


def test_the_list_of_components_names_all_of_them(tmp_path: Path):
    built_of = packages.python_packages() + packages.npm_packages()
    count = write_sbom(tmp_path / "sbom.json", built_of)
    sbom = json.loads((tmp_path / "sbom.json").read_text())
    assert (sbom["bomFormat"], sbom["metadata"]["component"]["name"]) == ("CycloneDX", "pumpflix")
    named = {(one["name"], one["version"]) for one in sbom["components"]}
    assert named == {(one.name, one.version) for one in built_of}
    assert count == len(sbom["components"])
    assert {one["purl"].partition("/")[0] for one in sbom["components"]} == {"pkg:pypi", "pkg:npm"}


def test_installing_the_front_end_runs_nothing_of_its_packages():
    scripts = json.loads((ROOT / "workflows_app/builder/package.json").read_text())["scripts"]
    assert set(scripts) == {"build"}
    made = (ROOT / "Makefile").read_text() + (ROOT / "Dockerfile").read_text()
    calls = [line for line in made.splitlines() if "npm" in line and (" ci" in line or " install" in line)]
    assert [line for line in calls if "$(NPM)" in line or "npm-cli" in line]
    assert all("--ignore-scripts" in line for line in calls if "NPM) ci" in line or "NPM) install" in line)


def test_there_are_no_keys_in_our_files():
    assert secrets_scan.in_files() == []


# In pieces, so that none of these is found here.
PIECES = {
    "AWS access key": ["AKIA", "Q3ZX7RMW2PL9TK4V"],
    "GitHub token": ["ghp_", "q7RmX2pL9tK4vW8zB3nC6dF1gH5jS0aYeUiO"],
    "Google API key": ["AIza", "SyD9fK2mQ7xR4tW8zB3nC6vL1gH5jP0aYeU"],
    "Slack token": ["xoxb-", "8263019475-q7RmX2pL9tK4vW8zB3nC6dF1"],
    "Stripe key": ["sk_live_", "q7RmX2pL9tK4vW8zB3nC6dF1"],
    "private key": [
        "-----BEGIN RSA PRIVATE ",
        "KEY-----\n",
        "MIIEowIBAAKCAQEAq7RmX2pL9tK4vW8zB3nC6d",
        "F1gH5jS0aYeUiOq7RmX2pL9tK4v",
    ],
}
KEYS = {form: "".join(pieces) for form, pieces in PIECES.items()}


@pytest.mark.parametrize("form,key", KEYS.items(), ids=KEYS)
def test_a_planted_key_is_found_and_not_repeated(form, key):
    (found,) = secrets_scan.in_text(f"setting = '{key}'", "settings.py")
    assert (found.form, found.where) == (form, "settings.py")
    assert key not in str(found)


def test_a_key_that_was_taken_away_again_is_found_in_history(tmp_path: Path):
    def git(*words: str) -> None:
        author = ["-c", "user.name=A", "-c", "user.email=a@mail.example", "-c", "commit.gpgsign=false"]
        subprocess.run(["git", *author, *words], cwd=tmp_path, check=True, capture_output=True)

    git("init")
    for number, text in enumerate(["one\n", f"one\n{KEYS['GitHub token']}\n{KEYS['private key']}\n", "one\n"]):
        (tmp_path / "notes.txt").write_text(text)
        git("add", "-A")
        git("commit", "-m", f"step {number}")
    assert secrets_scan.in_files(tmp_path) == []
    found = secrets_scan.in_history(tmp_path)
    assert {one.form for one in found} == {"GitHub token", "private key"}
    assert all(one.where.endswith(" notes.txt") for one in found)


@pytest.mark.requirement(67)
def test_check_deploy_is_clean_as_it_is_shipped(tmp_path: Path):
    given = {
        "PATH": os.environ["PATH"],
        "PUMPFLIX_DATA_DIR": str(tmp_path),
        "PUMPFLIX_PUBLIC_URL": "https://flows.example.org",
        "PUMPFLIX_TRUSTED_PROXIES": "1",
    }
    command = [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "INFO"]
    ran = subprocess.run(command, cwd=ROOT, env=given, capture_output=True, text=True, check=False)
    assert (ran.returncode, ran.stderr) == (0, "")


@pytest.mark.requirement(67)
def test_nothing_is_read_back_that_could_run():
    from django.conf import settings

    assert settings.SESSION_SERIALIZER == "django.contrib.sessions.serializers.JSONSerializer"
    assert (settings.CELERY_TASK_SERIALIZER, settings.CELERY_ACCEPT_CONTENT) == ("json", ["json"])
    assert settings.CACHES["default"]["OPTIONS"]["SERIALIZER"].endswith("JSONSerializer")
