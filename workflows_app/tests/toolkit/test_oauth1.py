"""OAuth 1.0a against the example of RFC 5849 (3.4.1) and a well-known one of a large service."""

import re
from datetime import UTC, datetime
from urllib.parse import unquote

import pytest

from workflows_app.engine.ports import HttpRequest
from workflows_app.toolkit.oauth1 import Keys, base_text, sign

pytestmark = pytest.mark.nodes

KEYS = Keys(
    consumer_key="xvz1evFS4wEEPTGEFPHBog",
    consumer_secret="kAcSOqF21Fu85e7zjz7ZN2U4ZRhfV3WpwPAoE3Z7kBw",
    token="370773112-GmHxMAgYyLbNEtIKZeRNFsMKPR9EyMZeS9weJAEb",
    token_secret="LswwdoUaIvS8ltyTt5jkRh4J50vUPVVHtR2YPi5kE",
)
POST = HttpRequest(
    "POST",
    "https://api.twitter.com/1.1/statuses/update.json?include_entities=true",
    (("Content-Type", "application/x-www-form-urlencoded"),),
    b"status=Hello%20Ladies%20%2b%20Gentlemen%2c%20a%20signed%20OAuth%20request%21",
)
AT = datetime.fromtimestamp(1318622958, UTC)
NONCE = "kYjzVBB8Y0ZFabxSWbWovY3uYSQ2pTgmZeNu2VS4cg"


def oauth(request, keys=KEYS):
    header = dict(sign(request, keys, AT, nonce=NONCE).headers)["Authorization"]
    assert header.startswith("OAuth ")
    return {name: unquote(value) for name, value in re.findall(r'(\w+)="([^"]*)"', header)}


def test_a_form_and_its_query_are_signed_together():
    assert oauth(POST)["oauth_signature"] == "hCtSmYh+iHYCEqBWrE7C7hYmtUk="


def test_the_base_text_of_rfc_5849():
    request = HttpRequest(
        "POST",
        "http://example.com/request?b5=%3D%253D&a3=a&c%40=&a2=r%20b",
        (("Content-Type", "application/x-www-form-urlencoded"),),
        b"c2&a3=2+q",
    )
    given = {
        "oauth_consumer_key": "9djdj82h48djs9d2",
        "oauth_token": "kkk9d7dh3k39sjv7",
        "oauth_signature_method": "HMAC-SHA1",
        "oauth_timestamp": "137131201",
        "oauth_nonce": "7d8f3e4a",
    }
    assert base_text(request, given) == (
        "POST&http%3A%2F%2Fexample.com%2Frequest&a2%3Dr%2520b%26a3%3D2%2520q%26a3%3Da%26b5%3D%253D%25253D%26c%2540%3D"
        "%26c2%3D%26oauth_consumer_key%3D9djdj82h48djs9d2%26oauth_nonce%3D7d8f3e4a%26oauth_signature_method%3DHMAC-SHA1"
        "%26oauth_timestamp%3D137131201%26oauth_token%3Dkkk9d7dh3k39sjv7"
    )


@pytest.mark.parametrize("method", ["HMAC-SHA256", "HMAC-SHA512"])
def test_stronger_hashes_sign_otherwise(method):
    keys = Keys(KEYS.consumer_key, KEYS.consumer_secret, KEYS.token, KEYS.token_secret, method)
    fields = oauth(POST, keys)
    assert fields["oauth_signature_method"] == method
    assert fields["oauth_signature"] != oauth(POST)["oauth_signature"]


def test_plain_text_is_both_secrets():
    assert oauth(POST, Keys("k", "a&b", "t", "c", "PLAINTEXT"))["oauth_signature"] == "a%26b&c"


def test_an_application_alone_sends_no_token():
    assert "oauth_token" not in oauth(POST, Keys("k", "s"))


def test_a_json_body_is_not_part_of_the_signature():
    one, two = (
        HttpRequest("POST", "https://a.example/", (("Content-Type", "application/json"),), body)
        for body in (b"1", b"2")
    )
    assert oauth(one)["oauth_signature"] == oauth(two)["oauth_signature"]


def test_a_port_that_is_not_the_usual_one_is_signed():
    said = [base_text(HttpRequest("GET", f"https://a.example:{port}/x"), {}) for port in (8443, 443)]
    assert said == ["GET&https%3A%2F%2Fa.example%3A8443%2Fx&", "GET&https%3A%2F%2Fa.example%2Fx&"]
