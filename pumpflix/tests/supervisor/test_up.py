"""One command, for real: embedded servers in a data folder of the test's own, web and two workers."""

import os
import re
import select
import signal

import httpcore
import pytest

from pumpflix.tests.product import Product, processes_using, running, stop, temporary_folder, wait_until

pytestmark = pytest.mark.live


@pytest.fixture(scope="module")
def folder():
    with temporary_folder() as folder:
        yield folder


@pytest.fixture(scope="module")
def up(folder):
    """Embedded servers, web and two workers; the tests of this file share them."""
    with running({"PUMPFLIX_WORKERS": "2"}, folder / "data") as product:
        yield product


def supervisor_of(product: Product) -> int:
    return int((product.data_dir / "supervisor.lock").read_text())


def children_of(product: Product) -> set[int]:
    tree = {entry: _parent(entry) for entry in os.listdir("/proc") if entry.isdigit()}
    return {int(pid) for pid, parent in tree.items() if parent == supervisor_of(product)}


def _parent(pid: str) -> int:
    try:
        with open(f"/proc/{pid}/stat", encoding="ascii", errors="replace") as file:
            return int(file.read().rpartition(")")[2].split()[1])
    except OSError:
        return 0


def test_everything_answers(up):
    wait_until(lambda: up.get("/health").status == 200, up, 20)
    assert up.get("/health").content == b'{"database":true,"redis":true,"workers":true,"sandbox":true}'
    assert up.get("/health/live").content == b'{"live":true}'
    assert len(children_of(up)) == 5, "postgres, valkey, web and two workers"


def test_a_second_supervisor_is_refused_the_folder(up):
    in_use = pytest.raises(AssertionError, match="is in use by the PumpFlix with process id")
    with in_use, running({}, up.data_dir):
        pass


def test_a_taken_port_is_named(up, folder):
    port = re.search(r":(\d+)$", up.url)[1]
    taken = pytest.raises(AssertionError, match=f"cannot listen on 127.0.0.1:{port}")
    with taken, running({"PORT": port}, folder / "other"):
        pass


def test_every_child_that_dies_comes_back(up):
    told = up.log.count("next start in")
    for pid in children_of(up):
        os.kill(pid, signal.SIGKILL)
    wait_until(lambda: up.log.count("next start in") == told + 5, up, 20)
    wait_until(lambda: len(children_of(up)) == 5, up, 20)
    wait_until(lambda: _is_healthy(up), up, 40)


def _is_healthy(product: Product) -> bool:
    try:
        return product.get("/health").status == 200
    except httpcore.NetworkError:
        return False


def test_it_stops_in_order_and_nothing_outlives_it_even_killed(folder):
    data_dir = folder / "ended"
    with running({"PUMPFLIX_WORKERS": "1"}, data_dir) as product:
        children = children_of(product)
        assert stop(product, signal.SIGINT) == 0
    assert not any(os.path.exists(f"/proc/{pid}") for pid in children)
    assert processes_using(data_dir) == []
    assert "ended at once" not in product.log

    with running({"PUMPFLIX_WORKERS": "1"}, data_dir) as product:
        children = children_of(product)
        os.kill(supervisor_of(product), signal.SIGKILL)
        product.process.wait()
        for pid in children:
            _wait_for_end(pid)
    assert processes_using(data_dir) == []


def _wait_for_end(pid: int) -> None:
    try:
        handle = os.pidfd_open(pid)
    except ProcessLookupError:
        return
    with os.fdopen(handle):
        assert select.select([handle], [], [], 10)[0], f"process {pid} outlived its supervisor"
