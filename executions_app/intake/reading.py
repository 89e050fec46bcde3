"""What every lean handler does with a request: read its body, keep the files in it, tell crawlers from people."""

from collections.abc import Mapping
from uuid import UUID

from executions_app.intake import bodies
from executions_app.intake.http import Receive, read_body
from executions_app.payloads import StoredPayload, pack

BOTS = ("bot", "crawler", "spider", "preview", "facebookexternalhit", "slurp", "whatsapp")


def is_bot(headers: Mapping[str, str]) -> bool:
    agent = headers.get("user-agent", "").lower()
    return any(word in agent for word in BOTS)


async def read_plain(receive: Receive, headers: Mapping[str, str]) -> bytes:
    """The whole body, uncompressed. Raises Refused, Gone."""
    raw = await read_body(receive, headers, bodies.max_body_bytes())
    return bodies.inflate(raw, headers.get("content-encoding", "").lower())


class Kept:
    """The files of one request, as payloads of a team."""

    def __init__(self, team_id: UUID) -> None:
        self._team_id = team_id
        self.rows: list[StoredPayload] = []

    def put(self, data: bytes) -> str:
        self.rows.append(pack(self._team_id, data))
        return self.rows[-1].ref
