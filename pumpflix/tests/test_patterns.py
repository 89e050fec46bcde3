"""Our own patterns read what strangers wrote: none of them takes much longer than a text is long."""

import ast
import re
import time
from collections.abc import Iterator
from re import _parser as parser

import pytest

from pumpflix.lib.tests.safe_http.test_only_door import ROOT, product_files

pytestmark = pytest.mark.requirement(9)

# The small ones show exponents before they take for ever, the large one what grows faster than squares.
SIZES = (16, 20, 22, 24, 26, 28, 34, 50, 100, 150, 200, 300, 400, 2_000)
MOST_S = 0.4
USUAL = "a0 \n\t.,;:-_/\\\"'(){}[]<>=%&@#$*+?!é"
FLAGS = {"i": "IGNORECASE", "m": "MULTILINE", "s": "DOTALL", "x": "VERBOSE"}
METHODS = {"compile", "search", "match", "fullmatch", "findall", "finditer", "sub", "subn", "split"}


def patterns() -> dict[str, list[str]]:
    """Every pattern of the product that is written out, with its places."""
    found: dict[str, list[str]] = {}
    for name in product_files():
        if not name.startswith("pumpflix/lab/"):
            for node in ast.walk(ast.parse((ROOT / name).read_text(encoding="utf-8"))):
                for text in written(node):
                    found.setdefault(text, []).append(f"{name}:{node.lineno}")
    return found


def written(node: ast.AST) -> Iterator[str]:
    """The pattern of `re.compile("…")` and its like, with its flags inside."""
    is_call = isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in METHODS
    if not is_call or not isinstance(node.func.value, ast.Name) or node.func.value.id != "re" or not node.args:
        return
    first = node.args[0]
    if isinstance(first, ast.Constant) and isinstance(first.value, str):
        told = ast.unparse(node)
        flags = "".join(
            flag for flag, word in (("i", "IGNORECASE"), ("m", "MULTILINE"), ("s", "DOTALL")) if word in told
        )
        is_verbose = "VERBOSE" in told
        yield f"(?{flags}{'x' if is_verbose else ''})" * bool(flags or is_verbose) + first.value


def letters(text: str) -> set[str]:
    """The characters that a pattern names."""
    named: set[str] = set()

    def look(parts: object) -> None:
        if isinstance(parts, parser.SubPattern | list | tuple):
            if len(parts) == 2 and str(parts[0]) == "LITERAL" and isinstance(parts[1], int):
                named.add(chr(parts[1]))
            for part in parts:
                look(part)

    look(parser.parse(text))
    return named


def slow(text: str) -> str:
    """On which text it takes long, in a few words."""
    pattern, named = re.compile(text), sorted(letters(text))
    pairs = [one + other for one in named[:6] for other in "a0 " if one != other]
    for size in SIZES:
        for unit in [*{*named, *USUAL}, *pairs]:
            evil = unit * (size // len(unit)) + "\x00"
            began = time.process_time()
            pattern.search(evil)
            pattern.fullmatch(evil)
            if (took := time.process_time() - began) > MOST_S:
                return f"{size} characters of {unit!r}: {took:.1f} s"
    return ""


def test_no_pattern_takes_long_on_a_long_text() -> None:
    found = patterns()
    assert len(found) > 60
    assert {text: (why, found[text]) for text in found if (why := slow(text))} == {}


@pytest.mark.parametrize("evil", [r"(a+)+$", r"(a|a)*b"])
def test_a_pattern_that_does_is_found(evil: str) -> None:
    assert slow(evil)
