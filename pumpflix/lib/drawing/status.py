"""Words and icons of statuses as the pages show them. The stored words stay as `DESIGN.md` 5 has them."""

from dataclasses import dataclass


@dataclass(frozen=True)
class StatusLook:
    """`label` is the word on the page, `icon` a shape of its own: status is never colour alone."""

    label: str
    icon: str


STATUS_LOOKS: dict[str, StatusLook] = {
    "queued": StatusLook("Queued", "s-queued"),
    "running": StatusLook("Running", "s-running"),
    "started": StatusLook("Running", "s-running"),
    "waiting": StatusLook("Waiting", "s-waiting"),
    "success": StatusLook("Succeeded", "s-success"),
    "error": StatusLook("Failed", "s-error"),
    "canceled": StatusLook("Cancelled", "s-canceled"),
    "crashed": StatusLook("Crashed", "s-crashed"),
    "skipped": StatusLook("Skipped", "s-skipped"),
    "unknown": StatusLook("Unknown", "s-unknown"),
    # What the comparison of two runs says of a node.
    "same": StatusLook("Same", "s-success"),
    "changed": StatusLook("Changed", "diff"),
    "only-here": StatusLook("Only in this run", "plus"),
    "only-there": StatusLook("Only in the other run", "minus"),
}
NOT_RUN = StatusLook("Not run", "s-queued")


def status_look(status: str) -> StatusLook:
    """The look of a stored status word; anything else counts as not run."""
    return STATUS_LOOKS.get(status, NOT_RUN)
