"""The register of acceptance points and how a run of their tests is judged."""

import pytest

from pumpflix.env import ROOT
from pumpflix.lab.ux import register

pytest_plugins = ["pytester"]


def test_every_area_of_the_product_is_registered():
    states = register.read()
    assert len(states) == 129
    assert {name.rsplit("-", 1)[0] for name in states} >= {"SH", "HOME", "A11Y", "STA", "TXT"}


def test_a_word_that_is_no_state_is_refused(tmp_path):
    path = tmp_path / "points.toml"
    path.write_text('SH-1 = "later"\n')
    with pytest.raises(ValueError, match="SH-1"):
        register.read(path)


@pytest.mark.parametrize(
    "tested,last_line,is_green",
    [
        ({"A-1": True, "A-2": True}, "ux: 2 of 2 points pass", True),
        ({"A-1": True, "A-2": False}, "ux: 1 of 2 points pass", False),
        ({"A-1": True}, "ux: 1 of 2 points pass", False),
        ({"A-1": True, "A-2": True, "B-9": False}, "ux: 2 of 2 points pass", True),
    ],
)
def test_a_due_point_passes_only_by_its_tests(tested, last_line, is_green):
    verdict = register.judge(["A-1", "A-2"], tested)
    assert (verdict.last_line, verdict.is_green) == (last_line, is_green)


@pytest.mark.parametrize("workers", ["0", "2"])
def test_a_point_is_red_as_soon_as_one_of_its_tests_is(pytester, monkeypatch, workers):
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.delenv("DJANGO_SETTINGS_MODULE", raising=False)
    pytester.makeconftest(
        """
        from pumpflix.lab.ux.plugin import Points
        points = Points()
        def pytest_configure(config):
            config.addinivalue_line("markers", "point(*ids): points")
            config.pluginmanager.register(points)
        def pytest_unconfigure(config):
            print("tested:", sorted(points.tested.items()))
        """
    )
    pytester.makepyfile(
        """
        import pytest
        @pytest.mark.point("A-1", "A-2")
        def test_one(): pass
        @pytest.mark.point("A-2")
        def test_two(): assert False
        @pytest.mark.point("A-3")
        def test_three(): pytest.skip("not here")
        @pytest.mark.point("A-4")
        @pytest.mark.parametrize("n", [1, 2])
        def test_four(n): pass
        """
    )
    result = pytester.runpytest_subprocess("-p", "no:django", "-n", workers)
    result.stdout.fnmatch_lines(["*('A-1', True), ('A-2', False), ('A-3', False), ('A-4', True)*"])
