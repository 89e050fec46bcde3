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
        ("require('child_process')", "Module 'child_process' is disallowed"),
        ("require('toString')", "Module 'toString' is disallowed"),
    ],
)
def test_it_refuses_in_words(realm: Realm, code: str, message: str) -> None:
    assert message in realm.code(f"{code}", modules=["*"])["error"]["message"]


def test_only_allowed_modules_are_given(realm: Realm) -> None:
    assert "output" in realm.code("require('lodash'); return []", modules=["lodash"])
    assert "is disallowed" in realm.code("require('crypto'); return []", modules=["lodash"])["error"]["message"]
