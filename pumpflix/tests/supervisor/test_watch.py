import os
import subprocess
import sys
import time

from pumpflix.supervisor.signals import Signals

SCRIPT = "import sys; from pathlib import Path; from pumpflix.supervisor.watch import tell_of_changes as tell; "


def test_a_changed_source_file_is_told(tmp_path):
    """The file is written again and again, because nobody says when the watcher has begun to watch."""
    source = tmp_path / "module.py"
    with Signals().caught() as signals:
        command = SCRIPT + f"tell({os.getpid()}, [Path({str(tmp_path)!r})])"
        watcher = subprocess.Popen([sys.executable, "-c", command])
        deadline = time.monotonic() + 20
        while not signals.is_restart_wanted and time.monotonic() < deadline:
            source.write_text(str(time.monotonic()))
            signals.sleep(0.2)
        watcher.terminate()
        watcher.wait()
    assert signals.is_restart_wanted
