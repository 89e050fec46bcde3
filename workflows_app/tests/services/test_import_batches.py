"""A batch is kept, judged, mended and stored; it survives a worker that was lost."""

import json
from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import Notification
from accounts.tests.factories import UserFactory
from workflows_app.models import ImportBatch, ImportEntry, Workflow
from workflows_app.services import import_batches
from workflows_app.services.archives import Part
from workflows_app.services.import_links import plain_address
from workflows_app.services.node_texts import texts_of_nodes, written
from workflows_app.tests.graphs import chain, manual_set, node

pytestmark = [pytest.mark.app, pytest.mark.django_db]

GOOD = json.dumps(manual_set(a=1)).encode()


@pytest.fixture
def rung(monkeypatch):
    calls = []
    monkeypatch.setattr("workflows_app.tasks.drive_import.delay", calls.append)
    return calls


def bring(*data, owner=None):
    return import_batches.bring([Part(f"{n}.json", one) for n, one in enumerate(data)], owner=owner, origin="test")


def many(owner):
    return bring(*[GOOD] * (import_batches.AT_ONCE + 1), owner=owner)


def test_a_few_are_judged_at_once_and_sealed():
    batch = bring(GOOD, b"{oops")
    assert batch.stage == "checked"
    assert [entry.state for entry in batch.entries.order_by("place")] == ["checked", "refused"]
    assert b"manualTrigger" not in bytes(batch.entries.first().source)


def test_many_are_left_to_a_worker_who_tells(rung):
    owner = UserFactory()
    batch = many(owner)
    assert rung == [str(batch.pk)]
    assert batch.is_busy

    assert import_batches.drive(batch)
    assert batch.stage == "checked"
    assert Notification.objects.get(user=owner).url == f"/import/{batch.pk}"


def test_who_is_not_signed_in_brings_a_few():
    batch = many(None)
    assert "sign in" in batch.entries.get().report["problems"][0]["message"]


def test_nobody_takes_a_batch_that_is_held_and_anybody_one_whose_holder_is_gone(rung):
    batch = many(UserFactory())
    ImportBatch.objects.filter(pk=batch.pk).update(lease_until=timezone.now() + timedelta(minutes=1))
    assert not import_batches.drive(batch)
    ImportBatch.objects.filter(pk=batch.pk).update(lease_until=timezone.now() - timedelta(seconds=1))
    batch.refresh_from_db()
    import_batches.ring_again(batch)
    assert len(rung) == 2
    assert import_batches.drive(batch)


def test_all_that_can_be_is_stored_and_sources_are_forgotten():
    owner = UserFactory()
    batch = import_batches.store(bring(GOOD, b"{oops", GOOD, owner=owner))
    assert batch.stage == "stored"
    assert Workflow.objects.filter(created_by=owner).count() == 2
    assert [entry.source is None for entry in batch.entries.order_by("place")] == [True, False, True]


def test_nothing_is_stored_before_secrets_are_decided_about():
    secret = json.dumps(chain(node("A", "manualTrigger"), node("B", "set", 3.4, apiKey="0123456789"))).encode()
    batch = import_batches.store(bring(secret, owner=UserFactory()))
    assert not Workflow.objects.exists()
    import_batches.store(import_batches.choose(batch, act="drop"))
    assert Workflow.objects.get().graph["nodes"][1]["parameters"]["apiKey"] == ""


def test_nobodys_batch_is_not_stored():
    import_batches.store(bring(GOOD))
    assert not Workflow.objects.exists()


def test_old_batches_go_with_the_next():
    old = bring(GOOD)
    ImportBatch.objects.update(created_at=timezone.now() - timedelta(days=8))
    bring(GOOD)
    assert not ImportEntry.objects.filter(batch=old).exists()


def test_other_files_of_a_folder_are_named():
    parts = import_batches.from_files([("a.json", GOOD), ("b.txt", b"hello"), ("c.png", b"x")])
    assert [part.name for part in parts] == ["a.json", "2 other files"]
    assert "b.txt, c.png" in parts[1].refusal.problems[0].message


@pytest.mark.parametrize(
    "url,plain",
    [
        ("https://n8n.io/workflows/1234-a-title/", "https://api.n8n.io/api/workflows/templates/1234"),
        ("https://github.com/a/b/blob/main/x/y.json", "https://raw.githubusercontent.com/a/b/main/x/y.json"),
        ("https://host.example/a.json?x=1", "https://host.example/a.json?x=1"),
    ],
)
def test_a_page_that_shows_a_workflow_leads_to_its_json(url, plain):
    assert plain_address(url) == plain


def test_the_text_of_a_node_is_found_in_an_envelope_and_leaves_as_it_came():
    odd = '{"name":"Odd", "type": "x.y", "v": 1.50}'
    text = f'{{"id": [1, {{}}], "workflow": {{"a": "b", "nodes": [ {{"name": "A"}} , {odd}]}}}}'
    kept = texts_of_nodes(text, ["Odd"])
    assert kept == {"Odd": odd}
    assert odd.encode() in written({"nodes": [json.loads(odd)]}, kept)
    assert odd.encode() not in written({"nodes": [{**json.loads(odd), "v": 2}]}, kept)
