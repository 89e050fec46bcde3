"""Many workflows at once: a zip of n8n JSON out, a file or a zip in. Every entry of a zip gets a report of its own."""

import io
import json
import re
import unicodedata
import zipfile
import zlib
from collections.abc import Iterable
from dataclasses import dataclass, field

import orjson
from django.db import transaction

from accounts.models import Team, User
from accounts.services import audit, roles
from workflows_app.engine.errors import Problem, UserError, WorkflowInvalid
from workflows_app.models import Workflow
from workflows_app.services import imports
from workflows_app.services.edits import final_json
from workflows_app.services.imports import MAX_IMPORT_BYTES, ImportReport
from workflows_app.services.node_texts import elements, skip

MOST_ENTRIES = 500
MOST_LISTED = 10_000
MOST_UNPACKED_BYTES = 100 * 1024 * 1024
MOST_RATIO = 100
SIGNATURE = b"PK"
BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError, OSError)


@dataclass(frozen=True, slots=True)
class Entry:
    """One file of what was brought, and what it is."""

    name: str
    report: ImportReport


@dataclass(slots=True)
class Imported:
    created: list[Workflow] = field(default_factory=list)
    refused: list[Entry] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Part:
    """One input of what was brought: its bytes, or why they are not read."""

    name: str
    data: bytes = b""
    refusal: ImportReport | None = None


def read(data: bytes, *, name: str = "workflow.json", repair: bool = False) -> list[Entry]:
    """A zip is read entry by entry, anything else as one JSON file. A list of workflows is as good as a zip."""
    return [Entry(part.name, part.refusal or imports.read(part.data, repair=repair)) for part in parts_of(data, name)]


def parts_of(data: bytes, name: str = "workflow.json") -> list[Part]:
    if data[:2] == SIGNATURE:
        return parts_of_zip(data)
    if data.lstrip()[:1] == b"[" and len(data) <= MAX_IMPORT_BYTES:
        return parts_of_list(data, name)
    return [Part(name, data)]


def parts_of_list(data: bytes, name: str) -> list[Part]:
    """Each workflow of a list, in the bytes it is written in."""
    try:
        text = data.decode("utf-8-sig")
        json.loads(text)
        spans = elements(text, skip(text, 0))
    except (ValueError, RecursionError):
        return [Part(name, data)]
    if len(spans) > MOST_ENTRIES:
        return [Part(name, refusal=refused(f"{len(spans)} workflows; at most {MOST_ENTRIES} at once.", "too_large"))]
    if not spans:
        return [Part(name, refusal=refused("The list is empty: there is no workflow in it.", "not_an_object"))]
    return [Part(f"{name}[{place}]", text[begin:end].encode()) for place, (begin, end) in enumerate(spans)]


def parts_of_zip(data: bytes) -> list[Part]:
    """The `.json` files of a zip, in its order; everything else in it is left alone. Nothing is ever written to a disk,
    so that names are names and no places."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            found = [info for info in archive.infolist() if is_workflow_file(info)]
            if len(archive.infolist()) > MOST_LISTED or len(found) > MOST_ENTRIES:
                return [
                    Part("archive", refusal=refused(f"More than {MOST_ENTRIES} workflows in one zip.", "too_large"))
                ]
            return list(read_entries(archive, found)) or [
                Part("archive", refusal=refused("There is no .json file in this zip.", "empty"))
            ]
    except BROKEN:
        return [Part("archive", refusal=refused("This zip cannot be read; it is damaged or encrypted.", "zip_invalid"))]


def is_workflow_file(info: zipfile.ZipInfo) -> bool:
    base = info.filename.rsplit("/", 1)[-1]
    return not info.is_dir() and base.lower().endswith(".json") and not base.startswith("._")


def read_entries(archive: zipfile.ZipFile, found: list[zipfile.ZipInfo]) -> Iterable[Part]:
    left = MOST_UNPACKED_BYTES
    for info in found:
        name = shown_name(info.filename)
        if info.flag_bits & 1:
            yield Part(name, refusal=refused("This file is encrypted.", "zip_invalid"))
            continue
        if info.file_size > MOST_RATIO * max(info.compress_size, 1024):
            yield Part(name, refusal=refused("This file unpacks to far more than it should.", "too_large"))
            continue
        with archive.open(info) as packed:
            data = packed.read(min(MAX_IMPORT_BYTES, left) + 1)
        left -= len(data)
        if left < 0:
            yield Part(name, refusal=refused("The zip unpacks to more than 100 MB.", "too_large"))
            return
        yield Part(name, data)


def refused(message: str, code: str) -> ImportReport:
    return ImportReport(None, [Problem("$", message, code)])


def shown_name(name: str) -> str:
    """For people, and for nothing else."""
    return "".join(character for character in name if character.isprintable())[-200:]


def create(entries: Iterable[Entry], *, team: Team, by: User) -> Imported:
    """Store what can be imported, as drafts; the rest is handed back with its problems."""
    roles.require(by, team.pk, "editor")
    imported = Imported()
    for entry in entries:
        if not entry.report.is_importable:
            imported.refused.append(entry)
            continue
        try:
            with transaction.atomic():
                imported.created.append(imports.create(entry.report, team=team, by=by))
        except WorkflowInvalid as error:
            imported.refused.append(Entry(entry.name, ImportReport(None, error.problems)))
        except UserError as error:
            imported.refused.append(Entry(entry.name, refused(error.message, error.instance_code)))
    return imported


def write_zip(found: Iterable[Workflow], *, by: User) -> bytes:
    """A zip with one n8n JSON file per workflow, named after it."""
    out = io.BytesIO()
    names: set[str] = set()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for workflow in found:
            data = orjson.dumps(final_json(workflow), option=orjson.OPT_INDENT_2)
            archive.writestr(free_file_name(workflow.name, names), data)
            audit.record("workflow.export", actor=by, team=workflow.team, target=workflow)
    return out.getvalue()


def free_file_name(name: str, taken: set[str]) -> str:
    """A name every system can store, each once: letters, digits, `-`, `_` and spaces."""
    plain = unicodedata.normalize("NFKC", name)
    stem = re.sub(r"[^\w\- ]+", "_", plain).strip(" _")[:80] or "workflow"
    number, candidate = 1, f"{stem}.json"
    while candidate.casefold() in taken:
        number += 1
        candidate = f"{stem} ({number}).json"
    taken.add(candidate.casefold())
    return candidate
