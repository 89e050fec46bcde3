"""Feeds as people publish them: broken, oversized, in odd encodings."""

import time

import pytest

from workflows_app.engine.errors import UserError
from workflows_app.tests.toolkit.asking import ASKER
from workflows_app.toolkit.feeds import read_feed, snippet
from workflows_app.toolkit.foreign_files import foreign_files

pytestmark = pytest.mark.nodes


def rss(inner: str) -> bytes:
    return f'<rss version="2.0"><channel>{inner}</channel></rss>'.encode()


def test_a_broken_feed_is_read_as_far_as_it_goes() -> None:
    items = read_feed(rss("<item><title>A & B</title><link>https://a.example</link></item><item><title>C"))
    assert [item["title"] for item in items][:1] == ["A  B"]


def test_the_charset_of_the_answer_counts_where_the_feed_names_none() -> None:
    data = rss("<item><title>é</title></item>").decode().encode("latin-1")
    assert read_feed(data, charset="iso-8859-1") == [{"title": "é"}]


def test_an_unknown_charset_is_ignored() -> None:
    assert read_feed(rss("<item><title>é</title></item>"), charset="no-such-charset") == [{"title": "é"}]


@pytest.mark.parametrize("data", [b"", b"{}", b"<html><item/></html>", b"<"])
def test_what_is_no_feed_is_refused(data: bytes) -> None:
    with pytest.raises(UserError) as caught:
        read_feed(data)
    assert caught.value.instance_code == "feed_invalid"


@pytest.mark.requirement(17)
def test_a_local_file_is_not_read_through_an_entity() -> None:
    evil = b'<!DOCTYPE rss [<!ENTITY x SYSTEM "file:///etc/passwd">]>' + rss("<item><title>&x;</title></item>")
    assert read_feed(evil) == [{"title": ""}]


@pytest.mark.requirement(17)
def test_ten_levels_of_entities_cost_nothing() -> None:
    levels = "".join(f'<!ENTITY e{n + 1} "{f"&e{n};" * 10}">' for n in range(10))
    bomb = f'<!DOCTYPE rss [<!ENTITY e0 "lol">{levels}]>'.encode() + rss("<item><title>&e10;</title></item>")
    began = time.monotonic()
    assert read_feed(bomb) == [{"title": ""}]
    assert time.monotonic() - began < 1


def test_a_snippet_of_hostile_markup_is_quick() -> None:
    began = time.monotonic()
    snippet("<p" * 300_000 + "x<" * 100_000)
    assert time.monotonic() - began < 2


def test_rdf_entries_keep_what_they_are_about() -> None:
    data = (
        b'<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/">'
        b'<item rdf:about="urn:1"><title>T</title></item></rdf:RDF>'
    )
    assert read_feed(data) == [{"title": "T", "rdf:about": "urn:1"}]


@pytest.mark.parametrize("charset", ["windows-1251", "shift_jis", "gb18030", "utf-16", "koi8-r", "iso-8859-15"])
def test_behind_the_walls_a_feed_reads_the_same(charset: str) -> None:
    inner = "<item><title>Aя</title><pubDate>Tue, 03 Mar 2026 10:00:00 +0200</pubDate></item>"
    data = f'<?xml version="1.0" encoding="{charset}"?>{rss(inner).decode()}'.encode(charset, "replace")
    with foreign_files(ASKER, "feed") as reader:
        answer, _ = reader.call({"charset": "", "custom": ["x:y"]}, data)
        assert answer["entries"] == read_feed(data, custom=["x:y"])
        with pytest.raises(UserError) as caught:
            reader.call({"charset": charset, "custom": []}, b"<html/>")
    assert caught.value.instance_code == "feed_invalid"
