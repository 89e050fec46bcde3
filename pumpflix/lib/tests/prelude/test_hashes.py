"""Hashes against Python's, at the lengths where blocks begin and end."""

import base64
import hashlib
import hmac

import pytest

from pumpflix.lib.tests.prelude.realm import Realm

NAMES = ["md5", "sha1", "sha224", "sha256", "sha384", "sha512", "sha3-256", "sha3-384", "sha3-512"]
LENGTHS = [0, 1, 55, 56, 63, 64, 65, 71, 72, 103, 104, 111, 112, 119, 127, 128, 129, 135, 136, 137, 1000]
DIGESTS = """
const crypto = require("crypto");
const { name, lengths, key } = $json;
const texts = lengths.map((length) => "aé".repeat(length).slice(0, length));
const hash = texts.map((text) => crypto.createHash(name).update(text).digest("hex"));
const hmac = texts.map((text) => crypto.createHmac(name, key).update(text).digest("base64"));
return { hash, hmac };
"""


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("key", ["key", "k" * 200])
def test_digests_are_those_of_python(realm: Realm, name: str, key: str) -> None:
    items = [{"json": {"name": name, "lengths": LENGTHS, "key": key}}]
    output = realm.code(DIGESTS, items, modules=["crypto"])["output"][0]["json"]
    texts = [("aé" * length)[:length].encode() for length in LENGTHS]
    python = name.replace("-", "_")
    assert output["hash"] == [hashlib.new(python, text).hexdigest() for text in texts]
    macs = [hmac.new(key.encode(), text, python).digest() for text in texts]
    assert output["hmac"] == [base64.b64encode(mac).decode() for mac in macs]


@pytest.mark.parametrize(
    "text, digest",
    [
        ("", "9c1185a5c5e9fc54612808977ee8f548b2258d31"),
        ("abc", "8eb208f7e05d987a9b044a8e98c6b087f15a0bfc"),
        ("a" * 56, "e72334b46c83cc70bef979e15453706c95b888be"),
    ],
)
def test_ripemd160_gives_the_published_digests(realm: Realm, text: str, digest: str) -> None:
    assert realm.value("{{ $json.t.hash('ripemd160') }}", {"t": text}) == digest


def test_random_bytes_come_from_the_entropy_of_the_call(realm: Realm) -> None:
    code = """const c = require("crypto");
    return { all: [c.randomUUID(), c.randomBytes(70).toString("hex"), c.randomInt(5, 9), c.randomInt(3)] }"""

    def draw(entropy: str | None) -> list[object]:
        values = realm.code(code, modules=["crypto"], entropy=entropy)["output"][0]["json"]["all"]
        assert len(values[1]) == 140
        assert 5 <= values[2] < 9
        assert 0 <= values[3] < 3
        return list(values)

    assert draw("00" * 32) == draw("00" * 32)
    assert draw("00" * 32) != draw("11" * 32)
    assert draw(None) != draw(None)
