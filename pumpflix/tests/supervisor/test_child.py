"""Real, short-lived processes; the clock is given."""

import os
import signal
import sys

import pytest

from pumpflix.supervisor.child import LONGEST_DELAY_S, Child
from pumpflix.supervisor.spawn import Recipe

FOREVER = ["/bin/sleep", "600"]


def child(*command: str, **more) -> Child:
    return Child("it", Recipe(command, {"PATH": os.environ["PATH"]}), **more)


def ended(subject: Child, at: float) -> str:
    """Start it, wait for its end, and let the supervisor notice at that time."""
    subject.start()
    subject.process.wait()
    subject.started_at = 0.0
    return subject.keep_alive(at)


@pytest.fixture
def sleeper():
    subject = child(*FOREVER)
    subject.start()
    yield subject
    subject.kill()


def test_pauses_double_and_end_at_half_a_minute():
    subject = child("/bin/sh", "-c", "exit 3")
    pauses = []
    for _ in range(9):
        news = ended(subject, at=1.0)
        pauses.append(subject.next_start - 1.0)
    assert pauses == [0.5, 1, 2, 4, 8, 16, 30, 30, LONGEST_DELAY_S]
    assert news == "it ended (exit code 3); next start in 30 s"


def test_a_long_life_wipes_the_slate():
    subject = child("/bin/sh", "-c", "exit 3")
    ended(subject, at=1.0)
    ended(subject, at=1.0)
    assert ended(subject, at=100.0).endswith("next start in 0 s")


@pytest.mark.parametrize("way", ["kill -9 $$", "exit 70"], ids=["killed", "fenced"])
def test_what_did_not_fail_by_itself_does_not_wait_long_however_often_it_is_hit(way):
    subject = child("/bin/sh", "-c", way)
    pauses = []
    for _ in range(5):
        ended(subject, at=1.0)
        pauses.append(subject.next_start - 1.0)
    assert pauses == [0.5, 1, 1, 1, 1]


def test_a_worker_that_recycles_itself_comes_back_at_once():
    subject = child("/bin/true")
    assert ended(subject, at=6.0) == "it ended (exit code 0); next start in 0 s"
    assert ended(subject, at=1.0).endswith("next start in 0.5 s"), "but not one that exits as soon as it starts"


def test_it_starts_again_when_its_pause_is_over():
    subject = child(*FOREVER)
    subject.next_start = 5.0
    assert subject.keep_alive(4.9) is None
    assert not subject.is_running
    subject.keep_alive(5.0)
    assert subject.is_running
    subject.kill()


def test_a_signal_is_called_by_its_name(sleeper):
    sleeper.process.send_signal(signal.SIGKILL)
    sleeper.process.wait()
    assert "signal SIGKILL" in sleeper.keep_alive(1.0)


def test_what_it_started_ends_with_it():
    """Only the shell's own child holds the pipe open at the end."""
    reader, writer = os.pipe()
    subject = Child(
        "it",
        Recipe(
            ["/bin/sh", "-c", f"sleep 600 >&{writer} & sleep 600"], {"PATH": os.environ["PATH"]}, inherited=(writer,)
        ),
    )
    subject.start()
    os.close(writer)
    subject.kill()
    with os.fdopen(reader) as pipe:
        assert pipe.read() == ""


def test_its_words_go_to_the_log(tmp_path):
    subject = child(
        sys.executable, "-c", "import sys; print('one'); print('two', file=sys.stderr)", log=tmp_path / "log"
    )
    subject.start()
    subject.process.wait()
    assert sorted((tmp_path / "log").read_text().split()) == ["one", "two"]


def test_the_terminals_interrupt_does_not_reach_it(sleeper):
    assert os.getsid(sleeper.process.pid) == sleeper.process.pid != os.getsid(0)


def test_asking_one_that_is_gone_to_stop_is_fine(sleeper):
    sleeper.kill()
    sleeper.ask_to_stop()
    sleeper.kill()
