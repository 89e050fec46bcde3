"""The tree's order, with real processes that write down when they start and stop."""

import os
import signal
import sys
from dataclasses import replace

import pytest

from pumpflix.supervisor.child import Child
from pumpflix.supervisor.servers import EmbeddedServerError
from pumpflix.supervisor.signals import Signals
from pumpflix.supervisor.spawn import Recipe
from pumpflix.supervisor.tree import KEYS_MISSING, Tree

MEMBER = """
import os, pathlib, signal, sys
name, diary = sys.argv[1], pathlib.Path(sys.argv[2])
def note(word):
    with diary.open("a") as file:
        file.write(f"{name} {word}\\n")
def stop(*_):
    note("stops")
    sys.exit(0)
signal.signal(signal.SIGTERM, stop if name != "stubborn" else signal.SIG_IGN)
note("starts")
if os.environ.get("SECOND_START_INTERRUPTS") and diary.read_text().count(f"{name} starts") == 2:
    os.kill(int(os.environ["SECOND_START_INTERRUPTS"]), signal.SIGINT)
if name == "broken":
    sys.exit("no")
if name == "keyless":
    sys.exit(78)
if name != "preparation":
    while True:
        signal.pause()
"""


class Diary:
    def __init__(self, path):
        self.path = path

    @property
    def lines(self) -> list[str]:
        return self.path.read_text().splitlines() if self.path.exists() else []

    def member(self, name: str) -> Child:
        command = [sys.executable, "-c", MEMBER, name, str(self.path)]
        is_ready = lambda: f"{name} starts" in self.lines  # noqa: E731 - a name would say less
        return Child(name, Recipe(command, {"PATH": os.environ["PATH"]}), is_ready=is_ready)


@pytest.fixture
def diary(tmp_path) -> Diary:
    return Diary(tmp_path / "diary")


@pytest.fixture
def signals():
    with Signals().caught() as caught:
        yield caught


def tree(diary: Diary, signals: Signals, said: list[str], **more) -> Tree:
    names = {"servers": ["postgres", "valkey"], "processes": ["web"], "prepare": "preparation"} | more.pop("names", {})
    return Tree(
        servers=[diary.member(name) for name in names["servers"]],
        prepare=diary.member(names["prepare"]),
        processes=[diary.member(name) for name in names["processes"]],
        helpers=[],
        signals=signals,
        grace_s=more.pop("grace_s", 10),
        say=said.append,
        **more,
    )


def interrupt() -> None:
    os.kill(os.getpid(), signal.SIGINT)


def test_servers_come_first_and_go_last(diary, signals):
    said: list[str] = []
    subject = tree(diary, signals, said, when_servers_answer=lambda: diary.path.open("a").write("database made\n"))
    assert subject.run(when_ready=interrupt) == 0
    started, made, prepared, web, *stopped = [diary.lines[:2], *diary.lines[2:]]
    assert sorted(started) == ["postgres starts", "valkey starts"]
    assert (made, prepared, web) == ("database made", "preparation starts", "web starts")
    assert stopped[0] == "web stops"
    assert sorted(stopped[1:]) == ["postgres stops", "valkey stops"]
    assert said == []


def test_a_preparation_that_fails_stops_everything(diary, signals):
    said: list[str] = []
    subject = tree(diary, signals, said, names={"prepare": "broken"})
    assert subject.run(when_ready=interrupt) == 1
    assert "web starts" not in diary.lines
    assert {"postgres stops", "valkey stops"} <= set(diary.lines)
    assert said == ["pumpflix: broken failed; what it said stands above"]


def test_a_server_that_does_not_come_up_is_given_up_and_its_log_shown(diary, signals, tmp_path):
    said: list[str] = []
    subject = tree(diary, signals, said)
    broken = subject.servers[1]
    broken.recipe = Recipe(["/bin/sh", "-c", "echo cannot bind; exit 1"], {})
    broken.log = tmp_path / "valkey.log"
    assert subject.run(when_ready=interrupt) == 1
    assert "valkey does not come up" in said[-1]
    assert "cannot bind" in said[-1]
    assert "postgres stops" in diary.lines


def test_a_database_that_cannot_be_made_is_told(diary, signals):
    said: list[str] = []

    def fail() -> None:
        raise EmbeddedServerError("psql: no")

    assert tree(diary, signals, said, when_servers_answer=fail).run(when_ready=interrupt) == 1
    assert said == ["pumpflix: psql: no"]


def test_one_that_will_not_stop_is_ended_when_its_grace_is_over(diary, signals):
    said: list[str] = []
    subject = tree(diary, signals, said, names={"processes": ["stubborn"]}, grace_s=0.2)
    assert subject.run(when_ready=interrupt) == 0
    assert said == ["pumpflix: stubborn is ended at once"]
    assert "postgres stops" in diary.lines


def test_a_second_signal_means_at_once(diary, signals):
    said: list[str] = []

    def twice() -> None:
        interrupt()
        interrupt()

    subject = tree(diary, signals, said, names={"processes": ["stubborn"]}, grace_s=600)
    assert subject.run(when_ready=twice) == 0
    assert "pumpflix: stubborn is ended at once" in said


def test_a_stop_while_it_comes_up_is_heard(diary, signals):
    interrupt()
    assert tree(diary, signals, []).run(when_ready=lambda: pytest.fail("it was asked to stop")) == 0


def test_fresh_processes_on_request(diary, signals):
    """SIGUSR1, which `make dev` sends when a file has changed; the second start of web ends the test."""
    subject = tree(diary, signals, said := [])
    web = subject.processes[0]
    web.recipe = replace(web.recipe, environ={**web.recipe.environ, "SECOND_START_INTERRUPTS": str(os.getpid())})
    assert subject.run(when_ready=lambda: os.kill(os.getpid(), signal.SIGUSR1)) == 0
    assert [line for line in diary.lines if line.startswith("web")] == ["web starts", "web stops"] * 2
    assert said == []


def test_signals_are_given_back():
    before = signal.getsignal(signal.SIGTERM)
    with Signals().caught() as caught:
        os.kill(os.getpid(), signal.SIGTERM)
        caught.sleep(5)
        assert caught.stop_requests == 1
    assert signal.getsignal(signal.SIGTERM) is before


def test_without_a_key_only_what_tells_of_it_runs(diary, signals):
    said: list[str] = []
    names = {"prepare": "keyless", "processes": ["web", "worker"]}
    held = [diary.member("web")]
    made = tree(diary, signals, said, names=names, held=held)
    ends = replace(held[0], is_ready=lambda: "web starts" in diary.lines and (interrupt() or True))
    made.held = [ends]
    assert made.run(when_ready=lambda: pytest.fail("it is not ready")) == KEYS_MISSING
    assert "worker starts" not in diary.lines
    assert diary.lines[-3] == "web stops"
    assert set(diary.lines[-2:]) == {"valkey stops", "postgres stops"}, "the servers are asked together"


def test_workers_alone_do_not_start_without_a_key(diary, signals):
    said: list[str] = []
    made = tree(diary, signals, said, names={"prepare": "keyless", "processes": ["worker"]})
    assert made.run(when_ready=interrupt) == 1
    assert "worker starts" not in diary.lines
    assert "preparation failed" in said[-1] or "keyless failed" in said[-1]
