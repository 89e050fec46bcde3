"""Frames survive any cut of the line into pieces, and lie about nothing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pumpflix.lib.sandbox import frames


def line(stream: bytes, pieces: list[int]):
    """A ``receive`` that hands out ``stream`` in pieces of the given sizes, then whatever is asked for."""
    left = {"stream": stream, "pieces": list(pieces)}

    def receive(view: memoryview) -> int:
        size = min(len(view), left["pieces"].pop(0) if left["pieces"] else len(view), len(left["stream"]))
        view[:size], left["stream"] = left["stream"][:size], left["stream"][size:]
        return size

    return receive


@given(st.binary(max_size=300), st.binary(max_size=300), st.lists(st.integers(1, 7), max_size=60))
def test_a_frame_comes_out_as_it_went_in(header, data, pieces):
    stream = frames.prefix(header, len(data)) + header + data
    assert frames.read(line(stream, pieces), 300, 300) == (header, data)


@pytest.mark.parametrize("header_bytes, data_bytes", [(11, 0), (0, 11), (2**32 - 1, 2**32 - 1)])
def test_an_announcement_above_the_limit_is_refused_before_anything_is_read(header_bytes, data_bytes):
    with pytest.raises(frames.FrameTooLarge):
        frames.read(line(frames.PREFIX.pack(header_bytes, data_bytes), []), 10, 10)


def test_a_line_that_closes_in_the_middle_is_an_error():
    with pytest.raises(frames.FrameError, match="after 11 of 13 bytes"):
        frames.read(line(frames.prefix(b"12345", 0) + b"123", []), 10, 10)


def test_a_part_above_four_gib_is_not_announced():
    with pytest.raises(frames.FrameTooLarge):
        frames.prefix(b"", 2**32)


def test_more_than_a_frame_is_an_error() -> None:
    """The two sides take turns: what comes behind an answer was not asked for."""
    answer = frames.prefix(b"{}", 1) + b"{}x"
    with pytest.raises(frames.FrameError, match="11 bytes more than a frame"):
        frames.read(line(answer + answer, []), 10, 10)
