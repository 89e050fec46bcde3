"""One body for every error of the API: `{code, message, problems: [{path, message}], requestId}`."""

import http
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import structlog
from django.core.exceptions import PermissionDenied
from django.db import InterfaceError
from django.db import OperationalError as DatabaseError
from django.http import Http404, HttpRequest, HttpResponse
from psycopg_pool import PoolTimeout
from rest_framework import exceptions
from rest_framework.response import Response

from accounts.errors import RoleTooLow, TeamRefused, TeamUnknown
from accounts.models import User
from accounts.services import audit
from pumpflix.lib.postgresql.away import is_away
from pumpflix.lib.rest.json_text import dumps
from workflows_app.engine.errors import OperationalError, Problem, PumpFlixError, UserError, WorkflowInvalid
from workflows_app.errors import Busy, Conflict, NotAllowed

log = structlog.get_logger(__name__)

PREFIX = "/api/"
DATABASE_AWAY = (DatabaseError, InterfaceError, PoolTimeout)
MOST_PROBLEMS = 200
AWAY_S = "2"
MESSAGES = {
    400: ("bad_request", "The request is not as documented."),
    401: ("not_signed_in", "Sign in: send 'Authorization: Bearer <token>', or an API key."),
    403: ("not_allowed", "That is not allowed."),
    404: ("not_found", "There is no such thing, or it is not yours."),
    405: ("method_not_allowed", "This address does not take that method."),
    406: ("not_acceptable", "Answers are JSON; send 'Accept: application/json', or nothing."),
    413: ("too_large", "The body is too large."),
    415: ("media_type_not_supported", "Send JSON, with 'Content-Type: application/json'."),
    429: ("too_many_requests", "Too many requests. Retry-After says in how many seconds to go on."),
    500: ("unexpected_error", "Something went wrong on our side. It was logged under this request id."),
    503: ("unavailable", "Not available for a moment. Try again."),
}
# Codes that the framework gives, which say no more than the status does.
GENERIC = {"error", "invalid", "parse_error", "not_authenticated", "authentication_failed", "permission_denied",
           "not_found", "method_not_allowed", "not_acceptable", "unsupported_media_type", "throttled"}  # fmt: skip


def handle(error: Exception, context: Mapping[str, Any]) -> Response:
    """DRF calls this for everything a view raises. What somebody was not allowed to do is in the audit trail."""
    response = _answer(error, context)
    if response.status_code == http.HTTPStatus.FORBIDDEN:
        _note_refusal(context["request"], response.data["code"])
    return response


def _note_refusal(request: Any, code: str) -> None:
    if not isinstance(request.user, User):
        return
    asked = {"path": request.path[:200], "method": request.method, "code": code}
    try:
        audit.record("access.failed", actor=request.user, team=None, **asked)
    except DATABASE_AWAY as error:
        log.warning("refusal_not_noted", error=str(error))


def _answer(error: Exception, context: Mapping[str, Any]) -> Response:
    request_id = getattr(context["request"]._request, "id", "")
    if isinstance(error, exceptions.ValidationError):
        return _response(
            400, body("invalid", "Some values are not as they should be.", request_id, list(spread(error.detail)))
        )
    if isinstance(error, exceptions.APIException):
        return _of_framework(error, request_id)
    if isinstance(error, Http404 | TeamUnknown):
        return _response(404, of_status(404, request_id))
    if isinstance(error, PermissionDenied | RoleTooLow | NotAllowed):
        return _response(403, body("not_allowed", str(error) or MESSAGES[403][1], request_id))
    if isinstance(error, Busy | TeamRefused):
        return _of_refusal(error, request_id)
    if isinstance(error, PumpFlixError):
        return _of_product(error, request_id)
    return _of_nobody(error, context["request"].path, request_id)


def _of_refusal(error: Busy | TeamRefused, request_id: str) -> Response:
    """Not for this one, or not now."""
    if isinstance(error, Busy):
        found = body(error.instance_code, f"{error.message} {error.hint}", request_id)
        return _response(error.status, found, {"Retry-After": str(error.retry_after_s)})
    found = body(error.code, error.said, request_id)
    if not error.retry_after_s:
        return _response(422, found)
    return _response(429, found, {"Retry-After": str(error.retry_after_s)})


def _of_nobody(error: Exception, path: str, request_id: str) -> Response:
    """What nobody raised on purpose: a database that is away is a pause, all else a defect."""
    if isinstance(error, DATABASE_AWAY) or is_away(error):
        log.warning("api_without_database", path=path, error=str(error))
        return _response(503, of_status(503, request_id), {"Retry-After": AWAY_S})
    log.error("api_failed", path=path, exc_info=error)
    return _response(500, of_status(500, request_id))


def _of_framework(error: exceptions.APIException, request_id: str) -> Response:
    code, message = MESSAGES.get(error.status_code, ("error", ""))
    detail: Any = error.detail
    given = getattr(detail, "code", "error")
    is_ours = given not in GENERIC
    text = str(detail) if is_ours or error.status_code in (400, 403, 415) else message
    headers = {}
    if getattr(error, "auth_header", None):
        headers["WWW-Authenticate"] = error.auth_header
    if isinstance(error, exceptions.Throttled):
        headers["Retry-After"] = str(max(1, int(error.wait or 1)))
    return _response(error.status_code, body(given if is_ours else code, text, request_id), headers)


def _of_product(error: PumpFlixError, request_id: str) -> Response:
    status = 409 if isinstance(error, Conflict) else 422 if isinstance(error, UserError) else 500
    if isinstance(error, OperationalError):
        status = 503
    elif status == 500:
        log.error("api_failed", exc_info=error)
        return _response(500, of_status(500, request_id))
    problems = error.problems if isinstance(error, WorkflowInvalid) else getattr(error, "problems", [])
    message = f"{error.message} {error.hint}".strip()
    found = body(error.instance_code, message, request_id, [_problem(problem) for problem in problems[:MOST_PROBLEMS]])
    if isinstance(error, Conflict) and error.data:
        found |= {"yours": error.data.get("yours"), "theirs": error.data.get("theirs")}
    return _response(status, found)


def _problem(problem: Any) -> dict[str, str]:
    if isinstance(problem, Problem):
        return {"path": problem.path, "message": problem.message}
    return {"path": str(getattr(problem, "path", "$")), "message": str(getattr(problem, "message", problem))}


def spread(detail: Any, path: str = "") -> Iterator[dict[str, str]]:
    """The nested errors of serializers as a flat list with paths such as `scopes[1]`."""
    if isinstance(detail, Mapping):
        for name, inner in detail.items():
            own = (
                path
                if name == "non_field_errors"
                else f"{path}[{name}]"
                if isinstance(name, int)
                else _joined(path, name)
            )
            yield from spread(inner, own)
    elif isinstance(detail, list):
        for place, inner in enumerate(detail):
            is_nested = isinstance(inner, Mapping | list)
            yield from spread(inner, f"{path}[{place}]" if is_nested else path)
    else:
        yield {"path": path or "$", "message": str(detail)}


def _joined(path: str, name: str) -> str:
    shown = str(name)[:100]
    return f"{path}.{shown}" if path and path != "$" else shown


def body(code: str, message: str, request_id: str, problems: list[dict[str, str]] | None = None) -> dict[str, Any]:
    return {"code": code, "message": message, "problems": problems or [], "requestId": request_id}


def of_status(status: int, request_id: str) -> dict[str, Any]:
    code, message = MESSAGES.get(status) or (_word(status), http.HTTPStatus(status).phrase)
    return body(code, message, request_id)


def _word(status: int) -> str:
    return re.sub(r"\W+", "_", http.HTTPStatus(status).phrase.lower())


def _response(status: int, found: dict[str, Any], headers: dict[str, str] | None = None) -> Response:
    return Response(found, status=status, headers=headers)


class ApiErrors:
    """Middleware: what never reached a view (no such address, a host that is not ours, a page that could not be read)
    is answered in the same shape below `/api/`."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        is_ours = request.path == "/api" or (
            request.path.startswith(PREFIX) and not request.path.startswith("/api/docs")
        )
        if not is_ours or response.status_code < 400 or response.headers.get("Content-Type") == "application/json":
            return response
        kept = {name: response[name] for name in ("Allow", "Retry-After") if name in response}
        found = of_status(response.status_code, getattr(request, "id", ""))
        return HttpResponse(dumps(found), status=response.status_code, content_type="application/json", headers=kept)
