"""What operators read, and what strangers cannot make them read."""

import io
import logging
import logging.config
from collections.abc import Callable, Iterator

import pytest
from django.conf import settings
from django.test import Client

pytestmark = pytest.mark.app


@pytest.fixture
def lines() -> Iterator[Callable[[], str]]:
    """What the product's own set-up would have written to standard error."""
    logging.config.dictConfig(settings.LOGGING)
    handler = next(one for one in logging.getLogger().handlers if one.name == "stderr")
    assert isinstance(handler, logging.StreamHandler)
    written = io.StringIO()
    before = handler.setStream(written)
    yield written.getvalue
    handler.setStream(before)


@pytest.mark.requirement(58)
def test_a_host_that_is_not_ours_is_a_warning_without_a_trace(lines, db: None) -> None:
    assert Client().get("/", HTTP_HOST="evil.example").status_code == 400
    written = lines()
    found = [line for line in written.splitlines() if "evil.example" in line]
    assert found
    assert all('"level": "warning"' in line for line in found)
    assert "Traceback" not in written


@pytest.mark.requirement(58)
def test_a_line_break_from_outside_stays_inside_its_line(lines, db: None) -> None:
    Client().get("/nowhere%0d%0a{forged}", HTTP_USER_AGENT="a\r\n{forged: 1}")
    logging.getLogger("pumpflix").warning("said %s", "a\r\n{forged: 2}")
    assert not [one for one in lines().splitlines() if one.startswith("{forged")]


def test_a_fault_of_ours_is_an_error_with_its_trace(lines) -> None:
    logging.getLogger("django.request").error("failed", exc_info=ValueError("ours"))
    assert '"level": "error"' in lines()
    assert "ValueError: ours" in lines()
