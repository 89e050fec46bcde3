"""A pytest plugin that keeps the outcome of each point: tests carry `@pytest.mark.point("SH-1", …)`."""

from typing import Any

import pytest

from pumpflix.lab.outcomes import Outcomes

POINT = "point"
PERF = "perf"
FIGURE = "figure"


class Points(Outcomes):
    """`measured` and `figures` are what tests recorded as PERF and FIGURE."""

    def __init__(self) -> None:
        super().__init__(POINT)
        self.measured: list[Any] = []
        self.figures: list[str] = []

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        super().pytest_runtest_logreport(report)
        if report.when == "call":
            self.measured += [value for kind, value in report.user_properties if kind == PERF]
            self.figures += [str(value) for kind, value in report.user_properties if kind == FIGURE]
