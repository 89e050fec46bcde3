"""Triggers that look, against a real feed and a real mailbox: nothing lost, nothing twice, nobody flooded."""

import imaplib
import os
import tempfile
import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone
from psycopg import OperationalError

from executions_app import payload_codec
from executions_app.adapters import polls as adapters
from executions_app.database import connect
from executions_app.models import Execution, Failure
from executions_app.runner import polls
from executions_app.runner.polls import PollRunner, pause_s
from executions_app.runner.schedules import fire_due_schedules
from executions_app.services import failures
from executions_app.tests.adapters import real_servers
from executions_app.tests.adapters.real_servers import HERE, PASSWORD, USER
from executions_app.tests.runner.feeds import Feed, served_feed
from pumpflix.lib.safe_http import Dialer, OutboundPolicy, client_for, parse_open_networks
from workflows_app.engine.errors import RemoteError, UserError
from workflows_app.models import Poll, Schedule, Workflow
from workflows_app.services import credentials, workflows
from workflows_app.tests.factories import WorkflowFactory
from workflows_app.tests.graphs import assign, chain, node

pytestmark = [pytest.mark.app, pytest.mark.django_db(transaction=True)]


@pytest.fixture(autouse=True)
def _this_machine_is_open(monkeypatch: pytest.MonkeyPatch) -> None:
    policy = OutboundPolicy(parse_open_networks("127.0.0.0/8"))
    monkeypatch.setattr(adapters, "outbound_client", lambda: client_for(policy))
    monkeypatch.setattr(adapters, "dialer", lambda: Dialer(policy))


@pytest.fixture
def feed() -> Iterator[Feed]:
    with served_feed() as made:
        made.entries = ["old"]
        yield made


@pytest.fixture
def runner() -> Iterator[PollRunner]:
    made = PollRunner("me", adapters.poll_ports, ring=lambda: None)
    yield made
    made.stop()


def live(feed: Feed, **parameters) -> Workflow:
    trigger = node("Feed", "rssFeedReadTrigger", 1, feedUrl=feed.url, **parameters)
    workflow = WorkflowFactory(graph=chain(trigger, node("After", "set", 3.4, **assign(ok=True))))
    return workflows.publish(workflow, by=workflow.created_by)


def publish_again(workflow: Workflow) -> None:
    """Another one of the same team that looks at the same."""
    same = WorkflowFactory(graph=workflow.graph, team=workflow.team, created_by=workflow.created_by)
    workflows.publish(same, by=workflow.created_by)


def due(**ago: float) -> None:
    Poll.objects.update(due_at=timezone.now() - timedelta(**ago or {"seconds": 1}))


def titles() -> list[list[str]]:
    """Of the runs that were started, oldest first."""
    rows = Execution.objects.order_by("created_at", "id")
    return [[item["json"]["title"] for item in payload_codec.decode(row.trigger_items)] for row in rows]


def test_the_first_look_starts_nothing_and_the_next_one_only_what_is_new(feed: Feed, runner: PollRunner) -> None:
    live(feed)
    assert runner.drain() == 1
    assert titles() == []
    feed.entries = ["newest", "new", "old"]
    due()
    runner.drain()
    assert titles() == [["newest", "new"]]
    execution = Execution.objects.get()
    assert (execution.mode, execution.status, execution.start_node) == ("trigger", "queued", "Feed")
    due()
    runner.drain()
    assert len(titles()) == 1


def test_an_entry_that_goes_and_comes_back_is_not_new(feed: Feed, runner: PollRunner) -> None:
    live(feed)
    for entries in (["old"], [], ["old"]):
        feed.entries = entries
        due()
        runner.drain()
    assert titles() == []


def test_its_schedule_makes_it_due_and_stores_no_run_of_its_own(feed: Feed, runner: PollRunner) -> None:
    live(feed, pollTimes={"item": [{"mode": "everyHour"}]})
    runner.drain()
    assert Poll.objects.get().due_at is None
    Schedule.objects.update(next_fire_at=timezone.now() - timedelta(seconds=1))
    assert fire_due_schedules() == 0
    assert Execution.objects.count() == 0
    assert Poll.objects.get().due_at is not None
    feed.entries = ["new", "old"]
    assert runner.drain() == 1
    assert titles() == [["new"]]
    assert Schedule.objects.get().next_fire_at > timezone.now()


def test_a_crash_before_the_commit_finds_the_same_again_and_one_after_it_nothing(feed, runner, monkeypatch) -> None:
    live(feed)
    runner.drain()
    feed.entries = ["new", "old"]
    due()
    with monkeypatch.context() as broken:
        broken.setattr(polls, "store", without_database)
        runner.drain()
    assert titles() == []
    Poll.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    runner.drain()
    assert titles() == [["new"]]
    Poll.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    runner.drain()
    assert titles() == [["new"]]


def without_database(*_: object, **__: object) -> bool:
    raise OperationalError("gone")


def test_what_a_worker_found_that_lost_its_lease_is_dropped(feed: Feed, runner: PollRunner) -> None:
    live(feed)
    runner.drain()
    feed.entries = ["new", "old"]
    due()
    slow = runner.claim()
    assert slow is not None
    Poll.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    assert runner.drain() == 1
    runner.run(slow)
    assert titles() == [["new"]]


def test_two_workers_never_look_at_the_same_time(feed: Feed, runner: PollRunner) -> None:
    live(feed)
    other = connect(name="other", autocommit=False)
    values = {"owner": "other", "lease": timedelta(seconds=60), "lanes": polls.LANES_OF_A_TEAM}
    assert other.execute(polls.CLAIM, values).fetchone() is not None
    assert runner.claim() is None
    other.commit()
    other.close()
    assert runner.claim() is None


def test_a_look_holds_up_no_ticker(feed: Feed, runner: PollRunner, until) -> None:
    live(feed)
    feed.gate.clear()
    runner.look()
    until(lambda: feed.asked == 1)
    runner.look()
    feed.gate.set()
    until(lambda: Poll.objects.get().polled_at is not None)


def test_slow_looks_of_one_team_leave_room_for_those_of_others(feed: Feed, runner: PollRunner, until) -> None:
    slow = live(feed)
    for _ in range(5):
        publish_again(slow)
    feed.gate.clear()
    beside = PollRunner("other", adapters.poll_ports, ring=lambda: None)
    with served_feed() as quick:
        other = live(quick)
        Poll.objects.filter(workflow=other).update(due_at=timezone.now())
        Poll.objects.exclude(workflow=other).update(due_at=timezone.now() - timedelta(hours=1))
        for one in (runner, beside):
            for _ in range(3):
                one.look()
        until(lambda: quick.asked)
        until(lambda: Poll.objects.get(workflow=other).polled_at is not None)
        assert feed.asked <= polls.LANES_OF_A_TEAM + 1
    feed.gate.set()
    beside.stop()


def test_of_one_team_no_more_than_two_looks_are_claimed(feed: Feed, runner: PollRunner) -> None:
    first = live(feed)
    for _ in range(3):
        publish_again(first)
    other = live(feed)
    due()
    Poll.objects.filter(workflow=other).update(due_at=timezone.now())
    claimed = [runner.claim() for _ in range(5)]
    assert [one.team_id for one in claimed if one] == [first.team_id, other.team_id, first.team_id]


def test_a_look_that_takes_too_long_fails_and_its_lane_goes_on(feed: Feed) -> None:
    live(feed)
    feed.gate.clear()
    hurried = PollRunner("me", adapters.poll_ports, longest_s=0.2, ring=lambda: None)
    assert hurried.drain() == 1
    row = Poll.objects.get()
    assert (row.error_code, row.failures, row.lease_until) == ("node_timeout", 1, None)
    assert row.error_text.startswith("It took longer than 0.2 s to look for something new.")
    assert row.due_at > timezone.now()
    hurried.stop()


def test_failures_are_kept_with_their_reason_and_tried_later_each_time(feed: Feed, runner: PollRunner) -> None:
    live(feed)
    runner.drain()
    feed.status = 503
    pauses = []
    for _ in range(3):
        due()
        runner.drain()
        row = Poll.objects.get()
        pauses.append((row.due_at - timezone.now()).total_seconds())
    assert row.failures == 3
    assert row.failing_since is not None
    assert "503" in row.error_text
    assert pauses[0] < 40 < pauses[2] < 160
    assert Failure.objects.get().node == "Feed"
    feed.status, feed.entries = 200, ["new", "old"]
    due()
    runner.drain()
    row.refresh_from_db()
    assert (row.failures, row.error_text, row.failing_since) == (0, "", None)
    assert titles() == [["new"]]


def test_a_schedule_does_not_shorten_the_pause_after_a_failure(feed: Feed, runner: PollRunner) -> None:
    live(feed)
    feed.status = 500
    runner.drain()
    waits_until = Poll.objects.get().due_at
    Schedule.objects.update(next_fire_at=timezone.now() - timedelta(seconds=1))
    fire_due_schedules()
    assert Poll.objects.get().due_at == waits_until


def test_what_only_its_author_can_mend_is_told_at_once(feed: Feed, runner: PollRunner) -> None:
    live(feed)
    feed.body = lambda: b"<html/>"  # type: ignore[method-assign]
    runner.drain()
    assert Poll.objects.get().error_code == "feed_invalid"
    assert Failure.objects.count() == 1


def breaks(feed: Feed, how: str) -> None:
    """One that passes, or one that only the author can mend."""
    feed.status = 502 if how == "away" else 200
    feed.body = lambda: b"<html/>"  # type: ignore[method-assign]


@pytest.mark.parametrize("is_looked_after", [True, False], ids=["looked after", "left"])
@pytest.mark.parametrize("row", ["away, no feed, no feed, away", "no feed, away, away, away"])
def test_a_row_of_failures_of_both_kinds_is_told_once(feed, runner, row: str, is_looked_after: bool) -> None:
    live(feed)
    told = []
    for how in row.split(", "):
        breaks(feed, how)
        due()
        runner.drain()
        if is_looked_after:
            told += Failure.objects.values_list("error__code", flat=True)
            failures.look_after()
    told += Failure.objects.values_list("error__code", flat=True)
    assert told == ["feed_invalid"]


def test_the_next_row_of_failures_is_told_again(feed: Feed, runner: PollRunner) -> None:
    """Also where nobody noted in between that it went well, as after publishing a mend that is none."""
    workflow = live(feed)
    breaks(feed, "no feed")
    runner.drain()
    failures.look_after()
    workflows.publish(workflow, by=workflow.created_by)
    runner.drain()
    assert Failure.objects.count() == 1


def test_the_longest_pause_is_an_hour_unless_the_other_side_asks_for_more() -> None:
    assert pause_s(1, UserError("no")) < 40
    assert pause_s(50, UserError("no")) <= 4500
    assert pause_s(1, RemoteError("slow down", status=429, retry_after_s=7200)) >= 7200


def test_switched_off_nothing_looks_and_switched_on_it_knows_what_it_knew(feed: Feed, runner: PollRunner) -> None:
    workflow = live(feed)
    runner.drain()
    workflows.unpublish(workflow, by=workflow.created_by)
    due()
    assert runner.drain() == 0
    feed.entries = ["meanwhile", "old"]
    workflows.publish(workflow, by=workflow.created_by)
    runner.drain()
    assert titles() == [["meanwhile"]]


def test_another_feed_is_begun_anew(feed: Feed, runner: PollRunner) -> None:
    workflow = live(feed)
    runner.drain()
    workflow.graph["nodes"][0]["parameters"]["feedUrl"] += "?other"
    workflow.save()
    workflows.publish(workflow, by=workflow.created_by)
    feed.entries = ["a", "b"]
    runner.drain()
    assert titles() == []


def test_a_team_with_a_full_queue_looks_later_and_loses_nothing(feed: Feed, runner: PollRunner) -> None:
    workflow = live(feed)
    runner.drain()
    feed.entries = ["new", "old"]
    due()
    workflow.team.max_queued = 0
    workflow.team.save()
    assert runner.drain() == 0
    workflow.team.max_queued = 10
    workflow.team.save()
    runner.drain()
    assert titles() == [["new"]]


def test_a_worker_that_stops_lets_go(feed: Feed, runner: PollRunner) -> None:
    live(feed)
    feed.gate.clear()
    thread = threading.Thread(target=runner.drain)
    thread.start()
    while not feed.asked:
        thread.join(0.01)
    runner.stop()
    feed.gate.set()
    thread.join(10)
    row = Poll.objects.get()
    assert row.lease_until is None
    assert row.state == {}
    next_one = PollRunner("next", adapters.poll_ports, ring=lambda: None)
    assert next_one.drain() == 1
    next_one.stop()


# mailboxes ------------------------------------------------------------------------------------------------------------
@pytest.fixture
def mailbox() -> Iterator[int]:
    if not real_servers.program("dovecot") or os.getuid() != 0:
        pytest.skip("Dovecot is not installed, or this is not root: apt-get install dovecot-imapd")
    with tempfile.TemporaryDirectory(dir="/tmp") as folder, real_servers.dovecot(Path(folder)) as port:
        arrive(port, "old")
        yield port


def arrive(port: int, *subjects: str) -> None:
    with imaplib.IMAP4(HERE, port) as client:
        client.login(USER, PASSWORD)
        for subject in subjects:
            client.append("INBOX", "", "", f"Subject: {subject}\r\n\r\nbody\r\n".encode())


def unseen(port: int) -> int:
    with imaplib.IMAP4(HERE, port) as client:
        client.login(USER, PASSWORD)
        client.select("INBOX")
        return len(client.search(None, "UNSEEN")[1][0].split())


def test_mails_that_arrive_start_a_run_each_once_and_are_marked(mailbox: int, runner: PollRunner) -> None:
    workflow = WorkflowFactory()
    fields = {"user": USER, "password": PASSWORD, "host": HERE, "port": mailbox, "secure": False}
    credential = credentials.create(
        team=workflow.team, name="Mailbox", type="imap", fields=fields, by=workflow.created_by
    )
    trigger = node("Mail", "emailReadImap", 2, options={}) | {
        "credentials": {"imap": {"id": str(credential.pk), "name": credential.name}}
    }
    workflow.graph = chain(trigger, node("After", "set", 3.4, **assign(ok=True)))
    workflow.save()
    workflows.publish(workflow, by=workflow.created_by)
    runner.drain()
    assert (Execution.objects.count(), unseen(mailbox)) == (0, 1)
    arrive(mailbox, "one", "two")
    due()
    runner.drain()
    items = payload_codec.decode(Execution.objects.get().trigger_items)
    assert [item["json"]["subject"] for item in items] == ["one", "two"]
    assert unseen(mailbox) == 1
    due()
    runner.drain()
    assert Execution.objects.count() == 1
    assert PASSWORD not in str(Poll.objects.values_list())
