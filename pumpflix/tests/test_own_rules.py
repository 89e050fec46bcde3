"""The rules of `make semgrep`: each says what to do, is shown by examples, and lets pass only what is there."""

import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from pumpflix.env import ROOT

pytestmark = [pytest.mark.requirement(68)]

FOLDER = ROOT / "rules"


@cache
def rules() -> dict[str, dict[str, Any]]:
    files = sorted((FOLDER / "semgrep").glob("*.yaml"))
    return {rule["id"]: rule for file in files for rule in yaml.safe_load(file.read_text(encoding="utf-8"))["rules"]}


def examples() -> str:
    return "\n".join(file.read_text(encoding="utf-8") for file in sorted((FOLDER / "tests").glob("*.*")))


IDS = sorted(rules())


@pytest.mark.parametrize("name", IDS)
def test_each_stops_the_check_and_says_what_to_do(name: str) -> None:
    assert rules()[name]["severity"] == "ERROR"
    assert len(rules()[name]["message"]) > 30


@pytest.mark.parametrize("name", IDS)
def test_each_is_shown_by_what_it_finds_and_lets_pass(name: str) -> None:
    assert f"ruleid: {name}\n" in examples().replace(" -->", "")
    assert f"ok: {name}\n" in examples().replace(" -->", "")


@pytest.mark.parametrize("name", IDS)
def test_what_it_lets_pass_is_there(name: str) -> None:
    excluded = rules()[name].get("paths", {}).get("exclude", [])
    named = [Path(path.removesuffix("/**").lstrip("/")) for path in excluded if path.startswith("/")]
    assert [str(path) for path in named if not (ROOT / path).exists()] == []


def test_they_are_part_of_the_check() -> None:
    told = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert "\nlint: setup semgrep " in told
    check = re.search(r"^check: .*\n((?:\t.*\n)+)", told, re.MULTILINE)
    assert check is not None
    assert re.search(r"\$\(MAKE\).* lint ", check[1])
    for guard in ("--error", "--disable-nosem", "--metrics=off", "--disable-version-check"):
        assert guard in told
