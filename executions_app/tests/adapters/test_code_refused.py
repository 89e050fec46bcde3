"""Code on a machine that cannot lock it in."""

from dataclasses import replace

import pytest

from executions_app.adapters.code import CodeAdapter
from pumpflix.lib.sandbox import ChildSettings, CodePool
from pumpflix.lib.sandbox.pool import DEFAULT_LIBS
from pumpflix.lib.tests.sandbox.test_walls import WITHOUT_NAMESPACES
from workflows_app.tests.nodes.support import World, one_node

pytestmark = pytest.mark.app


@pytest.mark.requirement(7)
@pytest.mark.parametrize("language", ["javaScript", "python"])
def test_without_namespaces_a_code_node_refuses_and_says_whom_to_ask(language: str) -> None:
    pool = CodePool(settings=ChildSettings(libs=DEFAULT_LIBS, launcher=WITHOUT_NAMESPACES))
    world = World()
    world.ports = replace(world.ports, code=CodeAdapter(pool, "team"))
    parameters = {"language": language, "jsCode": "return []", "pythonCode": "return []"}
    result = one_node("code", 2, parameters, [[{}]], world=world)
    pool.close()
    assert result.status == "error"
    assert result.error is not None
    assert result.error["code"] == "sandbox_unavailable"
    assert "no user namespaces" in result.error["message"]
    assert "administrator" in result.error["message"] + result.error["description"]
