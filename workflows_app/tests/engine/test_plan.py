"""Where a run starts, what it may touch, and how a plan is made."""

import pytest

from workflows_app.engine.errors import UserError
from workflows_app.engine.events import ExecutionStarted, Source
from workflows_app.engine.history import RunData
from workflows_app.engine.items import Item
from workflows_app.engine.plan import compile_workflow, pinned_items, start_node
from workflows_app.engine.registry import Registry
from workflows_app.tests.engine.world import AnyParams, Pass, Trigger, order_of, registry, workflow, world

pytestmark = pytest.mark.engine


class Webhook(Pass):
    name, trigger, Params = "n8n-nodes-base.webhook", True, AnyParams


class Schedule(Trigger):
    name = "test.schedule"


def all_types() -> Registry:
    found = registry()
    for node_type in (Webhook, Schedule):
        found.add(node_type)
    return found


def start_of(text: str, destination: str | None = None, **nodes) -> str:
    return start_node(compile_workflow(workflow(text, **nodes), all_types()), destination)


WEBHOOK = {"type": Webhook.name}
SCHEDULE = {"type": Schedule.name}


class TestStart:
    def test_the_first_trigger_in_node_order(self):
        assert start_of("A; Trigger1 -> A; Trigger2 -> A") == "Trigger1"

    def test_disabled_triggers_do_not_count(self):
        assert start_of("Trigger1; Trigger2", Trigger1={"disabled": True}) == "Trigger2"

    def test_a_trigger_that_starts_by_itself_goes_before_one_that_waits_for_a_call(self):
        assert start_of("Hook; Timer", Hook=WEBHOOK, Timer=SCHEDULE) == "Timer"

    def test_types_that_wait_have_a_fixed_order(self):
        kinds = {"A": "n8n-nodes-base.start", "B": "n8n-nodes-base.executeWorkflowTrigger"}
        assert start_of("A; B", **{name: {"type": kind} for name, kind in kinds.items()}) == "B"

    def test_a_webhook_serves_where_nothing_else_does(self):
        assert start_of("A; Hook -> A", Hook=WEBHOOK) == "Hook"

    def test_a_single_node_is_its_own_start(self):
        assert start_of("A") == "A"
        assert start_of("Note; A", Note={"type": "n8n-nodes-base.stickyNote"}) == "A"

    def test_a_sticky_note_alone_is_not(self):
        with pytest.raises(UserError, match="no enabled trigger"):
            start_of("Note", Note={"type": "n8n-nodes-base.stickyNote"})

    def test_without_a_trigger_there_is_no_start(self):
        with pytest.raises(UserError, match="no enabled trigger") as caught:
            start_of("A -> B")
        assert caught.value.code == "user_error"
        assert caught.value.instance_code == "no_start_node"

    def test_with_a_destination_only_what_leads_there_counts(self):
        assert start_of("Trigger1 -> A; Trigger2 -> B", "B") == "Trigger2"

    def test_a_destination_without_trigger_starts_at_its_root(self):
        assert start_of("A -> B -> C; Trigger", "C") == "A"

    def test_the_caller_may_name_the_start(self):
        transcript = world("Trigger -> A; Hook -> B").run([{"n": 1}], start="Hook")
        assert transcript.of(ExecutionStarted)[0].start_node == "Hook"
        assert transcript.order == ["Hook", "B"]

    @pytest.mark.parametrize("given", [{"start": "X"}, {"destination": "X"}], ids=str)
    def test_names_that_are_not_there_are_refused(self, given):
        with pytest.raises(UserError, match="no node named 'X'"):
            world("Trigger -> A").plan(**given)


class TestMode:
    def test_by_hand_a_trigger_runs_its_own_way(self):
        made = world("Trigger -> A", Trigger={"params": {"items": [{"own": True}]}})
        assert made.run([{"n": 1}]).outputs("A") == [[{"own": True}]]

    def test_in_any_other_mode_what_it_was_started_with_passes_through(self):
        made = world("Trigger -> A", Trigger={"params": {"items": [{"own": True}]}})
        assert made.run([{"n": 1}], mode="trigger").outputs("A") == [[{"n": 1}]]

    def test_without_items_a_run_starts_with_one_empty_item(self):
        assert world("Trigger -> A").run().outputs("A") == [[{}]]


class TestPartial:
    def test_a_run_to_a_destination_touches_only_what_leads_there(self):
        """
        Trigger ─┬─ A ── B ── C     run to B
                 └─ D
        """
        graph = "Trigger -> A -> B -> C; Trigger -> D"
        transcript = world(graph).run(destination="B")
        assert transcript.order == ["Trigger", "A", "B"]
        assert transcript.status == "success"

    def test_a_run_from_the_middle_sees_what_ran_before(self):
        made = world("Trigger -> A -> B -> C", C={"params": {"value": "={{ $('A').item.json.n }}"}})
        earlier = {"A": RunData((), [[Item({"n": 7})]])}
        transcript = made.run([{"m": 1}], start="B", earlier=earlier)
        assert transcript.order == ["B", "C"]
        assert transcript.outputs("C") == [[{"m": 1, "C": 7}]]

    def test_what_runs_again_is_not_taken_from_before(self):
        made = world("Trigger -> A -> B", B={"params": {"value": "={{ $('A').item.json.n }}"}})
        earlier = {"A": RunData((), [[Item({"n": "old"})]])}
        assert made.run([{"n": "new"}], start="A", earlier=earlier).outputs("B") == [[{"n": "new", "B": "new"}]]

    def test_and_finds_first_items_there(self):
        made = world("Trigger -> A -> B", B={"params": {"value": "={{ $('A').first().json.n }}"}})
        earlier = {"A": RunData((Source("Trigger"),), [[Item({"n": 7})]])}
        assert made.run([{}], start="B", earlier=earlier).outputs("B") == [[{"B": 7}]]


class TestCompiled:
    def test_sticky_notes_never_run(self):
        sticky = {"type": "n8n-nodes-base.stickyNote"}
        assert order_of("Trigger -> A; Note", Note=sticky) == ["Trigger", "A"]

    def test_walks_are_remembered(self):
        compiled = world("Trigger -> A -> B").compiled
        assert compiled.ancestors("B") is compiled.ancestors("B") == ("A", "Trigger")
        assert compiled.output_towards("Trigger", "B") == compiled.output_towards("Trigger", "B") == 0

    def test_the_error_output_is_counted(self):
        compiled = world("Trigger -> If; A", If={"onError": "continueErrorOutput"}, A={"type": "vendor.gone"}).compiled
        assert (compiled.nodes["If"].output_count, compiled.nodes["A"].output_count) == (3, 1)
        assert compiled.nodes["A"].input_count == 1

    @pytest.mark.parametrize(
        "own,given,limit", [(5, None, 5), (5, 3, 3), (-1, 3, 3), (None, None, None), (True, None, None)], ids=str
    )
    def test_the_shorter_time_limit_counts(self, own, given, limit):
        made = world("Trigger", settings={"executionTimeout": own})
        assert made.plan(timeout_s=given).time_limit_s == limit

    @pytest.mark.parametrize("own,zone", [("Asia/Tokyo", "Asia/Tokyo"), ("DEFAULT", "UTC"), (None, "UTC")], ids=str)
    def test_the_zone_of_the_workflow_counts(self, own, zone):
        assert world("Trigger", settings={"timezone": own}).plan().zone == zone

    def test_pinned_data_of_the_file(self):
        made = workflow("Trigger -> A", pinData={"A": [{"n": 1}, {"json": {"n": 2}}], "B": "nonsense"})
        assert {name: [item.json for item in items] for name, items in pinned_items(made).items()} == {
            "A": [{"n": 1}, {"n": 2}]
        }
