"""Keys that somebody may have committed: forms that only real ones have, in the files of now and in every line that
history ever added."""

import re
import subprocess
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from pumpflix.env import ROOT

FORMS = {
    "AWS access key": r"\b(?:AKIA|ASIA)[A-Z0-9]{16}\b",
    "GitHub token": r"\b(?:gh[pousr]_[A-Za-z0-9]{36,}|github_pat_[A-Za-z0-9_]{60,})\b",
    "GitLab token": r"\bglpat-[A-Za-z0-9_-]{20,}\b",
    "Slack token": r"\bxox[abprs]-[0-9]{8,}-[0-9A-Za-z-]{20,}",
    "Slack webhook": r"hooks\.slack\.com/services/T[A-Z0-9]{8,}/B[A-Z0-9]{8,}/[A-Za-z0-9]{20,}",
    "Google API key": r"\bAIza[A-Za-z0-9_-]{35}\b",
    "Stripe key": r"\b[rs]k_live_[A-Za-z0-9]{20,}\b",
    "OpenAI key": r"\bsk-(?:proj-)?[A-Za-z0-9]{40,}\b",
    "Anthropic key": r"\bsk-ant-[A-Za-z0-9_-]{60,}",
    "Telegram token": r"\b[0-9]{8,10}:AA[A-Za-z0-9_-]{33}\b",
    "npm token": r"\bnpm_[A-Za-z0-9]{36}\b",
    "PyPI token": r"\bpypi-AgEIcHlwaS5vcmc[A-Za-z0-9_-]{50,}",
    "private key": r"-----BEGIN (?:[A-Z]+ )?PRIVATE KEY(?: BLOCK)?-----\s*[A-Za-z0-9+/=]{60,}",
}
ANY = re.compile("|".join(f"(?P<f{number}>{form})" for number, form in enumerate(FORMS.values())))
NAMES = list(FORMS)
# Made up on purpose, and said to be where they stand: their random part repeats or spells a word.
MADE_UP = re.compile(r"EXAMPLE|example|canary|planted|(.)\1{7}|abcdefgh|ABCDEFGH|01234567|12345678", re.IGNORECASE)
BINARY = {".png", ".webp", ".jpg", ".gif", ".pdf", ".zip", ".gz", ".woff2", ".ico", ".xlsx", ".docx"}


@dataclass(frozen=True, slots=True)
class Found:
    """Never the key itself: `where` it stands and the form it has."""

    where: str
    form: str


def in_text(text: str, where: str) -> Iterator[Found]:
    for match in ANY.finditer(text):
        if not MADE_UP.search(match[0]):
            yield Found(where, NAMES[int(str(match.lastgroup)[1:])])


def in_files(root: Path = ROOT) -> list[Found]:
    """Of all that git knows or would take in."""
    listed = git(root, "ls-files", "--cached", "--others", "--exclude-standard").decode().splitlines()
    paths = [root / name for name in listed if Path(name).suffix not in BINARY]
    texts = ((path, path.read_text(encoding="utf-8", errors="replace")) for path in paths if path.is_file())
    return [one for path, text in texts for one in in_text(text, str(path.relative_to(root)))]


def in_history(root: Path = ROOT) -> list[Found]:
    """Of every line that any commit added, once for each commit and form."""
    log = ["git", "log", "--all", "--no-color", "--unified=0", "--format=%x00%h", "--patch", "--text"]
    with subprocess.Popen(log, cwd=root, stdout=subprocess.PIPE) as running:
        assert running.stdout is not None
        lines = (line.decode("utf-8", "replace") for line in running.stdout)
        found = list(dict.fromkeys(_added(lines)))
    if running.returncode:
        raise RuntimeError(f"git log ended with {running.returncode}")
    return found


def _added(lines: Iterable[str]) -> Iterator[Found]:
    commit, path, block = "", "", ""
    for line in lines:
        if line.startswith("\0"):
            commit = line[1:].strip()
        elif line.startswith("+++ "):
            path = line[4:].strip().removeprefix("b/")
        elif line.startswith("+"):
            # A key of several lines begins with one that says so.
            block = (block + line[1:])[-4_000:] if "PRIVATE KEY" in block else line[1:]
            yield from in_text(block, f"{commit} {path}")
        else:
            block = ""


def git(root: Path, *arguments: str) -> bytes:
    return subprocess.run(["git", *arguments], cwd=root, check=True, capture_output=True).stdout
