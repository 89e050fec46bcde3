"""Relaxed JSON, regular expressions, CSV, headers and bodies of requests."""

from datetime import UTC, datetime
from typing import Any

import pytest

from workflows_app.engine.errors import ParameterError, UserError
from workflows_app.toolkit import files, http_text, mime_body, regex, tables
from workflows_app.toolkit.relaxed_json import NotJson, parse

pytestmark = pytest.mark.nodes


@pytest.mark.parametrize(
    "text, value",
    [
        ('{"a": [1, null, true]}', {"a": [1, None, True]}),
        ("{a: 'it\\'s', \"b\": -1.5e3,}", {"a": "it's", "b": -1500.0}),
        ("[/* one */ 1, // two\n 2]", [1, 2]),
        ("`x\\ny\\u0041`", "x\nyA"),
        ("undefined", None),
    ],
)
def test_relaxed_json(text: str, value: Any) -> None:
    assert parse(text) == value


@pytest.mark.parametrize(
    "text", ["", "{", "[1 2]", "{a 1}", "'open", "{'a': }", "1 2", "nope", "'\\uZZZZ'", "[" * 500, "a: 1"]
)
def test_what_is_not_even_relaxed_json(text: str) -> None:
    with pytest.raises(NotJson):
        parse(text)


@pytest.mark.parametrize(
    "pattern, text, found",
    [
        ("^a.c$", "abc", True),
        ("/ABC/i", "abc", True),
        ("/a/x", "/a/x", True),
        (r"/\/path\//", "a/path/b", True),
        ("(?<year>\\d{4})", "2026", True),
        ("\\u0041", "A", True),
        ("b", "a", False),
    ],
)
def test_regex(pattern: str, text: str, found: bool) -> None:
    assert regex.found_in(pattern, text) is found


@pytest.mark.parametrize("pattern, named", [("(?=a)b", "look-ahead"), (r"(a)\1", "back references"), ("(", "missing")])
def test_regex_names_what_is_not_supported(pattern: str, named: str) -> None:
    with pytest.raises(ParameterError, match=named):
        regex.found_in(pattern, "a")


@pytest.mark.requirement(9)
def test_regex_is_linear() -> None:
    assert not regex.found_in("^(a+)+$", "a" * 50_000 + "b")


@pytest.mark.requirement(9)
def test_regex_of_endless_length_is_refused() -> None:
    with pytest.raises(ParameterError, match="characters"):
        regex.found_in("a" * 5000, "a")


def test_csv_values_may_hold_what_separates_them() -> None:
    rows = [{"a": 'say "hi"', "b": "1,2"}, {"a": "two\nlines", "b": "ü"}]
    assert list(tables.read_csv('a,b\n"say ""hi""","1,2"\n"two\nlines",ü\n', tables.CsvRules())) == rows


@pytest.mark.parametrize(
    "keep_empty, rows",
    [(False, [{"row": {"1": "b"}}, {"row": {"0": "1"}}]), (True, [{"row": ["", "b"]}, {"row": ["1", ""]}])],
)
def test_csv_without_a_header(keep_empty: bool, rows: list[Any]) -> None:
    rules = tables.CsvRules(has_header=False, keep_empty=keep_empty)
    assert list(tables.read_csv(",b\n1,\n", rules)) == rows
    with pytest.raises(UserError, match="Line 2 has 1 columns, the first has 2"):
        list(tables.read_csv("a,b\n1\n", rules))


@pytest.mark.parametrize("delimiter", ["\\t", "tab", "\t"])
def test_csv_tab(delimiter: str) -> None:
    assert list(tables.read_csv("a\tb\n1\t2\n", tables.CsvRules(delimiter=delimiter))) == [{"a": "1", "b": "2"}]


@pytest.mark.parametrize("delimiter", ["ab", '"', "\n"])
def test_csv_delimiter_that_cannot_be(delimiter: str) -> None:
    with pytest.raises(ParameterError):
        list(tables.read_csv("a", tables.CsvRules(delimiter=delimiter)))


def test_csv_broken_quotes_are_named_or_skipped_or_relaxed() -> None:
    text = 'a,b\n"x"y,2\n3,4\n'
    with pytest.raises(UserError, match="Line 2"):
        list(tables.read_csv(text, tables.CsvRules()))
    assert list(tables.read_csv(text, tables.CsvRules(skip_broken=True))) == [{"a": "3", "b": "4"}]
    assert len(list(tables.read_csv(text, tables.CsvRules(relax_quotes=True)))) == 2


def test_csv_rows_too_long_are_skipped_when_asked() -> None:
    rules = tables.CsvRules(skip_broken=True, max_rows=1)
    assert list(tables.read_csv("a\n1,2\n3\n4\n", rules)) == [{"a": "3"}]


def test_flatten() -> None:
    assert tables.flatten({"a": {"b": [1, {"c": 2}]}, "e": {}, "n": None}) == {"a.b.0": 1, "a.b.1.c": 2, "n": None}
    deep: dict[str, Any] = {}
    for _ in range(100):
        deep = {"a": deep, "b": 1}
    with pytest.raises(UserError, match="deeply"):
        tables.flatten(deep)


@pytest.mark.parametrize(
    "data, kind",
    [
        (b"%PDF-1.7", "application/pdf"),
        (b"RIFF____WEBPVP8", "image/webp"),
        (b"____ftypisom", "video/mp4"),
        (b"RIFF____????", "text/plain"),
        (b"", "text/plain"),
    ],
)
def test_the_first_bytes_tell_the_type(data: bytes, kind: str) -> None:
    assert files.type_of(data) == kind


@pytest.mark.parametrize("name, mime", [("a.csv", "text/csv"), ("a.PNG", "image/png"), ("a", "x/y"), ("a.zzz", "x/y")])
def test_mime_of(name: str, mime: str) -> None:
    assert files.mime_of(name, "x/y") == mime


def test_text_encodings() -> None:
    assert files.decode("ü".encode("latin-1"), "latin1") == "ü"
    assert files.decode(b"\xef\xbb\xbfa") == "a"
    assert files.decode(b"\xff") == "\ufffd"
    assert files.encode("a", "utf16le", add_bom=True) == b"\xff\xfea\x00"
    with pytest.raises(ParameterError):
        files.decode(b"", "zip")


@pytest.mark.parametrize(
    "header, kind, parameters",
    [
        ("text/plain", "text/plain", {}),
        ('Text/HTML; charset="utf-8"; x=1', "text/html", {"charset": "utf-8", "x": "1"}),
        ("", "", {}),
    ],
)
def test_content_type(header: str, kind: str, parameters: dict[str, str]) -> None:
    parsed = http_text.parse_content_type(header)
    assert (parsed.type, parsed.parameters) == (kind, parameters)


def test_unknown_charset_is_utf_8() -> None:
    assert http_text.parse_content_type("text/plain; charset=klingon").charset == "utf-8"


@pytest.mark.parametrize(
    "disposition, url, mime, name",
    [
        ('attachment; filename="r\\"x.csv"', "https://a.example/y", "text/csv", 'r"x.csv'),
        ("attachment; filename*=UTF-8''na%C3%AFve.txt", "https://a.example", "", "naïve.txt"),
        ('attachment; filename="../../etc/passwd"', "https://a.example", "text/plain", "passwd"),
        ("", "https://a.example/files/logo", "image/png", "logo"),
        ("", "https://a.example/", "application/pdf", "file.pdf"),
        ("", "https://a.example/", "x/unknown", "file"),
        ("attachment; filename*=klingon''x", "https://a.example/", "", "file"),
    ],
)
def test_file_name(disposition: str, url: str, mime: str, name: str) -> None:
    assert http_text.file_name_of(disposition, url, mime) == name


NOW = datetime(2026, 3, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    "header, seconds",
    [
        ("30", 30.0),
        ("Sun, 01 Mar 2026 00:01:00 GMT", 60.0),
        ("Sat, 28 Feb 2026 00:00:00 GMT", 0.0),
        ("soon", None),
        ("", None),
    ],
)
def test_retry_after(header: str, seconds: float | None) -> None:
    assert http_text.retry_after_s(header, NOW) == seconds


@pytest.mark.parametrize(
    "arrays, text", [("brackets", "a%5B%5D=1&a%5B%5D=2"), ("indices", "a%5B0%5D=1&a%5B1%5D=2"), ("repeat", "a=1&a=2")]
)
def test_query_lists(arrays: Any, text: str) -> None:
    assert mime_body.query_text({"a": [1, 2]}, arrays) == text


def test_query_goes_before_the_fragment() -> None:
    assert mime_body.with_query("https://a.example/x?y=1#z", "b=2") == "https://a.example/x?y=1&b=2#z"
    assert (
        mime_body.with_query("https://a.example", mime_body.query_text({"a": {"b": None}}))
        == "https://a.example?a%5Bb%5D="
    )


def test_multipart_cannot_be_broken_out_of() -> None:
    part = mime_body.Part('a"\r\nX: y', b"1", 'f".txt', "text/plain")
    body, kind = mime_body.multipart([part], "mark")
    assert kind == "multipart/form-data; boundary=mark"
    assert body == (
        b'--mark\r\nContent-Disposition: form-data; name="a%22%0D%0AX: y"; filename="f%22.txt"\r\n'
        b"Content-Type: text/plain\r\n\r\n1\r\n--mark--\r\n"
    )
