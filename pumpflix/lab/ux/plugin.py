"""A pytest plugin that keeps the outcome of each point: tests carry `@pytest.mark.point("SH-1", …)`."""

from typing import Any

import pytest


class Points:
    """`tested[point]` is True while every test of the point has passed."""

    def __init__(self) -> None:
        self.tested: dict[str, bool] = {}
        self.of_test: dict[str, list[str]] = {}

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        for item in items:
            names = [str(name) for mark in item.iter_markers("point") for name in mark.args]
            self.of_test[item.nodeid] = names
            # Not passed until it has: a session that ends early must not count what never ran.
            self.tested.update(dict.fromkeys(names, False))
        self.left = {name: sum(name in names for names in self.of_test.values()) for name in self.tested}

    def pytest_runtest_makereport(self, item: pytest.Item, call: pytest.CallInfo[Any]) -> None:
        """A point passes with the last of its tests; one that raises anywhere, or is skipped, keeps it red."""
        names = self.of_test.get(item.nodeid, [])
        if call.excinfo is not None:
            for name in names:
                self.left[name] = -1
                self.tested[name] = False
        elif call.when == "teardown":
            for name in names:
                self.left[name] -= self.left[name] > 0
                self.tested[name] = self.left[name] == 0
