import pytest
from django.http import HttpResponse
from django.test import RequestFactory

from accounts.origin import current
from pumpflix.middleware import RequestId


def answered_id(**headers: str) -> str:
    seen = []

    def view(request):
        seen.append(request.id)
        return HttpResponse()

    response = RequestId(view)(RequestFactory().get("/", headers=headers))
    assert response["X-Request-Id"] == seen[0]
    return seen[0]


def test_every_request_has_an_id_of_its_own():
    assert answered_id() != answered_id()


def test_a_callers_id_is_kept():
    assert answered_id(**{"X-Request-Id": "trace-0123456789"}) == "trace-0123456789"


@pytest.mark.requirement(58)
@pytest.mark.parametrize("odd", ["", "short", "two\nlines-of-log", "x" * 129, 'quote"and-more'])
def test_an_odd_id_is_replaced(odd):
    assert answered_id(**{"X-Request-Id": odd}) != odd


@pytest.mark.requirement(59)
@pytest.mark.parametrize(
    "proxies, forwarded, address",
    [
        (0, "203.0.113.9", "192.0.2.1"),
        (1, "203.0.113.9", "203.0.113.9"),
        (1, "198.51.100.1, 203.0.113.9", "203.0.113.9"),
        (2, "203.0.113.9", "192.0.2.1"),
        (1, "not an address", None),
    ],
    ids=["no proxy", "one", "the caller's own claim", "fewer than trusted", "nonsense"],
)
def test_the_audit_trail_is_told_the_address_next_to_the_trusted_proxies(settings, proxies, forwarded, address):
    settings.PUMPFLIX = settings.PUMPFLIX.model_copy(update={"trusted_proxies": proxies})
    seen = []
    request = RequestFactory().get("/", REMOTE_ADDR="192.0.2.1", headers={"X-Forwarded-For": forwarded})
    RequestId(lambda _request: seen.append(current()) or HttpResponse())(request)
    assert seen[0].ip_address == address
