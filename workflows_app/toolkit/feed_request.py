"""Fetching a feed: the request, and its entries read behind the walls."""

from typing import Any

from workflows_app.engine.items import JsonObject
from workflows_app.engine.node_type import NodeRun
from workflows_app.engine.ports import HttpRequest
from workflows_app.toolkit.foreign_files import ForeignFiles
from workflows_app.toolkit.http_draft import checked_url
from workflows_app.toolkit.http_errors import remote_error
from workflows_app.toolkit.http_text import parse_content_type
from workflows_app.toolkit.paths import names

ACCEPT = (
    "application/rss+xml, application/rdf+xml;q=0.8, application/atom+xml;q=0.6, application/xml;q=0.4, text/xml;q=0.4"
)
MAX_BYTES = 20 * 1024 * 1024
TIMEOUT_S = 60.0


def feed_entries(
    run: NodeRun[Any], reader: ForeignFiles, url: str, *, item: int = 0, verify_tls: bool = True, custom: str = ""
) -> list[JsonObject]:
    """The entries in the order of the feed. `custom` names further elements, separated by commas. Raises RemoteError
    for an answer that is none, UserError for what is no feed."""
    request = HttpRequest(
        method="GET",
        url=checked_url(url),
        headers=(("Accept", ACCEPT),),
        timeout_s=TIMEOUT_S,
        verify_tls=verify_tls,
        max_bytes=MAX_BYTES,
    )
    response = run.http(request, item=item)
    if response.status >= 400:
        raise remote_error(response, run.now())
    charset = parse_content_type(response.header("content-type")).parameters.get("charset", "")
    answer, _ = reader.call({"charset": charset, "custom": names(custom)}, response.body)
    found: list[JsonObject] = answer["entries"]
    return found
