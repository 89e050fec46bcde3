"""One command, for real: embedded servers in a data folder of the test's own, web and two workers."""

import os
import re
import select
import signal

import pytest

from pumpflix.tests.product import Product, processes_using, running, stop, temporary_folder, wait_until

pytestmark = pytest.mark.live


@pytest.fixture
def data_dir():
    with temporary_folder() as folder:
        yield folder / "data"


def supervisor_of(product: Product) -> int:
    return int((product.data_dir / "supervisor.lock").read_text())


def worker_pids(product: Product) -> set[int]:
    tree = {entry: _parent(entry) for entry in os.listdir("/proc") if entry.isdigit()}
    return {int(pid) for pid, parent in tree.items() if parent == supervisor_of(product)}


def _parent(pid: str) -> int:
    try:
        with open(f"/proc/{pid}/stat", encoding="ascii", errors="replace") as file:
            return int(file.read().rpartition(")")[2].split()[1])
    except OSError:
        return 0


def test_it_answers_stops_in_order_and_leaves_nothing_running(data_dir):
    with running({"PUMPFLIX_WORKERS": "2"}, data_dir) as product:
        wait_until(lambda: product.get("/health").status == 200, product, 20)
        assert product.get("/health").content == b'{"database":true,"redis":true,"workers":true}'
        children = worker_pids(product)
        assert len(children) == 5, "postgres, valkey, web and two workers"
        assert stop(product, signal.SIGINT) == 0
    assert processes_using(data_dir) == []
    assert not any(os.path.exists(f"/proc/{pid}") for pid in children)
    assert "ended at once" not in product.log


def test_nothing_outlives_a_supervisor_that_is_killed(data_dir):
    with running({"PUMPFLIX_WORKERS": "1"}, data_dir) as product:
        children = worker_pids(product)
        os.kill(supervisor_of(product), signal.SIGKILL)
        product.process.wait()
        for pid in children:
            _wait_for_end(pid)
    assert processes_using(data_dir) == []
    with running({"PUMPFLIX_WORKERS": "1"}, data_dir) as again:
        assert again.get("/health/live").status == 200


def _wait_for_end(pid: int) -> None:
    try:
        handle = os.pidfd_open(pid)
    except ProcessLookupError:
        return
    with os.fdopen(handle):
        assert select.select([handle], [], [], 10)[0], f"process {pid} outlived its supervisor"


def test_a_second_supervisor_is_refused_the_folder_and_a_taken_port_is_named(data_dir):
    with running({"PUMPFLIX_WORKERS": "1"}, data_dir) as product:
        port = re.search(r":(\d+)$", product.url)[1]
        in_use = pytest.raises(AssertionError, match="is in use by the PumpFlix with process id")
        with in_use, running({}, data_dir):
            pass
        taken = pytest.raises(AssertionError, match=f"cannot listen on 127.0.0.1:{port}")
        with taken, running({"PORT": port}, data_dir.with_name("other")):
            pass


def test_every_child_that_dies_comes_back(data_dir):
    with running({"PUMPFLIX_WORKERS": "1"}, data_dir) as product:
        for pid in worker_pids(product):
            os.kill(pid, signal.SIGKILL)
        wait_until(lambda: product.log.count("next start in") == 4, product, 20)
        wait_until(lambda: len(worker_pids(product)) == 4, product, 20)
        wait_until(lambda: _is_healthy(product), product, 40)


def _is_healthy(product: Product) -> bool:
    try:
        return product.get("/health").status == 200
    except Exception:  # noqa: BLE001 - refused, reset or cut short: not healthy yet
        return False
