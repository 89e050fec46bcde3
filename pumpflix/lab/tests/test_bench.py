"""The bench judges others, so it is judged here: what it counts, what it sends, and what it says at the end."""

import json
import os
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from pumpflix.lab.bench import crowd, meter, report, rounds, workloads
from pumpflix.lab.bench.load import Answers, Load, send
from workflows_app import nodes
from workflows_app.engine.plan import compile_workflow
from workflows_app.engine.workflow import Workflow


class Hook(BaseHTTPRequestHandler):
    """Answers with the body it got; every third time with an error, if the path asks for that."""

    protocol_version = "HTTP/1.1"
    wbufsize = -1
    seen: list[bytes]

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.seen.append(body)
        is_refused = self.path == "/third" and len(self.seen) % 3 == 0
        self.send_response(500 if is_refused else 200)
        if self.path == "/chunked":
            self.send_header("Transfer-Encoding", "chunked")
            self.end_headers()
            self.wfile.write(b"%x\r\n%b\r\n0\r\n\r\n" % (len(body), body))
        else:
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)
        self.wfile.flush()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def hook():
    Hook.seen = []
    server = ThreadingHTTPServer(("127.0.0.1", 0), Hook)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize("path", ["/", "/chunked"])
def test_so_many_requests_are_sent_each_with_its_number(hook: str, path: str) -> None:
    answers = send(Load(hook + path, 7, 10.0, 3, b'{"n":{{i}}}', expect='"n":'))
    assert (answers.good, sum(answers.bad.values())) == (7, 0)
    assert sorted(json.loads(body)["n"] for body in Hook.seen) == list(range(7))


def test_what_is_refused_or_unexpected_is_no_good_answer(hook: str) -> None:
    assert send(Load(hook + "/third", 6, 10.0, 1)).bad == {"500": 2}
    assert send(Load(hook, 2, 10.0, 1, expect="something else")).bad == {"200": 2}


def test_percentiles_lie_between_answers() -> None:
    assert Answers([1.0, 2.0, 3.0, 4.0]).percentile(0.5) == 2.5
    assert Answers().percentile(0.95) == 0.0


def test_a_tree_is_metered_with_children_that_ended() -> None:
    work = "import subprocess, sys; subprocess.run([sys.executable, '-c', 'sum(range(6_000_000))']); input()"
    with subprocess.Popen([sys.executable, "-c", work], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as parent:
        assert parent.pid in meter.tree(meter.table(), [os.getpid()])
        assert meter.pss_bytes([parent.pid]) > 0
        assert parent.stdin is not None
        parent.stdin.write(b"\n")
        parent.stdin.flush()
        parent.wait()
    assert meter.cpu_s([os.getpid()]) > 0.05


def a_round(cpu_ms: float, bad: int = 0) -> rounds.Round:
    return rounds.Round(10, bad, cpu_ms, 50.0, 10.0, 20.0, 300.0, 1.0)


def test_a_figure_is_the_median_of_its_rounds() -> None:
    figure = rounds.figure([a_round(4.0), a_round(6.0), a_round(5.0)])
    assert (figure.cpu_ms, figure.spread, figure.executions, figure.rounds) == (5.0, 0.4, 30, 3)


def test_the_table_compares_with_what_was_measured_or_recorded() -> None:
    ours = {"w1_ping": rounds.figure([a_round(2.6)]), "w8_code": rounds.figure([a_round(20.0)])}
    theirs = {"w1_ping": rounds.figure([a_round(26.0)])}
    first, second = report.rows(ours, theirs)
    assert (first.ratio, first.is_missed) == (pytest.approx(0.1), False)
    assert (second.ratio, second.is_missed) == (pytest.approx(20.0 / 45.5), True)
    text = "\n".join(report.table([first, second]))
    assert "| w1_ping | 2.6 | 0% | 26.0 | 0% | 0.10 |" in text
    assert "| w8_code | 20.0 | 0% | 45.5 | recorded | 0.44 |" in text
    assert report.last_line([first, second]) == "bench: geometric mean ratio 0.21, worst 0.44 (w8)"


def test_wrong_answers_miss_the_goal() -> None:
    (row,) = report.rows({"w1_ping": rounds.figure([a_round(1.0, bad=1)])}, {})
    assert row.is_missed
    assert report.last_line([]) == "bench: nothing to compare with"


class Side:
    """Takes every request in; of the runs it ends so many, and of these so many in success."""

    name = "ours"
    roots = (0,)

    def __init__(self, url: str, over: int, succeeded: int) -> None:
        self._url, self._over, self._succeeded = url, over, succeeded

    def hook(self, _: str) -> str:
        return self._url

    def over(self) -> int:
        return min(self._over, len(Hook.seen))

    def succeeded(self) -> int:
        return min(self._succeeded, len(Hook.seen))


def test_a_run_that_failed_is_not_counted_as_done(hook: str, capsys: pytest.CaptureFixture[str]) -> None:
    found = rounds.play(Side(hook, over=8, succeeded=5), workloads.Workload("w1_ping", 2, 8, 0))  # type: ignore[arg-type]
    assert (found.executions, found.missing, found.bad) == (5, 3, 0)
    (row,) = report.rows({"w1_ping": rounds.figure([found])}, {})
    assert row.is_missed
    assert report.complaints([row]) == ["bench: w1_ping ours: 3 accepted without success, 0 refused or wrong"]
    assert "not over" not in capsys.readouterr().err


def test_a_run_that_never_ends_is_said_aloud(capsys: pytest.CaptureFixture[str]) -> None:
    Hook.seen = [b""] * 4
    side = Side("", over=3, succeeded=3)
    assert rounds.settle(side, 0, 4, patience_s=0.1) == 1  # type: ignore[arg-type]
    assert "1 of 4 executions of ours not over after 0 s" in capsys.readouterr().err
    assert rounds.settle(side, 0, 3) == 0  # type: ignore[arg-type]


def test_workloads_are_those_that_the_folder_holds(tmp_path: Path) -> None:
    for name in ("w1_ping", "w5_loop", "readme"):
        (tmp_path / f"{name}.json").write_text("{}")
    assert [one.name for one in workloads.found_in(tmp_path, [])] == ["w1_ping", "w5_loop"]
    assert [one.name for one in workloads.found_in(tmp_path, ["w5"])] == ["w5_loop"]


def test_the_crowd_is_as_large_as_it_says() -> None:
    compiled = compile_workflow(Workflow.from_n8n(crowd.graph()), nodes.load())
    assert len(compiled.nodes) == crowd.NODES
    assert all(one.type is not None for one in compiled.nodes.values())
    assert 0.9 * crowd.ITEM_BYTES < len(crowd.body()) < 1.2 * crowd.ITEM_BYTES
