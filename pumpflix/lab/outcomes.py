"""A pytest plugin that keeps the outcome of what tests say they show by a mark: `@pytest.mark.point("SH-1")`,
`@pytest.mark.requirement(29, 30)`. What workers of xdist collect comes to their controller with their reports, so that
the outcome is the same with and without them."""

from collections import Counter, defaultdict
from typing import Any

import pytest


class Outcomes:
    """`tested[name]` is True once every test of the name has passed; `red` names the tests that keep one from it."""

    def __init__(self, mark: str) -> None:
        self.mark = mark
        self.total: dict[str, int] = {}
        self.passed: Counter[str] = Counter()
        self.red: defaultdict[str, list[str]] = defaultdict(list)

    @property
    def tested(self) -> dict[str, bool]:
        return {name: name not in self.red and self.passed[name] == total for name, total in self.total.items()}

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        of_test = [(item, [str(name) for mark in item.iter_markers(self.mark) for name in mark.args]) for item in items]
        # Known before anything runs: a session that ends early must not count what never ran.
        self.total = dict(Counter(name for _, names in of_test for name in names))
        for item, names in of_test:
            item.user_properties += [(self.mark, [name, self.total[name]]) for name in names]

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """A name passes with the last of its tests; one that raises anywhere, or is skipped, keeps it red."""
        shown: list[Any] = [value for kind, value in report.user_properties if kind == self.mark]
        for name, total in shown:
            self.total[name] = total
            if not report.passed:
                self.red[name].append(report.nodeid)
            elif report.when == "teardown":
                self.passed[name] += 1
