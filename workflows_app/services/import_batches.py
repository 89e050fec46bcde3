"""Batches of inputs: each is stored sealed, judged, and on request stored as a workflow; many of them by a worker."""

import zlib
from collections.abc import Iterable
from dataclasses import asdict
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import structlog
from django.db import transaction
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.keys import keyring
from accounts.models import User
from accounts.services.notifications import notify
from accounts.services.teams import own_team
from pumpflix.lib.crypto import RecordId, seal, unseal
from workflows_app.engine.errors import UserError, WorkflowInvalid
from workflows_app.models import ImportBatch, ImportEntry
from workflows_app.services import import_links, imports
from workflows_app.services.archives import MOST_ENTRIES, MOST_UNPACKED_BYTES, Part, parts_of, refused
from workflows_app.services.imports import Fixes, ImportReport

log = structlog.get_logger(__name__)

AT_ONCE = 8
SLICE = 10
LEASE = timedelta(seconds=60)
KEPT = timedelta(days=7)
MOST_SHOWN = 50
ACTS = {"repair": "repair", "cut": "cut", "swap": "swap"}


def bring(given: Iterable[Part], *, owner: User | None, origin: str) -> ImportBatch:
    """A batch of everything in `given`, zips and lists unpacked. A few are judged at once, by whoever; many only for
    somebody who is signed in."""
    parts = capped([one for part in given for one in ([part] if part.refusal else parts_of(part.data, part.name))])
    if owner is None and len(parts) > AT_ONCE:
        text = _("%(count)d workflows: sign in to check more than %(most)d at once.")
        parts = [Part(origin, refusal=refused(text % {"count": len(parts), "most": AT_ONCE}, "too_large"))]
    with transaction.atomic():
        ImportBatch.objects.filter(created_at__lt=timezone.now() - KEPT).delete()
        batch = ImportBatch.objects.create(owner=owner, origin=origin[:200])
        ImportEntry.objects.bulk_create(
            [entry_of(batch, place, part) for place, part in enumerate(parts)], batch_size=50
        )
    return go_on(batch)


def capped(parts: list[Part]) -> list[Part]:
    """At most so many workflows and bytes at once; what is left out is said in a row of its own."""
    kept: list[Part] = []
    size = 0
    for part in parts:
        size += len(part.data)
        if len(kept) == MOST_ENTRIES or size > MOST_UNPACKED_BYTES:
            text = f"{len(parts) - len(kept)} more left out: at most {MOST_ENTRIES} workflows and 100 MB at once."
            return [*kept, Part("more", refusal=refused(text, "too_large"))]
        kept.append(part)
    return kept


def entry_of(batch: ImportBatch, place: int, part: Part) -> ImportEntry:
    entry = ImportEntry(batch=batch, place=place, name=part.name[:200])
    refusal = part.refusal or (imports.read(part.data) if len(part.data) > imports.MAX_IMPORT_BYTES else None)
    if refusal is not None:
        entry.state, entry.report = "refused", shown(refusal)
    else:
        entry.source = seal(keyring(), record_of(entry), zlib.compress(part.data, 1))
    return entry


def record_of(entry: ImportEntry) -> RecordId:
    return RecordId(str(entry.batch_id), str(entry.place), "import", 1)


def source_of(entry: ImportEntry) -> bytes:
    return zlib.decompress(unseal(keyring(), record_of(entry), bytes(entry.source or b"")))


def report_of(entry: ImportEntry) -> ImportReport:
    """The whole report, read anew with the fixes its owner chose."""
    return imports.read(source_of(entry), fixes=Fixes(**entry.fixes))


def judge(entry: ImportEntry) -> None:
    report = report_of(entry)
    entry.report = shown(report)
    entry.state = "checked" if report.is_importable else "refused"


def shown(report: ImportReport) -> dict[str, Any]:
    """What the page says of an input. No secret is in it."""
    counts = {word: sum(one.verdict == word for one in report.verdicts) for word in WORDS}
    run_here = counts["native"] + counts["differs"]
    return {
        "title": report.name[:200],
        "verdict": report.verdict if report.is_importable else "",
        "nodes": len(report.verdicts),
        "score": round(100 * run_here / len(report.verdicts)) if report.verdicts else 0,
        "counts": counts,
        "credentials": report.credentials,
        "changes": report.changes[:MOST_SHOWN],
        "changes_count": len(report.changes),
        "problems": [asdict(problem) for problem in report.problems[:MOST_SHOWN]],
        "problems_count": len(report.problems),
        "secrets": [
            {"node": one.node, "place": one.place, "kind": one.kind, "shown": one.shown, "vault": one.vault}
            for one in report.secrets
        ],
        "damage": dict(report.damage),
        "mends": report.mends[:MOST_SHOWN],
        "mends_count": len(report.mends),
        "can_repair": report.is_repairable,
        "can_cut": report.can_cut,
    }


WORDS = ("native", "differs", "off", "swap", "placeholder")


def choose(batch: ImportBatch, *, act: str, place: int | None = None) -> ImportBatch:
    """Apply a fix to one entry, or to every one that it is for; what is changed is judged anew."""
    with transaction.atomic():
        for entry in batch.entries.select_for_update().filter(
            open_to(act), **({} if place is None else {"place": place})
        ):
            entry.fixes = entry.fixes | fix_of(act)
            entry.state = "waiting"
            entry.save(update_fields=["fixes", "state"])
        set_stage(batch, "checking")
    return go_on(batch)


def fix_of(act: str) -> dict[str, Any]:
    return {"secrets": act} if act in ("vault", "drop") else {ACTS[act]: True}


def open_to(act: str) -> Q:
    """Entries that a fix is for."""
    wanted = {
        "repair": Q(report__can_repair=True),
        "cut": Q(report__can_cut=True),
        "swap": Q(report__counts__swap__gt=0),
    }.get(act, ~Q(report__secrets=[]))
    return wanted & Q(state__in=("checked", "refused"), source__isnull=False)


def store(batch: ImportBatch, *, place: int | None = None) -> ImportBatch:
    """Make workflows of what can be imported; `place` names one, else all. Secrets must have been decided about."""
    if batch.owner is None:
        return batch
    chosen = batch.entries.filter(state="checked", report__secrets=[])
    chosen.filter(**({} if place is None else {"place": place})).update(is_chosen=True)
    set_stage(batch, "storing")
    return go_on(batch)


def set_stage(batch: ImportBatch, stage: str) -> None:
    batch.stage = stage
    ImportBatch.objects.filter(pk=batch.pk).update(stage=stage)


def go_on(batch: ImportBatch) -> ImportBatch:
    """Do little at once, leave much to a worker."""
    if batch.is_busy and waiting(batch).count() <= AT_ONCE:
        drive(batch)
    elif batch.is_busy:
        ring(batch)
    return batch


def ring(batch: ImportBatch) -> None:
    """Tell a worker. A lost message is sent again by the page that watches the batch."""
    from workflows_app.tasks import drive_import  # noqa: PLC0415  tasks call this module

    try:
        drive_import.delay(str(batch.pk))
    except OSError as error:
        log.warning("import_waits", batch=str(batch.pk), error=str(error))


def ring_again(batch: ImportBatch) -> None:
    """For a batch that nobody holds although there is something to do: the message, or the worker, was lost."""
    is_held = batch.lease_until is not None and batch.lease_until > timezone.now()
    if batch.is_busy and not is_held:
        ring(batch)


def waiting(batch: ImportBatch) -> Any:
    """Entries the present stage has not come to."""
    if batch.stage == "storing":
        return batch.entries.filter(state="checked", is_chosen=True)
    return batch.entries.filter(state="waiting")


def drive(batch: ImportBatch) -> bool:
    """Take the batch, and bring its stage to an end. False while somebody else holds it. Safe to run twice."""
    if not claim(batch):
        return False
    step = judge if batch.stage == "checking" else keep
    was_long = waiting(batch).count() > AT_ONCE
    while entries := list(waiting(batch).order_by("place")[:SLICE]):
        for entry in entries:
            step(entry)
            entry.save()
        ImportBatch.objects.filter(pk=batch.pk).update(lease_until=timezone.now() + LEASE)
    batch.stage = "stored" if batch.stage == "storing" else "checked"
    batch.lease_until = None
    batch.save(update_fields=["stage", "lease_until"])
    if was_long and batch.owner:
        tell(batch)
    return True


def claim(batch: ImportBatch) -> bool:
    now = timezone.now()
    free = ImportBatch.objects.filter(Q(lease_until=None) | Q(lease_until__lt=now), pk=batch.pk, stage=batch.stage)
    return batch.is_busy and free.update(lease_until=now + LEASE) == 1


def keep(entry: ImportEntry) -> None:
    """Store one workflow. Its source is not needed any longer."""
    owner = entry.batch.owner
    entry.is_chosen = False
    if owner is None:
        return
    try:
        entry.workflow = imports.create(report_of(entry), team=own_team(owner), by=owner)
        entry.state, entry.source = "stored", None
    except WorkflowInvalid as error:
        entry.state, entry.report = "refused", shown(ImportReport(None, error.problems))
    except UserError as error:
        entry.state, entry.report = "refused", shown(refused(error.message, error.instance_code))


def tell(batch: ImportBatch) -> None:
    count = batch.entries.count()
    title = _("Your import is stored") if batch.stage == "stored" else _("Your import is checked")
    text = ngettext("%(count)d workflow from %(origin)s.", "%(count)d workflows from %(origin)s.", count)
    address = reverse("workflows_app:import-show", args=[batch.pk])
    if batch.owner:
        notify(
            batch.owner, kind="import", title=title, text=text % {"count": count, "origin": batch.origin}, url=address
        )


def adopt(batch: ImportBatch, user: User) -> None:
    """Who brought something and signed in afterwards owns it."""
    if batch.owner_id is None:
        batch.owner = user
        ImportBatch.objects.filter(pk=batch.pk, owner=None).update(owner=user)


def from_link(url: str, *, by: User | None) -> Part:
    """What is behind a link; a link that cannot be read is a part that says why."""
    if by is None:
        return Part(url[:200], refusal=refused(_("Sign in to import from a link."), "not_signed_in"))
    try:
        return Part(*import_links.fetch(url))
    except UserError as error:
        return Part(url[:200], refusal=refused(f"{error.message} {error.hint}", error.instance_code))


def from_files(files: Iterable[tuple[str, bytes]]) -> list[Part]:
    """Files and folders: what is neither JSON nor a zip is named and left alone, unless it is all there is."""
    given = [Part(name, data) for name, data in files]
    read = [part for part in given if part.name.lower().endswith((".json", ".zip")) or part.data[:2] == b"PK"]
    if len(given) == 1 or not read:
        return given[:MOST_ENTRIES]
    left = [part.name for part in given if part not in read]
    if not left:
        return read
    text = _("Neither .json nor .zip, so not read: %(names)s.") % {"names": ", ".join(left[:20])}
    name = ngettext("%d other file", "%d other files", len(left)) % len(left)
    return [*read, Part(name, refusal=refused(text, "not_json"))]


def origin_of(names: list[str], url: str = "") -> str:
    """What was brought, in a few words."""
    if url:
        return urlsplit(url).hostname or _("a link")
    if not names:
        return _("a paste")
    return names[0] if len(names) == 1 else ngettext("%d file", "%d files", len(names)) % len(names)
