"""What an alert says: one body, which each channel words in its way."""

from typing import Any
from uuid import UUID

from django.conf import settings
from django.utils import timezone

from executions_app.models import Alert, Incident
from workflows_app.engine.items import JsonObject
from workflows_app.models import Workflow

SAID = {
    "failure": "{name} failed",
    "recovery": "{name} works again",
    "stuck": "A run of {name} takes longer than it should",
    "late": "A schedule of {name} is late",
    "test": "Test alert of {name}",
}
MOST = 500


def body_of(alert: Alert, event: str, incident: Incident | None) -> JsonObject:
    """JSON, as the webhook channel sends it. Nothing in it is secret, and nothing of a run's data but its error."""
    workflow = alert.workflow
    body: JsonObject = {
        "event": event,
        "title": SAID[event].format(name=workflow.name),
        "text": text_of(event, incident),
        "at": timezone.now().isoformat(timespec="seconds"),
        "workflow": {"id": str(workflow.pk), "name": workflow.name, "url": workflow_address(workflow)},
        "url": workflow_address(workflow),
    }
    if incident is None:
        return body
    body["incident"] = {
        "id": str(incident.pk),
        "failures": incident.failures,
        "since": incident.opened_at.isoformat(timespec="seconds"),
        "node": incident.node,
    }
    if incident.last_execution_id is not None:
        url = execution_address(incident.last_execution_id)
        body |= {"execution": {"id": str(incident.last_execution_id), "url": url}, "url": url}
    return body


def text_of(event: str, incident: Incident | None) -> str:
    if incident is None:
        return "This is how an alert of this workflow looks. Nothing is wrong."
    if event == "recovery" and incident.kind != "failure":
        return "What was stuck or late is no more."
    if event == "recovery":
        times = "once" if incident.failures == 1 else f"{incident.failures} times"
        return f"It failed {times} since {incident.opened_at:%Y-%m-%d %H:%M} UTC, and went well just now."
    text = incident.last_text[:MOST]
    if event == "failure" and incident.failures > 1:
        return f"{incident.failures} times in a row. {text}"
    return text


def workflow_address(workflow: Workflow) -> str:
    return f"{public_url()}/workflows/{workflow.pk}"


def execution_address(execution_id: UUID) -> str:
    return f"{public_url()}/executions/{execution_id}"


def public_url() -> str:
    return str(settings.PUMPFLIX_PUBLIC_URL).rstrip("/")


def slack_body(body: JsonObject) -> JsonObject:
    """Text of ours or of a run, in Slack's markup: nobody is mentioned by it."""
    return {"text": f"*{escaped(body['title'])}*\n{escaped(body['text'])}\n<{body['url']}|Open in PumpFlix>"}


def escaped(text: Any) -> str:
    return str(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def mail_text(body: JsonObject) -> str:
    return f"{body['text']}\n\n{body['url']}\n\nYou get this because the alerts of this workflow name you.\n"
