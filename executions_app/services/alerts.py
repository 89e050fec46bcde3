"""Alerts: made, changed, tried and sent. Where one goes is stored encrypted, and never shown again."""

import dataclasses
from contextlib import suppress
from dataclasses import dataclass
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from accounts.services import audit, roles
from executions_app.models import Alert, AlertSent
from executions_app.services import alert_channels
from executions_app.services.alert_channels import Telling
from executions_app.services.alert_messages import body_of
from pumpflix.lib.crypto import RecordId
from pumpflix.lib.ids import uuid7
from workflows_app.engine.errors import OperationalError, PumpFlixError, UserError
from workflows_app.errors import Unsuitable
from workflows_app.models import Workflow
from workflows_app.services import vault

MOST = 20
MOST_FAILURES = 100
LONGEST_MIN = 60 * 24 * 30
SECRET_VERSION = 1


@dataclass(frozen=True, slots=True)
class Rules:
    """When it tells."""

    after_failures: int = 1
    on_recovery: bool = False
    stuck_after_min: int | None = None
    enabled: bool = True

    def checked(self) -> "Rules":
        """Raises Unsuitable."""
        if not 1 <= self.after_failures <= MOST_FAILURES:
            raise Unsuitable(f"Tell after 1 to {MOST_FAILURES} failures in a row.", code="alert_rule_invalid")
        if self.stuck_after_min is not None and not 1 <= self.stuck_after_min <= LONGEST_MIN:
            raise Unsuitable(f"Tell of runs longer than 1 to {LONGEST_MIN} minutes.", code="alert_rule_invalid")
        return self


def create(workflow: Workflow, *, channel: str, target: str, secret: str = "", rules: Rules, by: User) -> Alert:
    """Raises RoleTooLow, Unsuitable, UserError for a target that cannot be one."""
    roles.require(by, workflow.team_id, "editor")
    rules.checked()
    if Alert.objects.filter(workflow=workflow).count() >= MOST:
        raise Unsuitable(f"A workflow has at most {MOST} alerts.", hint="Remove one first.", code="too_many_alerts")
    place = alert_channels.target_of(channel, target, secret)
    alert = Alert(
        id=uuid7(), workflow=workflow, channel=channel, created_by=by, hint=alert_channels.hint_of(channel, place)
    )
    put(alert, rules)
    alert.sealed = vault.sealed(record_of(alert), place)[0]
    with transaction.atomic():
        alert.save(force_insert=True)
        audit.record("alert.create", actor=by, team=workflow.team, target=alert, channel=channel, to=alert.hint)
    return alert


def change(alert: Alert, *, rules: Rules, by: User) -> Alert:
    """Raises RoleTooLow, Unsuitable."""
    roles.require(by, alert.workflow.team_id, "editor")
    put(alert, rules.checked())
    with transaction.atomic():
        alert.save()
        said = dataclasses.asdict(rules)
        audit.record("alert.update", actor=by, team=alert.workflow.team, target=alert, **said)
    return alert


def put(alert: Alert, rules: Rules) -> None:
    for name, value in dataclasses.asdict(rules).items():
        setattr(alert, name, value)


def delete(alert: Alert, *, by: User) -> None:
    roles.require(by, alert.workflow.team_id, "editor")
    with transaction.atomic():
        audit.record("alert.delete", actor=by, team=alert.workflow.team, target=alert, to=alert.hint)
        alert.delete()


def send_test(alert: Alert, *, by: User) -> AlertSent:
    """Send one now and keep what the service answered; a refusal is an answer too."""
    roles.require(by, alert.workflow.team_id, "editor")
    sent = AlertSent.objects.create(alert=alert, event="test", body=body_of(alert, "test", None))
    with suppress(PumpFlixError):  # what went wrong stands in the row
        deliver(sent)
    return sent


def deliver(sent: AlertSent) -> str:
    """Send it and keep what came of it. Raises UserError where no repeat would mend it, OperationalError otherwise."""
    alert = sent.alert
    try:
        place = vault.opened(record_of(alert), bytes(alert.sealed), f"alert to {alert.hint}")
        of = alert.workflow
        telling = Telling(alert.channel, place, sent.body, f"pf-alert-{sent.pk}", of.team_id, of.pk)
        answer = alert_channels.send(telling)
    except (UserError, OperationalError) as error:
        keep(sent, "failed", f"{error.message} {error.hint}".strip())
        raise
    keep(sent, "sent", answer)
    return answer


def keep(sent: AlertSent, status: str, answer: str) -> None:
    sent.status, sent.answer, sent.finished_at = status, answer.replace("\x00", "")[:1000], timezone.now()
    sent.save(update_fields=["status", "answer", "finished_at"])


def deliver_by_id(sent_id: str) -> str:
    """For the job. One that was delivered before is not sent again."""
    rows = AlertSent.objects.select_related("alert__workflow")
    sent = rows.filter(pk=UUID(sent_id)).first()
    if sent is None:
        return "The alert was removed meanwhile."
    return sent.answer if sent.status == "sent" else deliver(sent)


def record_of(alert: Alert) -> RecordId:
    return vault.record_id(alert.workflow.team_id, alert.pk, f"alert.{alert.channel}", SECRET_VERSION)
