"""Digest sign-in against the examples of RFC 7616 (3.9.1) and RFC 2617 (3.5)."""

import re

import pytest

from workflows_app.engine.errors import RemoteError
from workflows_app.engine.ports import HttpRequest
from workflows_app.toolkit.digest_auth import authorization, challenge_of

pytestmark = pytest.mark.nodes

URL = "http://www.example.org/dir/index.html"
RFC_7616 = (
    'Digest realm="http-auth@example.org", qop="auth, auth-int", algorithm={}, '
    'nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"'
)
CLIENT_NONCE = "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ"


def challenge(*values):
    return challenge_of([("WWW-Authenticate", value) for value in values])


def answer(text, *, user="Mufasa", password="Circle of Life", request=None, count=1, client_nonce=CLIENT_NONCE):
    found = authorization(
        challenge(text), (user, password), request or HttpRequest("GET", URL), count, client_nonce=client_nonce
    )
    return {name: quoted or bare for name, quoted, bare in re.findall(r'(\w+)=(?:"([^"]*)"|([^\s,]+))', found)}


@pytest.mark.parametrize(
    "algorithm,response",
    [
        ("MD5", "8ca523f5e9506fed4657c9700eebdbec"),
        ("SHA-256", "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"),
    ],
)
def test_the_example_of_rfc_7616(algorithm, response):
    fields = answer(RFC_7616.format(algorithm))
    assert fields["response"] == response
    assert (fields["qop"], fields["nc"], fields["uri"]) == ("auth", "00000001", "/dir/index.html")


def test_the_example_of_rfc_2617():
    text = (
        'Digest realm="testrealm@host.com", qop="auth,auth-int", nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093", '
        'opaque="5ccc069c403ebaf9f0171e9517f40e41"'
    )
    fields = answer(text, password="Circle Of Life", client_nonce="0a4f113b")
    assert fields["response"] == "6629fae49393a05397450978507c4ef1"
    assert "algorithm" not in fields


def test_without_quality_the_oldest_form_is_used():
    fields = answer('Digest realm="r", nonce="n"', user="u", password="p")
    assert "qop" not in fields
    assert "nc" not in fields


def test_a_session_key_depends_on_the_client_nonce():
    text = 'Digest realm="r", nonce="n", qop="auth", algorithm=MD5-sess'
    assert answer(text)["response"] != answer(text, client_nonce="other")["response"]
    assert answer(text)["algorithm"] == "MD5-sess"


def test_the_body_is_signed_where_the_server_insists():
    text = 'Digest realm="r", nonce="n", qop="auth-int"'
    one, two = (answer(text, request=HttpRequest("POST", URL, body=body)) for body in (b"1", b"2"))
    assert one["qop"] == "auth-int"
    assert one["response"] != two["response"]


def test_each_use_of_a_nonce_is_counted():
    text = 'Digest realm="r", nonce="n", qop="auth"'
    assert [answer(text, count=count)["nc"] for count in (1, 2, 255)] == ["00000001", "00000002", "000000ff"]


def test_the_query_is_part_of_what_is_signed():
    assert answer(RFC_7616.format("MD5"), request=HttpRequest("GET", URL + "?a=1"))["uri"] == "/dir/index.html?a=1"


def test_the_strongest_of_several_challenges_is_answered():
    found = challenge(RFC_7616.format("MD5"), RFC_7616.format("SHA-256"))
    assert found.algorithm == "sha-256"


def test_a_challenge_beside_another_scheme_is_found():
    assert challenge('Basic realm="r", Digest realm="d", nonce="n"').realm == "d"


def test_no_challenge_is_none():
    assert challenge('Basic realm="r"') is None


def test_an_unknown_algorithm_is_refused_with_what_is_known():
    with pytest.raises(RemoteError, match="not known here"):
        challenge('Digest realm="r", nonce="n", algorithm=ROT13')


def test_a_name_with_quotes_stays_one_field():
    found = challenge('Digest realm="r", nonce="n"')
    assert r'username="a\"b"' in authorization(found, ('a"b', "p"), HttpRequest("GET", URL), 1)


def test_a_name_is_hashed_where_the_server_wants_it():
    fields = answer('Digest realm="r", nonce="n", qop="auth", algorithm=SHA-256, userhash=true', user="ann")
    assert fields["userhash"] == "true"
    assert len(fields["username"]) == 64
