"""Bodies of webhook requests, as the webhook item has them."""

import gzip
import json
import zlib
from typing import Any

import pytest

from executions_app.intake import bodies
from executions_app.intake.http import Refused

pytestmark = pytest.mark.engine

BOUNDARY = "frontier"
FORM = f"multipart/form-data; boundary={BOUNDARY}"


class Store:
    def __init__(self) -> None:
        self.kept: list[bytes] = []

    def put(self, data: bytes) -> str:
        self.kept.append(data)
        return f"ref:{len(self.kept)}"


@pytest.fixture
def store() -> Store:
    return Store()


def read(raw: bytes, content_type: str = "", store: Store | None = None, **options: Any) -> bodies.Body:
    return bodies.read(raw, content_type, options=options, put=(store or Store()).put)


def form(*parts: tuple[str, str | None, bytes]) -> bytes:
    """Parts are (name, file name, data)."""
    lines = []
    for name, file_name, data in parts:
        disposition = f'form-data; name="{name}"' + (f'; filename="{file_name}"' if file_name is not None else "")
        lines.append(
            f"--{BOUNDARY}\r\nContent-Disposition: {disposition}\r\nContent-Type: text/csv\r\n\r\n".encode() + data
        )
    return b"\r\n".join([*lines, f"--{BOUNDARY}--\r\n".encode()])


@pytest.mark.parametrize(
    "raw,content_type,expected",
    [
        (b'{"a":1}', "application/json", {"a": 1}),
        (b'{"a":1}', "application/json;charset=utf-7", {"a": 1}),
        (b"[1,2]", "application/vnd.api+json", [1, 2]),
        (b'"\\ud800"', "application/json", "\ud800"),
        (b"a=1&b=&a=2", "application/x-www-form-urlencoded", {"a": ["1", "2"], "b": ""}),
        ("grüß".encode("latin-1"), "text/plain; charset=latin-1", "grüß"),
        ("grüß".encode(), "text/plain; charset=nonsense", "grüß"),
        (b"<a/>", "application/xml", {"a": ""}),
        (
            b'<?xml version="1.0" encoding="latin-1"?><Order id="7"> <Item>\xc3\xa9</Item><Item n="2">C</Item></Order>',
            "text/xml; charset=utf-8",
            {"order": {"$": {"id": "7"}, "item": ["\u00e9", {"$": {"n": "2"}, "_": "C"}]}},
        ),
        (b"<__proto__><constructor>x</constructor></__proto__>", "text/xml", {"__proto__": {"constructor": "x"}}),
        (b"", "application/json", {}),
        (b"", "", {}),
    ],
    ids=[
        "json",
        "odd charset",
        "+json",
        "lone surrogate",
        "form",
        "latin-1",
        "unknown charset",
        "xml",
        "xml as n8n reads it",
        "xml with names of JavaScript",
        "empty",
        "nothing",
    ],
)
def test_a_body_is_read_as_its_type_says(raw: bytes, content_type: str, expected: Any) -> None:
    assert read(raw, content_type).value == expected


@pytest.mark.parametrize("raw", [b"{", b'{"a":NaN}', b"[" * 100_000, b"\xff"], ids=["cut", "NaN", "deep", "not utf-8"])
def test_what_is_not_json_is_refused(raw: bytes) -> None:
    with pytest.raises(Refused) as caught:
        read(raw, "application/json")
    assert caught.value.status == 422


def test_an_unknown_type_becomes_a_file(store: Store) -> None:
    body = read(b"\x89PNG", "image/png", store)
    assert (body.value, store.kept) == ({}, [b"\x89PNG"])
    assert body.files["data"].items() >= {"id": "ref:1", "mimeType": "image/png", "fileSize": 4}.items()


def test_the_raw_body_comes_beside_the_parsed_one(store: Store) -> None:
    body = read(b'{"a":1}', "application/json", store, rawBody=True, binaryPropertyName="raw")
    assert (body.value, list(body.files), store.kept) == ({"a": 1}, ["raw"], [b'{"a":1}'])


def test_parts_of_a_form_are_fields_and_files(store: Store) -> None:
    body = read(form(("a", None, b"1"), ("f", "x.csv", b"n\n1\n"), ("a", None, b"2")), FORM, store)
    assert body.value == {"a": ["1", "2"]}
    assert body.files["f"].items() >= {"fileName": "x.csv", "fileExtension": "csv", "mimeType": "text/csv"}.items()
    assert store.kept == [b"n\n1\n"]


def test_files_are_named_as_n8n_names_them() -> None:
    parts = form(("f[]", "1.csv", b"1"), ("f[]", "2.csv", b"2"), ("g", "3.csv", b"3"))
    assert list(read(parts, FORM).files) == ["f0", "f1", "g"]
    assert list(read(parts, FORM, binaryPropertyName="file").files) == ["file0", "file1", "file2"]


@pytest.mark.requirement(14)
def test_a_file_name_never_is_a_path() -> None:
    body = read(form(("f", "../../etc/passwd", b"x"), ("g", "C:\\\\temp\\\\y.txt", b"y")), FORM)
    assert [body.files[name]["fileName"] for name in "fg"] == ["passwd", "y.txt"]


@pytest.mark.requirement(13)
def test_json_that_describes_a_file_stays_json(store: Store) -> None:
    raw = b'{"files":{"a":{"filepath":"/etc/passwd","originalFilename":"x","mimetype":"text/plain"}}}'
    body = read(raw, "application/json", store)
    assert (body.files, store.kept) == ({}, [])
    assert body.value["files"]["a"]["filepath"] == "/etc/passwd"


@pytest.mark.requirement(15)
@pytest.mark.parametrize(
    "raw,content_type",
    [(b"nonsense", FORM), (b"x", "multipart/form-data"), (form(*[("a", None, b"")] * 1001), FORM)],
    ids=["no part", "no boundary", "1,001 parts"],
)
def test_a_form_that_is_none_is_refused(raw: bytes, content_type: str) -> None:
    with pytest.raises(Refused) as caught:
        read(raw, content_type)
    assert caught.value.status == 400


@pytest.mark.requirement(15)
def test_too_many_fields_are_refused() -> None:
    with pytest.raises(Refused):
        bodies.query("&".join(f"a{number}=1" for number in range(1001)))


@pytest.mark.requirement(10)
def test_a_query_groups_repeated_names() -> None:
    assert bodies.query("a=1&a=2&b=x%20y&__proto__=z") == {"a": ["1", "2"], "b": "x y", "__proto__": "z"}


@pytest.mark.parametrize("encoding,pack", [("gzip", gzip.compress), ("deflate", zlib.compress), ("", bytes)])
def test_a_compressed_body_is_inflated(encoding: str, pack: Any) -> None:
    assert bodies.inflate(pack(b"hello"), encoding) == b"hello"


@pytest.mark.requirement(15)
@pytest.mark.parametrize(
    "raw,encoding,status",
    [(b"x", "br", 415), (b"x", "gzip", 400), (gzip.compress(b"0" * 40_000_000), "gzip", 413)],
    ids=["unknown", "broken", "bomb"],
)
def test_a_compressed_body_that_is_no_good_is_refused(raw: bytes, encoding: str, status: int) -> None:
    with pytest.raises(Refused) as caught:
        bodies.inflate(raw, encoding)
    assert caught.value.status == status


@pytest.mark.requirement(15)
@pytest.mark.parametrize(
    "raw",
    [b"[" * 65 + b"]" * 65, b'{"a":' * 65 + b"1" + b"}" * 65, b"[" + b'{"a":1},' * 100_000 + b'{"a":1}]'],
    ids=["deep list", "deep object", "keys"],
)
def test_json_of_monsters_is_refused(raw: bytes) -> None:
    with pytest.raises(Refused) as caught:
        read(raw, "application/json")
    assert (caught.value.status, caught.value.code) == (422, "body_too_deep")


@pytest.mark.requirement(15)
@pytest.mark.parametrize(
    "raw",
    [b"[" * 64 + b"]" * 64, b'"' + b"[:" * 100_001 + b'"', b"[" + b'{"a":1},' * 99_999 + b'{"a":1}]'],
    ids=["64 levels", "a text of brackets", "100,000 keys"],
)
def test_json_that_is_just_small_enough_is_read(raw: bytes) -> None:
    assert read(raw, "application/json").value == json.loads(raw)


LAUGHS = b'<!DOCTYPE a [<!ENTITY b "ha"><!ENTITY c "&b;&b;&b;&b;">]><a>&c;</a>'


@pytest.mark.requirement(17)
@pytest.mark.parametrize(
    "raw",
    [
        LAUGHS,
        b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>',
        b"<a>&unknown;</a>",
        b"<a><b></a>",
        b"<a>" * 65 + b"</a>" * 65,
        b"<a>" + b"<b/>" * 100_001 + b"</a>",
        b"no xml",
        b"<a>\x00</a>",
        b"\xff\xfe<\x00a\x00",
    ],
    ids=["laughs", "outside", "entity", "cut", "deep", "long", "text", "NUL", "half a UTF-16"],
)
def test_xml_that_is_none_or_too_much_is_refused(raw: bytes) -> None:
    with pytest.raises(Refused) as caught:
        read(raw, "application/xml")
    assert caught.value.status == 422
