"""Zip and gzip: packing, and unpacking under caps. Sizes are counted while unpacking, never believed."""

import gzip
import io
import itertools
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterable
from pathlib import PurePosixPath
from typing import Any

from pumpflix.lib.sandbox.errors import FileRefused

MAX_UNPACKED = 256 * 1024 * 1024
LOCAL_HEADER = 30
MAX_ENTRIES = 10_000
MAX_RATIO = 100
RATIO_FROM = 1024 * 1024
"""Below this size the ratio does not count: a small file of blanks is no attack."""
ENCRYPTED = 0x1
CHUNK = 1024 * 1024
NO_DATE = (1980, 1, 1, 0, 0, 0)


def work(header: dict[str, Any], files: list[bytes]) -> tuple[dict[str, Any], list[bytes]]:
    """`do` is zip, gzip, unzip or gunzip; `names` are those of the files, or of what came out of an archive."""
    if header["do"] == "zip":
        return {}, [zipped(zip(header["names"], files, strict=True))]
    if header["do"] == "unzip":
        found = unzipped(files[0])
        return {"names": [name for name, _ in found]}, [data for _, data in found]
    return {}, [{"gzip": gzipped, "gunzip": gunzipped}[header["do"]](files[0])]


def zipped(files: Iterable[tuple[str, bytes]]) -> bytes:
    """An archive of these files. The same files give the same bytes; a repeated name gets a number."""
    out = io.BytesIO()
    taken: set[str] = set()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files:
            free = free_name(inner_name(name), taken)
            taken.add(free)
            archive.writestr(zipfile.ZipInfo(free, NO_DATE), data, compress_type=zipfile.ZIP_DEFLATED)
    return out.getvalue()


def free_name(name: str, taken: set[str]) -> str:
    if name not in taken:
        return name
    path = PurePosixPath(name)
    return next(
        candidate
        for number in itertools.count(1)
        if (candidate := f"{path.stem}_{number}{path.suffix}") not in taken
    )  # fmt: skip


def inner_name(name: str) -> str:
    """The last step of a path, so that no name leads out of the folder an archive is unpacked to."""
    return PurePosixPath(name.replace("\\", "/")).name.replace("\x00", "") or "file"


def unzipped(data: bytes) -> list[tuple[str, bytes]]:
    """The files of an archive by their last name, folders left out. Raises FileRefused for a damaged, encrypted or
    oversized one, and for one with links."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = archive.infolist()
        check_members(members)
        left = allowance(len(data))
        out = []
        for member in members:
            if member.is_dir():
                continue
            content = unpack(data, member, left)
            left -= len(content)
            out.append((inner_name(member.filename), content))
    except (
        zipfile.BadZipFile,
        zlib.error,
        struct.error,
        ValueError,
        NotImplementedError,
        OSError,
        IndexError,
    ) as error:
        raise damaged("zip") from error
    return out


def unpack(data: bytes, member: zipfile.ZipInfo, limit: int) -> bytes:
    name_length, extra_length = struct.unpack_from("<HH", data, member.header_offset + 26)
    start = member.header_offset + LOCAL_HEADER + name_length + extra_length
    packed = data[start : start + member.compress_size]
    if member.compress_type == zipfile.ZIP_STORED:
        unpacked = packed
    elif member.compress_type == zipfile.ZIP_DEFLATED:
        unpacked = zlib.decompressobj(-zlib.MAX_WBITS).decompress(packed, limit + 1)
    else:
        raise ValueError("unknown compression")
    if len(unpacked) > limit:
        raise FileRefused(
            "This file unpacks to too much data.", code="file_too_large", hint=f"At most {MAX_UNPACKED // 1024**2} MB."
        )
    return unpacked


def check_members(members: list[zipfile.ZipInfo]) -> None:
    if len(members) > MAX_ENTRIES:
        raise FileRefused(
            f"The archive has {len(members)} entries.", code="file_too_large", hint=f"At most {MAX_ENTRIES}."
        )
    for member in members:
        kind = stat.S_IFMT(member.external_attr >> 16)
        if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
            raise FileRefused(
                "The archive holds a link or a device.", code="file_refused", hint="Pack plain files only."
            )
        if member.flag_bits & ENCRYPTED:
            raise FileRefused("The archive has a password.", code="file_refused", hint="Save it without a password.")
    ordered = sorted(members, key=lambda member: member.header_offset)
    for before, after in itertools.pairwise(ordered):
        if before.header_offset + LOCAL_HEADER + before.compress_size > after.header_offset:
            raise FileRefused("Entries of the archive overlap.", code="file_refused", hint="Pack the files anew.")


def allowance(packed: int) -> int:
    """How many bytes may come out of that many."""
    return min(MAX_UNPACKED, max(RATIO_FROM, packed * MAX_RATIO))


def gzipped(data: bytes) -> bytes:
    return gzip.compress(data, mtime=0)


def gunzipped(data: bytes) -> bytes:
    """The content of a gzip file of one or more members. Raises FileRefused for a damaged or oversized one."""
    limit = allowance(len(data))
    out, rest = bytearray(), data
    while rest:
        worker = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
        try:
            out += worker.decompress(rest, limit - len(out) + 1)
        except zlib.error as error:
            raise damaged("gzip") from error
        if len(out) > limit or worker.unconsumed_tail:
            raise FileRefused(
                "This file unpacks to too much data.",
                code="file_too_large",
                hint=f"At most {MAX_UNPACKED // 1024**2} MB, and {MAX_RATIO} times its own size.",
            )
        if not worker.eof:
            raise damaged("gzip")
        # What follows the end of a member is padding unless another one begins there.
        rest = worker.unused_data if worker.unused_data[:2] == b"\x1f\x8b" else b""
    return bytes(out)


def damaged(kind: str) -> FileRefused:
    return FileRefused(f"This is not a complete {kind} file.", code="file_damaged", hint="Pack it again.")
