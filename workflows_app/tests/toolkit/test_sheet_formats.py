"""Spreadsheet formats beside xlsx: told by their bytes, and read back as they were written."""

from typing import Any

import pytest

from workflows_app.engine.errors import UserError
from workflows_app.toolkit.sheet_formats import guessed_delimiter, read_any, write_ods, write_rtf, write_xls
from workflows_app.toolkit.sheets import SheetRules

pytestmark = pytest.mark.nodes

ROWS: list[dict[str, Any]] = [{"name": "Ada & <b>", "n": 1.5, "ok": True}, {"name": "=1+1", "n": -2, "ok": False}]


@pytest.mark.parametrize("write", [write_xls, write_ods])
def test_what_is_written_is_read_back(write: Any) -> None:
    data = write(ROWS, sheet_name="a/b:c")
    assert read_any(data, "", SheetRules()) == ROWS
    assert read_any(write(ROWS, has_header=False), "", SheetRules(has_header=False))[1] == {"row": ["=1+1", -2, False]}


def test_an_xls_file_without_room_is_refused() -> None:
    with pytest.raises(UserError, match="cannot hold"):
        write_xls([{str(number): 1 for number in range(257)}])


def test_rtf_escapes_what_is_special_to_it() -> None:
    assert write_rtf([{"a": "{x}\\ é\n😀"}], has_header=False) == (
        b"{\\rtf1\\ansi\\trowd\\trautofit1\\cellx1\\pard\\intbl \\{x\\}\\\\ \\u233?\\line \\u-10179?\\u-8704?\\cell"
        b"\\pard\\intbl\\row}"
    )


@pytest.mark.parametrize("line, mark", [("a;b;c,d", ";"), ("a\tb", "\t"), ("a|b", "|"), ("abc", ","), ("", ",")])
def test_the_delimiter_is_guessed(line: str, mark: str) -> None:
    assert guessed_delimiter(line + "\n,,,,") == mark


def test_text_files_get_typed_values_unless_raw() -> None:
    text = "a;b\n1;TRUE\n"
    assert read_any(text.encode(), text, SheetRules()) == [{"a": 1, "b": True}]
    assert read_any(text.encode(), text, SheetRules(), raw=True) == [{"a": "1", "b": "TRUE"}]


def test_an_rtf_table_is_read() -> None:
    data = write_rtf([{"a": 1, "b": "x"}])
    assert read_any(data, data.decode(), SheetRules()) == [{"a": 1, "b": "x"}]


def test_an_html_table_is_read() -> None:
    text = "<table><tr><td>a</td></tr><tr><td>1</td></tr></table>"
    assert read_any(text.encode(), text, SheetRules()) == [{"a": 1}]
