"""The run behind a form that was sent: what it waits for, and what its sender sees at the end."""

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import orjson

from executions_app import payload_codec
from executions_app.database import pool
from executions_app.intake import form_pages
from executions_app.intake.http import Headers
from executions_app.intake.waits import end_wait
from executions_app.payloads import StoredPayload
from executions_app.resume_links import form_link, read_form_link
from executions_app.runner.versions import versions
from executions_app.webhook_answers import decode_response
from workflows_app.engine.items import JsonObject
from workflows_app.engine.ports import WebhookResponse
from workflows_app.toolkit.form_pages import ENDING, FORM_TRIGGER, form_zone, is_branded

AGAIN_S = 2
SELECT = """
SELECT e.team_id, e.version_id, e.status, e.reason, e.response, e.response_mode, e.start_node, e.resume_node,
       e.resume_run, e.resume_items IS NOT NULL, n.context
  FROM executions_app_execution e
  LEFT JOIN executions_app_noderun n
    ON n.execution_id = e.id AND n.node = e.resume_node AND n.run_index = e.resume_run AND n.status = 'started'
 WHERE e.id = %s
"""
RECORDED = "Your answers have been recorded."


@dataclass(frozen=True, slots=True)
class FormRun:
    """`page` is what it waits for, if it waits for one; `is_busy`: it may come to a page or an end any moment."""

    execution_id: UUID
    team_id: UUID
    status: str
    node: str
    run_index: int
    page: JsonObject | None
    is_busy: bool
    is_at_once: bool
    response: WebhookResponse | None
    trigger: JsonObject
    zone: str
    behind: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """`is_ours`: a page of this product; others are what a workflow wrote."""

    status: int
    body: bytes
    headers: Headers = field(default_factory=lambda: form_pages.HEADERS)
    is_ours: bool = True


def find(path: str) -> FormRun | None:
    """The run that the address names, if it was signed here."""
    link = read_form_link(path)
    if link is None:
        return None
    with pool().connection() as connection:
        row = connection.execute(SELECT, (link[0],)).fetchone()
    if row is None:
        return None
    team_id, version_id, status, reason, response, mode, start, node, run_index, is_answered, context = row
    waits = status == "waiting" and reason == "form" and not is_answered
    kept = payload_codec.decode(context) if waits and context is not None else {}
    is_busy = (status in ("queued", "running") and mode != "onReceived") or (status == "waiting" and is_answered)
    workflow = versions.get(version_id).workflow
    trigger = workflow.by_name.get(start)
    is_form = trigger is not None and trigger.type == FORM_TRIGGER
    return FormRun(
        execution_id=link[0],
        team_id=team_id,
        status=status,
        node=node,
        run_index=run_index or 0,
        page=branded_page(kept.get("page"), trigger.parameters if trigger is not None and is_form else {}),
        is_busy=is_busy,
        is_at_once=mode == "onReceived",
        response=None if response is None else decode_response(payload_codec.decode(response)),
        trigger=trigger.parameters if trigger is not None and is_form else {},
        zone=form_zone(trigger, workflow) if trigger is not None and is_form else "UTC",
        behind=link[1],
    )


def branded_page(page: JsonObject | None, trigger: JsonObject) -> JsonObject | None:
    return None if page is None else {**page, "attribution": is_branded(trigger)}


def answer(found: FormRun) -> Answer:
    """What the sender sees now that no page is waited for. Where the form answers at once, that is all there is."""
    if found.is_at_once:
        return Answer(200, thanks(found.trigger))
    if found.status in ("error", "crashed", "canceled"):
        text = "Your answers arrived, but could not be worked on."
        branded = is_branded(found.trigger)
        body = form_pages.ending("Something went wrong", text, is_error=True, is_branded=branded)
        return Answer(500, body)
    given = found.response
    if given is not None and given_ending(given) is not None:
        return ended(found, given_ending(given) or {})
    if found.is_busy:
        text, branded = "Your answers are being worked on.", is_branded(found.trigger)
        return Answer(200, form_pages.ending("One moment", text, again_s=AGAIN_S, is_branded=branded))
    if given is not None and found.trigger.get("responseMode") == "responseNode":
        return passed_on(given, found.trigger)
    return Answer(200, thanks(found.trigger))


def given_ending(response: WebhookResponse) -> JsonObject | None:
    """What a completion node says, if that is what answered."""
    if ("content-type", ENDING) not in response.headers:
        return None
    found: JsonObject = orjson.loads(response.body)
    return found


def ended(found: FormRun, said: JsonObject) -> Answer:
    if "redirect" in said:
        return Answer(200, leading_to(str(said["redirect"]), found.trigger))
    if "html" in said:
        return Answer(200, str(said["html"]).encode("utf-8", "replace"), [form_pages.HTML], is_ours=False)
    file = f"{form_link(found.execution_id)}/file" if said.get("file") else ""
    title, text = said.get("title") or "Thank you", said.get("message") or ""
    return Answer(200, form_pages.ending(title, text, file=file, is_branded=is_branded(found.trigger)))


def passed_on(response: WebhookResponse, trigger: JsonObject) -> Answer:
    """What a Respond node answered; a redirection becomes a page, because a form may not be sent to another host."""
    location = next((value for name, value in response.headers if name.lower() == "location"), "")
    if 300 <= response.status < 400 and location:
        return Answer(200, leading_to(location, trigger))
    return Answer(response.status, response.body, response.headers, is_ours=False)


def thanks(trigger: JsonObject) -> bytes:
    """What the trigger's options say; newer versions group them."""
    options: dict[str, Any] = trigger.get("options") or {}
    grouped = (options.get("respondWithOptions") or {}).get("values") or {}
    if grouped.get("respondWith") == "redirect" and grouped.get("redirectUrl"):
        return leading_to(str(grouped["redirectUrl"]), trigger)
    text = grouped.get("formSubmittedText") or options.get("formSubmittedText") or RECORDED
    return form_pages.ending("Thank you", str(text), is_branded=is_branded(trigger))


def leading_to(url: str, trigger: JsonObject) -> bytes:
    """Only to addresses of the web: no scripts, no data."""
    branded = is_branded(trigger)
    if not url.lower().startswith(("https://", "http://", "/")):
        return form_pages.ending("Thank you", RECORDED, is_branded=branded)
    return form_pages.ending("Thank you", "You are taken on.", go_to=url, is_branded=branded)


def offered_file(found: FormRun) -> JsonObject | None:
    said = given_ending(found.response) if found.response is not None else None
    file = (said or {}).get("file")
    return file if isinstance(file, dict) else None


def go_on(found: FormRun, item: JsonObject, files: list[StoredPayload]) -> bool:
    """End the wait with that item. False: somebody was faster, or the run does not wait any more."""
    answer = payload_codec.encode({"items": [item], "decision": "continue"})
    return end_wait(found.execution_id, (found.node, found.run_index), answer, files)
