"""Whether the audit trail is whole: every entry as it was written, none missing, and the end where it was sealed."""

import hmac
from dataclasses import dataclass, field

from django.db import connection, transaction

from accounts.models import AuditEntry, AuditHead
from accounts.services.audit import LOCK, digest, seal

MOST_TOLD = 50
CHUNK = 2_000


@dataclass
class Finding:
    """`problems` in words, the first of them; none for a trail that is whole. `chain` is that of the last entry."""

    entries: int = 0
    chain: str = ""
    problems: list[str] = field(default_factory=list)

    def tell(self, text: str) -> None:
        if len(self.problems) < MOST_TOLD:
            self.problems.append(text)


def check() -> Finding:
    """Read all of it, from the first entry on."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
        return _checked()


def _checked() -> Finding:
    found, number = Finding(), 0
    for entry in AuditEntry.objects.order_by("number").iterator(chunk_size=CHUNK):
        if entry.number != number + 1:
            found.tell(f"Entries {number + 1} to {entry.number - 1} are missing.")
        elif not hmac.compare_digest(digest(entry, found.chain).encode(), entry.chain.encode()):
            found.tell(f"Entry {entry.number} of {entry.at:%Y-%m-%d %H:%M:%S} is not as it was written.")
        number, found.chain = entry.number, entry.chain
        found.entries += 1
    _check_end(found, number)
    return found


def _check_end(found: Finding, number: int) -> None:
    head = AuditHead.objects.filter(pk=1).first()
    if head is None:
        if number:
            found.tell("The end of the trail is not sealed: its row is gone.")
        return
    if head.number > number:
        found.tell(f"Entries {number + 1} to {head.number} are missing at the end.")
    elif (head.number, head.chain) != (number, found.chain):
        found.tell("The trail goes on behind the end that was sealed.")
    if not hmac.compare_digest(head.seal.encode(), seal(head.number, head.chain).encode()):
        found.tell("The seal is not of this instance's secret key: the trail was made anew, or the key was changed.")


def seal_again() -> Finding:
    """After the secret key was changed on purpose: seal the end, if that is all there is to say against the trail."""
    with transaction.atomic():
        found = check()
        head = AuditHead.objects.filter(pk=1).first()
        if head is not None and len(found.problems) == 1 and found.problems[0].startswith("The seal"):
            AuditHead.objects.filter(pk=1).update(seal=seal(head.number, head.chain))
            found.problems = []
    return found
