from datetime import timedelta

import pytest
from django.utils import timezone

from executions_app import payload_codec
from executions_app.models import Execution, Payload
from executions_app.payloads import as_row, pack
from executions_app.selectors.node_panel import Opened, opened_node
from executions_app.selectors.outputs import file_of, node_inputs, read_source
from executions_app.selectors.run_view import run_view
from executions_app.selectors.run_words import counts_text, milliseconds_text
from executions_app.tests.factories import execution_of
from executions_app.tests.selectors.runs import ended, event, items, turn, two_node_run

pytestmark = [pytest.mark.app, pytest.mark.django_db]


def view(execution: Execution, address: str = "/executions/x", **options):
    return run_view(execution, address=address, sprite="/s.svg", opened=Opened(), **options)


def test_nodes_come_in_the_order_they_ran_with_their_counts():
    run = view(two_node_run())
    assert [(node.name, node.status, node.items) for node in run.nodes] == [
        ("Start", "success", 1),
        ("Variables", "success", 2),
    ]


def test_the_log_says_what_happened_in_order():
    run = view(two_node_run())
    assert [(line.node, line.text) for line in run.lines] == [
        ("", "Run started"),
        ("Start", "Finished, 1 item"),
        ("Variables", "Finished, 2 items"),
        ("", "Run ended: Succeeded"),
    ]
    assert run.last_seq == 4


def test_every_kind_of_event_has_its_words():
    execution = ended()
    event(execution, 1, "node_run_started", "A")
    event(execution, 2, "node_run_failed", "A", text="No such column")
    event(execution, 3, "node_run_retried", "A", text="Attempt 1 failed")
    event(execution, 4, "log_written", "A", level="warn", text="Row 4 is short")
    event(execution, 5, "execution_waiting", "A")
    event(execution, 6, "from_the_future", "A")
    assert [(line.level, line.text) for line in view(execution).lines] == [
        ("debug", "Started"),
        ("error", "No such column"),
        ("warn", "Attempt 1 failed"),
        ("warn", "Row 4 is short"),
        ("info", "Waiting"),
    ]


def test_the_graph_shows_statuses_and_items():
    svg = view(two_node_run()).svg
    assert svg.count('data-status="success"') >= 3
    assert ">1</text>" in svg


def test_links_of_a_page_that_shows_a_run_in_place_name_the_run():
    execution = two_node_run()
    (start, _) = view(execution, "/workflows/w").nodes
    assert start.href == f"/workflows/w?run={execution.pk}&node=Start&view=table"


def test_a_horizon_does_not_depend_on_how_far_the_run_is():
    heights = {"Start": 1, "Variables": 40}
    early, late = ended(), two_node_run()
    turn(early, "Start", 0, items({}))
    assert places(view(early, heights=heights).svg) == places(view(late, heights=heights).svg)


def places(svg: str) -> list[str]:
    return [part.split('"')[0] for part in svg.split('class="node" transform="')[1:]]


def test_bars_cover_the_run():
    bars = view(two_node_run()).bars
    assert [bar.label for bar in bars] == ["Start", "Variables"]
    first, last = bars[0].segments[0], bars[1].segments[-1]
    assert first.start == 0
    assert last.start + last.width == pytest.approx(100, abs=2)


def test_a_run_without_turns_has_neither_bars_nor_a_node_to_open():
    execution = ended()
    assert view(execution).bars == []
    assert opened_node(execution, Opened()) is None


@pytest.mark.parametrize("age_s, is_late", [(1, False), (60, True)])
def test_a_run_that_nobody_takes_is_late(age_s, is_late):
    execution = execution_of()
    execution.created_at = timezone.now() - timedelta(seconds=age_s)
    assert view(execution).is_late is is_late


def test_the_last_node_with_items_is_opened_by_itself():
    panel = opened_node(two_node_run(), Opened())
    assert panel is not None
    assert (panel.name, panel.side, panel.items_in, panel.items_out) == ("Variables", "output", 1, 2)
    assert [row[0].text for row in panel.data.rows] == ["1", "2"]


def test_the_input_is_read_from_the_node_before():
    panel = opened_node(two_node_run(), Opened(node="Variables", side="input"))
    assert panel is not None
    assert panel.data.total == 1


def test_the_input_of_the_first_node_is_what_started_the_run():
    execution = ended(trigger_items=payload_codec.encode(items({"hello": "world"})))
    first = turn(execution, "Start", 0, items({}))
    assert node_inputs(execution, first) == items({"hello": "world"})


def test_a_failed_node_is_opened_at_its_input_with_its_error():
    execution = two_node_run(status="error")
    error = payload_codec.encode({"message": "No such column", "hint": "Name it as in the header."})
    source = {"node": "Variables", "output": 0, "runIndex": 0}
    turn(execution, "Broken", 2, status="error", items_out=[], items_in=[2], sources=[source], error=error)
    panel = opened_node(execution, Opened())
    assert panel is not None
    assert (panel.name, panel.side, panel.data.total) == ("Broken", "input", 2)
    assert (panel.error_text, panel.error_hint) == ("No such column", "Name it as in the header.")


def test_turns_of_a_loop_can_be_looked_through():
    execution = ended()
    for number in range(3):
        turn(execution, "Start", number, items({"turn": number}), run_index=number)
    panel = opened_node(execution, Opened(node="Start", turn=1))
    assert panel is not None
    assert (panel.turn_number, panel.turns, panel.previous_turn) == (2, 3, 0)
    assert panel.data.rows[0][0].text == "1"


def test_an_output_that_has_items_is_shown_first():
    execution = ended()
    turn(execution, "Start", 0, [], items({"side": "false"}))
    panel = opened_node(execution, Opened())
    assert panel is not None
    assert [(tab.count, tab.is_open) for tab in panel.outputs] == [(0, False), (1, True)]


def test_large_outputs_are_read_from_their_payload():
    execution = ended()
    stored = pack(execution.team_id, payload_codec.encode([items({"big": True})]))
    Payload(**as_row(stored)).save()
    turn(execution, "Start", 0, output=None, output_ref=stored.ref, items_out=[1])
    panel = opened_node(execution, Opened())
    assert panel is not None
    assert panel.data.columns == ["big"]


def test_an_output_that_was_pruned_shows_no_items():
    execution = ended()
    turn(execution, "Start", 0, output=None, output_ref=f"sha256:{'0' * 64}", items_out=[5])
    panel = opened_node(execution, Opened())
    assert panel is not None
    assert panel.data.total == 0


def test_a_file_is_given_only_to_those_whose_run_holds_it():
    execution = ended()
    stored = pack(execution.team_id, b"a;b\n1;2")
    Payload(**as_row(stored)).save()
    file = {"id": stored.ref, "fileName": "a.csv", "mimeType": "text/csv"}
    turn(execution, "Start", 0, [{"json": {}, "binary": {"data": file}}])
    assert file_of(execution, node="Start", ref=stored.ref) == (b"a;b\n1;2", "a.csv", "text/csv")
    assert file_of(execution, node="Start", ref=f"sha256:{'0' * 64}") is None
    assert file_of(two_node_run(), node="Start", ref=stored.ref) is None


@pytest.mark.parametrize("query", [{"turn": "x"}, {"page": "-1"}, {"output": "9" * 20}, {"side": "up", "view": "<b>"}])
def test_an_address_nobody_wrote_opens_the_usual(query):
    assert Opened.from_query(query) == Opened()


@pytest.mark.parametrize(
    "duration_ms, text",
    [(0.44, "0.4 ms"), (12.4, "12 ms"), (3_400, "3.4 s"), (125_000, "2 min 5 s")],
)
def test_durations_are_short(duration_ms, text):
    assert milliseconds_text(duration_ms) == text


@pytest.mark.parametrize("counts, text", [([1], ", 1 item"), ([3, 0], ", 3 + 0 items"), ([], ""), (None, "")])
def test_counts_in_words(counts, text):
    assert counts_text(counts) == text


def test_an_input_that_received_nothing_has_no_source():
    assert read_source(None) == ("", 0, 0)
