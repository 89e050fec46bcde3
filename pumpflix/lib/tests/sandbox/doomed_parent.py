"""A process with a busy and an idle child, waiting to be killed. Prints the ids of its children once all are up."""

import sys
import threading
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[4]))

import psutil

from pumpflix.lib.sandbox import ChildSettings, CodePool

world = Path(__file__).resolve().parent / "world"
pool = CodePool(settings=ChildSettings(libs=world / "no-libs.js", prelude=world), accept_reduced=True)
pool.warm()
asked = threading.Event()


def loop() -> None:
    code = "await host.call('started', []); while (true) {}"
    pool.run_code({"code": code}, b"null", team="t", timeout_s=300, on_call=lambda *_: asked.set())


threading.Thread(target=loop, daemon=True).start()
asked.wait(30)
sys.stdout.write(" ".join(str(child.pid) for child in psutil.Process().children()) + "\n")
sys.stdout.flush()
threading.Event().wait()
