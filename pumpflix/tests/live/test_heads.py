"""Heads of requests against the running product, byte by byte: those that are too large are refused."""

import socket
from urllib.parse import urlsplit

import pytest

from pumpflix.tests.product import Product

pytestmark = pytest.mark.requirement(15)

START = b"GET /health/live HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
SOCKET = b"GET /ws HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
LIVE = b'{"live":true}'
CASES = {
    "one long header": START + b"X-A: " + b"y" * 20_000 + b"\r\n\r\n",
    "many headers": START + b"X-A: 0123456789\r\n" * 1_500 + b"\r\n",
    "a long address": b"GET /" + b"a" * 20_000 + b" HTTP/1.1\r\nHost: localhost\r\n\r\n",
    "a header without an end": START + b"X-A: " + b"y" * 40_000,
    "headers without an end": START + b"X-A: 0123456789\r\n" * 3_000,
    "a cookie of 64 KB": START + b"Cookie: a=" + b"b" * 65_536 + b"\r\n\r\n",
    "of a socket": SOCKET + b"X-A: " + b"y" * 20_000 + b"\r\n\r\n",
}


def ask(product: Product, *requests: bytes) -> bytes:
    address = urlsplit(product.url)
    with socket.create_connection((address.hostname, address.port), timeout=20) as sock:
        answer = b""
        for request in requests:
            sock.sendall(request)
        while part := sock.recv(65_536):
            answer += part
        return answer


@pytest.mark.parametrize("request_", CASES.values(), ids=CASES)
def test_a_head_beyond_16_kb_is_refused(product: Product, request_: bytes) -> None:
    assert ask(product, request_).startswith(b"HTTP/1.1 431 ")
    assert LIVE in ask(product, START + b"\r\n")


def test_a_head_below_it_is_read_in_any_pieces(product: Product) -> None:
    pieces = [START, b"X-A: ", *[b"y" * 1_000] * 15, b"\r\n\r\n"]
    assert LIVE in ask(product, *pieces)


def test_what_is_no_http_is_a_bad_request(product: Product) -> None:
    assert ask(product, b"\x16\x03\x01 hello\r\n\r\n").startswith(b"HTTP/1.1 400 ")
