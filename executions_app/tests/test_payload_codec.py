"""Values survive their way through a row."""

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from executions_app import payload_codec
from executions_app.payload_codec import NotStorable

pytestmark = pytest.mark.engine

texts = st.text(alphabet=st.characters(categories=("L", "N", "P", "S", "Z", "C")))
leaves = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | texts
values = st.recursive(leaves, lambda inner: st.lists(inner) | st.dictionaries(texts, inner), max_leaves=30)


@given(values)
def test_whatever_json_can_say_comes_back_as_it_was(value: Any) -> None:
    assert payload_codec.decode(payload_codec.encode(value)) == value


@pytest.mark.parametrize(
    "value",
    ["\x00", "\ud800", "a\udfffb", -0.0, 2**64, -(2**70), 10**100, "ü" * 5000, {"z": 1, "a": 2}],
    ids=["nul", "lone surrogate", "surrogate inside", "minus zero", "2^64", "-2^70", "100 digits", "long", "key order"],
)
def test_what_jsonb_would_refuse_or_change_is_kept(value: Any) -> None:
    assert repr(payload_codec.decode(payload_codec.encode(value))) == repr(value)


@pytest.mark.parametrize(
    "value, tag",
    [
        ({"a": 1}, b"j"),
        ({"a": "x" * 2000}, b"z"),
        ({"a": 2**80}, b"p"),
        ({"a": 2**80, "b": "x" * 2000}, b"q"),
    ],
    ids=["short", "long", "beyond orjson", "long beyond orjson"],
)
def test_the_first_byte_says_how_it_is_written(value: Any, tag: bytes) -> None:
    encoded = payload_codec.encode(value)
    assert encoded[:1] == tag
    assert payload_codec.decode(memoryview(encoded)) == value


@pytest.mark.parametrize("value", [math.nan, math.inf, [-math.inf], {"big": 2**80, "nan": math.nan}])
def test_what_json_has_no_number_for_becomes_null(value: Any) -> None:
    assert (
        "null" in payload_codec.to_json(value).decode()
        or payload_codec.decode(payload_codec.encode(value))["nan"] is None
    )


def test_five_hundred_levels_are_kept() -> None:
    value: Any = 1
    for _ in range(500):
        value = [value]
    assert payload_codec.decode(payload_codec.encode(value)) == value


@pytest.mark.parametrize("value", [object(), {1, 2}, {"f": print}], ids=["object", "set", "function"])
def test_what_is_no_json_is_refused(value: Any) -> None:
    with pytest.raises(NotStorable):
        payload_codec.encode(value)


def test_bottomless_nesting_is_refused() -> None:
    value: Any = 1
    for _ in range(100_000):
        value = [value]
    with pytest.raises(NotStorable):
        payload_codec.encode(value)


def test_a_reference_is_no_value() -> None:
    encoded = payload_codec.encode_reference("sha256:ab")
    assert payload_codec.reference_in(encoded) == "sha256:ab"
    assert payload_codec.reference_in(payload_codec.encode(1)) is None
    with pytest.raises(ValueError, match="not an encoded value"):
        payload_codec.decode(encoded)
