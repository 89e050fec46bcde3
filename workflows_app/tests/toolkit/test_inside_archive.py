"""Archives: what goes in comes out, and what would fill the memory or leave the folder does not."""

import io
import stat
import zipfile

import pytest

from pumpflix.lib.sandbox.errors import FileRefused
from workflows_app.toolkit.inside import archive as compressed
from workflows_app.toolkit.inside.archive import gunzipped, gzipped, unzipped, zipped

pytestmark = [pytest.mark.nodes, pytest.mark.requirement(16)]


def archive(*entries: tuple[zipfile.ZipInfo | str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        for name, data in entries:
            made.writestr(name, data)
    return out.getvalue()


def link(name: str) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name)
    info.external_attr = (stat.S_IFLNK | 0o777) << 16
    return info


def test_files_of_one_name_are_all_kept() -> None:
    files = unzipped(zipped([("a.txt", b"1"), ("a.txt", b"2"), ("in/b.txt", b"3")]))
    assert files == [("a.txt", b"1"), ("a_1.txt", b"2"), ("b.txt", b"3")]


@pytest.mark.requirement(14)
def test_names_that_lead_elsewhere_lose_their_folders() -> None:
    assert unzipped(archive(("../../etc/passwd", b"x"), ("C:\\win\\a.ini", b"y"))) == [
        ("passwd", b"x"),
        ("a.ini", b"y"),
    ]


def test_folders_are_left_out() -> None:
    assert unzipped(archive(("folder/", b""), ("folder/a", b"1"))) == [("a", b"1")]


@pytest.mark.parametrize(
    "data, code",
    [
        (archive(("bomb", b"\0" * 40_000_000)), "file_too_large"),
        (archive((link("evil"), b"/etc/passwd")), "file_refused"),
        (archive(("a", b"1"))[:-9], "file_damaged"),
        (b"PK nothing", "file_damaged"),
        (archive(*((str(number), b"") for number in range(10_001))), "file_too_large"),
    ],
    ids=["bomb", "link", "cut", "text", "entries"],
)
def test_an_archive_that_cannot_be_unpacked_safely_is_refused(data: bytes, code: str) -> None:
    with pytest.raises(FileRefused) as caught:
        unzipped(data)
    assert caught.value.code == code


def test_entries_that_share_bytes_are_refused() -> None:
    data = archive(("a", b"x" * 1000), ("b", b"y" * 1000))
    members = zipfile.ZipFile(io.BytesIO(data)).infolist()
    members[1].header_offset = members[0].header_offset + 5
    with pytest.raises(FileRefused, match="overlap"):
        compressed.check_members(members)


def test_gzip_goes_both_ways_over_several_members() -> None:
    assert gunzipped(gzipped(b"one ") + gzipped(b"two") + b"\0\0") == b"one two"


@pytest.mark.parametrize(
    "data, code",
    [
        (gzipped(b"\0" * 200_000_000), "file_too_large"),
        (gzipped(b"x" * 99)[:-5], "file_damaged"),
        (b"\x1f\x8bx", "file_damaged"),
    ],
    ids=["bomb", "cut", "text"],
)
def test_a_gzip_file_that_cannot_be_unpacked_safely_is_refused(data: bytes, code: str) -> None:
    with pytest.raises(FileRefused) as caught:
        gunzipped(data)
    assert caught.value.code == code
