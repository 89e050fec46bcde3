"""Whether the audit trail is whole: every entry as it was written, none missing, and the end where it was sealed."""

import hmac
from collections.abc import Iterator
from dataclasses import dataclass, field

from django.db import transaction

from accounts.models import AuditEntry, AuditHead
from accounts.services import audit
from accounts.services.audit import digest, seal

MOST_TOLD = 50
CHUNK = 2_000
NOT_SEALED_HERE = "The seal is not of this instance's secret key: the trail was made anew, or the key was changed."


@dataclass
class Finding:
    """How far it was read: `entries` of them, the last with `number` and `chain`. `altered`: in words, the first of
    them. `is_sealed_here`: its end is, with the secret key of this instance."""

    entries: int = 0
    number: int = 0
    chain: str = ""
    altered: list[str] = field(default_factory=list)
    is_sealed_here: bool = True

    @property
    def problems(self) -> list[str]:
        """None for a trail that is whole."""
        return self.altered if self.is_sealed_here else [*self.altered, NOT_SEALED_HERE]

    @property
    def lacks_the_seal_alone(self) -> bool:
        return not self.altered and not self.is_sealed_here

    def tell(self, text: str) -> None:
        if len(self.altered) < MOST_TOLD:
            self.altered.append(text)


def check() -> Finding:
    """Read all of it, from the first entry on to the one that is the last now. Meanwhile it may go on."""
    found = Finding()
    _read_on(found, *_end())
    return found


def seal_again() -> Finding:
    """After the secret key was changed on purpose: seal the end, if that is all there is to say against the trail."""
    found = check()
    if not found.lacks_the_seal_alone:
        return found
    with transaction.atomic():
        head, last = _end()
        _read_on(found, head, last)
        if head is not None and found.lacks_the_seal_alone:
            AuditHead.objects.filter(pk=1).update(seal=seal(head.number, head.chain))
            found.is_sealed_here = True
    return found


def _end() -> tuple[AuditHead | None, int]:
    """What is said to be the end, and the number of the last entry; held until the end of the caller's transaction."""
    with transaction.atomic():
        audit.hold()
        return AuditHead.objects.filter(pk=1).first(), audit.end_of_the_trail()[0]


def _read_on(found: Finding, head: AuditHead | None, last: int) -> None:
    """From where it stood to the entry `last`."""
    for entry in _entries(found, last):
        if entry.number != found.number + 1:
            found.tell(f"Entries {found.number + 1} to {entry.number - 1} are missing.")
        elif not hmac.compare_digest(digest(entry, found.chain).encode(), entry.chain.encode()):
            found.tell(f"Entry {entry.number} of {entry.at:%Y-%m-%d %H:%M:%S} is not as it was written.")
        found.number, found.chain = entry.number, entry.chain
        found.entries += 1
    _check_end(found, head)


def _entries(found: Finding, last: int) -> Iterator[AuditEntry]:
    rows = AuditEntry.objects.filter(number__lte=last).order_by("number")
    # The first ones have no bound below: an entry put before number 1 is told, too.
    batch = list((rows.filter(number__gt=found.number) if found.entries else rows)[:CHUNK])
    while batch:
        yield from batch
        batch = list(rows.filter(number__gt=batch[-1].number)[:CHUNK])


def _check_end(found: Finding, head: AuditHead | None) -> None:
    if head is None:
        if found.number:
            found.tell("The end of the trail is not sealed: its row is gone.")
        return
    if head.number > found.number:
        found.tell(f"Entries {found.number + 1} to {head.number} are missing at the end.")
    elif (head.number, head.chain) != (found.number, found.chain):
        found.tell("The trail goes on behind the end that was sealed.")
    found.is_sealed_here = hmac.compare_digest(head.seal.encode(), seal(head.number, head.chain).encode())
