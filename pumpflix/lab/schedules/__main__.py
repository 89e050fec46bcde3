"""`python -m pumpflix.lab.schedules [--seed N] [--count 500] [--days N] [--kills 20]`: on a PostgreSQL of its own, in a
temporary folder. The last line counts; the exit status says whether all of it was right."""

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pumpflix.env import ROOT
from pumpflix.supervisor.data_folder import DataFolder
from pumpflix.supervisor.servers import EmbeddedServers, server_environment
from pumpflix.supervisor.spawn import Recipe, spawn

START_S = 60.0
STOP_S = 20.0


@contextmanager
def own_database() -> Iterator[str]:
    """Its address."""
    with tempfile.TemporaryDirectory(prefix="pf-schedules-") as folder:
        os.chmod(folder, 0o755)  # noqa: S103 - the account that PostgreSQL runs as has to enter
        data = DataFolder(Path(folder))
        servers = EmbeddedServers.in_folder(data)
        servers.create_cluster()
        data.logs.mkdir(exist_ok=True)
        with (data.logs / "postgres.log").open("ab") as log:
            command = servers.postgres_command(durable=False)
            process = spawn(Recipe(command, server_environment(), account=servers.account), log)
            try:
                wait_for(servers)
                servers.create_database()
                yield data.database_url
            finally:
                process.send_signal(signal.SIGQUIT)
                process.wait(STOP_S)


def wait_for(servers: EmbeddedServers) -> None:
    deadline = time.monotonic() + START_S
    while not servers.is_postgres_ready():
        if time.monotonic() > deadline:
            raise RuntimeError("PostgreSQL did not start.")
        time.sleep(0.05)


def main() -> int:
    with own_database() as address:
        environ = {**os.environ, "DATABASE_URL": address, "DJANGO_SETTINGS_MODULE": "pumpflix.settings"}
        command = [sys.executable, "-m", "pumpflix.lab.schedules.whole", *sys.argv[1:]]
        return subprocess.run(command, cwd=ROOT, env=environ, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
