"""Entries of feeds."""

from typing import Any

from pumpflix.lib.sandbox.errors import FileRefused
from workflows_app.engine.errors import UserError
from workflows_app.toolkit.feeds import read_feed

# What looks up zones, codecs and patterns late does so here: behind the walls nothing can be read any more.
read_feed(
    b"<rss><channel><item><title>t</title><pubDate>Mon, 02 Mar 2026 09:00:00 EST</pubDate>"
    b"<description>&lt;p&gt;x&lt;/p&gt;</description></item></channel></rss>"
)


def work(header: dict[str, Any], files: list[bytes]) -> tuple[dict[str, Any], list[bytes]]:
    """`charset` of the answer, `custom` elements -> `entries`."""
    try:
        return {"entries": read_feed(files[0], charset=header["charset"], custom=header["custom"])}, []
    except UserError as error:
        raise FileRefused(error.message, hint=error.hint, code=error.instance_code) from None
