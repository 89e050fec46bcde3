"""XML that reaches out or multiplies, in every place that reads XML."""

import time
from collections.abc import Callable
from typing import Any

import pytest

from executions_app.intake.http import Refused
from executions_app.intake.xml import read_xml
from pumpflix.tests.product import patience
from workflows_app.engine.errors import UserError
from workflows_app.tests.nodes.support import one_node
from workflows_app.toolkit.feeds import read_feed

pytestmark = [pytest.mark.app, pytest.mark.requirement(17)]

LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
HOSTILE = {
    "laughs": f'<!DOCTYPE a [<!ENTITY l0 "lol">{LAUGHS}]><rss><item><title>&l9;</title></item></rss>',
    "quadratic": f'<!DOCTYPE a [<!ENTITY q "{"q" * 50_000}">]><rss><title>{"&q;" * 50_000}</title></rss>',
    "a file": '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><rss><item><title>&x;</title></item></rss>',
    "an address": '<!DOCTYPE a [<!ENTITY x SYSTEM "http://127.0.0.1:9/">]><rss><item><title>&x;</title></item></rss>',
    "a DTD elsewhere": '<!DOCTYPE rss SYSTEM "http://127.0.0.1:9/evil.dtd"><rss><item><title>x</title></item></rss>',
    "a parameter entity": '<!DOCTYPE a [<!ENTITY % x SYSTEM "file:///etc/passwd"> %x;]><rss/>',
    "an include": '<rss xmlns:xi="http://www.w3.org/2001/XInclude"><item><title>'
    '<xi:include href="file:///etc/passwd" parse="text"/></title></item></rss>',
    "a style sheet": '<?xml-stylesheet type="text/xsl" href="file:///etc/passwd"?><rss><item><title>x</title></item></rss>',
    "depth": "<a>" * 100_000 + "</a>" * 100_000,
}


def a_webhook(text: str) -> Any:
    try:
        return read_xml(text)
    except Refused as error:
        return error.message


def a_feed(text: str) -> Any:
    try:
        return read_feed(text.encode())
    except UserError as error:
        return error.message


def the_xml_node(text: str) -> Any:
    result = one_node("xml", 1, {"mode": "xmlToJson", "options": {}}, [[{"data": text}]])
    return result.json("Node") or result.error


@pytest.mark.parametrize("read", [a_webhook, a_feed, the_xml_node])
@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_it_reaches_nothing_and_ends_soon(read: Callable[[str], Any], text: str) -> None:
    began = time.monotonic()
    told = str(read(text))
    assert time.monotonic() - began < 5 * patience()
    assert "root:" not in told
    assert len(told) < 1_000_000
