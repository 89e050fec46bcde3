"""Every sealed secret of the instance has a keeper: a rotation and a start forget none."""

import json

import pytest
from django.apps import apps
from django.db.models import BinaryField

from accounts import keys
from accounts.keys import Rewrapped, SealedColumn
from accounts.models import NotificationChoice
from executions_app.models import Alert
from executions_app.services import alerts, notification_channels
from executions_app.services.alerts import Rules
from executions_app.tests.factories import VersionFactory
from pumpflix.lib.crypto import kid_of, new_key_text
from workflows_app.models import Credential, ImportEntry
from workflows_app.services import credentials, import_batches, vault
from workflows_app.services.archives import Part
from workflows_app.tests.graphs import manual_set

pytestmark = [pytest.mark.app, pytest.mark.django_db, pytest.mark.requirement(31)]

SLACK = "https://hooks.slack.com/services/T0/B0/canary"
# Binary columns that hold what is no secret: outputs of nodes, files, pictures, numbers of passkeys.
OPEN = {
    "accounts.Branding.logo",
    *(f"executions_app.Execution.{name}" for name in ("trigger_items", "resume_items", "fork_items")),
    *(f"executions_app.Execution.{name}" for name in ("response", "error")),
    "executions_app.ExecutionEvent.body",
    "executions_app.JobFilePart.data",
    "executions_app.IdempotencyRecord.body",
    "executions_app.KeptResult.output",
    "executions_app.NodeEffect.result",
    *(f"executions_app.NodeRun.{name}" for name in ("output", "error", "context")),
    "executions_app.Payload.data",
    "templates_app.TemplateVersion.cassette",
    "workflows_app.SeenValue.digest",
    "workflows_app.StaticData.body",
}


@pytest.fixture
def rotated(settings):
    """One of each kind, sealed with the key `old`. Gives the texts for the variable."""
    old, new = f"old:{new_key_text()}", f"new:{new_key_text()}"
    settings.ENCRYPTION_KEY = old
    workflow = VersionFactory().workflow
    by = workflow.created_by
    credentials.create(team=workflow.team, by=by, name="c", type="httpBearerAuth", fields={"token": "t-0123456"})
    alerts.create(workflow, channel="webhook", target="https://ops.example/hook", rules=Rules(), by=by)
    notification_channels.choose(by, email=[], slack=["failures"], slack_url=SLACK)
    import_batches.bring([Part("a.json", json.dumps(manual_set(a=1)).encode())], owner=by, origin="test")
    return old, new


def sealed() -> dict[str, bytes]:
    return {
        "credential": bytes(Credential.objects.get().sealed),
        "alert": bytes(Alert.objects.get().sealed),
        "channel": bytes(NotificationChoice.objects.get().slack_sealed),
        "import": bytes(ImportEntry.objects.get().source),
    }


def test_a_rotation_forgets_no_kind_of_secret(rotated, settings):
    old, new = rotated
    settings.ENCRYPTION_KEY = f"{new},{old}"
    assert keys.rewrap_all(batch=1) == Rewrapped(done=4)
    assert {kid_of(blob) for blob in sealed().values()} == {"new"}
    assert keys.rewrap_all() == Rewrapped()
    settings.ENCRYPTION_KEY = new
    assert keys.missing_keys() == []
    alert, choice = Alert.objects.get(), NotificationChoice.objects.get()
    assert vault.opened(alerts.record_of(alert), alert.sealed, "alert")["url"] == "https://ops.example/hook"
    assert SLACK in str(vault.opened(notification_channels.record_of(choice), choice.slack_sealed, "channel"))
    assert b"manualTrigger" in import_batches.source_of(ImportEntry.objects.get())


@pytest.mark.parametrize("kept", ["credential", "alert", "notification channel", "import"])
def test_a_start_misses_the_key_of_every_kind_of_secret(rotated, settings, kept):
    _, new = rotated
    settings.ENCRYPTION_KEY = new
    keeper = next(one for one in keys.keepers() if one.name == kept)
    assert keeper.missing_keys() == {"old"}
    before = sealed()
    report = keeper.rewrap(batch=10)
    assert report.done == 0
    assert "Key 'old' is not on the keyring" in report.failed[0]
    assert sealed() == before


def test_what_is_no_sealed_record_holds_nobody_up(rotated, settings):
    old, new = rotated
    Alert.objects.update(sealed=b"?")
    settings.ENCRYPTION_KEY = f"{new},{old}"
    report = keys.rewrap_all()
    assert (report.done, len(report.failed)) == (3, 1)
    assert keys.missing_keys() == []


def test_every_binary_column_has_a_keeper_or_is_known_to_hold_no_secret():
    kept = {f"{one.rows().model._meta.label}.{one.column}" for one in keys.keepers() if isinstance(one, SealedColumn)}
    columns = {
        f"{model._meta.label}.{field.name}"
        for model in apps.get_models()
        for field in model._meta.fields
        if isinstance(field, BinaryField)
    }
    assert columns == kept | OPEN
