"""The Http port of a live run: answers that a former worker recorded are not asked for again, new ones are recorded.

So a node of a thousand calls goes on where it was, and a sample can be made of any run."""

import base64
from dataclasses import replace
from typing import Any

from executions_app import payload_codec
from executions_app.runner.session import Session
from workflows_app.engine.ports import CallSite, Http, HttpRequest, HttpResponse
from workflows_app.toolkit.redaction import Redactor

MAX_BODY_BYTES = 48 * 1024


class RecordedHttp:
    """What comes back goes on without the secrets this run has opened: a service that echoes a request gives them to
    nobody, neither to the record nor to the next node."""

    def __init__(self, http: Http, session: Session, redactor: Redactor | None = None) -> None:
        self._http = http
        self._session = session
        self._redactor = Redactor() if redactor is None else redactor
        self.width = int(getattr(http, "width", 1))

    def send(self, site: CallSite, request: HttpRequest) -> HttpResponse:
        recorded = self._session.recorded_call(site)
        if recorded is not None:
            call = payload_codec.decode(recorded)
            if call["fingerprint"] == fingerprint(request):
                return response_of(call["response"])
        answer = self._redacted(self._http.send(site, request))
        if len(answer.body) <= MAX_BODY_BYTES:
            self._session.keep_call(site, payload_codec.encode(call_of(request, answer)))
        return answer

    def _redacted(self, answer: HttpResponse) -> HttpResponse:
        if not self._redactor:
            return answer
        clean = self._redactor.text
        headers = tuple((clean(name), clean(value)) for name, value in answer.headers)
        body = self._redactor.data(answer.body)
        return replace(answer, reason=clean(answer.reason), headers=headers, body=body, url=clean(answer.url))


def fingerprint(request: HttpRequest) -> dict[str, str]:
    """What tells a call from another one; never what a credential put into the address."""
    return {"method": request.method.upper(), "url": request.shown_url or request.url}


def call_of(request: HttpRequest, answer: HttpResponse) -> dict[str, Any]:
    """One recorded call, in the shape a cassette keeps."""
    response: dict[str, Any] = {
        "status": answer.status,
        "reason": answer.reason,
        "headers": [list(pair) for pair in answer.headers],
    }
    try:
        response["body"] = answer.body.decode("utf-8")
    except UnicodeDecodeError:
        response["bodyBase64"] = base64.b64encode(answer.body).decode("ascii")
    return {"fingerprint": fingerprint(request), "response": response}


def response_of(response: dict[str, Any], url: str = "") -> HttpResponse:
    encoded = response.get("bodyBase64")
    body = base64.b64decode(encoded) if encoded is not None else str(response.get("body", "")).encode("utf-8")
    headers = response.get("headers") or []
    pairs = headers.items() if isinstance(headers, dict) else headers
    return HttpResponse(
        status=int(response.get("status", 200)),
        reason=str(response.get("reason", "")),
        headers=tuple((str(name), str(value)) for name, value in pairs),
        body=body,
        url=url,
    )
