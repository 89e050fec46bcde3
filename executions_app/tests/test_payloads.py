"""Bytes by reference."""

import random
from uuid import uuid4

import pytest

from accounts.tests.factories import TeamFactory
from executions_app import payloads
from executions_app.models import Payload
from executions_app.payloads import PayloadCache, PayloadMissing, load, pack, size_of, unpack

pytestmark = pytest.mark.app


@pytest.mark.parametrize("data", [b"", b"short", b"x" * 5000, random.Random(1).randbytes(5000)])
def test_bytes_come_back_as_they_were(data: bytes) -> None:
    stored = pack(uuid4(), data)
    assert unpack(stored.encoding, memoryview(stored.data)) == data
    assert stored.size_bytes == len(data)


def test_only_what_shrinks_is_compressed() -> None:
    assert pack(uuid4(), b"x" * 5000).encoding == "zstd"
    assert pack(uuid4(), random.Random(1).randbytes(5000)).encoding == "raw"


def test_the_key_is_the_teams_own() -> None:
    one, two = uuid4(), uuid4()
    assert pack(one, b"x").id == pack(one, b"x").id != pack(two, b"x").id


@pytest.mark.django_db(transaction=True)
def test_a_payload_is_read_by_its_own_team_alone() -> None:
    mine, other = TeamFactory(), TeamFactory()
    stored = pack(mine.pk, b"secret")
    Payload.objects.create(
        id=stored.id, team=mine, sha256=stored.sha256, size_bytes=6, encoding=stored.encoding, data=stored.data
    )
    assert load(mine.pk, stored.ref) == b"secret"
    assert size_of(mine.pk, stored.ref) == 6
    for ask in (load, size_of):
        with pytest.raises(PayloadMissing):
            ask(other.pk, stored.ref)


@pytest.mark.parametrize("ref", ["", "sha256:short", "memory:1", "../../etc/passwd"])
def test_what_is_no_reference_reaches_no_table(ref: str) -> None:
    with pytest.raises(PayloadMissing):
        payloads.digest_of(ref)


def test_the_cache_keeps_what_was_used_last() -> None:
    cache, team = PayloadCache(limit_bytes=100), uuid4()
    for name in "abcd":
        cache.put(team, name, b"x" * 25)
    cache.get(team, "a")
    cache.put(team, "e", b"x" * 25)
    cache.put(team, "e", b"x" * 25)
    cache.put(team, "huge", b"x" * 26)
    assert [name for name in "abcde" if cache.get(team, name)] == ["a", "c", "d", "e"]
    assert cache.get(team, "huge") is None
