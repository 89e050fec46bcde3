"""Zip and gzip for authors: packing, and unpacking under caps. Sizes are counted while unpacking, never believed."""

import gzip
import io
import itertools
import stat
import zipfile
import zlib
from collections.abc import Iterable
from pathlib import PurePosixPath

from workflows_app.engine.errors import UserError
from workflows_app.toolkit.archives import LOCAL_HEADER, MAX_UNPACKED, unpack

MAX_ENTRIES = 10_000
MAX_RATIO = 100
RATIO_FROM = 1024 * 1024
"""Below this size the ratio does not count: a small file of blanks is no attack."""
ENCRYPTED = 0x1
CHUNK = 1024 * 1024
NO_DATE = (1980, 1, 1, 0, 0, 0)


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
    """The files of an archive by their last name, folders left out. Raises UserError for a damaged, encrypted or
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
    except (zipfile.BadZipFile, zlib.error, ValueError, NotImplementedError, OSError, IndexError) as error:
        raise damaged("zip") from error
    return out


def check_members(members: list[zipfile.ZipInfo]) -> None:
    if len(members) > MAX_ENTRIES:
        raise UserError(
            f"The archive has {len(members)} entries.", code="file_too_large", hint=f"At most {MAX_ENTRIES}."
        )
    for member in members:
        kind = stat.S_IFMT(member.external_attr >> 16)
        if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
            raise UserError("The archive holds a link or a device.", code="file_refused", hint="Pack plain files only.")
        if member.flag_bits & ENCRYPTED:
            raise UserError("The archive has a password.", code="file_refused", hint="Save it without a password.")
    ordered = sorted(members, key=lambda member: member.header_offset)
    for before, after in itertools.pairwise(ordered):
        if before.header_offset + LOCAL_HEADER + before.compress_size > after.header_offset:
            raise UserError("Entries of the archive overlap.", code="file_refused", hint="Pack the files anew.")


def allowance(packed: int) -> int:
    """How many bytes may come out of that many."""
    return min(MAX_UNPACKED, max(RATIO_FROM, packed * MAX_RATIO))


def gzipped(data: bytes) -> bytes:
    return gzip.compress(data, mtime=0)


def gunzipped(data: bytes) -> bytes:
    """The content of a gzip file of one or more members. Raises UserError for a damaged or oversized one."""
    limit = allowance(len(data))
    out, rest = bytearray(), data
    while rest:
        worker = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
        try:
            out += worker.decompress(rest, limit - len(out) + 1)
        except zlib.error as error:
            raise damaged("gzip") from error
        if len(out) > limit or worker.unconsumed_tail:
            raise UserError(
                "This file unpacks to too much data.",
                code="file_too_large",
                hint=f"At most {MAX_UNPACKED // 1024**2} MB, and {MAX_RATIO} times its own size.",
            )
        if not worker.eof:
            raise damaged("gzip")
        # What follows the end of a member is padding unless another one begins there.
        rest = worker.unused_data if worker.unused_data[:2] == b"\x1f\x8b" else b""
    return bytes(out)


def damaged(kind: str) -> UserError:
    return UserError(f"This is not a complete {kind} file.", code="file_damaged", hint="Pack it again.")
