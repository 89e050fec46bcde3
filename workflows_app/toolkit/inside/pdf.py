"""Text and facts of a PDF."""

import contextlib
import importlib
import io
import pkgutil
import sys
from typing import Any

import pypdf
from pypdf.errors import DependencyError, PyPdfError

from pumpflix.lib.sandbox.errors import FileRefused

MAX_TEXT = 32 * 1024 * 1024
MAX_INFO = 10_000

sys.setrecursionlimit(2_000)
# pypdf imports its parts when it meets something that needs them; behind the walls nothing can be imported any more.
for part in pkgutil.walk_packages(pypdf.__path__, "pypdf."):
    with contextlib.suppress(ImportError):  # the one for a cryptographic library that is not installed
        importlib.import_module(part.name)


def work(header: dict[str, Any], files: list[bytes]) -> tuple[dict[str, Any], list[bytes]]:
    """`password`, `maxPages` (0 for all), `joinPages` -> pages, facts and text, named as pdf.js does."""
    try:
        reader = opened(files[0], str(header.get("password") or ""))
        count = len(reader.pages)
        wanted = min(int(header.get("maxPages") or 0) or count, count)
        pages = page_texts(reader, wanted)
        facts = {"numpages": count, "numrender": wanted, "info": info_of(reader, files[0])}
    except (PyPdfError, DependencyError, RecursionError) as error:
        raise FileRefused("This PDF is damaged.", hint="Open it in a viewer and save it again.") from error
    text: Any = "\n\n".join(pages) if header.get("joinPages", True) else pages
    return {**facts, "text": text, "version": pypdf.__version__}, []


def opened(data: bytes, password: str) -> pypdf.PdfReader:
    if b"%PDF" not in data[:1024]:
        raise FileRefused("This file is not a PDF.", hint="Choose the field that holds the PDF.")
    reader = pypdf.PdfReader(io.BytesIO(data))
    if reader.is_encrypted and not reader.decrypt(password):
        hint = "Correct the password." if password else "Enter its password."
        raise FileRefused("The password does not open this PDF.", hint=hint, code="file_protected")
    return reader


def page_texts(reader: pypdf.PdfReader, count: int) -> list[str]:
    texts, total = [], 0
    for number in range(count):
        text = reader.pages[number].extract_text().encode("utf-8", "replace").decode()
        total += len(text)
        if total > MAX_TEXT:
            raise FileRefused("The PDF holds too much text.", hint="Set a number of pages.", code="file_too_large")
        texts.append(text)
    return texts


def info_of(reader: pypdf.PdfReader, data: bytes) -> dict[str, Any]:
    root = reader.root_object
    form = root.get("/AcroForm")
    fields = form.get_object() if form is not None else {}
    out: dict[str, Any] = {
        "PDFFormatVersion": reader.pdf_header.removeprefix("%PDF-"),
        "Language": str(root["/Lang"]) if "/Lang" in root else None,
        "EncryptFilterName": "Standard" if reader.is_encrypted else None,
        "IsLinearized": b"/Linearized" in data[:1024],
        "IsAcroFormPresent": bool(fields.get("/Fields")),
        "IsXFAPresent": "/XFA" in fields,
        "IsCollectionPresent": "/Collection" in root,
        "IsSignaturesPresent": bool(int(fields.get("/SigFlags") or 0) & 1),
    }
    for name, value in (reader.metadata or {}).items():
        out[str(name).removeprefix("/")] = str(value)[:MAX_INFO]
    return out
