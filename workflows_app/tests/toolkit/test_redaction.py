"""Secrets disappear in every form they may come back in."""

import base64
import html
import json
import time
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflows_app.toolkit.redaction import MASK, Redactor

pytestmark = [pytest.mark.nodes, pytest.mark.requirement(33)]

SECRET = 'pä ss"w/ö+rd&1'


def redactor(*secrets):
    made = Redactor()
    made.learn(secrets or (SECRET,))
    return made


@pytest.mark.parametrize(
    "form",
    [
        SECRET,
        quote(SECRET),
        quote(SECRET, safe=""),
        quote_plus(SECRET),
        base64.b64encode(SECRET.encode()).decode(),
        base64.urlsafe_b64encode(SECRET.encode()).decode(),
        base64.b64encode(f"user:{SECRET}".encode()).decode(),
        base64.b64encode(f"me:{SECRET}:more".encode()).decode(),
        SECRET.encode().hex(),
        SECRET.encode().hex().upper(),
        html.escape(SECRET),
        html.escape(SECRET, quote=False),
        json.dumps(SECRET),
        json.dumps(json.dumps({"said": SECRET})),
        json.dumps(SECRET, ensure_ascii=False).replace("/", "\\/"),
        quote(SECRET).replace("%C3", "%c3").replace("%A4", "%a4").replace("%20", "%20").lower(),
        quote(quote(SECRET, safe="")),
        quote(SECRET, safe='"/+ '),
        json.dumps(json.dumps(json.dumps({"said": SECRET}))),
        json.dumps(json.dumps(quote(SECRET, safe='"/+ '))),
        SECRET.replace("&", "\\u0026"),
        json.dumps(json.dumps(html.escape(SECRET))),
        SECRET.encode().decode("latin-1"),
    ],
)
def test_no_form_of_a_secret_stays(form):
    text = redactor().text(f"before {form} after")
    assert form not in text
    assert MASK in text
    assert text.startswith("before ")
    assert text.endswith(" after")


def test_secrets_in_json_text_disappear():
    assert SECRET not in json.loads(redactor().text(json.dumps({"a": SECRET}, ensure_ascii=False)))["a"]


def test_a_value_without_secrets_is_the_very_same():
    value = {"a": [1, None, "text"]}
    assert redactor().value(value) is value


def test_secrets_are_found_at_any_depth_and_in_names():
    found = redactor().value({"a": [{"b": f"x{SECRET}"}], SECRET: 1, "n": 7})
    assert found == {"a": [{"b": f"x{MASK}"}], MASK: 1, "n": 7}


def test_bytes_are_masked():
    assert redactor("s3cret-token").data(b"\xff s3cret-token \xfe") == b"\xff ******** \xfe"


def test_short_texts_are_left_alone():
    assert redactor("abc").text("abcabc") == "abcabc"


def test_a_secret_inside_another_does_not_uncover_the_rest():
    assert redactor("secret-1", "secret-1-and-more").text("secret-1-and-more") == MASK


def test_nothing_learned_changes_nothing():
    assert Redactor().value({"a": SECRET}) == {"a": SECRET}


@given(st.text(min_size=12, max_size=40, alphabet=st.characters(codec="utf-8")), st.binary(max_size=9))
def test_basic_authentication_never_shows_a_password(secret, user):
    pair = base64.b64encode(user + b":" + secret.encode()).decode()
    known = secret.encode()
    shown = redactor(secret).text(pair).replace("*", "")
    assert not any(known in base64.b64decode(shown[: len(shown) // 4 * 4]) for shown in (shown, "A" + shown))


def test_a_key_of_many_lines_is_found_by_each_of_them():
    key = "-----BEGIN PRIVATE KEY-----\n" + "\n".join([f"{n:02d}MIIEvQIBADANBgkqhkiG9w0BAQEFAASC" for n in range(3)])
    text = redactor(key).text(f"line 2 is bad: {key.splitlines()[2]}; -----BEGIN PRIVATE KEY-----")
    assert text == "line 2 is bad: ********; -----BEGIN PRIVATE KEY-----"


@pytest.mark.parametrize("count", [1, 2, 7, 40])
@pytest.mark.parametrize("said", [str, json.dumps, lambda text: json.dumps(json.dumps(text)), quote])
def test_backslashes_in_a_row_are_found_however_they_are_written(count, said):
    secret = "anchor" + "\\" * count + "/tail"
    assert "tail" not in redactor(secret).text(f"It was {said(secret)}.")


def test_no_text_makes_it_slow():
    made = redactor('"/quoted', "\\\\server/share", "anchor" + "\\" * 12 + "b")
    text = "quoted share server anchor" + "\\" * 50_000 + "%25" * 20_000
    began = time.monotonic()
    assert made.text(text) == text
    assert time.monotonic() - began < 10
