"""Creating, saving, publishing: what a user would see or lose."""

import pytest
from django.contrib.auth.models import AnonymousUser

from accounts.models import AuditEntry
from accounts.tests.factories import MembershipFactory, UserFactory
from workflows_app.engine.errors import WorkflowInvalid
from workflows_app.errors import Conflict, Unsuitable
from workflows_app.models import Webhook, Workflow, WorkflowVersion
from workflows_app.services import versions, workflows
from workflows_app.tests.factories import WorkflowFactory
from workflows_app.tests.graphs import assign, chain, manual_set, node, webhook_chain

pytestmark = [pytest.mark.app, pytest.mark.django_db]


@pytest.fixture
def member():
    return MembershipFactory()


def made(member, graph=None, **extra):
    return workflows.create(graph or manual_set(greeting="Hello"), team=member.team, by=member.user, **extra)


def test_a_new_workflow_belongs_to_the_team_and_is_off(member):
    workflow = made(member)
    assert (workflow.team, workflow.is_live, workflow.name) == (member.team, False, "Chain")
    assert workflow.node_types == ["n8n-nodes-base.manualTrigger", "n8n-nodes-base.set"]


def test_the_same_name_twice_gets_a_number(member):
    assert [made(member, name="Copy").name for _ in range(3)] == ["Copy", "Copy (2)", "Copy (3)"]


def test_a_graph_with_problems_is_not_stored(member):
    with pytest.raises(WorkflowInvalid):
        made(member, {"nodes": [{"name": ""}]})
    assert not Workflow.objects.exists()


def test_saving_replaces_the_draft_and_counts_up(member):
    workflow = made(member)
    saved = workflows.save_draft(workflow, graph=manual_set(greeting="Hi"), by=member.user, lock_version=1)
    assert saved.lock_version == 2
    assert "Hi" in str(Workflow.objects.get(pk=workflow.pk).graph)


def test_a_save_on_an_old_version_is_refused_and_loses_nothing(member):
    workflow = made(member)
    workflows.save_draft(workflow, graph=manual_set(greeting="first"), by=member.user, lock_version=1)

    with pytest.raises(Conflict) as refused:
        workflows.save_draft(workflow, graph=manual_set(greeting="second"), by=member.user, lock_version=1)

    assert refused.value.data == {"yours": 1, "theirs": 2}
    assert "first" in str(Workflow.objects.get(pk=workflow.pk).graph)


def test_variables_change_the_set_node_of_that_name_only(member):
    workflow = made(member, manual_set(greeting="Hello", sender="me"))
    changed = workflows.set_variables(workflow, values={"greeting": "Moin", "unknown": "x"}, by=member.user)

    assigned = {a["name"]: a["value"] for a in changed.graph["nodes"][1]["parameters"]["assignments"]["assignments"]}
    assert assigned == {"greeting": "Moin", "sender": "me"}


def test_a_graph_without_variables_stays_as_it_is():
    graph = chain(node("Start", "manualTrigger"))
    assert workflows.with_variables(graph, {"a": 1}) is graph


def test_publishing_opens_the_webhook_and_unpublishing_closes_it(member):
    workflow = made(member, webhook_chain("orders", "lastNode", "PUT"))

    workflows.publish(workflow, by=member.user)
    hook = Webhook.objects.get()
    assert (hook.path, hook.methods, hook.response_mode, hook.is_live) == ("orders", "PUT", "lastNode", True)
    assert workflow.is_live

    workflows.unpublish(workflow, by=member.user)
    assert not Webhook.objects.get().is_live
    assert not workflow.is_live


@pytest.mark.parametrize(
    "said, counts",
    [(3, 3), (0, None), ("many", None), (True, None), (None, None)],
    ids=["three", "0", "text", "yes", "-"],
)
def test_how_many_runs_go_on_at_a_time_counts_once_published(member, said, counts):
    graph = manual_set(greeting="Hello")
    workflow = made(member, {**graph, "settings": {**graph["settings"], "pumpflix": {"maxRunning": said}}})
    assert workflow.max_running is None
    workflows.publish(workflow, by=member.user)
    workflow.refresh_from_db()
    assert workflow.max_running == counts


def test_a_webhook_keeps_its_address_over_publishing(member):
    workflow = made(member, webhook_chain())
    workflows.publish(workflow, by=member.user)
    token = Webhook.objects.get().token
    workflows.save_draft(workflow, graph=webhook_chain("other"), by=member.user, lock_version=1)
    workflows.publish(workflow, by=member.user)
    assert (Webhook.objects.get().token, Webhook.objects.get().path) == (token, "other")


def test_a_webhook_node_that_is_gone_takes_its_address_along(member):
    workflow = made(member, webhook_chain())
    workflows.publish(workflow, by=member.user)
    workflows.save_draft(workflow, graph=manual_set(a=1), by=member.user, lock_version=1)
    workflows.publish(workflow, by=member.user)
    assert not Webhook.objects.exists()


def test_two_live_workflows_cannot_answer_at_one_path(member):
    workflows.publish(made(member, webhook_chain("same")), by=member.user)
    second = made(member, webhook_chain("same"))

    with pytest.raises(Unsuitable) as refused:
        workflows.publish(second, by=member.user)

    assert refused.value.instance_code == "webhook_path_taken"
    assert not Workflow.objects.get(pk=second.pk).is_live


def test_what_triggers_run_is_the_published_version_not_the_draft(member):
    workflow = made(member)
    workflows.publish(workflow, by=member.user)
    workflows.save_draft(workflow, graph=manual_set(greeting="later"), by=member.user, lock_version=1)
    assert "later" not in str(Workflow.objects.get(pk=workflow.pk).live_version.graph)


def test_a_deleted_workflow_is_gone_from_lists_until_it_is_restored(member):
    workflow = made(member, webhook_chain())
    workflows.publish(workflow, by=member.user)

    workflows.delete(workflow, by=member.user)
    assert not Workflow.objects.visible_to(member.user).exists()
    assert not Webhook.objects.filter(is_live=True).exists()

    workflows.restore(workflow, by=member.user)
    assert Workflow.objects.visible_to(member.user).get() == workflow


def test_a_duplicate_is_a_workflow_of_its_own(member):
    workflow = made(member, name="Original")
    copy = workflows.duplicate(workflow, by=member.user)
    assert (copy.name, copy.graph) == ("Original (2)", workflow.graph)


def test_an_empty_name_keeps_the_old_one(member):
    workflow = made(member, name="Keep me")
    assert workflows.rename(workflow, name="  ", by=member.user).name == "Keep me"
    assert workflows.rename(workflow, name=" New ", by=member.user).name == "New"


def test_every_change_is_in_the_audit_trail(member):
    workflow = made(member)
    workflows.publish(workflow, by=member.user)
    workflows.delete(workflow, by=member.user)
    actions = set(AuditEntry.objects.filter(object_id=str(workflow.pk)).values_list("action", flat=True))
    assert actions == {"workflow.create", "workflow.publish", "workflow.unpublish", "workflow.delete"}


def test_private_workflows_are_for_their_author_alone():
    workflow = WorkflowFactory(visibility="private")
    mate = MembershipFactory(team=workflow.team)
    assert Workflow.objects.visible_to(workflow.created_by).exists()
    assert not Workflow.objects.visible_to(mate.user).exists()


def test_strangers_and_visitors_see_no_workflow():
    WorkflowFactory()
    assert not Workflow.objects.visible_to(UserFactory()).exists()
    assert not Workflow.objects.visible_to(AnonymousUser()).exists()


def test_the_same_graph_is_one_version_whatever_the_order_of_its_keys():
    workflow = WorkflowFactory()
    reordered = dict(reversed(workflow.graph.items()))
    first = versions.snapshot(workflow, reason="run")
    assert versions.snapshot(workflow, graph=reordered, reason="publish") == first
    assert WorkflowVersion.objects.count() == 1


def test_another_graph_is_the_next_version():
    workflow = WorkflowFactory()
    versions.snapshot(workflow, reason="run")
    other = manual_set(greeting="Bye")
    assert versions.snapshot(workflow, graph=other, reason="save").number == 2


def test_versions_are_seen_by_the_team_only():
    workflow = WorkflowFactory()
    version = versions.snapshot(workflow, reason="run")
    assert list(WorkflowVersion.objects.visible_to(workflow.created_by)) == [version]
    assert not WorkflowVersion.objects.visible_to(UserFactory()).exists()


def test_assign_makes_what_the_set_node_reads():
    assert assign(n=1)["assignments"]["assignments"][0]["type"] == "number"


def test_a_webhook_that_answers_with_a_file_knows_its_name(member):
    graph = webhook_chain("file", "lastNode")
    graph["nodes"][0]["parameters"] |= {"responseData": "firstEntryBinary", "responseBinaryPropertyName": "report"}
    workflows.publish(made(member, graph), by=member.user)
    assert Webhook.objects.get().options["responseBinaryPropertyName"] == "report"
