"""What an agent knows about its surroundings."""

from typing import Any

import pytest

from workflows_app.engine.expression.agents import AGENT, agent_info, readable
from workflows_app.engine.workflow import Workflow

pytestmark = pytest.mark.engine

FIELD = "={{ /* filled in by the model */ $fromAI('Start', ``, 'string') }}"


def made(memory: bool = True) -> Workflow:
    """Mail and Calendar belong to the agent, Other to another one, Spare to none."""
    tools = {"Mail": "gmailTool", "Calendar": "googleCalendarTool", "Other": "toolWikipedia", "Spare": "toolCalculator"}
    nodes: list[dict[str, Any]] = [{"name": name, "type": f"x.{kind}"} for name, kind in tools.items()]
    nodes[1] |= {
        "parameters": {"resource": "event", "operation": "getAll", "deep": [{"start": FIELD}]},
        "credentials": {"c": 1},
    }
    wires = {name: {"ai_tool": [[{"node": "Agent", "type": "ai_tool", "index": 0}]]} for name in ("Mail", "Calendar")}
    wires["Other"] = {"ai_tool": [[{"node": "Agent 2", "type": "ai_tool", "index": 0}]]}
    wires["Spare"] = {"ai_tool": [[]]}
    if memory:
        wires["Memory"] = {"ai_memory": [[{"node": "Agent", "type": "ai_memory", "index": 0}]]}
    others = [{"name": name, "type": AGENT} for name in ("Agent", "Agent 2")] + [{"name": "Memory", "type": "x.memory"}]
    return Workflow.from_n8n({"nodes": [*nodes, *others], "connections": wires})


def info(**given):
    workflow = made(**given)
    return agent_info(workflow, workflow.node("Agent"))


def test_its_own_tools_come_first_then_those_that_serve_nobody():
    assert [(tool["name"], tool["connected"]) for tool in info()["tools"]] == [
        ("Mail", True),
        ("Calendar", True),
        ("Spare", False),
    ]


def test_a_tool_is_described():
    assert info()["tools"][1] == {
        "connected": True,
        "name": "Calendar",
        "type": "Google Calendar",
        "resource": "Event",
        "operation": "GetAll",
        "hasCredentials": True,
        "aiDefinedFields": ["Start"],
    }


@pytest.mark.parametrize("memory", [True, False])
def test_memory(memory):
    assert info(memory=memory)["memoryConnectedToAgent"] is memory


@pytest.mark.parametrize(
    "node_type,name", [("a.toolCalculator", "Calculator"), ("gmailTool", "Gmail"), ("a.tool", "Tool")], ids=str
)
def test_types_have_readable_names(node_type, name):
    assert readable(node_type) == name
