"""The data folder: generated keys, the embedded servers' files and sockets, and the lock of its one supervisor."""

import fcntl
import hashlib
import os
import secrets
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import IO
from urllib.parse import quote

# The kernel's limit for a socket's path is 108 bytes on Linux and 104 on macOS, closing zero included.
LONGEST_SOCKET_PATH = 100


class DataFolderInUse(Exception):
    """Another supervisor holds the folder."""


@dataclass(frozen=True)
class DataFolder:
    path: Path

    @property
    def postgres(self) -> Path:
        return self.path / "postgres"

    @property
    def logs(self) -> Path:
        return self.path / "logs"

    @property
    def sockets(self) -> Path:
        """Inside the folder, or in the temporary folder where the folder's own path is too long for a socket."""
        inside = self.path / "sockets"
        if len(os.fsencode(inside / ".s.PGSQL.5432.lock")) <= LONGEST_SOCKET_PATH:
            return inside
        digest = hashlib.sha256(os.fsencode(self.path)).hexdigest()[:16]
        return Path(tempfile.gettempdir()) / f"pumpflix-{os.geteuid()}-{digest}"

    @property
    def database_url(self) -> str:
        return f"postgresql://pumpflix@/pumpflix?host={quote(str(self.sockets), safe='')}"

    @property
    def redis_socket(self) -> Path:
        return self.sockets / "valkey.sock"

    @property
    def redis_url(self) -> str:
        return f"unix://{quote(str(self.redis_socket))}?db=0"

    def secret(self, name: str, size_bytes: int) -> str:
        """A random key in unpadded base64, made at the first call and kept in a file that only its owner reads."""
        place = self.path / "keys" / name
        if not place.exists():
            _create_secret(place, size_bytes)
        return place.read_text(encoding="ascii").strip()

    def lock(self) -> IO[str]:
        """Hold the folder until the returned file is closed or the process ends. Raises `DataFolderInUse`."""
        self.path.mkdir(parents=True, exist_ok=True)
        handle = (self.path / "supervisor.lock").open("a+", encoding="ascii")
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            handle.seek(0)
            holder = handle.read().strip() or "unknown"
            handle.close()
            raise DataFolderInUse(
                f"{self.path} is in use by the PumpFlix with process id {holder}. "
                "Stop it first, or give this one a folder of its own in PUMPFLIX_DATA_DIR."
            ) from None
        handle.truncate(0)
        handle.write(f"{os.getpid()}\n")
        handle.flush()
        return handle


def _create_secret(place: Path, size_bytes: int) -> None:
    """Written aside and linked into place, so that two processes starting at once end up with one key."""
    place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    aside = place.with_name(f".{place.name}.{os.getpid()}.{secrets.token_hex(4)}")
    descriptor = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(secrets.token_urlsafe(size_bytes) + "\n")
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(aside, place)
    except FileExistsError:
        pass
    finally:
        aside.unlink()
