"""The built-in host: a small service any workflow may call with nothing installed and no network. It is answered inside
the Http port, so a template that uses it works on an aeroplane, and answers the same for everybody.

    GET  /orders?limit=20&cursor=…   45 made-up orders, page by page: {"orders": […], "next": URL or ""}
    GET  /flaky?failures=2           fails that many times in a run (503, Retry-After), then answers
    GET  /status/404                 answers with that status
    ANY  /echo                       what was sent: {"method", "query", "headers", "body"}
    GET  /health                     {"ok": true}
"""

from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from threading import Lock
from urllib.parse import parse_qs, urlencode, urlsplit

import orjson

from workflows_app.engine.items import JsonObject
from workflows_app.engine.ports import CallSite, HttpRequest, HttpResponse

HOST = "mock.pumpflix.internal"
ORDERS = 45
MAX_PAGE = 50
MAX_FAILURES = 20
SECRET_HEADERS = frozenset({"authorization", "cookie", "proxy-authorization", "x-api-key"})

_CUSTOMERS = ("Orchard & Sons", "Harbour Books", "Mill Bakery", "Riverwalk Cycles", "North Pier Prints")
_GOODS = ("paper", "flour", "lamp oil", "brass bells", "ink")


@dataclass(frozen=True, slots=True)
class Asked:
    method: str
    path: str
    query: dict[str, str]
    request: HttpRequest


class BuiltinHost:
    """The handlers of one execution; `flaky` counts within it. Safe for threads."""

    def __init__(self) -> None:
        self._failed: dict[tuple[str, int, int], int] = {}
        self._lock = Lock()

    def __call__(self, site: CallSite, request: HttpRequest) -> HttpResponse:
        """Any path has an answer; one that is not known is told what there is."""
        parts = urlsplit(request.url)
        query = {name: values[-1] for name, values in parse_qs(parts.query).items()}
        asked = Asked(request.method.upper(), parts.path.rstrip("/") or "/", query, request)
        if asked.path == "/flaky":
            return self._flaky(site, asked)
        if asked.path.startswith("/status/"):
            return status(asked)
        route = ROUTES.get(asked.path)
        return (
            route(asked) if route else answer(asked, 404, {"error": "not found", "paths": sorted([*ROUTES, "/flaky"])})
        )

    def _flaky(self, site: CallSite, asked: Asked) -> HttpResponse:
        wanted = whole(asked.query.get("failures"), 2, MAX_FAILURES)
        place = (site.node, site.run_index, site.item)
        with self._lock:
            failed = self._failed.get(place, 0)
            if failed < wanted:
                self._failed[place] = failed + 1
        if failed < wanted:
            body = {"error": f"Busy, as asked: failure {failed + 1} of {wanted}."}
            return answer(asked, 503, body, ("retry-after", "0"))
        return answer(asked, 200, {"ok": True, "failuresBefore": wanted})


def orders(asked: Asked) -> HttpResponse:
    """A page of the made-up orders, the same for everybody; `next` is the address of the following page."""
    size = max(1, whole(asked.query.get("limit"), 20, MAX_PAGE))
    begin = whole(asked.query.get("cursor"), 0, ORDERS)
    page = [order(number) for number in range(begin, min(begin + size, ORDERS))]
    more = begin + size < ORDERS
    following = f"https://{HOST}/orders?{urlencode({'limit': size, 'cursor': begin + size})}" if more else ""
    return answer(asked, 200, {"orders": page, "next": following, "total": ORDERS})


def order(number: int) -> JsonObject:
    return {
        "id": f"A-{1001 + number}",
        "customer": _CUSTOMERS[number * 7 % len(_CUSTOMERS)],
        "item": _GOODS[number * 3 % len(_GOODS)],
        "quantity": 1 + number * 5 % 9,
        "total": round(12.5 + number * 17 % 240 * 1.25, 2),
        "status": ("paid", "open", "paid", "shipped")[number % 4],
        "placedAt": f"2026-{1 + number // 5:02d}-{1 + number * 11 % 28:02d}",
    }


def status(asked: Asked) -> HttpResponse:
    number = whole(asked.path.removeprefix("/status/"), 404, 599)
    code = number if number in {known.value for known in HTTPStatus if known >= HTTPStatus.OK} else 404
    return answer(asked, code, {"status": code})


def echo(asked: Asked) -> HttpResponse:
    """What was sent, without what could be a secret."""
    sent = {name.lower(): value for name, value in asked.request.headers if name.lower() not in SECRET_HEADERS}
    body = asked.request.body.decode("utf-8", "replace")
    return answer(asked, 200, {"method": asked.method, "query": asked.query, "headers": sent, "body": body})


def health(asked: Asked) -> HttpResponse:
    return answer(asked, 200, {"ok": True})


def answer(asked: Asked, code: int, body: JsonObject, *headers: tuple[str, str]) -> HttpResponse:
    told = (("content-type", "application/json"), *headers)
    return HttpResponse(code, HTTPStatus(code).phrase, told, orjson.dumps(body), asked.request.url)


def whole(text: str | None, default: int, most: int) -> int:
    """A whole number from 0 to `most`; what is none is the default."""
    return min(int(text), most) if text and text.isascii() and text.isdigit() and len(text) < 6 else default


ROUTES: dict[str, Callable[[Asked], HttpResponse]] = {"/orders": orders, "/echo": echo, "/health": health}
