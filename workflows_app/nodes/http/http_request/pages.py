"""Pagination: the same request again and again, changed by what came back, until the author's condition says stop."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, Literal

from workflows_app.engine.errors import ParameterError, RemoteError
from workflows_app.engine.items import JsonObject
from workflows_app.engine.node_type import NodeRun
from workflows_app.engine.ports import HttpResponse
from workflows_app.nodes.http.http_request.answer import AnswerRules, body_value, checked, headers_of, wants_file
from workflows_app.toolkit.compare import is_true, to_number
from workflows_app.toolkit.http_auth import Caller
from workflows_app.toolkit.http_draft import Draft
from workflows_app.toolkit.paths import names

MAX_PAGES = 10_000
MAX_SAME = 5
Stop = Literal["responseIsEmpty", "receiveSpecificStatusCodes", "other"]


@dataclass(frozen=True, slots=True)
class Pages:
    """The stored settings; expressions in them are resolved for each page."""

    raw: JsonObject

    @classmethod
    def of(cls, stored: Any) -> "Pages | None":
        """None where there is no pagination, or it is switched off."""
        inner = stored.get("pagination") if isinstance(stored, dict) else None
        if not isinstance(inner, dict) or inner.get("paginationMode") == "off":
            return None
        return cls(inner)

    @property
    def follows_address(self) -> bool:
        return self.raw.get("paginationMode") == "responseContainsNextURL"

    @property
    def stop(self) -> str:
        return str(self.raw.get("paginationCompleteWhen") or "responseIsEmpty")


@dataclass(slots=True)
class Turn:
    """What expressions of the next page may read."""

    count: int = 0
    request: JsonObject | None = None
    response: JsonObject | None = None

    def names(self) -> JsonObject:
        return {"$pageCount": self.count, "$request": self.request or {}, "$response": self.response or {}}


def read_pages(
    run: NodeRun[Any], index: int, draft: Draft, rules: AnswerRules, pages: Pages, caller: Caller
) -> Iterator[HttpResponse]:
    """Every page in order. Raises RemoteError for an error status that does not end the pages, and where the server
    keeps sending the same page."""
    turn = Turn()
    last_body, same = b"", 0
    while True:
        if run.cancelled():
            return
        changed = changed_draft(run, index, draft, pages, turn)
        response = caller.send(changed, index)
        same = same + 1 if turn.count and response.body == last_body and response.body else 0
        last_body = response.body
        if same >= MAX_SAME:
            raise RemoteError(
                f"The last {MAX_SAME + 1} pages were the same.",
                permanent=True,
                hint="Check what changes from page to page.",
            )
        turn = Turn(turn.count + 1, request_names(changed), response_names(response, rules))
        is_last = turn.count >= page_limit(run, index, pages, turn) or is_complete(run, index, pages, turn)
        if not is_last or pages.stop != "receiveSpecificStatusCodes":
            checked(run, response, rules)
        yield response
        if is_last:
            return
        pause_s = to_number(resolved(run, index, pages.raw.get("requestInterval"), turn)) / 1000
        if pause_s > 0:
            run.ports.clock.sleep(pause_s)


def resolved(run: NodeRun[Any], index: int, value: Any, turn: Turn) -> Any:
    return run.resolver.resolve_value(value, index, turn.names())


def changed_draft(run: NodeRun[Any], index: int, draft: Draft, pages: Pages, turn: Turn) -> Draft:
    if pages.follows_address:
        address = resolved(run, index, pages.raw.get("nextURL"), turn)
        return replace(draft, url=address) if isinstance(address, str) and address else draft
    rows = (pages.raw.get("parameters") or {}).get("parameters") or []
    for row in resolved(run, index, rows, turn):
        if row.get("name"):
            draft = draft.with_values(str(row.get("type") or "qs"), str(row["name"]), row.get("value"))
    return draft


def request_names(draft: Draft) -> JsonObject:
    body = draft.body if draft.kind in ("json", "form") else {}
    return {
        "url": draft.url,
        "uri": draft.url,
        "method": draft.method,
        "qs": draft.query,
        "headers": draft.headers,
        "body": body,
    }


def response_names(response: HttpResponse, rules: AnswerRules) -> JsonObject:
    body: Any = {} if wants_file(response, rules) else readable_body(response, rules)
    return {"body": body, "headers": headers_of(response), "statusCode": response.status}


def readable_body(response: HttpResponse, rules: AnswerRules) -> Any:
    """An error page that is not JSON must not hide the status from the author's condition."""
    try:
        return body_value(response, rules)
    except RemoteError:
        if response.status < 400:
            raise
        return response.body.decode("utf-8", "replace")


def page_limit(run: NodeRun[Any], index: int, pages: Pages, turn: Turn) -> float:
    if not is_true(resolved(run, index, pages.raw.get("limitPagesFetched"), turn)):
        return MAX_PAGES
    wanted = to_number(resolved(run, index, pages.raw.get("maxRequests", 100), turn))
    return min(wanted, MAX_PAGES) if wanted >= 1 else MAX_PAGES


def is_complete(run: NodeRun[Any], index: int, pages: Pages, turn: Turn) -> bool:
    response = turn.response or {}
    if pages.stop == "receiveSpecificStatusCodes":
        codes = names(resolved(run, index, pages.raw.get("statusCodesWhenComplete"), turn))
        return str(response.get("statusCode")) in codes
    if pages.stop == "other":
        if not pages.raw.get("completeExpression"):
            raise ParameterError("It is not said when the pages end.", hint="Fill in the condition for the last page.")
        return is_true(resolved(run, index, pages.raw["completeExpression"], turn))
    return is_nothing(response.get("body"))


def is_nothing(body: Any) -> bool:
    return len(body) == 0 if isinstance(body, list) else not is_true(body)
