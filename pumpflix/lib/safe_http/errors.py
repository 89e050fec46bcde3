"""The one error of the dialer."""

from typing import Literal

Code = Literal[
    "url_invalid",
    "scheme_not_allowed",
    "credentials_in_url",
    "method_invalid",
    "header_invalid",
    "header_not_allowed",
    "address_not_allowed",
    "host_not_allowed",
    "port_not_allowed",
    "resolve_failed",
    "connect_failed",
    "tls_failed",
    "timed_out",
    "deadline_exceeded",
    "redirect_refused",
    "too_many_redirects",
    "too_large",
    "decompression_refused",
    "encoding_unsupported",
    "response_invalid",
    "connection_lost",
]

# What a second try may cure; everything else stays wrong however often it is tried.
_TRANSIENT = {"resolve_failed", "connect_failed", "timed_out", "deadline_exceeded", "connection_lost"}


class OutboundError(Exception):
    """No answer came, or none was allowed. `code` is stable; the message names no address and quotes no remote byte."""

    def __init__(self, code: Code, message: str):
        super().__init__(message)
        self.code: Code = code
        self.message = message

    @property
    def is_transient(self) -> bool:
        return self.code in _TRANSIENT
