"""Doors of the import page: links, and files that are more than they seem. Both end in a report, never in an error."""

import io
import struct
import tarfile
import time
import zipfile
from collections.abc import Callable

import psycopg

from pumpflix.tests.live.hostile.doors import each
from pumpflix.tests.live.hostile.entries import Case, Outcome
from pumpflix.tests.live.hostile.stage import RUN_S, Stage, token_in
from pumpflix.tests.product import patience

STATES = (
    "SELECT state, report->'problems'->0->>'code' FROM workflows_app_importentry WHERE batch_id = %s ORDER BY place"
)
MIB = 1024 * 1024
ENDINGS = {"YAML": "x.yaml", "XML": "x.xml", "CSV": "x.csv"}


@each("links", at_once=3)
def links(stage: Stage, case: Case) -> Outcome:
    """A link on the import page."""
    return brought(stage, {"url": case.given["it"]}, {})


@each("uploads", at_once=2)
def uploads(stage: Stage, case: Case) -> Outcome:
    """A file on the import page."""
    name = case.given["it"]
    ending = ENDINGS.get(name.partition(" ")[0], "x.zip")
    return brought(stage, {}, {"file": (ending, FILES[name]())})


def brought(stage: Stage, fields: dict[str, str], files: dict[str, tuple[str, bytes]]) -> Outcome:
    """The status of the page, and `refused` or `checked` for the whole of what was brought."""
    browser = stage.browser
    token = token_in(browser.get("/import").text)
    answer = browser.post("/import", data={**fields, "csrfmiddlewaretoken": token}, files=files or None)
    if answer.status_code != 200:
        return Outcome(str(answer.status_code), text=answer.text)
    batch_id = answer.url.path.rstrip("/").rpartition("/")[2]
    deadline = time.monotonic() + RUN_S * patience()
    with psycopg.connect(stage.database_url, autocommit=True) as connection:
        while time.monotonic() < deadline:
            rows = connection.execute(STATES, (batch_id,)).fetchall()
            if not any(state == "waiting" for state, _ in rows):
                break
            time.sleep(0.1)
    states = {state for state, _ in rows}
    code = "refused" if states == {"refused"} else "-".join(sorted(states))
    return Outcome(str(answer.status_code), code, f"{rows[:5]} {answer.text}")


def zipped(**entries: bytes) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name, data in entries.items():
            archive.writestr(name.replace("_dot_", "."), data)
    return packed.getvalue()


def many_entries(count: int) -> bytes:
    return zipped(**{f"{number}.json": b"{}" for number in range(count)})


def nested() -> bytes:
    inner = zipped(**{"a.json": bytes(5 * MIB)})
    for _ in range(5):
        inner = zipped(**{"inner.zip": inner})
    return inner


def lying() -> bytes:
    """A zip whose directory says that its 20 MB are ten bytes."""
    data = zipped(**{"a.json": bytes(20 * MIB)})
    at = data.rindex(b"PK\x01\x02") + 24
    return data[:at] + struct.pack("<I", 10) + data[at + 4 :]


def leading_out() -> bytes:
    """Names that climb, and a tar that holds a link; none of it is a workflow."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        link = tarfile.TarInfo("x.json")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        archive.addfile(link)
    return zipped(**{"../../../etc/cron.d/x.json": b"[1]", "/abs.json": b"[1]", "t.tar": packed.getvalue()})


def aliases() -> bytes:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 12)]
    return "\n".join(lines).encode()


def entities() -> bytes:
    lines = [f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 12)]
    return f'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY e0 "ha">{"".join(lines)}]><a>&e11;</a>'.encode()


FILES: dict[str, Callable[[], bytes]] = {
    "zip of zeros": lambda: zipped(**{"a.json": bytes(150 * MIB)}),
    "zip of many entries": lambda: many_entries(12_000),
    "zip of six hundred entries": lambda: many_entries(600),
    "zip in a zip": nested,
    "zip that leads out": leading_out,
    "a zip that lies about sizes": lying,
    "broken zip": lambda: zipped(**{"a.json": b"{}"})[:-30],
    "YAML of aliases": aliases,
    "XML of entities": entities,
    "CSV": lambda: b"a,b\n" + b'=HYPERLINK("http://x"),1\n' * 10_000,
}
