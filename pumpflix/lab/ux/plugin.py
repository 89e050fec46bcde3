"""A pytest plugin that keeps the outcome of each point: tests carry `@pytest.mark.point("SH-1", …)`. What workers of
xdist collect comes to their controller with their reports, so that the outcome is the same with and without them."""

from collections import Counter
from typing import Any

import pytest

POINT = "point"
PERF = "perf"
FIGURE = "figure"


class Points:
    """`tested[point]` is True once every test of the point has passed; `measured` and `figures` are what
    tests recorded as PERF and FIGURE."""

    def __init__(self) -> None:
        self.total: dict[str, int] = {}
        self.passed: Counter[str] = Counter()
        self.red: set[str] = set()
        self.measured: list[Any] = []
        self.figures: list[str] = []

    @property
    def tested(self) -> dict[str, bool]:
        return {name: name not in self.red and self.passed[name] == total for name, total in self.total.items()}

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        of_test = [(item, [str(name) for mark in item.iter_markers(POINT) for name in mark.args]) for item in items]
        # Known before anything runs: a session that ends early must not count what never ran.
        self.total = dict(Counter(name for _, names in of_test for name in names))
        for item, names in of_test:
            item.user_properties += [(POINT, [name, self.total[name]]) for name in names]

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """A point passes with the last of its tests; one that raises anywhere, or is skipped, keeps it red."""
        if report.when == "call":
            self.measured += [value for kind, value in report.user_properties if kind == PERF]
            self.figures += [str(value) for kind, value in report.user_properties if kind == FIGURE]
        points: list[Any] = [value for kind, value in report.user_properties if kind == POINT]
        for name, total in points:
            self.total[name] = total
            if not report.passed:
                self.red.add(name)
            elif report.when == "teardown":
                self.passed[name] += 1
