"""What a team may keep: one that fills its share is told so, and others go on as if nothing were."""

import asyncio
import secrets
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from itertools import count
from threading import Event
from uuid import UUID, uuid4

import pytest
from asgiref.sync import sync_to_async

from executions_app import payloads, storage_quota
from executions_app.adapters.files import FilesAdapter
from executions_app.database import pool
from executions_app.models import Execution, Payload
from executions_app.payloads import StoredPayload
from executions_app.services import start_manual_run
from executions_app.storage_quota import Quota, StorageFull
from executions_app.tests.factories import execution_of, live_webhook, version_of
from executions_app.tests.intake.test_admission import running
from executions_app.tests.parts import Parts
from workflows_app.engine.ports import CallSite
from workflows_app.tests.graphs import assign, chain, manual_set, node

pytestmark = [pytest.mark.app, pytest.mark.django_db(transaction=True), pytest.mark.requirement(21)]

MB = 2**20
ONE, OTHER = uuid4(), uuid4()
numbers = count()


def fresh(size: int) -> bytes:
    """Bytes that nobody has stored yet."""
    return next(numbers).to_bytes(8, "big") + bytes(size - 8)


def file_of(team_id, size: int) -> StoredPayload:
    return payloads.pack(team_id, fresh(size))


@pytest.fixture(autouse=True)
def _one_megabyte(settings) -> Iterator[None]:
    settings.PUMPFLIX = settings.PUMPFLIX.model_copy(update={"team_storage_mb": 1})
    storage_quota.quota.cache_clear()
    yield
    storage_quota.quota.cache_clear()


class TestCounting:
    def quota(self, stored: dict | None = None) -> Quota:
        return Quota(lambda team: (stored or {}).get(team, 0), lambda: MB)

    def test_the_first_that_does_not_fit_is_refused_and_smaller_ones_still_fit(self) -> None:
        quota = self.quota()
        quota.admit([file_of(ONE, 600_000)])
        with pytest.raises(StorageFull, match="holds 1 MB"):
            quota.admit([file_of(ONE, 600_000)])
        quota.admit([file_of(ONE, 400_000)])

    def test_what_is_refused_together_takes_no_room(self) -> None:
        quota = self.quota()
        with pytest.raises(StorageFull):
            quota.admit([file_of(ONE, 600_000), file_of(ONE, 600_000)])
        quota.admit([file_of(ONE, MB)])

    def test_other_teams_have_their_own_share(self) -> None:
        quota = self.quota({ONE: MB})
        with pytest.raises(StorageFull):
            quota.admit([file_of(ONE, 10)])
        quota.admit([file_of(OTHER, 600_000)])

    def test_the_same_file_counts_once(self) -> None:
        quota, file = self.quota(), file_of(ONE, 600_000)
        quota.admit([file])
        quota.admit([file, file])

    def test_what_was_deleted_makes_room_once_it_is_counted_again(self, monkeypatch: pytest.MonkeyPatch) -> None:
        stored = {ONE: MB}
        quota = self.quota(stored)
        with pytest.raises(StorageFull):
            quota.admit([file_of(ONE, 10)])
        stored[ONE] = 0
        monkeypatch.setattr(storage_quota, "COUNTED_EVERY_S", 0)
        quota.admit([file_of(ONE, 10)])

    def test_an_old_count_is_renewed_by_one_while_others_go_on(self, monkeypatch: pytest.MonkeyPatch) -> None:
        asked: list[UUID] = []

        def used(team: UUID) -> int:
            asked.append(team)
            if len(asked) == 2:
                with ThreadPoolExecutor(1) as thread:
                    thread.submit(quota.admit, [file_of(ONE, 10)]).result(10)
            return 0

        quota = Quota(used, lambda: MB)
        quota.admit([file_of(ONE, 10)])
        monkeypatch.setattr(storage_quota, "COUNTED_EVERY_S", 0)
        quota.admit([file_of(ONE, 10)])
        assert len(asked) == 2

    def test_all_wait_for_the_first_count(self) -> None:
        begun, go_on, asked = Event(), Event(), []

        def used(team: UUID) -> int:
            asked.append(team)
            begun.set()
            assert go_on.wait(10)
            return MB

        quota = Quota(used, lambda: MB)
        with ThreadPoolExecutor(4) as threads:
            first = threads.submit(quota.admit, [file_of(ONE, 10)])
            assert begun.wait(10)
            others = [threads.submit(quota.admit, [file_of(ONE, 10)]) for _ in range(3)]
            go_on.set()
        assert {type(each.exception()) for each in (first, *others)} == {StorageFull}
        assert len(asked) == 1

    def test_zero_is_no_limit(self) -> None:
        Quota(lambda team: 10**15, lambda: 0).admit([file_of(ONE, 600_000)])


def filled(*sizes: int) -> dict:
    """Start -> a node that keeps a text of that size -> the next."""
    nodes = [
        node(f"Fill {place}", "set", 3.4, **assign(text=secrets.token_urlsafe(size)))
        for place, size in enumerate(sizes)
    ]
    return chain(node("Start", "manualTrigger"), *nodes)


def test_a_run_that_fills_the_share_ends_and_another_team_runs_on(parts: Parts) -> None:
    full = parts.run(execution_of(filled(600_000, 600_000)))
    assert (full.status, full.error_code) == ("error", "storage_full")
    assert full.error_text == "The storage of this team is full: it holds 1 MB."
    other = parts.run(execution_of(filled(600_000)))
    assert (other.status, other.team_id != full.team_id) == ("success", True)


def test_a_file_that_does_not_fit_is_refused_by_the_store(parts: Parts) -> None:
    files = FilesAdapter(parts.open(execution_of()))
    site = CallSite("Node", 0, 0, 0)
    with pytest.raises(StorageFull):
        files.write(site, "a", fresh(2 * MB), mime_type="", append=False)
    assert files.list("") == []


def test_a_file_is_written_by_one_connection(parts: Parts) -> None:
    files = FilesAdapter(parts.open(execution_of()))
    with ExitStack() as others:
        for _ in range(pool().max_size - 1):
            others.enter_context(pool().connection())
        files.write(CallSite("Node", 0, 0, 0), "a", fresh(10), mime_type="", append=False)
    assert files.list("") == ["a"]


def test_nobody_starts_a_run_with_files_that_do_not_fit() -> None:
    version = version_of(manual_set(greeting="Hello"))
    given = {"data": ("a.bin", "application/octet-stream", fresh(2 * MB))}
    with pytest.raises(StorageFull):
        start_manual_run(version.workflow, by=version.workflow.created_by, files=given)
    assert not Execution.objects.exists()


async def test_a_caller_is_told_to_come_back_and_the_neighbour_is_served() -> None:
    hooks = [await sync_to_async(live_webhook)(path=path) for path in ("one", "two")]
    octets = {"content-type": "application/octet-stream"}
    async with running() as front:
        first = await front.client.post("/webhook/one", content=fresh(900_000), headers=octets)
        second, third = await asyncio.gather(
            front.client.post("/webhook/one", content=fresh(900_000), headers=octets),
            front.client.post("/webhook/two", content=fresh(900_000), headers=octets),
        )
    assert (first.status_code, second.status_code, third.status_code) == (200, 429, 200)
    assert (second.json()["code"], second.headers["retry-after"]) == ("storage_full", "300")
    assert len({hook.workflow.team_id for hook in hooks}) == 2
    assert await sync_to_async(Payload.objects.count)() == 2
