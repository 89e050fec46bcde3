"""What `require` gives and what Node.js has as globals, checked against what Node.js answers."""

import json

import pytest

from pumpflix.lib.tests.prelude.cases import read_cases
from pumpflix.lib.tests.prelude.realm import Realm


@pytest.mark.parametrize("code, value", read_cases("node"))
def test_it_answers_as_node_does(realm: Realm, code: str, value: str) -> None:
    result = realm.code(f"const _ = require('lodash');\nreturn {{ value: {code} }}", modules=["*"])
    assert result.get("error") is None
    assert result["output"][0]["json"].get("value") == json.loads(value)


@pytest.mark.parametrize(
    "code, message",
    [
        ("new URL('nope')", "Invalid URL"),
        ("new TextDecoderStream()", "needs streams"),
        ("btoa('€')", "up to U+00FF only"),
        ("Buffer.from('a', 'rot13')", "Unknown encoding: rot13"),
        ("Buffer.from(5)", "The first argument must be"),
        ("require('crypto').createHash('whirl')", "Digest method not supported"),
        (
            "(() => { const h = require('crypto').createHash('md5'); h.digest(); h.update('x') })()",
            "Digest already called",
        ),
        ("require('crypto').timingSafeEqual(Buffer.from('a'), Buffer.from('ab'))", "same byte length"),
        ("require('child_process').exec('id')", "child_process.exec cannot be used in code"),
        ("const { readFileSync } = require('node:fs'); readFileSync('/etc/passwd')", "fs.readFileSync cannot be used"),
        ("require('no_such_module')", "Module 'no_such_module' is disallowed"),
        ("require('toString')", "Module 'toString' is disallowed"),
    ],
)
def test_it_refuses_in_words(realm: Realm, code: str, message: str) -> None:
    assert message in realm.code(f"{code}", modules=["*"])["error"]["message"]


def test_only_allowed_modules_are_given(realm: Realm) -> None:
    assert "output" in realm.code("require('lodash'); return []", modules=["lodash"])
    assert "is disallowed" in realm.code("require('crypto'); return []", modules=["lodash"])["error"]["message"]


def test_a_module_that_needs_the_system_may_be_named(realm: Realm) -> None:
    assert realm.code("const fs = require('fs'); return { fs }", modules=["*"])["output"] == [{"json": {"fs": {}}}]


@pytest.mark.parametrize(
    "code,value",
    [
        ("require('querystring').stringify({ a: 1, b: [1, 'x y'] })", "a=1&b=1&b=x%20y"),
        ("require('querystring').parse('a=1&a=2&b=3')", {"a": ["1", "2"], "b": "3"}),
        ("require('url').parse('https://u:p@a.b:8080/c?d=1#e').host", "a.b:8080"),
        ("require('url').parse('https://a.b/c?d=1#e', true).query", {"d": "1"}),
        ("require('url').parse('/c?d=1').path", "/c?d=1"),
        ("require('url').parse('https://a.b').pathname", "/"),
    ],
)
def test_addresses_and_queries(realm: Realm, code: str, value: object) -> None:
    assert realm.code(f"return {{ v: {code} }}", modules=["*"])["output"] == [{"json": {"v": value}}]
