"""Shell lines: bounded, ended whole, and told nothing of ours."""

import os
import time
from pathlib import Path

import psutil
import pytest

from pumpflix.lib.shell import ShellOutputTooLarge, ShellTimeout, run_shell

pytestmark = pytest.mark.engine


def run(text: str, folder: Path, **limits: float):
    return run_shell(
        text, folder=folder, timeout_s=limits.get("timeout_s", 20), max_bytes=int(limits.get("bytes", 10**6))
    )


def is_running(mark: str) -> bool:
    return any(mark in " ".join(process.info["cmdline"] or []) for process in psutil.process_iter(["cmdline"]))


def test_both_outputs_and_the_code_come_back(tmp_path):
    result = run("echo out; echo err >&2; exit 3", tmp_path)
    assert (result.exit_code, result.stdout, result.stderr) == (3, b"out\n", b"err\n")


def test_it_starts_in_its_folder_and_reads_nothing(tmp_path):
    assert run("pwd; cat; touch left", tmp_path).stdout.decode().strip() == str(tmp_path)
    assert (tmp_path / "left").exists()


def test_a_command_is_told_none_of_our_environment(tmp_path, monkeypatch):
    monkeypatch.setenv("PUMPFLIX_SECRET_KEY", "do-not-tell")
    names = {line.split("=")[0] for line in run("env", tmp_path).stdout.decode().splitlines()}
    assert names <= {"PATH", "HOME", "PWD", "LANG", "TZ", "OLDPWD", "SHLVL", "_", "LC_CTYPE"}


def test_a_signal_shows_in_the_code(tmp_path):
    assert run("kill -TERM $$", tmp_path).exit_code == 143


def test_what_takes_too_long_is_ended_with_its_children(tmp_path):
    with pytest.raises(ShellTimeout):
        run(f"sleep 3{os.getpid()}1 & sleep 3{os.getpid()}1", tmp_path, timeout_s=1)
    assert not is_running(f"3{os.getpid()}1")


def test_what_it_leaves_in_the_background_is_ended(tmp_path):
    began = time.monotonic()
    assert run(f"sleep 3{os.getpid()}2 & echo done", tmp_path).stdout == b"done\n"
    assert time.monotonic() - began < 5
    assert not is_running(f"3{os.getpid()}2")


def test_a_flood_of_output_is_ended(tmp_path):
    with pytest.raises(ShellOutputTooLarge):
        run("yes", tmp_path, bytes=100_000)


def test_a_command_that_closes_its_outputs_still_has_a_deadline(tmp_path):
    with pytest.raises(ShellTimeout):
        run("exec >&- 2>&-; sleep 60", tmp_path, timeout_s=1)


def test_it_ends_when_it_is_no_longer_wanted(tmp_path):
    class Canceled(BaseException):
        pass

    def poll():
        raise Canceled

    began = time.monotonic()
    with pytest.raises(Canceled):
        run_shell("sleep 30", folder=tmp_path, timeout_s=30, max_bytes=100, poll=poll)
    assert time.monotonic() - began < 5
