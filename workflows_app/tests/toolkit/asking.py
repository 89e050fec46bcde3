"""A stand-in for the node that asks for a document to be read."""

from types import SimpleNamespace
from typing import Any, cast

from workflows_app.engine.node_type import NodeRun

ASKER = cast("NodeRun[Any]", SimpleNamespace(ports=SimpleNamespace(team="tests"), cancelled=lambda: False))
