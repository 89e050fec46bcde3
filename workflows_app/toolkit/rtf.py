"""The tables of RTF documents."""

import re
from typing import Any

from workflows_app.engine.errors import UserError
from workflows_app.toolkit.sheets import typed_text

MAX_BYTES = 30 * 1024 * 1024
TOKEN = re.compile(r"\\([a-z]{1,32})(-?\d{1,10})? ?|\\'([0-9a-fA-F]{2})|\\(.)|([{}])|[\r\n]|([^\\{}\r\n]+)", re.DOTALL)
HIDDEN = frozenset({"fonttbl", "colortbl", "stylesheet", "info", "pict", "object", "generator", "header", "footer"})
WRITTEN = {
    "tab": "\t",
    "line": "\n",
    "par": "\n",
    "emdash": "\u2014",
    "endash": "\u2013",
    "rquote": "\u2019",
    "lquote": "\u2018",
}


class Reader:
    """Walks over the tokens once: what is between row and cell ends are cells."""

    def __init__(self) -> None:
        self.grid: list[list[Any]] = []
        self.row: list[Any] = []
        self.text: list[str] = []
        self.skipped = 0
        self.hidden: list[bool] = [False]

    def word(self, name: str, number: str | None) -> None:
        if name in HIDDEN:
            self.hidden[-1] = True
        elif name == "cell":
            self.row.append(typed_text("".join(self.text).strip()))
            self.text = []
        elif name == "row":
            self.grid.append(self.row)
            self.row = []
        elif name == "u" and number is not None:
            self.write(chr(int(number) % 0x10000))
            self.skipped = 1
        elif name in ("pard", "trowd"):
            self.text = []
        elif name in WRITTEN:
            self.write(WRITTEN[name])

    def write(self, text: str) -> None:
        """After a numbered character comes a plain one for programs that do not know it; that one is left out."""
        if self.skipped:
            text, self.skipped = text[1:], 0
        if not self.hidden[-1]:
            self.text.append(text)

    def brace(self, brace: str) -> None:
        if brace == "{":
            self.hidden.append(self.hidden[-1])
        elif len(self.hidden) > 1:
            self.hidden.pop()


def rtf_cells(text: str) -> list[list[Any]]:
    """Rows of cells of every table; numbers are numbers. Raises UserError for text that is no RTF."""
    if not text.lstrip().startswith("{\\rtf") or len(text) > MAX_BYTES:
        raise UserError("This file is not RTF.", code="file_damaged", hint="Choose the field that holds the document.")
    reader = Reader()
    for found in TOKEN.finditer(text):
        word, number, code, symbol, brace, plain = found.groups()
        if word:
            reader.word(word, number)
        elif code:
            reader.write(bytes.fromhex(code).decode("cp1252", "replace"))
        elif symbol == "*":
            reader.hidden[-1] = True
        elif symbol in ("\\", "{", "}"):
            reader.write(symbol)
        elif brace:
            reader.brace(brace)
        elif plain:
            reader.write(plain)
    return [[joined(cell) for cell in row] for row in reader.grid]


def joined(cell: Any) -> Any:
    """Characters beyond the first plane come as two halves."""
    return cell.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace") if isinstance(cell, str) else cell
