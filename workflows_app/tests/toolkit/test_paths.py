"""Dot notation."""

from typing import Any

import pytest

from workflows_app.engine.errors import ParameterError
from workflows_app.toolkit import paths

pytestmark = pytest.mark.nodes


@pytest.mark.parametrize(
    "path, steps",
    [
        ("a", ["a"]),
        ("a.b.c", ["a", "b", "c"]),
        ("a[0].b", ["a", "0", "b"]),
        ("a['x y'].b", ["a", "x y", "b"]),
        ('["a.b"].c', ["a.b", "c"]),
        ("a..b", ["a", "b"]),
        ("a[b", ["a", "[", "b"]),
        ("", [""]),
    ],
)
def test_split(path: str, steps: list[str]) -> None:
    assert paths.split(path) == steps


DATA: dict[str, Any] = {"a": {"b": [1, {"c": "x"}], "n": None}, "a.b": "flat", "__proto__": 7, "t": "text"}


@pytest.mark.parametrize(
    "path, value",
    [
        ("a.b", "flat"),
        ("a.b[1].c", "x"),
        ("a.b.1.c", "x"),
        ("a.b.length", 2),
        ("t.length", 4),
        ("t[0]", "t"),
        ("a.n", None),
        ("__proto__", 7),
        ("a.x", paths.MISSING),
        ("a.n.x", paths.MISSING),
        ("a.b[9]", paths.MISSING),
        ("constructor.name", paths.MISSING),
    ],
)
def test_read(path: str, value: Any) -> None:
    assert paths.read(DATA, path) is value or paths.read(DATA, path) == value


def test_read_without_dots_takes_the_name_literally() -> None:
    assert paths.read({"a": {"b": 1}}, "a.b", None, dotted=False) is None


@pytest.mark.parametrize(
    "start, path, made",
    [
        ({}, "a.b", {"a": {"b": 1}}),
        ({}, "a[1]", {"a": [None, 1]}),
        ({"a": "text"}, "a.b", {"a": {"b": 1}}),
        ({"a.b": 0}, "a.b", {"a.b": 1}),
        ({"a": [0]}, "a[0]", {"a": [1]}),
        ({"a": []}, "a.name", {"a": []}),
    ],
)
def test_write(start: dict[str, Any], path: str, made: dict[str, Any]) -> None:
    paths.write(start, path, 1)
    assert start == made


def test_write_refuses_a_list_of_millions() -> None:
    with pytest.raises(ParameterError, match="too large"):
        paths.write({}, "a[4294967295]", 1)


def test_path_without_end_is_refused() -> None:
    with pytest.raises(ParameterError, match="steps"):
        paths.read({}, ".".join(["a"] * 1000))


@pytest.mark.parametrize(
    "path, left",
    [
        ("a.b", {"a": {"c": [1, 2]}}),
        ("a.c[0]", {"a": {"b": 1, "c": [None, 2]}}),
        ("a.x.y", {"a": {"b": 1, "c": [1, 2]}}),
    ],
)
def test_remove(path: str, left: dict[str, Any]) -> None:
    target: dict[str, Any] = {"a": {"b": 1, "c": [1, 2]}}
    paths.remove(target, path)
    assert target == left


def test_names_forgives_blanks_and_json() -> None:
    assert paths.names(" $json.a, b ,,c") == ["a", "b", "c"]
    assert paths.names(["a", " b "]) == ["a", "b"]
    assert paths.names(None) == []


def test_writing_and_removing_leave_shared_containers_alone() -> None:
    shared: dict[str, Any] = {"a": {"b": [1, {"c": 2}], "d": 3}}
    copy = dict(shared)
    paths.write(copy, "a.b[1].c", 9)
    paths.remove(copy, "a.d")
    assert copy == {"a": {"b": [1, {"c": 9}]}}
    assert shared == {"a": {"b": [1, {"c": 2}], "d": 3}}
