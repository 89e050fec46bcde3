"""The head of a request, which the server's own protocol would read without end: no larger and no longer on its way
than here."""

import asyncio
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

MOST_BYTES = 16 * 1024
WITHIN_S = 20.0

TOO_LARGE = b"HTTP/1.1 431 Request Header Fields Too Large\r\n"
TOO_SLOW = b"HTTP/1.1 408 Request Timeout\r\n"
END = b"content-length: 0\r\nconnection: close\r\n\r\n"


class HeadTooLarge(Exception):
    """Stops the parser in the middle."""


class BoundedHeads(HttpToolsProtocol):
    """Counts what has come since a head began. One that came whole is weighed by its parts."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._is_in_head = False
        self._is_in_body = False
        self._head_bytes = 0
        self._is_too_large = False
        self._end_of_patience: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._hurry()

    def connection_lost(self, exc: Exception | None) -> None:
        self._calm()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        # What comes behind the rest of a body is counted from the next piece on.
        was_in_body = self._is_in_body
        self._head_bytes += len(data)
        super().data_received(data)
        if was_in_body:
            self._head_bytes = 0
        if self._is_in_head and self._head_bytes > MOST_BYTES and not self.transport.is_closing():
            self._refuse(TOO_LARGE)

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._is_in_head = True
        if self._end_of_patience is None:
            self._hurry()

    def on_headers_complete(self) -> None:
        self._is_in_head, self._is_in_body, self._head_bytes = False, True, 0
        self._calm()
        if len(self.url) + sum(len(name) + len(value) + 4 for name, value in self.headers) > MOST_BYTES:
            self._is_too_large = True
            raise HeadTooLarge
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        self._is_in_body = False
        super().on_message_complete()

    def send_400_response(self, msg: str) -> None:
        if self._is_too_large:
            self._refuse(TOO_LARGE)
        else:
            super().send_400_response(msg)

    def _refuse(self, status: bytes) -> None:
        self.transport.write(status + END)
        self.transport.close()

    def _hurry(self) -> None:
        self._end_of_patience = self.loop.call_later(WITHIN_S, self._refuse, TOO_SLOW)

    def _calm(self) -> None:
        if self._end_of_patience is not None:
            self._end_of_patience.cancel()
            self._end_of_patience = None
