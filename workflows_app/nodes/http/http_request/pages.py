"""Pagination: the same request again and again, changed by what came back, until the author's condition says stop."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, Literal

from workflows_app.engine.errors import ParameterError, RemoteError
from workflows_app.engine.items import JsonObject
from workflows_app.engine.node_type import NodeRun
from workflows_app.engine.ports import HttpResponse
from workflows_app.nodes.http.http_request.answer import AnswerRules, body_value, checked, headers_of, wants_file
from workflows_app.toolkit.compare import is_true, to_number, to_text
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
    draft: Draft
    rules: AnswerRules
    credential_type: str | None

    @classmethod
    def of(cls, stored: Any, draft: Draft, rules: AnswerRules, credential_type: str | None) -> "Pages | None":
        """None where there is no pagination, or it is switched off."""
        inner = stored.get("pagination") if isinstance(stored, dict) else None
        if not isinstance(inner, dict) or inner.get("paginationMode") == "off":
            return None
        return cls(inner, draft, rules, credential_type)

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


def read_pages(run: NodeRun[Any], index: int, pages: Pages, caller: Caller) -> Iterator[HttpResponse]:
    """Every page in order. Raises RemoteError for an error status that does not end the pages, and where the server
    keeps sending the same page."""
    turn = Turn(0, request_names(pages.draft))
    last_body, same = b"", 0
    while True:
        if run.cancelled():
            return
        with caller.resolving:
            changed = changed_draft(run, index, pages, turn)
        response = caller.send(changed, index, pages.credential_type)
        same = same + 1 if turn.count and response.body == last_body and response.body else 0
        last_body = response.body
        if same >= MAX_SAME:
            raise RemoteError(
                f"The last {MAX_SAME + 1} pages were the same.",
                permanent=True,
                hint="Check what changes from page to page.",
                code="pages_repeat",
            )
        turn = Turn(turn.count + 1, request_names(changed), response_names(response, pages.rules))
        with caller.resolving:
            is_last = turn.count >= page_limit(run, index, pages, turn) or is_complete(run, index, pages, turn)
            pause_s = to_number(resolved(run, index, pages.raw.get("requestInterval"), turn)) / 1000
        if not is_last or pages.stop != "receiveSpecificStatusCodes":
            checked(run, response, pages.rules)
        yield response
        if is_last:
            return
        if pause_s > 0:
            run.ports.clock.sleep(pause_s)


def resolved(run: NodeRun[Any], index: int, value: Any, turn: Turn) -> Any:
    return run.resolver.resolve_value(value, index, turn.names())


def changed_draft(run: NodeRun[Any], index: int, pages: Pages, turn: Turn) -> Draft:
    draft = pages.draft
    if pages.follows_address:
        return replace(draft, url=next_address(run, index, pages, turn)) if turn.count else draft
    rows = (pages.raw.get("parameters") or {}).get("parameters") or []
    for row in resolved(run, index, rows, turn):
        if row.get("name"):
            draft = draft.with_values(str(row.get("type") or "qs"), str(row["name"]), row.get("value"))
    return draft


def next_address(run: NodeRun[Any], index: int, pages: Pages, turn: Turn) -> str:
    address = to_text(resolved(run, index, pages.raw.get("nextURL") or "", turn))
    if not address.startswith(("http://", "https://")):
        raise ParameterError(
            f"'{address}' is not a valid URL.",
            hint='Make sure the "Next URL" parameter evaluates to a valid URL.',
            code="page_address_invalid",
        )
    return address


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
