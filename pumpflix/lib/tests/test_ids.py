import re
import time
import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest

from pumpflix.lib.ids import idempotency_key, url_token, uuid7

EXECUTION = uuid.UUID("0193f0c0-0000-7000-8000-000000000001")


def test_uuid7_says_its_version_and_variant():
    made = uuid7()
    assert made.version == 7
    assert made.variant == uuid.RFC_4122


def test_uuid7_begins_with_the_time_in_milliseconds(monkeypatch):
    # Another test may have been in the future.
    monkeypatch.setattr("pumpflix.lib.ids._ticks._last", 0)
    before = time.time_ns() // 1_000_000
    made = uuid7().int >> 80
    assert before <= made <= time.time_ns() // 1_000_000 + 1


def test_uuid7_rises_strictly_within_a_process():
    made = [uuid7() for _ in range(20_000)]
    assert made == sorted(set(made))


def test_uuid7_rises_even_when_the_clock_steps_back(monkeypatch):
    first = uuid7()
    monkeypatch.setattr(time, "time_ns", lambda: 0)
    assert uuid7() > first


def test_uuid7_is_unique_across_threads():
    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(lambda _: uuid7(), range(8_000)))
    assert len(set(made)) == 8_000


@pytest.mark.requirement(62)
def test_tokens_are_url_safe_and_long():
    assert re.fullmatch(r"[A-Za-z0-9_-]{32}", url_token())
    assert len({url_token() for _ in range(1_000)}) == 1_000


@pytest.mark.requirement(62)
def test_short_tokens_are_refused():
    with pytest.raises(ValueError, match="at least 16"):
        url_token(15)


def test_the_idempotency_key_names_the_call():
    assert idempotency_key(EXECUTION, "a1b2", 0, 3, 1) == f"pf-{EXECUTION}-a1b2-0-3-1"


@pytest.mark.parametrize(
    "node", ["Send mail", "Grüße", "x\r\nHost: evil", "", "n" * 300, "\ud800", "-"], ids=lambda node: repr(node[:12])
)
def test_any_node_name_gives_a_legal_header_value(node):
    assert re.fullmatch(r"pf-[0-9a-f-]{36}-~[0-9a-f]{24}-0-0-0", idempotency_key(EXECUTION, node, 0, 0, 0))


def test_names_full_of_dashes_do_not_collide():
    assert idempotency_key(EXECUTION, "a-1", 2, 3, 4) != idempotency_key(EXECUTION, "a", 1, 2, 3)
