"""Workflows behind a link: fetched through the one way out, with caps on size and time."""

import re
from urllib.parse import urlsplit

from pumpflix.lib.safe_http import OutboundError, OutboundRequest
from workflows_app.engine.errors import UserError
from workflows_app.services.imports import MAX_IMPORT_BYTES
from workflows_app.services.outbound import outbound_client

TIMEOUT_S = 10.0
PAGES = (
    (re.compile(r"https://(?:www\.)?n8n\.io/workflows/(\d+)[^/]*/?"), r"https://api.n8n.io/api/workflows/templates/\1"),
    (re.compile(r"https://github\.com/([^/]+)/([^/]+)/blob/(.+)"), r"https://raw.githubusercontent.com/\1/\2/\3"),
)


def fetch(url: str) -> tuple[str, bytes]:
    """Name and bytes of what is behind a link. Raises UserError that says what to do."""
    try:
        answer = outbound_client().send(
            OutboundRequest(
                "GET", plain_address(url.strip()), (("Accept", "application/json, */*;q=0.5"),), timeout_s=TIMEOUT_S,
                follow_redirects=True, max_redirects=3, max_bytes=MAX_IMPORT_BYTES,
            )
        )  # fmt: skip
    except OutboundError as error:
        hint = "Check the link, or download the file and choose it here."
        raise UserError(f"The link could not be read: {error}", hint=hint, code="link_unreadable") from error
    if answer.status >= 400:
        raise UserError(
            f"The other side answered {answer.status}.", hint="Check that the link is public.", code="link_unreadable"
        )
    return file_name(url), answer.body


def plain_address(url: str) -> str:
    """Where the JSON of a page that shows a workflow is."""
    for page, address in PAGES:
        if page.fullmatch(url.split("?", maxsplit=1)[0]):
            return page.sub(address, url.split("?", maxsplit=1)[0])
    return url


def file_name(url: str) -> str:
    path = urlsplit(url).path.rstrip("/")
    return path.rsplit("/", 1)[-1][:200] or "link"
