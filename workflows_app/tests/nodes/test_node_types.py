"""The registry as data: rules that every node type keeps, so that none can be forgotten."""

import importlib
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

from workflows_app import nodes
from workflows_app.engine.params import UI_KEY
from workflows_app.engine.registry import AnyNodeType, Registry

pytestmark = pytest.mark.nodes

TYPES = list(nodes.load().all())
ROOT = Path(nodes.__file__).parent


def models(model: type[BaseModel]) -> Iterator[type[BaseModel]]:
    """The model and every model inside it."""
    yield model
    for field in model.model_fields.values():
        for part in re.findall(r"[\w.]+", str(field.annotation)):
            module, _, name = part.rpartition(".")
            found = getattr(importlib.import_module(module), name, None) if module.startswith("workflows_app") else None
            if isinstance(found, type) and issubclass(found, BaseModel):
                yield from models(found)


EVERY_MODEL = sorted({inner for kind in TYPES for inner in models(kind.Params)}, key=lambda model: model.__name__)


def ids(value: Any) -> str:
    return str(value.__name__)


def test_every_file_registers_a_node_or_serves_one_beside_it() -> None:
    homes = {Path(str(importlib.import_module(kind.__module__).__file__)) for kind in TYPES}
    packages = {home.parent for home in homes}
    lonely = [
        path
        for path in ROOT.rglob("*.py")
        if path.name != "__init__.py"
        and path not in homes
        and (path.parent not in packages or path.parent.parent == ROOT)
    ]
    assert lonely == []


def test_loading_twice_is_loading_once() -> None:
    assert nodes.load() is nodes.load()


def test_a_taken_name_and_version_stops_the_start() -> None:
    registry = Registry()
    registry.add(TYPES[0])
    with pytest.raises(RuntimeError, match="already registered"):
        registry.add(TYPES[0])


@pytest.mark.parametrize("kind", TYPES, ids=ids)
def test_type_says_what_it_is(kind: AnyNodeType) -> None:
    assert kind.__doc__
    assert kind.__doc__.strip().splitlines()[0].endswith((".", "version 1).", "version 2)."))
    assert re.fullmatch(r"[a-z]+(-[a-z]+)*", kind.icon)
    assert kind.silhouette in ("trigger", "shape", "choice", "world", "keep", "model")
    assert kind.trigger == (kind.group == "trigger")
    assert (kind.inputs == ()) == (kind.trigger or kind.name.endswith("stickyNote"))
    assert kind.versions == tuple(sorted(kind.versions))


@pytest.mark.parametrize("model", EVERY_MODEL, ids=ids)
def test_every_parameter_has_a_title_and_a_description(model: type[BaseModel]) -> None:
    for name, field in model.model_fields.items():
        assert field.title, f"{model.__name__}.{name}"
        assert field.description, f"{model.__name__}.{name}"
        assert field.description.endswith("."), f"{model.__name__}.{name}"


@pytest.mark.parametrize("model", EVERY_MODEL, ids=ids)
def test_every_choice_that_is_no_plain_word_has_a_label(model: type[BaseModel]) -> None:
    for name, schema in model.model_json_schema()["properties"].items():
        if not re.fullmatch(r"([a-z]* )*", " ".join(schema.get("enum", [])) + " ") and name not in METHODS:
            labels = schema.get(UI_KEY, {}).get("labels")
            assert labels, f"{model.__name__}.{name}"
            assert len(labels) == len(schema["enum"]), f"{model.__name__}.{name}"


METHODS = ("method", "requestMethod")
"""HTTP methods are their own labels."""


def test_names_of_models_are_unique() -> None:
    names = [model.__name__ for model in EVERY_MODEL]
    assert sorted(set(names)) == sorted(names)


@pytest.mark.parametrize("model", EVERY_MODEL, ids=ids)
def test_a_model_can_be_made_of_nothing(model: type[BaseModel]) -> None:
    assert model.model_validate({}) == model.model_validate({})
