"""Documents of every kind, read and written by the libraries in the child."""

import contextlib
import io
import time
import zipfile
from typing import Any

import pytest

from workflows_app.engine.errors import ParameterError, UserError
from workflows_app.tests.toolkit.asking import ASKER
from workflows_app.toolkit import documents
from workflows_app.toolkit.documents import ask
from workflows_app.toolkit.pdf_text import read_pdf
from workflows_app.toolkit.sheets import Kind, SheetRules, read_sheet, write_sheet

pytestmark = pytest.mark.nodes

READING = {"mergeAttrs": True, "explicitArray": False}
ROWS: list[dict[str, Any]] = [{"name": "Ada & <b>", "n": 1.5, "ok": True}, {"name": "=1+1", "n": -2, "ok": False}]


def xml(text: str, **options: Any) -> Any:
    return ask(ASKER, "xml", {"text": text, "options": {**READING, **options}})[0]


def picked(html: str, selector: str, take: str = "text", version: float = 1.2, **row: Any) -> Any:
    options = {"trimValues": True, "cleanUpText": False}
    wanted = [{"cssSelector": selector, "returnValue": take, **row}]
    return ask(ASKER, "html", {"pages": [html], "rows": wanted, "options": options, "version": version})[0][0][0]


def sql(query: str, *tables: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return list(ask(ASKER, "sql", {"query": query, "tables": list(tables)})[0])


# XML ------------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "text, value",
    [
        ("<a/>", {"a": ""}),
        ("<a><b>1</b><b>2</b></a>", {"a": {"b": ["1", "2"]}}),
        ("<a x='1'>t</a>", {"a": {"x": "1", "_": "t"}}),
        ("<a x='1'><x>2</x></a>", {"a": {"x": ["1", "2"]}}),
        ("\ufeff<a>x<b/>y</a>", {"a": {"_": "xy", "b": ""}}),
        ("<a><constructor>1</constructor></a>", {"a": {"sanitized_constructor": "1"}}),
    ],
)
def test_elements_become_fields(text: str, value: Any) -> None:
    assert xml(text) == value


@pytest.mark.requirement(17)
@pytest.mark.parametrize(
    "text", ["", "  ", "<a><b></a>", "text", "<!DOCTYPE a [<!ENTITY x 'y'>]><a>&x;</a>", "<a>&undefined;</a>"]
)
def test_what_is_no_xml_is_refused(text: str) -> None:
    with pytest.raises(UserError) as caught:
        xml(text)
    assert caught.value.instance_code == "xml_invalid"


@pytest.mark.requirement(17)
def test_a_billion_laughs_are_not_heard() -> None:
    names = [f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10)]
    with pytest.raises(UserError):
        xml(f"<!DOCTYPE a [<!ENTITY l0 'lol'>{''.join(names)}]><a>&l9;</a>")


def test_fields_become_elements() -> None:
    text, _ = ask(ASKER, "xml", {"value": {"a": {"$": {"x": "1"}, "b": ["<", None]}}, "options": {"headless": True}})
    assert text == '<a x="1">\n  <b>&lt;</b>\n  <b/>\n</a>'


# HTML -----------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "html, selector, found",
    [
        ("<p>a  b\n c</p>", "p", "a b c"),
        ("<h1>Title</h1><ul><li>a<li>b</ul>", "body", "TITLE\n\n * a\n * b"),
        ("<p>1<p class=x>2", "p:last", "2"),
        ("<p>1", ".none", ""),
        ("", "p", ""),
    ],
)
def test_text_of_pages(html: str, selector: str, found: str) -> None:
    assert picked(html, selector) == found


def test_values_of_pages() -> None:
    page = '<div><a href="/x">l</a><input value="v"><nav>menu</nav>body</div>'
    assert picked(page, "a", "attribute", attribute="href") == "/x"
    assert picked(page, "input", "value") == "v"
    assert picked(page, "a", "html", returnArray=True) == ["l"]
    assert picked(page, "div", skipSelectors="nav, a") == "body"
    assert picked(page, ".none", "html") is None


def test_a_selector_that_cannot_be_read_is_named() -> None:
    with pytest.raises(ParameterError, match="p\\["):
        picked("<p>", "p[")


# SQL ------------------------------------------------------------------------------------------------------------------
LEFT = [{"id": 1, "n": 2, "o": {"k": 1}}, {"id": 2, "n": 5}]
RIGHT = [{"id": 1, "b": 10}, {"id": 1, "b": 20}]


@pytest.mark.parametrize(
    "query, rows",
    [
        ("SELECT id, n FROM input1 WHERE n > 3", [{"id": 2, "n": 5}]),
        (
            "SELECT * FROM input1 JOIN input2 ON input1.id = input2.id ORDER BY input2.b DESC",
            [{**LEFT[0], "b": 20}, {**LEFT[0], "b": 10}],
        ),
        ("SELECT id, SUM(b) AS s FROM input2 GROUP BY id", [{"id": 1, "s": 30}]),
        ("SELECT o->k AS k FROM input1", [{"k": 1}, {}]),
        ("SELECT * FROM input1 WHERE 1 = 0", []),
    ],
)
def test_queries(query: str, rows: list[Any]) -> None:
    assert [row["json"] for row in sql(query, LEFT, RIGHT)] == rows


def test_rows_know_what_they_were_made_of() -> None:
    rows = sql("SELECT a.n, b.b FROM input1 a LEFT JOIN input2 b ON a.id = b.id", LEFT, RIGHT)
    assert [row["from"] for row in rows] == [[[0, 0], [1, 0]], [[0, 0], [1, 1]], [[0, 1]]]
    assert [row["isTraced"] for row in sql("SELECT COUNT(*) AS c FROM input1", LEFT)] == [False]


@pytest.mark.requirement(8)
@pytest.mark.parametrize(
    "query",
    [
        "SELEC",
        "SELECT * FROM input9",
        "DELETE FROM input1",
        "ATTACH x",
        "SELECT * INTO csv('/tmp/pumpflix-test.csv') FROM input1",
        "SELECT * FROM csv('/etc/passwd')",
        "SOURCE '/etc/passwd'",
    ],
)
def test_queries_that_give_nothing_or_reach_out_are_refused(query: str) -> None:
    with pytest.raises(UserError):
        sql(query, LEFT)


@pytest.mark.requirement(8)
def test_a_query_leaves_nothing_for_the_next() -> None:
    sql("CREATE FUNCTION evil AS ``function(){ Object.prototype.x = 1; return 1 }``; SELECT 1 AS one", LEFT)
    assert [row["json"] for row in sql("SELECT id FROM input1", LEFT)] == [{"id": 1}, {"id": 2}]


@pytest.mark.requirement(8)
def test_an_endless_query_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(documents, "ALONE", documents.DocumentLimits(timeout_s=1, is_alone=True))
    began = time.monotonic()
    with pytest.raises(UserError, match="longer than 1 s"):
        sql("SELECT * FROM input1 a, input1 b, input1 c, input1 d", [{"i": n} for n in range(3_000)])
    assert time.monotonic() - began < 3


# spreadsheets ---------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("kind", ["xlsx", "xls", "ods", "csv", "html"])
def test_what_is_written_is_read_back(kind: Kind) -> None:
    data = write_sheet(ASKER, ROWS, kind)
    assert read_sheet(ASKER, data, SheetRules()) == ROWS
    plain = write_sheet(ASKER, ROWS, kind, has_header=False)
    assert read_sheet(ASKER, plain, SheetRules(has_header=False))[1] == {"row": ["=1+1", -2, False]}


def test_rtf_tables() -> None:
    data = write_sheet(ASKER, [{"a": "{x}\\ é", "b": 1}], "rtf")
    assert data.isascii()
    assert read_sheet(ASKER, data, SheetRules())[0] == {"a": "{x}\\ é", "b": 1}


def test_rules_of_reading() -> None:
    data = write_sheet(ASKER, [{"a": 1, "b": "", "c": 3}, {"a": 4, "b": 5, "c": 6}], "xlsx", sheet_name="First")
    assert read_sheet(ASKER, data, SheetRules(range="A1:B3", keep_empty=True))[0] == {"a": 1, "b": ""}
    assert read_sheet(ASKER, data, SheetRules(range="1", has_header=False))[-1] == {"row": [4, 5, 6]}
    with pytest.raises(ParameterError, match="no sheet 'Second'") as caught:
        read_sheet(ASKER, data, SheetRules(sheet_name="Second"))
    assert "First" in str(caught.value.hint)


def test_values_of_text_files_are_typed_unless_raw() -> None:
    assert read_sheet(ASKER, b"a;b\n1;TRUE\n", SheetRules()) == [{"a": 1, "b": True}]
    assert read_sheet(ASKER, "a;b\n1;TRUE\n", SheetRules(raw=True)) == [{"a": "1", "b": "TRUE"}]


def test_a_sheet_name_that_cannot_be_is_named() -> None:
    with pytest.raises(ParameterError, match="cannot be written"):
        write_sheet(ASKER, ROWS, "xlsx", sheet_name="a/b:c" * 20)


@pytest.mark.parametrize("data", [b"PK\x03\x04broken", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1broken"])
def test_what_is_no_spreadsheet_is_refused(data: bytes) -> None:
    with pytest.raises(UserError) as caught:
        read_sheet(ASKER, data, SheetRules())
    assert caught.value.instance_code == "file_damaged"


def workbook(cells: str) -> bytes:
    whole = write_sheet(ASKER, [{"a": 1}], "xlsx")
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(whole)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            text = old.read(name)
            if name == "xl/worksheets/sheet1.xml":
                text = b"%s<sheetData>%s</sheetData></worksheet>" % (text.split(b"<dimension")[0], cells.encode())
            new.writestr(name, text)
    return out.getvalue()


def test_cells_far_apart_cost_nothing() -> None:
    data = workbook('<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>2</v></c></row>')
    with pytest.raises(UserError, match="spans 1048576 rows and 16384 columns"):
        read_sheet(ASKER, data, SheetRules())


@pytest.mark.requirement(16)
def test_a_spreadsheet_that_unpacks_to_too_much_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(documents, "LIMITS", documents.DocumentLimits(timeout_s=20, memory_mb=128))
    bomb = workbook('<row r="1"><c r="A1" t="str"><v>' + "x" * 300_000_000 + "</v></c></row>")
    assert len(bomb) < 1_000_000
    began = time.monotonic()
    with pytest.raises(UserError):
        read_sheet(ASKER, bomb, SheetRules())
    assert time.monotonic() - began < 22
    assert read_sheet(ASKER, b"a\n1", SheetRules()) == [{"a": 1}]


# PDF ------------------------------------------------------------------------------------------------------------------
def pdf(*pages: str) -> bytes:
    """The smallest document with a line of text on each page."""
    kids = " ".join(f"{3 + 2 * n} 0 R" for n in range(len(pages)))
    parts = ["<</Type/Catalog/Pages 2 0 R>>", f"<</Type/Pages/Count {len(pages)}/Kids[{kids}]>>"]
    for number, text in enumerate(pages):
        font = "<</Font<</F<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>>>>>"
        lines = "".join(f"BT /F 12 Tf 72 {720 - 20 * n} Td ({line}) Tj ET " for n, line in enumerate(text.split("\n")))
        parts.append(f"<</Type/Page/Parent 2 0 R/MediaBox[0 0 612 792]/Resources{font}/Contents {4 + 2 * number} 0 R>>")
        parts.append(f"<</Length {len(lines)}>>stream\n{lines}\nendstream")
    body, places = "%PDF-1.4\n", []
    for number, part in enumerate(parts):
        places.append(len(body))
        body += f"{number + 1} 0 obj\n{part}\nendobj\n"
    table = "0000000000 65535 f \n" + "".join(f"{place:010} 00000 n \n" for place in places)
    end = f"trailer\n<</Root 1 0 R/Size {len(parts) + 1}>>\nstartxref\n{len(body)}\n%%EOF"
    return f"{body}xref\n0 {len(parts) + 1}\n{table}{end}".encode()


def test_text_and_facts_of_a_pdf() -> None:
    found = read_pdf(ASKER, pdf("Hello\nworld", "Two"))
    assert (found["text"], found["numpages"]) == ("Hello\nworld\n\nTwo", 2)
    assert found["info"]["PDFFormatVersion"] == "1.4"


def test_pages_of_a_pdf() -> None:
    assert read_pdf(ASKER, pdf("a", "b", "c"), max_pages=2, is_one_text=False)["text"] == ["a", "b"]


@pytest.mark.parametrize("data", [b"", b"nothing", b"%PDF-1.4\nbroken"])
def test_what_is_no_pdf_is_refused(data: bytes) -> None:
    with pytest.raises(UserError) as caught:
        read_pdf(ASKER, data)
    assert caught.value.instance_code == "file_damaged"


# all of them ----------------------------------------------------------------------------------------------------------
def test_a_file_beyond_the_limit_is_refused_before_it_is_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(documents, "MAX_BYTES", 10)
    with pytest.raises(UserError, match="too large"):
        read_pdf(ASKER, b"x" * 11)


# Markdown -------------------------------------------------------------------------------------------------------------
def test_markdown_becomes_html_and_back() -> None:
    page, _ = ask(ASKER, "markdown", {"markdown": "# A *b*\n\n- [x] c", "options": {"tasklists": True}})
    assert page.startswith('<h1 id="ab">A <em>b</em></h1>\n<ul>\n<li class="task-list-item"')
    text, _ = ask(ASKER, "markdown", {"html": "<h1>A <em>b</em></h1><ul><li>c</ul>", "options": {"bulletMarker": "-"}})
    assert text == "# A _b_\n\n- c"


@pytest.mark.requirement(8)
@pytest.mark.parametrize(
    "text", ["*a " * 20_000, "[" * 20_000, "`" * 20_001, "<" * 20_000, "> " * 5_000, "![](" * 10_000]
)
def test_hostile_markdown_ends(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(documents, "LIMITS", documents.DocumentLimits(timeout_s=2))
    began = time.monotonic()
    with contextlib.suppress(UserError):
        ask(ASKER, "markdown", {"markdown": text, "options": {}})
    assert time.monotonic() - began < 4
