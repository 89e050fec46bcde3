"""Names in the file store: what authors write, and what never gets in."""

import pytest

from workflows_app.engine.errors import ParameterError
from workflows_app.toolkit.store_paths import fixed_folder, matching, normalised

pytestmark = pytest.mark.nodes

PATHS = ["a.csv", "b.tsv", "in/a.csv", "in/deep/a.csv", "in/x[1].csv"]


@pytest.mark.requirement(14)
@pytest.mark.parametrize(
    "written, stored",
    [
        ("a.csv", "a.csv"),
        ("/data/a.csv", "data/a.csv"),
        ("./data//./a.csv", "data/a.csv"),
        ("C:\\Users\\ada\\a.csv", "Users/ada/a.csv"),
        ("~/a.csv", "a.csv"),
        (" a b.csv ", "a b.csv"),
    ],
)
def test_a_path_becomes_a_name_in_the_store(written: str, stored: str) -> None:
    assert normalised(written) == stored


@pytest.mark.requirement(14)
@pytest.mark.parametrize("written", ["", "/", "..", "a/../b", "..\\a", "a\nb", "a\x00", "x" * 201, "a/" * 300 + "b"])
def test_a_path_that_is_no_name_is_refused(written: str) -> None:
    with pytest.raises(ParameterError):
        normalised(written)


@pytest.mark.parametrize(
    "pattern, found",
    [
        ("*.csv", ["a.csv"]),
        ("?.tsv", ["b.tsv"]),
        ("**/*.csv", ["a.csv", "in/a.csv", "in/deep/a.csv", "in/x[1].csv"]),
        ("in/**", ["in/a.csv", "in/deep/a.csv", "in/x[1].csv"]),
        ("*.{csv,tsv}", ["a.csv", "b.tsv"]),
        ("[!a].tsv", ["b.tsv"]),
        ("in/(a|b).csv", []),
        ("[", []),
    ],
)
def test_a_pattern_finds_files(pattern: str, found: list[str]) -> None:
    assert matching(PATHS, pattern) == found


def test_only_the_folder_before_the_first_wildcard_is_listed() -> None:
    assert fixed_folder("in/deep/*.csv") == "in/deep"
    assert fixed_folder("in/*/a.csv") == "in"
    assert fixed_folder("*.csv") == ""
