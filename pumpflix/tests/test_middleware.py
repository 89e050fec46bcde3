import pytest
from django.http import HttpResponse
from django.test import RequestFactory

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


@pytest.mark.parametrize("odd", ["", "short", "two\nlines-of-log", "x" * 129, 'quote"and-more'])
def test_an_odd_id_is_replaced(odd):
    assert answered_id(**{"X-Request-Id": odd}) != odd
