import gzip
import os
import zlib
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pumpflix.lib.safe_http.decoding import decoded
from pumpflix.lib.safe_http.policy import Limits

LIMITS = Limits()
STRICT = replace(LIMITS, ratio_grace_bytes=100_000)


def raw_deflate(data: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return packer.compress(data) + packer.flush()


def unpack(data: bytes, encoding: str, *, piece: int = 1_000, limits: Limits = LIMITS) -> bytes:
    return b"".join(decoded([data[at : at + piece] for at in range(0, len(data), piece)], encoding, limits))


@pytest.mark.parametrize(
    "encoding, pack",
    [
        ("", bytes),
        ("identity", bytes),
        ("gzip", gzip.compress),
        ("X-GZIP", gzip.compress),
        ("deflate", zlib.compress),
        ("deflate", raw_deflate),
        ("deflate, gzip", lambda data: gzip.compress(zlib.compress(data))),
        ("gzip", lambda data: gzip.compress(data[:10]) + gzip.compress(data[10:]) + b"\0\0\0"),
    ],
    ids=["none", "identity", "gzip", "x-gzip", "zlib", "bare deflate", "two layers", "two members"],
)
@pytest.mark.parametrize("piece", [1, 7, 100_000])
def test_what_was_packed_comes_back(encoding, pack, piece):
    data = os.urandom(2_000) + b"text " * 1_000
    assert unpack(pack(data), encoding, piece=piece) == data


@given(st.binary(max_size=4_000), st.integers(1, 500))
def test_any_bytes_in_any_pieces_come_back(data, piece):
    assert unpack(gzip.compress(data), "gzip", piece=piece) == data


@pytest.mark.parametrize("size", [256 * 1024 - 1, 256 * 1024, 512 * 1024, 512 * 1024 + 1])
def test_nothing_is_left_in_the_inflater_at_the_edges_of_a_step(size):
    assert len(unpack(gzip.compress(bytes(size)), "gzip", piece=10_000_000)) == size


@pytest.mark.requirement(27)
@pytest.mark.parametrize("pack, encoding", [(gzip.compress, "gzip"), (zlib.compress, "deflate")])
def test_a_bomb_is_refused_after_little_output(pack, encoding, code_of):
    bomb = pack(bytes(50_000_000))
    given: list[bytes] = []
    assert code_of(lambda: given.extend(decoded([bomb], encoding, STRICT))) == "decompression_refused"
    assert sum(map(len, given)) < 1_000_000


@pytest.mark.requirement(27)
def test_a_bomb_inside_a_bomb_is_refused(code_of):
    bomb = gzip.compress(gzip.compress(bytes(100_000_000)))
    assert code_of(lambda: unpack(bomb, "gzip, gzip", limits=STRICT)) == "decompression_refused"


def test_small_bodies_may_be_packed_as_tightly_as_they_like():
    assert len(unpack(gzip.compress(bytes(90_000)), "gzip", limits=STRICT)) == 90_000


@pytest.mark.parametrize("encoding", ["br", "zstd", "compress", "gzip, gzip, gzip", "nonsense"])
def test_unasked_encodings_are_refused(encoding, code_of):
    assert code_of(lambda: unpack(b"x", encoding)) == "encoding_unsupported"


@pytest.mark.parametrize(
    "data",
    [b"not gzip", gzip.compress(b"a" * 1_000)[:-9], gzip.compress(b"x")[:-1] + b"\xff"],
    ids=["no gzip at all", "cut short", "wrong checksum"],
)
def test_damaged_bodies_are_refused(data, code_of):
    assert code_of(lambda: unpack(data, "gzip")) == "response_invalid"


def test_an_empty_body_needs_no_unpacking():
    assert unpack(b"", "gzip") == b""
