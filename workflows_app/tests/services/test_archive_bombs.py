"""Zips that are brought to an import: none of them fills memory or leaves its place."""

import io
import json
import stat
import struct
import tarfile
import time
import zipfile

import pytest

from workflows_app.services import archives
from workflows_app.services.archives import Entry, read
from workflows_app.tests.graphs import manual_set

pytestmark = pytest.mark.requirement(16)

NAMES = ["../../etc/cron.d/x.json", "/etc/x.json", "C:\\x.json", "a/../../b.json", "x" * 300 + ".json"]
KINDS = {"link": stat.S_IFLNK, "char": stat.S_IFCHR, "block": stat.S_IFBLK, "pipe": stat.S_IFIFO}
GOOD = json.dumps(manual_set(a=1)).encode()


def zipped(*entries: tuple[zipfile.ZipInfo | str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        for name, data in entries:
            made.writestr(name, data)
    return out.getvalue()


def special(name: str, kind: int) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name)
    info.external_attr = (kind | 0o777) << 16
    return info


def codes(data: bytes) -> list[str]:
    return [code_of(entry) for entry in read(data)]


def code_of(entry: Entry) -> str:
    return "" if entry.report.graph is not None else entry.report.problems[0].code


def test_a_file_that_unpacks_to_far_more_is_refused_unread() -> None:
    began = time.monotonic()
    assert codes(zipped(("a.json", b" " * 200_000_000), ("b.json", GOOD))) == ["too_large", ""]
    assert time.monotonic() - began < 20


def test_many_files_that_unpack_to_much_together_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archives, "MOST_UNPACKED_BYTES", 3 * len(GOOD))
    found = codes(zipped(*((f"{number}.json", GOOD) for number in range(5))))
    assert found == ["", "", "", "too_large"]


def test_too_many_entries_are_told_once() -> None:
    assert codes(zipped(*((f"{number}.json", b"{}") for number in range(501)))) == ["too_large"]
    assert codes(zipped(*((f"{number}.txt", b"") for number in range(10_001)))) == ["too_large"]


def test_a_zip_in_a_zip_is_left_packed() -> None:
    inner = zipped(("a.json", GOOD))
    for _ in range(5):
        inner = zipped(("inner.zip", inner))
    assert codes(inner) == ["empty"]
    assert set(codes(zipped(("inner.json", zipped(("a.json", GOOD)))))) <= {"not_json", "not_utf8"}


@pytest.mark.parametrize("name", NAMES)
def test_a_name_is_only_shown(name: str, tmp_path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert codes(zipped((name, GOOD))) == [""]
    assert list(tmp_path.rglob("*")) == []


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_a_link_or_a_device_is_its_bytes_and_no_place(kind: int) -> None:
    assert codes(zipped((special("a.json", kind), b"/etc/passwd"))) == ["not_json"]


def test_a_size_that_is_a_lie_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    data = bytearray(zipped(("a.json", b"[" + b"0," * 6_000_000 + b"0]")))
    for mark, place in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        at = data.index(mark) + place
        data[at : at + 4] = struct.pack("<I", 100)
    [code] = codes(bytes(data))
    assert code in ("too_large", "zip_invalid", "not_json")


@pytest.mark.parametrize("mode", ["w", "w:gz"])
def test_a_tar_is_no_archive_here(mode: str) -> None:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode=mode) as made:
        info = tarfile.TarInfo("../../etc/x.json")
        info.size = len(GOOD)
        made.addfile(info, io.BytesIO(GOOD))
    assert set(codes(out.getvalue())) <= {"not_json", "not_utf8"}


@pytest.mark.parametrize("damage", [lambda d: d[:-30], lambda d: d[:40] + b"\0" * 8 + d[48:], lambda d: b"PK" + d[50:]])
def test_a_damaged_zip_is_said_to_be_damaged(damage) -> None:
    assert set(codes(damage(zipped(("a.json", GOOD * 3))))) <= {"zip_invalid", "not_json"}
