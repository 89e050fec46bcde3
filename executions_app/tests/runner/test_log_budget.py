"""A run that logs without end is cut short, and says so."""

from datetime import UTC, datetime, timedelta

import pytest

from executions_app.runner.log_budget import BYTES, LINES_PER_S, LogBudget
from workflows_app.engine.events import LogWritten

pytestmark = pytest.mark.engine

NOW = datetime(2026, 1, 2, tzinfo=UTC)


def line(text: str = "x", at: datetime = NOW) -> LogWritten:
    return LogWritten("A", 0, at, "info", text)


def test_lines_within_the_budget_pass() -> None:
    budget = LogBudget()
    assert sum(len(list(budget.allow(line()))) for _ in range(LINES_PER_S)) == LINES_PER_S


def test_too_many_lines_a_second_become_two_that_say_how_many() -> None:
    budget = LogBudget()
    passed = [kept for _ in range(LINES_PER_S + 7) for kept in budget.allow(line())]
    later = list(budget.allow(line("later", NOW + timedelta(seconds=1))))
    assert passed[-1].text.startswith("Too many log lines")
    assert [kept.text for kept in later] == ["7 log lines were left out.", "later"]


def test_too_many_bytes_end_the_log() -> None:
    budget = LogBudget()
    seconds = (NOW + timedelta(seconds=number) for number in range(10**6))
    kept = [entry for _ in range(BYTES // 1024 + 5) for entry in budget.allow(line("x" * 5000, next(seconds)))]
    assert kept[-1].text.startswith("Too many log lines")
