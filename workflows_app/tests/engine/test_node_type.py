"""What a node author sees."""

import pytest
from pydantic import Field

from workflows_app.engine.errors import (
    CredentialMissing,
    ExpressionError,
    NodeFailed,
    OperationalError,
    ParameterError,
    PumpFlixError,
    RemoteError,
)  # fmt: skip
from workflows_app.engine.items import Binary, Item, PairedItem
from workflows_app.engine.node_type import NodeRun, NodeType, failed_item, paired, validate
from workflows_app.engine.params import Params, ui
from workflows_app.engine.ports import HttpRequest, HttpResponse, WebhookResponse
from workflows_app.engine.registry import Registry
from workflows_app.engine.workflow import Node
from workflows_app.tests.engine.world import AnyParams, FakeClock, Pass, world

pytestmark = pytest.mark.engine

TWO = [{"n": 1}, {"n": 2}]


def inside(look, items=None, *, parameters=None, ports=None, **own):
    """What `look(run)` sees in a node behind a trigger."""
    seen = []
    functions = {"Do": lambda run: seen.append(look(run)) or [run.items]}
    made = world("Trigger -> Do", functions=functions, ports=ports or {}, Do={"params": parameters or {}, **own})
    transcript = made.run(items)
    if not seen:
        raise AssertionError(transcript.error)
    return seen[0]


def error_inside(look, **given) -> dict:
    made = world("Trigger -> Do", functions={"Do": look}, ports=given.pop("ports", {}), Do=given)
    return made.run(TWO).error


class TestParams:
    def test_resolved_for_the_first_item(self):
        assert inside(lambda run: run.params.value, TWO, parameters={"value": "={{ $json.n }}"}) == 1

    def test_resolved_for_each_item(self):
        look = lambda run: [(item.json["n"], params.value) for item, params in run.each()]  # noqa: E731
        assert inside(look, TWO, parameters={"value": "={{ $json.n }}"}) == [(1, 1), (2, 2)]

    def test_constant_ones_are_validated_once(self):
        assert inside(lambda run: run.params_for(0) is run.params_for(1), TWO, parameters={"value": 1})

    def test_a_wrong_value_names_the_parameter(self):
        error = error_inside(lambda run: run.params, params={"fails": "={{ 'many' }}"})
        assert error["code"] == "parameter_error"
        assert error["message"].startswith("Parameter 'fails' of Do: ")

    def test_a_model_of_another_shape_is_named_as_a_whole(self):
        with pytest.raises(ParameterError, match="'parameters' of A"):
            validate(AnyParams, [], Node({"name": "A", "type": "t"}))

    def test_camel_case_outside_snake_case_inside(self):
        class Case(Params):
            two_words: int = Field(1, json_schema_extra=ui(widget="number", rows=2))

        assert Case.model_validate({"twoWords": 2}).two_words == 2
        assert Case.model_json_schema()["properties"]["twoWords"]["x-ui"] == {"widget": "number", "rows": 2}


class TestMap:
    def test_results_are_paired_with_their_source(self):
        out = inside(lambda run: run.map(lambda item, _p, _i: {"m": item.json["n"]}), TWO)
        assert [(item.json, item.paired) for item in out] == [
            ({"m": 1}, (PairedItem(0),)), ({"m": 2}, (PairedItem(1),)),
        ]  # fmt: skip

    def test_none_drops_an_item_and_a_list_makes_several(self):
        out = inside(lambda run: run.map(lambda _item, _p, i: None if i == 0 else [Item({}), Item({})]), TWO)
        assert [item.paired for item in out] == [(PairedItem(1),)] * 2

    def test_links_given_by_the_node_stay(self):
        assert paired(Item({}, paired=(PairedItem(7),)), 0)[0].paired == (PairedItem(7),)
        assert paired([Item({}, paired=(PairedItem(7),))], 0)[0].paired == (PairedItem(7),)

    def test_a_failure_says_which_item(self):
        def fail(_item, _params, index):
            raise NodeFailed(f"no {index}")

        assert error_inside(lambda run: run.map(fail))["context"] == {"itemIndex": 0}

    def test_failed_items_carry_their_error(self):
        item = failed_item(NodeFailed("no", hint="do"), 1)
        assert item.json == {"error": "no"}
        assert item.error == {"type": "NodeFailed", "code": "node_failed", "message": "no", "description": "do"}


class FakeHttp:
    def send(self, site, request):
        return HttpResponse(200, "OK", (("X-Call", str(site.call)), ("x-item", str(site.item))), b"", request.url)


class FakeCredentials:
    def get(self, node, credential_type):
        return {"for": (node, credential_type)}


class FakeRespond:
    def respond(self, site, response):
        return True


class TestPorts:
    REQUEST = HttpRequest("GET", "https://example.com")

    def test_calls_are_counted_per_item(self):
        def look(run: NodeRun):
            answers = [run.http(self.REQUEST, item=item) for item in (0, 0, 1)]
            return [(answer.header("x-call"), answer.header("X-Item"), answer.header("none")) for answer in answers]

        assert inside(look, ports={"http": FakeHttp()}) == [("0", "0", ""), ("1", "0", ""), ("0", "1", "")]

    def test_a_port_the_run_has_not_is_named(self):
        assert error_inside(lambda run: run.http(self.REQUEST))["code"] == "port_missing"
        assert inside(lambda run: run.has_http) is False
        assert inside(lambda run: run.has_http, ports={"http": FakeHttp()})

    def test_credentials(self):
        ports = {"credentials": FakeCredentials()}
        assert inside(lambda run: run.credential("slackApi"), ports=ports) == {"for": ("Do", "slackApi")}
        error = error_inside(lambda run: run.credential("slackApi"))
        assert (error["code"], error["type"]) == (CredentialMissing.code, "CredentialMissing")

    def test_answers_to_a_webhook(self):
        answer = WebhookResponse(200, (), b"")
        assert inside(lambda run: run.respond(answer)) is False
        assert inside(lambda run: run.respond(answer), ports={"respond": FakeRespond()})

    def test_files(self):
        binary = inside(lambda run: run.put_file(b"abc", mime_type="text/plain", file_name="a.txt"))
        item = Item({}, {"data": binary})
        assert inside(lambda run: run.get_file(item, "data"))[0] is binary
        error = error_inside(lambda run: run.get_file(item, "other"))
        assert "data" in error["description"]

    def test_a_missing_file_says_that_there_are_none(self):
        assert "none" in error_inside(lambda run: run.get_file(Item({}), "data"))["description"]

    def test_time(self):
        assert inside(lambda run: run.now()) == FakeClock().now()


class TestFacts:
    def test_a_node_knows_its_run(self):
        look = lambda run: (run.mode, run.is_start, run.is_resumed, run.run_index, len(run.inputs))  # noqa: E731
        assert inside(look) == ("manual", False, False, 0, 1)

    def test_the_start_knows_it_is_the_start(self):
        seen = []
        made = world("Do -> A", functions={"Do": lambda run: seen.append(run.is_start) or [run.items]})
        made.run(start="Do")
        assert seen == [True]

    def test_a_node_knows_the_zone_of_its_workflow(self):
        seen = []
        functions = {"Do": lambda run: seen.append(run.timezone) or [run.items]}
        world("Trigger -> Do", functions=functions, settings={"timezone": "Asia/Tokyo"}).run()
        assert seen == ["Asia/Tokyo"]

    def test_hints_travel_with_the_event(self):
        made = world("Trigger -> Do", functions={"Do": lambda run: run.hints.append("look") or [run.items]})
        assert made.run().finished("Do").hints == ("look",)


class TestRegistry:
    def make(self, *versions, name="a.b"):
        return type("Made", (NodeType,), {"name": name, "versions": versions, "Params": AnyParams})

    def test_the_version_asked_for_or_the_newest_older_one(self):
        old, new = self.make(1, 1.1), self.make(3)
        registry = Registry()
        registry.add(old)
        registry.add(new)
        assert isinstance(registry.find("a.b", 1.1), old)
        assert isinstance(registry.find("a.b", 2), old)
        assert isinstance(registry.find("a.b", 9), new)
        assert registry.find("a.b", 0.5) is None
        assert registry.find("x", 1) is None
        assert registry.find("a.b", 3) is registry.find("a.b", 3)

    def test_what_there_is(self):
        registry = Registry()
        made = registry.add(self.make(1, 2))
        assert (registry.knows("a.b"), registry.knows("x")) == (True, False)
        assert (registry.versions("a.b"), registry.newest("a.b"), registry.newest("x")) == ([1, 2], made, None)
        assert list(registry.all()) == [made]

    def test_a_taken_version_stops_the_start(self):
        registry = Registry()
        registry.add(self.make(1))
        with pytest.raises(RuntimeError, match=r"a\.b version 1\.0 is already registered by Made"):
            registry.add(self.make(1))


class TestErrors:
    def test_what_people_and_programs_read(self):
        error = RemoteError("gone", status=404, permanent=True, hint="look")
        assert error.to_json() == {
            "type": "RemoteError", "code": "remote_error", "message": "gone", "description": "look",
            "context": {"httpCode": 404},
        }  # fmt: skip

    def test_a_code_of_its_own(self):
        assert OperationalError("x", code="own").to_json() == {
            "type": "OperationalError",
            "code": "own",
            "message": "x",
        }

    def test_an_expression_error_has_a_place(self):
        error = ExpressionError("x", expression="={{ a }}", parameter="p", item=0)
        assert error.data == {"expression": "={{ a }}", "parameter": "p", "itemIndex": 0}
        assert isinstance(error, PumpFlixError)

    def test_a_type_describes_itself_by_its_docstring(self):
        assert Pass().describe(Node({"name": "A", "type": "t"})).startswith("Passes its items on")

    def test_a_type_without_execute_is_unfinished(self):
        with pytest.raises(NotImplementedError):
            NodeType().execute(None)

    def test_a_file_is_told_by_reference(self):
        assert Binary("r", "m", 1).to_json()["id"] == "r"
