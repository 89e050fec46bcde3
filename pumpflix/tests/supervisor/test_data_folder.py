import base64
import os
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from pumpflix.supervisor.data_folder import LONGEST_SOCKET_PATH, DataFolder, DataFolderInUse


@pytest.fixture
def data(tmp_path) -> DataFolder:
    return DataFolder(tmp_path / "data")


def test_a_key_is_made_once_and_only_its_owner_reads_it(data):
    key = data.secret("secret_key", size_bytes=48)
    assert len(base64.urlsafe_b64decode(key)) == 48, "64 characters"
    assert data.secret("secret_key", size_bytes=48) == key
    place = data.path / "keys" / "secret_key"
    assert stat.S_IMODE(place.stat().st_mode) == 0o600
    assert stat.S_IMODE(place.parent.stat().st_mode) == 0o700


def test_two_that_start_at_once_end_up_with_one_key(data):
    with ThreadPoolExecutor(8) as pool:
        keys = set(pool.map(lambda _: data.secret("encryption_key", size_bytes=32), range(8)))
    assert len(keys) == 1
    assert [path.name for path in (data.path / "keys").iterdir()] == ["encryption_key"]


def test_a_second_supervisor_is_told_who_has_the_folder(data):
    with data.lock(), pytest.raises(DataFolderInUse, match=f"process id {os.getpid()}.*PUMPFLIX_DATA_DIR"):
        data.lock()
    data.lock().close()


def test_sockets_lie_in_the_folder():
    data = DataFolder(Path("/srv/flix"))
    assert data.sockets == Path("/srv/flix/sockets")
    assert parse_qs(urlsplit(data.database_url).query)["host"] == ["/srv/flix/sockets"]
    assert data.redis_url == "unix:///srv/flix/sockets/valkey.sock?db=0"


def test_a_long_path_has_its_sockets_in_the_temporary_folder():
    long, other = DataFolder(Path("/srv") / ("x" * 120)), DataFolder(Path("/srv") / ("y" * 120))
    assert len(str(long.sockets / ".s.PGSQL.5432.lock")) < LONGEST_SOCKET_PATH
    assert long.sockets == DataFolder(long.path).sockets
    assert long.sockets != other.sockets
