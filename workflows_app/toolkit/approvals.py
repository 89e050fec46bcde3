"""Asking a person: the page that is shown, and the answer that comes back."""

from dataclasses import dataclass

from workflows_app.engine.items import Items, JsonObject
from workflows_app.toolkit.compare import to_text

LONGEST_NOTE = 5_000


@dataclass(frozen=True, slots=True)
class Answer:
    """`by` is the name of who answered in the product; empty for an answer by a link."""

    approved: bool
    note: str = ""
    by: str = ""

    def to_json(self) -> JsonObject:
        given = {"note": self.note, "by": self.by}
        return {"approved": self.approved, **{name: text for name, text in given.items() if text}}


def approval_page(title: str, message: str, approve: str, decline: str) -> JsonObject:
    """`message` is text; an empty `decline` leaves approving as the only answer."""
    return {"title": title or "Your approval", "message": message, "approve": approve or "Approve", "decline": decline}


def answer_item(*, approved: bool, note: str, by: str = "") -> JsonObject:
    """What the run goes on with."""
    said = {"approved": "true" if approved else "false", "note": note[:LONGEST_NOTE]}
    return {"json": {"body": said, **({"by": by} if by else {})}}


def answer_of(resumed_with: Items | None) -> Answer:
    """The answer in the items that a wait ended with; none at all counts as declined. What was sent counts more than
    what the link says."""
    call = resumed_with[0].json if resumed_with else {}
    body, query = (part if isinstance(part, dict) else {} for part in (call.get("body"), call.get("query")))
    said = {**query, **body}
    return Answer(
        to_text(said.get("approved")) == "true", to_text(said.get("note") or ""), to_text(call.get("by") or "")
    )
