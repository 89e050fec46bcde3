"""Addresses that try to be paths, byte by byte against the running product: none of them leads to a file."""

import pytest

from pumpflix.tests.live.test_heads import ask
from pumpflix.tests.product import Product

pytestmark = pytest.mark.requirement(14)

UP = ["../", "..%2f", "%2e%2e/", "%252e%252e%252f", "..\\", "..%5c", "..;/", "....//", "%c0%ae%c0%ae/", "..%00/"]
BELOW = ["/static/", "/", "/templates/", "/api/", "/webhook/", "/form/", "/media/", "/static/build/", "/executions/"]
FILES = ["manage.py", "etc/passwd", "proc/self/environ", "pumpflix/settings/base.py", ".env", ".git/config"]
ODD = {
    "two slashes": b"//etc/passwd",
    "two slashes below": b"/static//etc/passwd",
    "absolute": b"http://localhost/../../etc/passwd",
    "a device": b"/static/CON",
    "a long name": b"/static/" + b"a" * 300,
    "NUL": b"/%00",
    "right to left": b"/static/%e2%80%ae",
    "half a character": b"/static/%ff%fe",
}
OURS = (b"DJANGO_SETTINGS_MODULE", b"root:", b"PUMPFLIX_", b"SECRET_KEY", b"[core]", b"os.environ")
END = b" HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"


def status_of(product: Product, target: bytes) -> int:
    """After looking whether a file of ours came along."""
    answer = ask(product, b"GET " + target + END)
    assert not [word for word in OURS if word in answer.partition(b"\r\n\r\n")[2]], target
    return int(answer.split(b" ", 2)[1])


@pytest.mark.parametrize("up", UP)
def test_no_way_up_leads_to_a_file(product: Product, up: str) -> None:
    targets = [f"{below}{up * 8}{file}".encode() for below in BELOW for file in FILES]
    found = {target: status_of(product, target) for target in targets}
    assert {target: status for target, status in found.items() if status not in (301, 302, 400, 404, 405)} == {}


@pytest.mark.parametrize("target", ODD.values(), ids=ODD)
def test_nor_does_any_other_odd_address(product: Product, target: bytes) -> None:
    assert status_of(product, target) in (301, 302, 400, 404, 405)
