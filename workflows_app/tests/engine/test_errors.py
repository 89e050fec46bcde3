"""What a failure becomes: the end of the run, the input passed on, items on the error output; and the tries before."""

import pytest

from workflows_app.engine import retries
from workflows_app.engine.errors import RemoteError
from workflows_app.engine.events import LogWritten, NodeRunFailed, NodeRunFinished, NodeRunRetried
from workflows_app.engine.items import Item, PairedItem
from workflows_app.engine.retries import MAX_BACKOFF_S, backoff_s
from workflows_app.tests.engine.world import world

pytestmark = pytest.mark.engine

ALWAYS = {"params": {"fails": -1, "value": "no luck"}}
REGULAR = {"onError": "continueRegularOutput"}
ERROR_OUTPUT = {"onError": "continueErrorOutput"}


@pytest.fixture(autouse=True)
def _no_luck(monkeypatch):
    """Jitter at its upper end."""
    monkeypatch.setattr(retries, "chance", lambda: 1.0)


class TestStop:
    def test_a_failure_ends_the_run(self):
        transcript = world("Trigger -> Fail -> A", Fail=ALWAYS).run()
        assert transcript.order == ["Trigger", "Fail"]
        assert transcript.status == "error"
        assert transcript.error["message"] == "no luck"
        assert transcript.events[-1].last_node == "Fail"

    def test_the_failed_turn_has_an_event_of_its_own(self):
        failed = world("Trigger -> Fail", Fail=ALWAYS).run().of(NodeRunFailed)
        assert [(one.node, one.run_index, one.order) for one in failed] == [("Fail", 0, 1)]

    def test_a_defect_of_a_node_ends_its_own_run_and_says_so(self, caplog):
        transcript = world("Trigger -> Fail", Fail={"params": {"fails": -1, "value": lambda: KeyError("x")}}).run()
        assert transcript.error["code"] == "unexpected_error"
        assert "test.fail" in caplog.text


class TestContinue:
    def test_the_input_goes_on(self):
        transcript = world("Trigger -> Fail -> A", Fail={**ALWAYS, **REGULAR}).run([{"n": 1}])
        assert transcript.outputs("A") == [[{"n": 1}]]
        assert transcript.status == "success"
        assert transcript.finished("Fail").error["message"] == "no luck"

    def test_the_older_switch_counts(self):
        transcript = world("Trigger -> Fail -> A", Fail={**ALWAYS, "continueOnFail": True}).run([{"n": 1}])
        assert transcript.order == ["Trigger", "Fail", "A"]

    def test_a_run_whose_very_last_turn_failed_ends_in_error(self):
        transcript = world("Trigger -> Fail", Fail={**ALWAYS, **REGULAR}).run()
        assert (transcript.status, transcript.error["message"]) == ("error", "no luck")

    def test_failing_items_become_error_items_and_the_others_go_on(self):
        transcript = world("Trigger -> Each -> A", Each=REGULAR).run([{"n": 1}, {"go": False}])
        assert transcript.outputs("A") == [[{"n": 1}, {"error": "item 1 may not go"}]]
        assert transcript.pairs("Each") == [[(0, 0)], [(0, 1)]]

    def test_an_item_marked_as_failed_shows_its_error(self):
        made = Item(json={"half": "done"}, error={"message": "broke"}, paired=(PairedItem(0),))
        transcript = world("Trigger -> Do -> A", functions={"Do": lambda _: [[made]]}, Do=REGULAR).run()
        assert transcript.outputs("A") == [[{"error": "broke"}]]

    def test_the_mark_does_not_travel_on(self):
        made = Item(json={}, error={"message": "broke"})
        transcript = world("Trigger -> Do -> A", functions={"Do": lambda _: [[made]]}, Do=REGULAR).run()
        assert transcript.items("A")[0].error is None


class TestErrorOutput:
    def test_failed_items_move_to_the_last_output_with_what_they_came_from(self):
        """
        Trigger ── Each ─┬─ A       went well
                         └─ B       failed
        """
        transcript = world("Trigger -> Each -> A; Each.1 -> B", Each=ERROR_OUTPUT).run(
            [{"n": 1}, {"go": False, "n": 2}]
        )
        assert transcript.outputs("A") == [[{"n": 1}]]
        assert transcript.outputs("B") == [[{"go": False, "n": 2, "error": "item 1 may not go"}]]
        assert transcript.pairs("Each", output=1) == [[(0, 1)]]

    def test_a_node_that_fails_as_a_whole_sends_all_its_input_there(self):
        transcript = world("Trigger -> Fail -> A; Fail.1 -> B", Fail={**ALWAYS, **ERROR_OUTPUT}).run([{"n": 1}])
        assert transcript.order == ["Trigger", "Fail", "B"]
        assert transcript.outputs("B") == [[{"n": 1, "error": "no luck"}]]

    def test_every_output_before_it_is_searched(self):
        transcript = world("Trigger -> If -> A; If.1 -> B; If.2 -> C", If=ERROR_OUTPUT).run(
            [{"go": True}, {"go": False}]
        )
        assert transcript.outputs("If") == [[{"go": True}], [{"go": False}], []]

    @pytest.mark.parametrize("shape", [{"error": "x"}, {"error": "x", "message": "y"}], ids=str)
    def test_items_in_the_shape_of_an_error_count_as_failed(self, shape):
        transcript = world("Trigger -> A -> B", A=ERROR_OUTPUT).run([shape])
        assert transcript.outputs("A") == [[], [shape]]

    @pytest.mark.parametrize("shape", [{"error": "", "n": 1}, {"error": "x", "n": 1}, {"error": None}], ids=str)
    def test_items_that_merely_have_a_field_named_error_do_not(self, shape):
        assert world("Trigger -> A", A=ERROR_OUTPUT).run([shape]).outputs("A") == [[shape], []]

    def test_an_error_item_that_came_from_nowhere_stands_alone(self):
        made = Item(json={}, error={"message": "broke"}, paired=(PairedItem(7, 3),))
        transcript = world("Trigger -> Do -> A", functions={"Do": lambda _: [[made]]}, Do=ERROR_OUTPUT).run(
            [{"n": 1}, {"n": 2}]
        )
        assert transcript.outputs("Do") == [[], [{"error": "broke"}]]


class TestRetry:
    def test_a_node_that_fails_twice_succeeds_at_the_third_try(self):
        transcript = world("Trigger -> Fail -> A", Fail={"params": {"fails": 2}, "retryOnFail": True}).run()
        assert transcript.order == ["Trigger", "Fail", "A"]
        assert [one.attempt for one in transcript.of(NodeRunRetried)] == [1, 2]

    def test_waits_double_from_try_to_try(self):
        made = world("Trigger -> Fail", Fail={**ALWAYS, "retryOnFail": True, "maxTries": 4, "waitBetweenTries": 500})
        transcript = made.run()
        assert made.clock.slept == [0.5, 1.0, 2.0]
        assert transcript.status == "error"

    def test_more_than_five_tries_are_allowed(self):
        made = world("Trigger -> Fail", Fail={"params": {"fails": 8}, "retryOnFail": True, "maxTries": 9})
        assert made.run().status == "success"

    def test_no_fewer_than_two_tries_are_made(self):
        made = world("Trigger -> Fail", Fail={"params": {"fails": 1}, "retryOnFail": True, "maxTries": 1})
        assert made.run().status == "success"

    def test_what_the_other_side_asks_for_is_honoured(self):
        busy = lambda: RemoteError("busy", status=429, retry_after_s=30)  # noqa: E731
        made = world("Trigger -> Fail", Fail={"params": {"fails": 1, "value": busy}, "retryOnFail": True})
        made.run()
        assert made.clock.slept == [30]

    @pytest.mark.parametrize(
        "asked,limit,told",
        [
            (60, 30, "the next try would come after 60.0 s, when the time of this run is up"),
            (30, 30, "the next try would come after 30.0 s, when the time of this run is up"),
            (86_400, None, "the other side asks to wait 86400 s, and a run waits 900 s at most"),
            (251_000_000_000, 30, "the other side asks to wait 251000000000 s"),
        ],
    )
    def test_a_wait_that_would_last_too_long_is_not_begun(self, asked, limit, told):
        """It would take a place of its worker, with nothing to come of it."""
        busy = lambda: RemoteError("busy", status=429, retry_after_s=asked)  # noqa: E731
        made = world("Trigger -> Fail", Fail={"params": {"fails": 1, "value": busy}, "retryOnFail": True})
        transcript = made.run(timeout_s=limit)
        assert made.clock.slept == []
        assert (transcript.status, transcript.error["message"]) == ("error", "busy")
        assert transcript.of(NodeRunRetried) == []
        (line,) = transcript.of(LogWritten)
        assert (line.node, line.level) == ("Fail", "warn")
        assert told in line.text

    def test_a_wait_that_is_not_begun_leaves_the_rest_of_the_run_its_time(self):
        busy = lambda: RemoteError("busy", status=429, retry_after_s=60)  # noqa: E731
        own = {"params": {"fails": 1, "value": busy}, "retryOnFail": True, **REGULAR}
        transcript = world("Trigger -> Fail -> A", Fail=own).run(timeout_s=30)
        assert (transcript.status, transcript.order) == ("success", ["Trigger", "Fail", "A"])

    def test_a_permanent_error_is_not_tried_again(self):
        gone = lambda: RemoteError("gone", status=404, permanent=True)  # noqa: E731
        made = world("Trigger -> Fail", Fail={"params": {"fails": -1, "value": gone}, "retryOnFail": True})
        assert made.run().of(NodeRunRetried) == []

    def test_an_error_on_the_first_item_counts_as_a_failure(self):
        calls = []

        def work(run):
            calls.append(1)
            return [[Item(json={}, error={"message": "broke"} if len(calls) == 1 else None)]]

        made = world("Trigger -> Do", functions={"Do": work}, Do={"retryOnFail": True, **REGULAR})
        transcript = made.run()
        assert len(calls) == 2
        assert transcript.of(NodeRunRetried)[0].error == {"message": "broke"}

    def test_the_lines_of_every_try_are_told_before_its_end(self):
        def work(run):
            run.log("warn", "careful", 3)
            return [run.items]

        transcript = world("Trigger -> Do", functions={"Do": work}).run()
        log = transcript.of(LogWritten)[0]
        assert (log.node, log.run_index, log.level, log.text, log.item) == ("Do", 0, "warn", "careful", 3)
        assert transcript.kinds.index("LogWritten") < max(
            n for n, event in enumerate(transcript.events) if isinstance(event, NodeRunFinished)
        )

    @pytest.mark.parametrize(
        "number,luck,at_least,expected",
        [(1, 1.0, 0, 2.0), (3, 1.0, 0, 8.0), (3, 0.25, 0, 2.0), (1, 0.0, 5, 5), (30, 1.0, 0, MAX_BACKOFF_S)],
    )
    def test_back_off(self, number, luck, at_least, expected):
        assert backoff_s(2.0, number, at_least, luck) == expected


def test_chance_is_a_share(monkeypatch):
    monkeypatch.undo()
    assert 0 <= retries.chance() < 1


class TestUnknownType:
    UNKNOWN = {"type": "vendor.gone", "params": {"kept": True}}

    def test_it_is_an_error_only_when_reached(self):
        graph = "Trigger -> If -> A; If.1 -> B"
        assert world(graph, B=self.UNKNOWN).run([{"go": True}]).status == "success"
        transcript = world(graph, B=self.UNKNOWN).run([{"go": False}])
        assert transcript.error["code"] == "node_type_unknown"
        assert "vendor.gone" in transcript.error["message"]

    def test_it_is_not_tried_again(self):
        transcript = world("Trigger -> A", A={**self.UNKNOWN, "retryOnFail": True}).run()
        assert transcript.of(NodeRunRetried) == []

    def test_disabled_it_lets_items_through(self):
        transcript = world("Trigger -> A -> B", A={**self.UNKNOWN, "disabled": True}).run([{"n": 1}])
        assert transcript.outputs("B") == [[{"n": 1}]]
