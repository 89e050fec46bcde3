"""Lines of a directory listing, as Unix and as Windows servers write them."""

import re
import stat
from datetime import UTC, datetime
from typing import Any

_UNIX = re.compile(
    r"(?P<type>[-bcdlps])(?P<rights>[-rwxsStTlL]{9})(?P<acl>[.+@]?)\s+\d+\s+(?P<owner>\S+)\s+(?P<group>\S+)\s+"
    r"(?P<size>\d+)\s+(?P<month>[A-Z][a-z]{2})\s+(?P<day>\d{1,2})\s+(?P<when>\d{4}|\d{1,2}:\d{2})\s(?P<name>.+)"
)
_DOS = re.compile(r"(\d{2})-(\d{2})-(\d{2,4})\s+(\d{1,2}):(\d{2})\s*([AP]M)?\s+(<DIR>|\d+)\s+(.+)")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
MAX_LINE = 4096


def read_line(line: str, now: datetime | None = None) -> dict[str, Any] | None:
    """One entry; None for a line that is none. A time without a year lies in the past twelve months; zones are UTC."""
    if len(line) > MAX_LINE:
        return None
    unix = _UNIX.fullmatch(line)
    if unix is not None:
        return _unix_entry(unix, now or datetime.now(UTC))
    dos = _DOS.fullmatch(line)
    return _dos_entry(dos) if dos is not None else None


def rights_of(text: str) -> dict[str, str]:
    """`rwxr-x---` by who has them."""
    parts = {"user": text[:3], "group": text[3:6], "other": text[6:9]}
    return {who: "".join(mark for mark in part.lower().replace("s", "x").replace("t", "x") if mark in "rwx")
            for who, part in parts.items()}  # fmt: skip


def iso(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%S}.000Z"


def mode_entry(name: str, mode: int) -> dict[str, Any]:
    """The beginning of an entry, of a file's mode as SFTP gives it."""
    kind = "d" if stat.S_ISDIR(mode) else "l" if stat.S_ISLNK(mode) else "-"
    return {"type": kind, "name": name, "rights": rights_of(stat.filemode(mode)[1:])}


def _unix_entry(found: re.Match[str], now: datetime) -> dict[str, Any] | None:
    if found["month"] not in _MONTHS:
        return None
    month, day, name = _MONTHS.index(found["month"]) + 1, int(found["day"]), found["name"]
    try:
        if ":" in found["when"]:
            hour, _, minute = found["when"].partition(":")
            at = datetime(now.year, month, day, int(hour), int(minute), tzinfo=UTC)
            at = at.replace(year=now.year - 1) if (at - now).days >= 1 else at
        else:
            at = datetime(int(found["when"]), month, day, tzinfo=UTC)
    except ValueError:
        return None
    out: dict[str, Any] = {"type": found["type"], "name": name}
    if found["type"] == "l":
        out["name"], _, out["target"] = name.partition(" -> ")
    return {
        **out,
        "sticky": found["rights"][-1] in "tT",
        "rights": rights_of(found["rights"]),
        "acl": found["acl"] == "+",
        "owner": found["owner"],
        "group": found["group"],
        "size": int(found["size"]),
        "modifyTime": iso(at),
    }


def _dos_entry(found: re.Match[str]) -> dict[str, Any] | None:
    month, day, year, hour, minute = (int(found[part]) for part in range(1, 6))
    year += 0 if year >= 100 else 1900 if year >= 70 else 2000
    hour = hour % 12 + (12 if found[6] == "PM" else 0) if found[6] else hour
    try:
        at = datetime(year, month, day, hour, minute, tzinfo=UTC)
    except ValueError:
        return None
    is_folder = found[7] == "<DIR>"
    return {"type": "d" if is_folder else "-", "name": found[8], "size": 0 if is_folder else int(found[7]),
            "modifyTime": iso(at)}  # fmt: skip
