"""An answer that says no, as an error of the run."""

from datetime import datetime

from workflows_app.engine.errors import RemoteError
from workflows_app.engine.ports import HttpResponse
from workflows_app.toolkit import paths
from workflows_app.toolkit.http_text import retry_after_s
from workflows_app.toolkit.relaxed_json import NotJson, parse_strict

TRANSIENT = (408, 425, 429)
EXPLANATIONS = {
    400: "The server did not understand the request. Check parameters and body.",
    401: "The server wants a valid sign-in. Check the credential.",
    403: "The credential does not allow this. Check its rights.",
    404: "There is nothing at this address. Check it for spelling.",
    405: "The server does not take this method here.",
    413: "The body is too large for the server.",
    422: "The server refuses the values that were sent.",
    429: "Too many requests. Switch on retries, or send fewer at a time.",
}


def remote_error(response: HttpResponse, now: datetime) -> RemoteError:
    """For a status of 400 and above; those that time may heal are not permanent."""
    said = message_of(response)
    text = f"{response.url.split('?')[0]} answered {response.status} {response.reason}".strip()
    return RemoteError(
        f"{text}: {said}" if said else f"{text}.",
        status=response.status,
        permanent=response.status < 500 and response.status not in TRANSIENT,
        retry_after_s=retry_after_s(response.header("retry-after"), now),
        hint=EXPLANATIONS.get(
            response.status, "The server had a problem. Try again later." if response.status >= 500 else ""
        ),
        data={"body": response.body[:2000].decode("utf-8", "replace")},
    )


def message_of(response: HttpResponse) -> str:
    """The sentence in a JSON error body, where the usual names hold one."""
    try:
        body = parse_strict(response.body)
    except NotJson:
        return ""
    for path in ("error.message", "message", "error_description", "error", "detail", "title", "errors[0].message"):
        found = paths.read(body, path, "")
        if isinstance(found, str) and found:
            return found[:300]
    return ""
