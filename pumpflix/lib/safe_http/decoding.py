"""Content-Encoding, undone in bounded steps, so that a bomb is seen before it has gone off."""

import zlib
from collections.abc import Callable, Iterable, Iterator

from pumpflix.lib.safe_http.errors import OutboundError
from pumpflix.lib.safe_http.policy import Limits

_STEP = 256 * 1024
_MAX_LAYERS = 2


def decoded(chunks: Iterable[bytes], encoding: str, limits: Limits) -> Iterator[bytes]:
    """The body as its author wrote it. `encoding` is the header's value; an unknown one is refused."""
    layers = [name for name in (part.strip().lower() for part in encoding.split(",")) if name not in {"", "identity"}]
    if len(layers) > _MAX_LAYERS:
        raise OutboundError("encoding_unsupported", "The response is compressed several times over.")
    for name in reversed(layers):
        chunks = _inflated(chunks, _window_bits(name), limits)
    return iter(chunks)


def _window_bits(name: str) -> Callable[[bytes], int]:
    if name in {"gzip", "x-gzip"}:
        return lambda _: zlib.MAX_WBITS | 16
    if name == "deflate":
        return _deflate_bits
    raise OutboundError("encoding_unsupported", "The response is compressed in a way that was not asked for.")


def _deflate_bits(first: bytes) -> int:
    """Many servers send bare deflate where the standard says zlib; the first byte tells."""
    return zlib.MAX_WBITS if first[0] & 0x0F == 8 and first[0] >> 4 <= 7 else -zlib.MAX_WBITS


def _inflated(chunks: Iterable[bytes], window_bits: Callable[[bytes], int], limits: Limits) -> Iterator[bytes]:
    inflater = None
    taken = given = 0
    for chunk in chunks:
        # Between members there may be padding.
        rest, is_full = chunk if inflater or not taken else chunk.lstrip(b"\0"), False
        while rest or is_full:
            if inflater is None:
                inflater = zlib.decompressobj(window_bits(rest))
            taken += len(rest)
            plain, rest, is_done = _step(inflater, rest)
            taken -= len(rest)
            given += len(plain)
            if given > limits.ratio_grace_bytes and given > taken * limits.max_ratio:
                raise OutboundError("decompression_refused", "The response unpacks to far more than was sent.")
            is_full = len(plain) == _STEP and not is_done
            if is_done:
                inflater = None
            if plain:
                yield plain
    if inflater is not None:
        raise OutboundError("response_invalid", "The compressed response ends too early.")


def _step(inflater: "zlib._Decompress", data: bytes) -> tuple[bytes, bytes, bool]:
    """Some plain bytes, the input still to be read, and whether this member has ended."""
    try:
        plain = inflater.decompress(data, _STEP)
    except zlib.error:
        raise OutboundError("response_invalid", "The compressed response is damaged.") from None
    if inflater.eof:
        return plain, inflater.unused_data.lstrip(b"\0"), True
    return plain, inflater.unconsumed_tail, False
