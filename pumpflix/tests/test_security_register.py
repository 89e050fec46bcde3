"""The register of security requirements and how a run of their tests is judged."""

import re

import pytest

from pumpflix.env import ROOT
from pumpflix.lab.security import __main__ as security
from pumpflix.lab.security import marks, page, plugin, register

pytest_plugins = ["pytester"]

BLOCKING = {1, 2, 3, 4, 13, 14, 22, 23, 29, 32, 34, 39, 40, 41, 48, 54, 57, 62}


@pytest.fixture(scope="module")
def requirements() -> dict[int, register.Requirement]:
    return register.read()


@pytest.fixture(scope="module")
def tests() -> dict[int, list[str]]:
    return marks.shown_by()


def test_every_requirement_is_registered(requirements):
    assert list(requirements) == list(range(1, 69))
    assert {number for number, each in requirements.items() if each.blocking} == BLOCKING


def test_no_test_shows_an_unknown_requirement(requirements, tests):
    assert {number: tests[number] for number in set(tests) - set(requirements)} == {}


def test_every_requirement_that_is_due_has_a_test(requirements, tests):
    assert [number for number, each in requirements.items() if each.due and number not in tests] == []


def test_the_checklist_names_every_requirement_and_no_test_that_is_gone(requirements, tests):
    """`make schemas` writes it; it may be a few tests behind, never ahead."""
    written = page.PAGE.read_text(encoding="utf-8")
    for number, each in requirements.items():
        heading, *shown = page.section(each, ()).splitlines()
        assert heading in written, number
        assert shown
    named = set(re.findall(r"^\* `([^`]+)`$", written, flags=re.MULTILINE))
    assert named
    assert named <= {name for names in tests.values() for name in names}


def test_a_register_with_a_gap_is_refused(tmp_path):
    path = tmp_path / "requirements.toml"
    path.write_text('1 = { title = "One" }\n3 = { title = "Three" }\n')
    with pytest.raises(ValueError, match="1 to 68"):
        register.read(path)


def all_but(*numbers: int, failing: tuple[int, ...] = ()) -> dict[int, bool]:
    return {number: number not in failing for number in range(1, 69) if number not in numbers}


@pytest.mark.parametrize(
    "tested,last_line,is_green",
    [
        (all_but(), "security: 68 of 68 met, B: 18 of 18", True),
        (all_but(5, 6, failing=(7, 8, 9, 10)), "security: 62 of 68 met, B: 18 of 18", True),
        (all_but(5, 6, 11, failing=(7, 8, 9, 10)), "security: 61 of 68 met, B: 18 of 18", False),
        (all_but(failing=(62,)), "security: 67 of 68 met, B: 17 of 18", False),
    ],
)
def test_enough_are_met_and_every_blocking_one(requirements, tested, last_line, is_green):
    verdict = register.judge(requirements.values(), tested)
    assert (verdict.last_line, verdict.is_green) == (last_line, is_green)


def test_what_has_no_test_is_told_from_what_fails_and_from_what_did_not_run(requirements):
    verdict = register.judge(requirements.values(), all_but(5, 6, failing=(7,)), marked={6, 7, 8})
    assert (verdict.untested, verdict.failed) == ([5], [6, 7])


def test_a_requirement_is_met_by_all_tiers_or_not_at_all():
    outcomes = [{"tested": {"1": True, "2": True}}, {"tested": {"2": False, "3": True}}, {"tested": {"2": True}}]
    assert security.together(outcomes) == {1: True, 2: False, 3: True}


SOURCE = """
import pytest
pytestmark = pytest.mark.requirement(9)
CASES = [pytest.param(1, marks=pytest.mark.requirement(8))]
@pytest.mark.requirement(1, 2)
def test_one(): pass
@pytest.mark.parametrize("n", [pytest.param(1, marks=pytest.mark.requirement(3)), 2])
async def test_two(n): pass
@pytest.mark.requirement(4)
class TestBoth:
    @pytest.mark.requirement(5)
    def test_one(self): pass
"""


def test_marks_are_read_from_the_sources():
    assert sorted(marks.marks(SOURCE, "a.py")) == [
        (1, "a.py::test_one"),
        (2, "a.py::test_one"),
        (3, "a.py::test_two"),
        (4, "a.py::TestBoth"),
        (5, "a.py::TestBoth::test_one"),
        (8, "a.py"),
        (9, "a.py"),
    ]


@pytest.mark.parametrize("argument", ['"29"', "NUMBER", "True"])
def test_a_mark_that_is_no_number_is_refused_with_its_place(argument):
    with pytest.raises(ValueError, match=r"a\.py:2"):
        list(marks.marks(f"\n@pytest.mark.requirement({argument})\ndef test(): pass", "a.py"))


@pytest.mark.parametrize("workers", ["0", "2"])
def test_a_run_writes_what_it_saw(pytester, monkeypatch, workers):
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.delenv("DJANGO_SETTINGS_MODULE", raising=False)
    pytester.makeini("[pytest]\nmarkers =\n    requirement(*numbers): requirements")
    path = pytester.makepyfile(
        """
        import pytest
        @pytest.mark.requirement(1, 2)
        def test_one(): pass
        @pytest.mark.requirement(2)
        def test_two(): assert False
        @pytest.mark.requirement(3)
        def test_three(): pytest.skip("not here")
        """
    )
    given = [
        "-p",
        "no:django",
        "-n",
        workers,
        "-q",
        f"--rootdir={pytester.path}",
        f"-c{pytester.path}/tox.ini",
        str(path),
    ]
    outcome = security.run(pytester.path / "outcomes.json", given)
    assert outcome["ended"]
    assert outcome["tested"] == {"1": True, "2": False, "3": False}
    assert [name.partition("::")[2] for name in outcome["red"]["2"] + outcome["red"]["3"]] == ["test_two", "test_three"]


def test_a_run_that_could_not_begin_did_not_end(tmp_path):
    outcome = security.run(tmp_path / "outcomes.json", ["-p", "no:django", str(tmp_path / "test_none.py")])
    assert not outcome["ended"]


def test_the_name_it_is_told_by_is_no_setting_of_the_product():
    """One that the product does not know would stop its start."""
    assert not plugin.OUTCOMES.startswith("PUMPFLIX_")
