"""What every protocol shares: a conversation with one server, and its no."""

from collections.abc import Callable, Mapping
from typing import Any, Protocol

from pumpflix.lib.safe_http.dialer import Dialer

JsonObject = dict[str, Any]
Poll = Callable[[], None]
Said = tuple[Any, tuple[bytes, ...]]
"""A value that has a JSON form, and the bytes it speaks of."""


class ServerRefused(Exception):
    """The server said no, in its own words. `is_of_the_author`: the question or the credential is wrong."""

    def __init__(
        self,
        message: str,
        *,
        code: str = "server_refused",
        hint: str = "",
        is_transient: bool = False,
        is_of_the_author: bool = False,
        data: JsonObject | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.code = code
        self.hint = hint
        self.is_transient = is_transient
        self.is_of_the_author = is_of_the_author
        self.data = data or {}


class Speaker(Protocol):
    """Speaks one protocol with one server. Connects when first asked. Belongs to one thread."""

    def ask(self, verb: str, arguments: JsonObject, data: bytes, timeout_s: float) -> Said:
        """Raises ServerRefused and OutboundError, and what `poll` raises about once a second while it waits."""

    def close(self) -> None:
        """Say goodbye; never raises."""


SpeakerMaker = Callable[[Dialer, Mapping[str, Any], Poll | None], Speaker]


def host_of(fields: Mapping[str, Any]) -> str:
    host = str(fields.get("host") or "").strip()
    if not host:
        raise ServerRefused(
            "The credential names no server.",
            code="credential_incomplete",
            hint="Enter the host in the credential.",
            is_of_the_author=True,
        )
    return host


def port_of(fields: Mapping[str, Any], default: int) -> int:
    text = str(fields.get("port") or default).strip()
    number = int(float(text)) if text.replace(".0", "").isdigit() else 0
    if not 0 < number < 65_536:
        raise ServerRefused(
            f"The credential names no port: {text[:20]}.",
            code="credential_incomplete",
            hint=f"Enter a number from 1 to 65535; {default} is usual.",
            is_of_the_author=True,
        )
    return number


def unknown_verb(protocol: str, verb: str) -> ServerRefused:
    return ServerRefused(f"'{verb}' is nothing one can ask by {protocol}.", code="operation_not_supported")
