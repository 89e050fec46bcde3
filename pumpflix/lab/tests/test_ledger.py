import http.client
import os
import signal
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import pytest

from executions_app.adapters.http import HttpAdapter
from pumpflix.lab.ledger import Ledger, ledger
from pumpflix.lib.safe_http import OutboundClient, OutboundPolicy, parse_open_networks
from workflows_app.engine.errors import RemoteError
from workflows_app.engine.ports import CallSite, HttpRequest

EXECUTION = "0193f0c0-0000-7000-8000-000000000001"


@pytest.fixture(scope="module")
def witness():
    with ledger() as book:
        yield book


@pytest.fixture
def path(request) -> str:
    """A path that no other test calls."""
    return f"/{request.node.name}"


def post(book: Ledger, target: str, *, key: str = "", body: bytes = b"") -> tuple[int, bytes]:
    with closing(http.client.HTTPConnection("127.0.0.1", book.port, timeout=10)) as connection:
        connection.request("POST", target, body, {"Idempotency-Key": key} if key else {})
        answer = connection.getresponse()
        return answer.status, answer.read()


def test_what_the_product_sends_is_in_the_book(witness, path):
    client = OutboundClient(OutboundPolicy(parse_open_networks(witness.allow)))
    port = HttpAdapter(client, execution_id=EXECUTION)
    port.send(CallSite("Charge-1", 2, 3, 1), HttpRequest("POST", f"{witness.url}{path}?a=b", body=b'{"x": 1}'))
    client.close()
    [call] = witness.calls(path)
    assert (call.method, call.query, call.json()) == ("POST", "a=b", {"x": 1})
    assert (call.execution, call.node, call.run_index, call.item) == (EXECUTION, "Charge-1", 2, 3)
    assert call.headers["user-agent"] == "PumpFlix"


def test_a_call_is_written_down_even_if_it_is_never_answered(witness, path):
    client = OutboundClient(OutboundPolicy(parse_open_networks(witness.allow)))
    port = HttpAdapter(client, execution_id=EXECUTION)
    with pytest.raises(RemoteError):
        port.send(CallSite("A", 0, 0, 0), HttpRequest("POST", f"{witness.url}{path}?drop=1"))
    assert len(witness.calls(path)) == 1


def test_a_late_answer_leaves_time_to_kill_the_caller(witness, path):
    caller = threading.Thread(target=post, args=(witness, f"{path}?delay_ms=300"))
    caller.start()
    assert len(witness.wait_for(1, path=path)) == 1
    assert caller.is_alive()
    caller.join()


def test_repeats_are_told_by_their_key(witness, path):
    for key in ("k-1", "k-2", "k-1"):
        post(witness, path, key=key)
    post(witness, path)
    post(witness, path)
    assert [call.key for call in witness.repeated() if call.path == path] == ["k-1"]


@pytest.mark.parametrize(
    "query, answers",
    [
        ("", [200, 200]),
        ("status=418", [418, 418]),
        ("fail_first=1", [503, 200]),
    ],
)
def test_the_query_says_how_to_answer(witness, query, answers):
    target = f"/answers?{query}"
    assert [post(witness, target, key=f"answers-{query}")[0] for _ in answers] == answers


def test_the_body_of_the_answer_can_be_chosen(witness, path):
    assert post(witness, f"{path}?body=hello") == (200, b"hello")


def test_no_call_is_lost_under_load(witness, path):
    with ThreadPoolExecutor(16) as pool:
        statuses = list(pool.map(lambda n: post(witness, path, key=f"load-{n}")[0], range(500)))
    assert statuses == [200] * 500
    calls = witness.calls(path)
    assert {call.key for call in calls} == {f"load-{n}" for n in range(500)}
    assert [call.seq for call in calls] == sorted(call.seq for call in calls)


def test_a_thousand_calls_of_many_threads_leave_once_each(witness, path):
    client = OutboundClient(OutboundPolicy(parse_open_networks(witness.allow)))
    port = HttpAdapter(client, execution_id=EXECUTION)

    def send(item: int) -> int:
        return port.send(CallSite("Charge", 0, item, 0), HttpRequest("POST", f"{witness.url}{path}")).status

    with ThreadPoolExecutor(16) as pool:
        statuses = list(pool.map(send, range(1_000)))
    client.close()
    assert statuses == [200] * 1_000
    assert sorted(call.item for call in witness.calls(path)) == list(range(1_000))
    assert [call for call in witness.repeated() if call.path == path] == []


def test_waiting_in_vain_ends(witness, path):
    with pytest.raises(TimeoutError, match="0 of 1 calls"):
        witness.wait_for(1, path=path, timeout_s=0.05)


def test_a_book_can_be_gone_on_with(tmp_path):
    for _ in range(2):
        with ledger(tmp_path / "calls.sqlite") as book:
            post(book, "/again")
    with ledger(tmp_path / "calls.sqlite") as book:
        assert len(book.calls()) == 2


def test_the_receiver_ends_with_the_one_who_started_it():
    code = "from pumpflix.lab.ledger import ledger\nwith ledger() as b:\n print(b.pid, flush=True)\n input()"
    parent = subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert parent.stdout is not None
    pid = int(parent.stdout.readline())
    receiver = os.pidfd_open(pid)
    parent.send_signal(signal.SIGKILL)
    parent.communicate()
    assert has_ended(receiver)


def has_ended(pidfd: int, timeout_s: float = 10.0) -> bool:
    import select

    poller = select.poll()
    poller.register(pidfd, select.POLLIN)
    ended = bool(poller.poll(timeout_s * 1000))
    os.close(pidfd)
    return ended


def test_a_receiver_that_cannot_start_says_so(witness):
    with pytest.raises(RuntimeError, match="did not start"), ledger(port=witness.port):
        pass
