"""Spreadsheets: round trips, odd files and files that want too much."""

import io
import struct
import zipfile
from datetime import date, datetime, time, timedelta
from typing import Any

import openpyxl
import pytest

from workflows_app.engine.errors import ParameterError, UserError
from workflows_app.toolkit import archives
from workflows_app.toolkit.sheets import SheetRules, read_html_table, read_workbook, write_workbook

pytestmark = pytest.mark.nodes


def workbook(*rows: list[Any], **sheets: list[list[Any]]) -> bytes:
    book = openpyxl.Workbook()
    assert book.active is not None
    for row in rows:
        book.active.append(row)
    for name, content in sheets.items():
        sheet = book.create_sheet(name)
        for row in content:
            sheet.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def test_cells_keep_their_types() -> None:
    data = workbook(["a", "b", "c", "d", "e"], ["x", 1, 2.5, True, None])
    assert read_workbook(data, SheetRules()) == [{"a": "x", "b": 1, "c": 2.5, "d": True}]


def test_dates_are_day_numbers() -> None:
    moments = [datetime(2026, 3, 1, 12), date(2026, 3, 1), time(6, 0), timedelta(days=2)]
    data = workbook(["a", "b", "c", "d"], moments)
    assert read_workbook(data, SheetRules()) == [{"a": 46082.5, "b": 46082, "c": 0.25, "d": 2}]


def test_names_of_columns_are_made_unique() -> None:
    data = workbook(["a", "a", None, None], [1, 2, 3, 4])
    assert read_workbook(data, SheetRules()) == [{"a": 1, "a_1": 2, "__EMPTY": 3, "__EMPTY_1": 4}]


def test_empty_rows_are_left_out_and_empty_cells_kept_when_asked() -> None:
    data = workbook([None, None], ["a", "b"], [1, None], [None, None], [2, "x"])
    assert read_workbook(data, SheetRules()) == [{"a": 1}, {"a": 2, "b": "x"}]
    assert read_workbook(data, SheetRules(keep_empty=True))[0] == {"a": 1, "b": ""}


@pytest.mark.parametrize(
    "rules, rows",
    [
        (SheetRules(range="A2:B3"), [{"1": 3, "x": "z"}]),
        (SheetRules(range="1"), [{"1": 3, "x": "z"}]),
        (SheetRules(has_header=False), [{"row": ["a", "b"]}, {"row": [1, "x"]}, {"row": [3, "z"]}]),
        (SheetRules(sheet_name="Other"), [{"k": "v"}]),
        (SheetRules(sheet_name="Blank"), []),
    ],
)
def test_part_of_a_workbook(rules: SheetRules, rows: list[dict[str, Any]]) -> None:
    data = workbook(["a", "b"], [1, "x"], [3, "z"], Other=[["k"], ["v"]], Blank=[])
    assert read_workbook(data, rules) == rows


def test_what_is_not_there_is_named() -> None:
    data = workbook(["a"])
    with pytest.raises(ParameterError, match="Nowhere") as caught:
        read_workbook(data, SheetRules(sheet_name="Nowhere"))
    assert "Sheet" in caught.value.hint
    with pytest.raises(ParameterError, match="range"):
        read_workbook(data, SheetRules(range="here"))


@pytest.mark.parametrize("data", [b"", b"not a workbook", b"PK\x03\x04broken", workbook(["a"])[:-200]])
def test_a_damaged_file_is_said_to_be_damaged(data: bytes) -> None:
    with pytest.raises(UserError) as caught:
        read_workbook(data, SheetRules())
    assert caught.value.instance_code == "file_damaged"


def test_a_sheet_with_a_cell_at_the_end_of_the_world_is_refused() -> None:
    book = openpyxl.Workbook()
    assert book.active is not None
    book.active["XFD1048576"] = 1
    book.active["A1"] = 1
    out = io.BytesIO()
    book.save(out)
    with pytest.raises(UserError, match="spans"):
        read_workbook(out.getvalue(), SheetRules())


def test_a_file_that_unpacks_to_too_much_is_refused() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * 5_000_000)
    with pytest.raises(UserError, match="unpacks"):
        list(archives.unpacked_parts(out.getvalue(), limit=1_000_000))


def test_a_zip_that_lies_about_its_size_is_refused() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a", b"0" * 5_000_000)
    data = bytearray(out.getvalue())
    place = data.rfind(b"PK\x01\x02")
    struct.pack_into("<I", data, place + 24, 10)
    with pytest.raises(UserError, match="unpacks"):
        list(archives.unpacked_parts(bytes(data), limit=1_000_000))


def test_a_zip_with_a_strange_method_is_damaged() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_BZIP2) as archive:
        archive.writestr("a", b"0")
    with pytest.raises(UserError, match="damaged"):
        list(archives.unpacked_parts(out.getvalue()))


def test_written_texts_are_never_formulas() -> None:
    data = write_workbook([{"a": "=1+1", "b": {"x": 1}, "c": None, "d": "bad\x01char"}], sheet_name="a/b:c" * 20)
    sheet = openpyxl.load_workbook(io.BytesIO(data)).active
    assert sheet is not None
    assert [cell.value for cell in next(sheet.iter_rows(min_row=2))] == ["=1+1", '{"x":1}', None, "badchar"]
    assert next(sheet.iter_rows(min_row=2))[0].data_type == "s"
    assert len(sheet.title) <= 31


def test_tables_of_pages() -> None:
    page = "<table><tr><th>a<th>b<th>c<tr><td>1.50<td colspan=2>x<tr><td> <td><td>"
    assert read_html_table(page, SheetRules()) == [{"a": 1.5, "b": "x"}]
    assert read_html_table(" ", SheetRules()) == []
    with pytest.raises(UserError, match="no table"):
        read_html_table("<p>nothing", SheetRules())
