"""Addresses that end a wait: signed for one turn of one node of one execution. The state of the row makes them good
for one use."""

import hashlib
from functools import cache
from uuid import UUID

from django.conf import settings

from pumpflix.lib.crypto import Signer

PREFIX = "/resume/"


@cache
def signer() -> Signer:
    secret: str = settings.SECRET_KEY
    return Signer([hashlib.sha256(secret.encode("utf-8")).digest()], "resume")


def node_mark(node: str) -> str:
    """The node's name in an address: any name becomes 16 plain characters."""
    return hashlib.sha256(node.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def resume_link(execution_id: UUID, node: str, run_index: int) -> str:
    mark = node_mark(node)
    signature = signer().signature(str(execution_id), mark, str(run_index))
    return f"{settings.PUMPFLIX_PUBLIC_URL.rstrip('/')}{PREFIX}{execution_id}/{mark}/{run_index}/{signature}"


def read_link(path: str) -> tuple[UUID, str, int, str] | None:
    """Execution, mark of the node, run, and what was added behind; None for an address that we did not sign."""
    parts = path.removeprefix(PREFIX).split("/", 4)
    if len(parts) < 4 or not signer().verify(parts[3], *parts[:3]):
        return None
    return UUID(parts[0]), parts[1], int(parts[2]), parts[4] if len(parts) == 5 else ""


FORM_PREFIX = "/form/run/"


def form_link(execution_id: UUID) -> str:
    """Where whoever sent a form sees what became of it, and its further pages."""
    return f"{FORM_PREFIX}{execution_id}/{signer().signature(str(execution_id), 'form')}"


def read_form_link(path: str) -> tuple[UUID, str] | None:
    """Execution, and what was added behind; None for an address that we did not sign."""
    parts = path.removeprefix(FORM_PREFIX).split("/", 2)
    if len(parts) < 2 or not signer().verify(parts[1], parts[0], "form"):
        return None
    return UUID(parts[0]), parts[2] if len(parts) == 3 else ""
