"""Names of files in the team's store. What an author writes (`/data/a.csv`, `C:\\tmp\\a.csv`, `./a.csv`) becomes a name
in the store; nothing an author writes ever names a place on a disk."""

import re

from workflows_app.engine.errors import ParameterError
from workflows_app.toolkit.regex import compile_pattern

MAX_LENGTH = 500
MAX_PART = 200
MAX_CHOICES = 16
DRIVE = re.compile(r"[A-Za-z]:(?=/|$)")
GLOB = frozenset("*?[{")
TOKEN = re.compile(r"\*\*/|\*+|\?|\[[^\]/]*\]|\{[^{}]*\}|.", re.DOTALL)


def normalised(path: str) -> str:
    """The name in the store. Drive letters, leading slashes and `.` are dropped. Raises ParameterError for `..`, for
    an empty name and for characters that no file name has."""
    text = DRIVE.sub("", path.strip().replace("\\", "/"), count=1).removeprefix("~")
    parts = [part.strip() for part in text.split("/")]
    parts = [part for part in parts if part not in ("", ".")]
    if ".." in parts:
        raise ParameterError(f"'{path[:80]}' leads out of the file store.", hint="Write the path without '..'.")
    if not parts or len("/".join(parts)) > MAX_LENGTH or any(len(part) > MAX_PART for part in parts):
        raise ParameterError(
            f"'{path[:80]}' is not the name of a file.", hint=f"Enter a name of 1 to {MAX_PART} characters."
        )
    if any(not char.isprintable() for char in "".join(parts)):
        raise ParameterError("A file name holds a control character.", hint="Remove line breaks and tabs from it.")
    return "/".join(parts)


def is_pattern(path: str) -> bool:
    return not GLOB.isdisjoint(path)


def fixed_folder(pattern: str) -> str:
    """The folder that every match of a pattern is in: its steps before the first one with a wildcard."""
    kept = []
    for part in pattern.split("/")[:-1]:
        if is_pattern(part):
            break
        kept.append(part)
    return "/".join(kept)


def matching(paths: list[str], pattern: str) -> list[str]:
    """Those that fit: `*` and `?` within one step, `**` across steps, `[abc]`, `{csv,tsv}`."""
    fits = compile_pattern("^(?:" + "".join(translated(token) for token in TOKEN.findall(pattern)) + ")$").search
    return [path for path in paths if fits(path)]


def translated(token: str) -> str:
    if token == "**/":  # noqa: S105  a wildcard, no password
        return "(?:.*/)?"
    if token.startswith("*"):
        return "[^/]*" if token == "*" else ".*"  # noqa: S105
    if token == "?":  # noqa: S105
        return "[^/]"
    if token.startswith("[") and len(token) > 2:
        inner = token[1:-1].replace("\\", "\\\\").replace("[", "\\[")
        return f"[^{inner[1:]}]" if inner[0] in "!^" and len(inner) > 1 else f"[{inner}]"
    if token.startswith("{") and len(token) > 2:
        return "(?:" + "|".join(quoted(choice) for choice in token[1:-1].split(",")[:MAX_CHOICES]) + ")"
    return quoted(token)


def quoted(text: str) -> str:
    return re.sub(r"([^\w/-])", r"\\\1", text, flags=re.ASCII)
