"""How entries are read, and that a fault is a fault whatever an entry expects."""

import gzip

import pytest

from pumpflix.tests.live.hostile.entries import Case, Entry, Outcome, filled

pytestmark = pytest.mark.engine


@pytest.mark.parametrize(
    "given, made",
    [
        ("http://127.0.0.1:<<canary>>/", "http://127.0.0.1:4711/"),
        ({"a": [{"$repeat": ["x", 3]}]}, {"a": ["xxx"]}),
        ({"$nested": ["[", "]", 2]}, "[[]]"),
        ({"$numbered": ["a%d=1", 3, "&"]}, "a0=1&a1=1&a2=1"),
        ({"$join": ["p", {"$repeat": ["<<canary>>", 2]}]}, "p47114711"),
        ({"$latin1": "\xff"}, b"\xff"),
        ({"$json": {"a": 1}}, '{"a": 1}'),
        ({"$surrogate": "a?"}, "a\ud800"),
        ({"$unknown": 1}, {"$unknown": 1}),
    ],
)
def test_what_cannot_be_written_down_is_made(given: object, made: object) -> None:
    assert filled(given, {"canary": "4711"}) == made


def test_a_bomb_is_small_until_it_is_unpacked() -> None:
    bomb = filled({"$zip_bomb": 1}, {})
    assert len(bomb) < 2000
    assert len(gzip.decompress(bomb)) == 1024 * 1024


def test_a_name_that_the_stage_does_not_have_is_an_error() -> None:
    with pytest.raises(KeyError):
        filled("<<nobody>>", {})


@pytest.mark.parametrize(
    "word, is_fault", [("500", True), ("503", True), ("hang", True), ("404", False), ("error", False)]
)
def test_a_fault_of_ours_is_one_whatever_is_expected(word: str, is_fault: bool) -> None:
    assert Outcome(word).is_fault is is_fault


def test_a_code_is_asked_for_only_where_it_is_named() -> None:
    case = Case("x", {}, ("400 invalid", "413"))
    assert [case.fits(Outcome(*told)) for told in (("400", "invalid"), ("400", "other"), ("413", "any"), ("404",))] == [
        True, False, True, False,
    ]  # fmt: skip


def test_a_case_may_expect_something_of_its_own() -> None:
    entry = Entry(54, "about", "api", ["a", {"it": "b", "expect": 201}], ("400",), each={"path": "/x"})
    first, second = entry.cases({})
    assert (first.given, first.expect) == ({"path": "/x", "it": "a"}, ("400",))
    assert (second.given, second.expect) == ({"path": "/x", "it": "b"}, ("201",))
