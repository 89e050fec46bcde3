"""Text and facts of a PDF, named and put into lines as n8n does."""

from typing import Any

from workflows_app.engine.items import JsonObject
from workflows_app.engine.node_type import NodeRun
from workflows_app.toolkit.documents import ask


def read_pdf(
    run: NodeRun[Any], data: bytes, *, password: str = "", max_pages: int = 0, is_one_text: bool = True
) -> JsonObject:
    """`numpages`, `info`, `text` ...; the texts of the pages in a list unless they are to be one. Raises UserError
    for a file that is no PDF, or opens with another password."""
    call = {"password": password, "maxPages": max_pages, "joinPages": is_one_text}
    found, _ = ask(run, "pdf", call, [data])
    return dict(found)
