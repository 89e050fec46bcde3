import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from accounts.tests.factories import UserFactory
from executions_app import payload_codec
from executions_app.models import Execution, Payload
from executions_app.tests.factories import ExecutionFactory, live_webhook
from executions_app.tests.selectors.runs import two_node_run
from workflows_app.models import Poll, Workflow
from workflows_app.tests.factories import WorkflowFactory
from workflows_app.tests.graphs import chain, manual_set, node, webhook_chain

pytestmark = [pytest.mark.app, pytest.mark.django_db]

READS_FILE = chain(node("Start", "manualTrigger"), node("Read", "extractFromFile", operation="csv"))


@pytest.fixture(autouse=True)
def _quiet_doorbell(monkeypatch):
    monkeypatch.setattr("executions_app.doorbell.ring", lambda: None)


def owned(client, **fields) -> Workflow:
    """A workflow whose author is signed in."""
    workflow = WorkflowFactory(**fields)
    client.force_login(workflow.created_by)
    return workflow


def page(client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return answer.content.decode()


@pytest.mark.parametrize("tail", ["", "/setup", "/promote"])
def test_a_stranger_gets_404_and_a_visitor_is_asked_to_sign_in(client, tail):
    address = f"/workflows/{WorkflowFactory().pk}{tail}"
    assert client.get(address).status_code == 302
    client.force_login(UserFactory())
    assert client.get(address).status_code == 404


@pytest.mark.parametrize("tail", ["/run", "/publish"])
def test_a_stranger_cannot_run_or_switch(client, tail):
    client.force_login(UserFactory())
    assert client.post(f"/workflows/{WorkflowFactory().pk}{tail}").status_code == 404
    assert not Execution.objects.exists()


def test_the_list_shows_state_and_last_run(client):
    execution = two_node_run()
    client.force_login(execution.workflow.created_by)
    shown = page(client, "/workflows")
    assert execution.workflow.name in shown
    assert "Draft" in shown
    assert "Succeeded" in shown


def test_an_empty_list_says_what_to_do(client):
    client.force_login(UserFactory())
    assert "Pick a template" in page(client, "/workflows")
    assert "No workflow fits" in page(client, "/workflows?q=zzz")


@pytest.mark.parametrize("count", [1, 30])
def test_the_list_needs_as_many_queries_for_one_as_for_many(client, count, django_assert_max_num_queries):
    first = owned(client)
    WorkflowFactory.create_batch(count - 1, team=first.team, created_by=first.created_by)
    with django_assert_max_num_queries(6):
        page(client, "/workflows")


def test_run_starts_an_execution_and_shows_it_in_place(client):
    workflow = owned(client)
    answer = client.post(f"/workflows/{workflow.pk}/run")
    execution = Execution.objects.get(workflow=workflow)
    assert answer["Location"] == f"/workflows/{workflow.pk}?run={execution.pk}"
    assert f'data-execution="{execution.pk}"' in page(client, answer["Location"])


def test_a_file_goes_in_under_the_name_the_graph_reads(client):
    workflow = owned(client, graph=READS_FILE)
    assert 'type="file"' in page(client, f"/workflows/{workflow.pk}")
    client.post(f"/workflows/{workflow.pk}/run", {"file": SimpleUploadedFile("people.csv", b"a,b\n1,2", "text/csv")})
    (item,) = payload_codec.decode(bytes(Execution.objects.get().trigger_items))
    assert item["binary"]["data"]["fileName"] == "people.csv"
    assert Payload.objects.filter(size_bytes=7).exists()


def test_a_file_that_is_too_large_starts_nothing(client, monkeypatch):
    monkeypatch.setattr("executions_app.views.workflows.MAX_FILE_BYTES", 4)
    workflow = owned(client, graph=READS_FILE)
    file = SimpleUploadedFile("people.csv", b"12345", "text/csv")
    answer = client.post(f"/workflows/{workflow.pk}/run", {"file": file}, follow=True)
    assert "larger than 16 MB" in answer.content.decode()
    assert not Execution.objects.exists()


def test_what_cannot_start_says_why(client):
    workflow = owned(client, graph=chain({**node("Start", "manualTrigger"), "disabled": True}))
    answer = client.post(f"/workflows/{workflow.pk}/run", follow=True)
    assert "notice-error" in answer.content.decode()
    assert not Execution.objects.exists()


@pytest.mark.parametrize("wanted", ["nonsense", "01a20159-8027-75e6-8b0f-9912e2f11c9d"])
def test_a_run_of_another_workflow_is_not_shown(client, wanted):
    workflow = owned(client)
    assert client.get(f"/workflows/{workflow.pk}?run={wanted}").status_code == 404
    other = two_node_run()
    assert client.get(f"/workflows/{workflow.pk}?run={other.pk}").status_code == 404


def test_an_opened_node_shows_its_data(client):
    execution = two_node_run()
    client.force_login(execution.workflow.created_by)
    address = f"/workflows/{execution.workflow_id}?run={execution.pk}&node=Variables"
    assert 'data-label="n"' in page(client, address)
    assert "&quot;n&quot;: 1" in page(client, f"{address}&view=json")


def test_a_webhook_shows_its_link_and_its_last_calls(client):
    hook = live_webhook()
    ExecutionFactory(mode="webhook", version=hook.workflow.versions.get())
    client.force_login(hook.workflow.created_by)
    shown = page(client, f"/workflows/{hook.workflow_id}")
    assert f"http://testserver/hook/{hook.token}" in shown
    assert "curl -X POST" in shown
    assert "Last ten calls" in shown


def test_switching_on_and_off(client):
    workflow = owned(client, graph=webhook_chain())
    address = f"/workflows/{workflow.pk}"
    assert "Switch on" in page(client, address)
    client.post(f"{address}/publish", {"live": "on"})
    workflow.refresh_from_db()
    assert workflow.is_live
    assert "Switch off" in page(client, address)
    client.post(f"{address}/publish", {"live": "off"})
    workflow.refresh_from_db()
    assert not workflow.is_live


WEEKDAYS = {"field": "cronExpression", "expression": "0 8 * * 1-5"}


def scheduled(**rule):
    graph = chain(node("Tick", "scheduleTrigger", 1.2, rule={"interval": [rule]}), node("End", "noOp"))
    return graph | {"settings": {"timezone": "Europe/Berlin"}}


@pytest.mark.parametrize("tail", ["", "/setup"])
def test_a_schedule_is_told_in_words_before_and_after_it_is_switched_on(client, tail):
    workflow = owned(client, graph=scheduled(**WEEKDAYS))
    address = f"/workflows/{workflow.pk}"
    assert "Every weekday at 08:00 Europe/Berlin" in page(client, address + tail)
    client.post(f"{address}/publish", {"live": "on"})
    workflow.refresh_from_db()
    assert workflow.is_live
    shown = page(client, address + tail)
    assert "Every weekday at 08:00 Europe/Berlin" in shown
    assert shown.count(" 08:00") >= 3


def test_a_broken_schedule_says_so_and_stays_off(client):
    workflow = owned(client, graph=scheduled(field="cronExpression", expression="whenever"))
    address = f"/workflows/{workflow.pk}"
    assert "is not a cron expression" in page(client, address)
    answer = client.post(f"{address}/publish", {"live": "on"}, follow=True)
    assert "notice-error" in answer.content.decode()
    workflow.refresh_from_db()
    assert not workflow.is_live


def test_a_workflow_started_by_hand_has_no_switch(client):
    assert "Switch on" not in page(client, f"/workflows/{owned(client).pk}")


def test_placeholders_are_named(client):
    workflow = owned(client, graph=chain(node("Start", "manualTrigger"), node("Odd", "some.odd")))
    assert "1 node is kept but does not run here: Odd." in page(client, f"/workflows/{workflow.pk}")


def test_the_wizard_fills_in_and_saves_variables(client):
    workflow = owned(client, graph=manual_set(greeting="Hello"))
    address = f"/workflows/{workflow.pk}/setup"
    assert 'value="Hello"' in page(client, address)
    answer = client.post(address, {"variable-0": "Good day", "then": "open"})
    assert answer["Location"] == f"/workflows/{workflow.pk}"
    assert 'value="Good day"' in page(client, address)


def test_the_wizard_runs_at_once(client):
    workflow = owned(client)
    answer = client.post(f"/workflows/{workflow.pk}/setup", {"variable-0": "Hi", "then": "run"})
    assert answer["Location"] == f"/workflows/{workflow.pk}?run={Execution.objects.get().pk}"


def test_the_wizard_switches_a_webhook_on(client):
    workflow = owned(client, graph=webhook_chain())
    client.post(f"/workflows/{workflow.pk}/setup", {"live": "on", "then": "open"})
    workflow.refresh_from_db()
    assert workflow.is_live


def test_a_refused_value_keeps_what_was_typed(client):
    workflow = owned(client, graph=manual_set(limit=3))
    answer = client.post(f"/workflows/{workflow.pk}/setup", {"variable-0": "three", "then": "run"})
    assert answer.status_code == 422
    assert 'value="three"' in answer.content.decode()
    assert not Execution.objects.exists()


def test_a_trigger_that_looks_tells_what_it_found_and_why_it_fails(client):
    feed = node("Feed", "rssFeedReadTrigger", feedUrl="https://news.example/rss")
    workflow = owned(client, graph=chain(feed, node("End", "noOp")))
    address = f"/workflows/{workflow.pk}"
    client.post(f"{address}/publish", {"live": "on"})
    shown = page(client, address)
    assert "Every minute" in shown
    assert "Not yet" in shown
    Poll.objects.update(failures=3, failing_since=timezone.now(), due_at=timezone.now(), error_text="No such host.")
    shown = page(client, address)
    assert "The last 3 looks failed." in shown
    assert "No such host." in shown


def test_a_schedule_is_changed_in_words_and_shown_back_with_its_next_times(client):
    tick = node("Tick", "scheduleTrigger", 1.2, rule={"interval": [{"field": "hours"}, {"field": "days"}]})
    workflow = owned(client, graph=chain(tick, node("After", "noOp")))
    address = f"/workflows/{workflow.pk}"
    assert 'value="Every hour"' in page(client, address)
    given = {"node": "Tick", "rule": "1", "text": "on the first Monday of the month at 09:00"}
    shown = client.post(f"{address}/schedule", given, follow=True).content.decode()
    assert "<h2>On the first Monday of the month at 09:00 UTC</h2>" in shown
    assert shown.count("Mon ") >= 3
    workflow.refresh_from_db()
    rules = workflow.graph["nodes"][0]["parameters"]["rule"]["interval"]
    assert rules == [{"field": "hours"}, {"field": "cronExpression", "expression": "0 9 * * 1#1"}]


@pytest.mark.parametrize(
    "given, words",
    [
        ({"node": "Tick", "text": "every moon"}, "not understood as words"),
        ({"node": "Tick", "text": "60 * * * *"}, "is no minute"),
        ({"node": "Tick", "text": ""}, "nothing is entered"),
        ({"node": "Other", "text": "every day"}, "has no schedule"),
        ({"node": "Tick", "rule": "99999999999", "text": "* * * * * * * *"}, "8 fields"),
    ],
)
def test_a_schedule_that_is_none_is_not_kept_and_says_why(client, given, words):
    graph = chain(node("Tick", "scheduleTrigger", 1.2, rule={"interval": [{"field": "hours"}]}), node("Other", "noOp"))
    workflow = owned(client, graph=graph)
    assert words in client.post(f"/workflows/{workflow.pk}/schedule", given, follow=True).content.decode()
    workflow.refresh_from_db()
    assert workflow.graph == graph
    client.force_login(UserFactory())
    assert client.post(f"/workflows/{workflow.pk}/schedule", given).status_code == 404


def test_listening_says_what_the_next_call_runs(client):
    workflow = owned(client, graph=webhook_chain())
    address = f"/workflows/{workflow.pk}"

    def heard() -> str:
        client.post(f"{address}/listen")
        return page(client, address)

    assert "the next call runs the workflow as it is now" in heard()
    client.post(f"{address}/publish", {"live": "on"})
    assert "the next call runs the published version" in heard()
    client.post(f"{address}/publish", {"live": "off"})
    assert "Listening" not in page(client, address)
