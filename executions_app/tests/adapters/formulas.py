"""Random formulas and random data for them, to compare what Python computes with what V8 computes."""

from collections.abc import Iterator
from random import Random
from typing import Any

LEAVES = (
    "$json.a", "$json.a", "$json.b?.a", "$json.name", "$json['b c']", "$json.a[0]", "$json.b", "$json.missing",
    "$json.missing?.a", "$json", "$('X').item.json.a", "$input.first().json.name", "$itemIndex", "$runIndex",
    "0", "1", "12", "0.1", "3.75", "2.5", "9007199254740991", "1e3", "007", "true", "false", "null", "undefined",
    "'x'", "''", "'2'", "'a b'", '"y"', "'a\\n\\'b'", "`t`", "'é'", "'😀'", "' a '", "'-7'", "'a/*b*/'",
)  # fmt: skip
SIGNS = (
    "+", "+", "+", "-", "-", "*", "*", "/", "%", "===", "!==", "==", "!=", "<", "<=", ">", ">=", "&&", "||", "??", "**",
)  # fmt: skip
STEPS = (
    ".trim()", ".toUpperCase()", ".toLowerCase()", ".toString()", ".toFixed(1)", ".toFixed()", ".length", ".slice(1)",
    ".slice(-2, 3)", ".substring(2, 0)", ".split('')", ".split('a')", ".join('-')", ".join()", ".includes('a')",
    ".includes(1)", ".indexOf('a')", ".charAt(1)", ".replace('a', 'b')", ".replaceAll('a', '')", ".replace('a', '$&')",
    ".padStart(5, '0')", ".padEnd(4)", ".startsWith('a')", ".endsWith('')", "[0]", "['a']", ".a", ".trimStart()",
    ".trimEnd()", "?.a", ".map", ".first()", ".slice()", ".substring(1)", ".toFixed(3)", "[1]",
)  # fmt: skip
CALLS = (
    "Math.max", "Math.min", "Math.abs", "Math.floor", "Math.ceil", "Math.round", "Math.trunc", "Object.keys",
    "Object.values", "Array.isArray", "JSON.stringify", "Number", "String", "parseInt", "typeof ", "!", "-", "+",
)  # fmt: skip
LETTERS = "abAé -.12/"
SCALARS: tuple[Any, ...] = (1, 2.5, "a", "b", None, True, "", 0, -3, 0.1, 1e-5, 123456.789, 2**53, -0.0, "1")


class Formulas:
    """The same ones for the same seed."""

    def __init__(self, seed: int) -> None:
        self._random = Random(seed)

    def templates(self, count: int) -> Iterator[str]:
        for _ in range(count):
            code = self.code(self._random.randint(1, 3))
            yield f"{{{{ {code} }}}}" if self._random.random() < 0.8 else f"x {{{{ {code} }}}}"

    def code(self, depth: int) -> str:
        choice = self._random
        if depth == 0:
            return choice.choice(LEAVES)
        kind = choice.randrange(8)
        one, two = self.code(depth - 1), self.code(choice.randrange(depth))
        if kind < 3:
            return f"({one}) {choice.choice(SIGNS)} ({two})"
        if kind == 3:
            return f"{one} {choice.choice(SIGNS)} {two}"
        if kind == 4:
            return f"{one} ? {two} : {self.code(choice.randrange(depth))}"
        if kind == 5:
            return f"{choice.choice(CALLS)}({one}{choice.choice(['', ', ' + two])})"
        if kind == 6:
            return f"`{{one}} ${{{one}}} ${{{two}}}`"
        return f"({one}){choice.choice(STEPS)}" if " " in one else f"{one}{choice.choice(STEPS)}"

    def data(self) -> dict[str, Any]:
        return {"a": self.value(), "b c": self.value(), "name": self.value(), "b": {"a": self.value(), "1": 2, "x": 3}}

    def value(self) -> Any:
        choice = self._random
        kind = choice.randrange(6)
        if kind < 2:
            return choice.choice([choice.randint(-20, 20), round(choice.uniform(-1000, 1000), choice.randrange(4))])
        if kind < 4:
            return "".join(choice.choices(LETTERS, k=choice.randrange(7)))
        if kind == 4:
            return choice.choice(SCALARS)
        return [choice.choice(SCALARS) for _ in range(choice.randrange(4))]
