"""SQL as an author writes it: split into statements, its placeholders found, values bound and never written into it.

`$1` stands for a value, `$1:name` for the name of a column or table, `$1:csv` for several values with commas between
them, `$1:json` for a value as JSON. Inside quotes and comments none of them means anything."""

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from workflows_app.engine.errors import ParameterError

Dialect = Literal["postgres", "mysql"]

QUOTE: dict[Dialect, str] = {"postgres": '"', "mysql": "`"}
_PLACEHOLDER = r"\$(?P<number>\d+)(?::(?!:)(?P<way>name|alias|csv|list|json|raw|value)\b)?"
_SCANNERS: dict[Dialect, re.Pattern[str]] = {
    "postgres": re.compile(
        r"(?P<comment>--[^\n]*+|/\*)|(?P<quoted>[eE]'(?:[^'\\]|''|\\.)*+'?|'(?:[^']|'')*+'?|\"(?:[^\"]|\"\")*+\"?)"
        rf"|{_PLACEHOLDER}|(?P<dollar>\$(?:[^\W\d]\w*)?\$)|(?P<end>;)|(?P<word>[^\W\d]\w*)|(?P<other>.)",
        re.DOTALL,
    ),
    "mysql": re.compile(
        r"(?P<comment>--(?=\s|$)[^\n]*+|\#[^\n]*+|/\*)"
        r"|(?P<quoted>'(?:[^'\\]|''|\\.)*+'?|\"(?:[^\"\\]|\"\"|\\.)*+\"?|`(?:[^`]|``)*+`?)"
        rf"|{_PLACEHOLDER}|(?P<dollar>(?!))|(?P<end>;)|(?P<word>[^\W\d]\w*)|(?P<other>.)",
        re.DOTALL,
    ),
}
_CONTROL = frozenset({"begin", "start", "commit", "rollback", "end", "savepoint", "abort", "vacuum", "lock"})
_PROGRAMS = frozenset({"procedure", "function", "trigger", "event", "package"})


@dataclass(frozen=True, slots=True)
class Value:
    """A value to bind."""

    value: Any


@dataclass(frozen=True, slots=True)
class Placeholder:
    number: int
    way: str = ""


@dataclass(slots=True)
class Statement:
    """One statement: pieces of text, values to bind, and placeholders that still wait for one. `words` are its first
    words, in small letters."""

    pieces: list[str | Value | Placeholder] = field(default_factory=list)
    words: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        """As its author wrote it, for comparing and showing."""
        return "".join(piece if isinstance(piece, str) else "?" for piece in self.pieces).strip()

    @property
    def is_select(self) -> bool:
        """It asks for rows; none is an answer."""
        return self.words[:1] in (["select"], ["with"])

    @property
    def controls_transactions(self) -> bool:
        """It would not do inside a transaction of ours."""
        first = self.words[:2]
        return bool(first) and (first[0] in _CONTROL or first in (["create", "database"], ["drop", "database"]))

    @property
    def is_empty(self) -> bool:
        return not self.words and not self.text


def statements(sql: str, dialect: Dialect) -> list[Statement]:
    """The statements of a text, without empty ones. The body of a stored program is not split."""
    out = [Statement()]
    is_program = False
    depth = 0
    for kind, text, found in _tokens(sql, dialect):
        current = out[-1]
        if kind == "word":
            word = text.lower()
            depth = _depth(depth, word, current.words)
            if len(current.words) < 8:
                current.words.append(word)
            is_program = _is_program(current.words, dialect)
        if kind == "end" and not depth and not is_program:
            out.append(Statement())
            is_program = False
        elif found is not None:
            current.pieces.append(Placeholder(int(found["number"]), found["way"] or ""))
        elif current.pieces and isinstance(current.pieces[-1], str):
            current.pieces[-1] += text
        else:
            current.pieces.append(text)
    return [one for one in out if not one.is_empty]


def bound(statement: Statement, values: Sequence[Any], dialect: Dialect) -> Statement:
    """Every placeholder replaced by its value. Raises ParameterError for one that has none."""
    pieces: list[str | Value | Placeholder] = []
    for piece in statement.pieces:
        pieces += _filled(piece, values, dialect) if isinstance(piece, Placeholder) else [piece]
    return Statement(pieces, statement.words)


def quoted(name: str, dialect: Dialect) -> str:
    """A name of a column or table as the dialect writes it."""
    mark = QUOTE[dialect]
    if not name or "\0" in name:
        raise ParameterError("A column or table has no name.", hint="Choose one, or check the expression.")
    return mark + name.replace(mark, mark * 2) + mark


def _tokens(sql: str, dialect: Dialect) -> Iterator[tuple[str, str, re.Match[str] | None]]:
    """Kind, text, and the match of a placeholder."""
    at, scanner = 0, _SCANNERS[dialect]
    while at < len(sql):
        found = scanner.match(sql, at)
        assert found is not None
        end, kind = found.end(), found.lastgroup or "other"
        if found["number"]:
            yield "placeholder", found[0], found
        else:
            if found[0] == "/*":
                end = _comment_end(sql, found.end(), is_nested=dialect == "postgres")
            elif found["dollar"]:
                close = sql.find(found[0], found.end())
                end = len(sql) if close < 0 else close + len(found[0])
            yield kind, sql[at:end], None
        at = end


def _comment_end(sql: str, at: int, *, is_nested: bool) -> int:
    depth = 1
    for mark in re.compile(r"/\*|\*/").finditer(sql, at):
        depth += (1 if is_nested else 0) if mark[0] == "/*" else -1
        if depth == 0:
            return mark.end()
    return len(sql)


def _depth(depth: int, word: str, before: list[str]) -> int:
    """How deep in `BEGIN ATOMIC … END` of a PostgreSQL function, whose semicolons end nothing."""
    if depth:
        return depth + {"case": 1, "end": -1}.get(word, 0)
    return int(word == "atomic" and before[:1] == ["create"])


def _is_program(words: list[str], dialect: Dialect) -> bool:
    return dialect == "mysql" and words[:1] == ["create"] and bool(_PROGRAMS & set(words[1:6]))


def _filled(piece: Placeholder, values: Sequence[Any], dialect: Dialect) -> list[str | Value | Placeholder]:
    if not 0 < piece.number <= len(values):
        raise ParameterError(
            f"there is no parameter ${piece.number}",
            hint=f"The statement names ${piece.number}, and {len(values)} query parameters are given.",
        )
    value = values[piece.number - 1]
    match piece.way:
        case "":
            # MySQL's drivers write a list as its entries, which `IN ($1)` counts on; PostgreSQL has arrays.
            return listed(value) if isinstance(value, list) and dialect == "mysql" else [Value(value)]
        case "name" | "alias":
            return [names_text(value, dialect)]
        case "csv" | "list":
            return listed(value if isinstance(value, list) else [value])
        case "json":
            return [Value(json.dumps(value, ensure_ascii=False))]
    raise ParameterError(
        f"${piece.number}:{piece.way} would write a value into the statement as it is, which is not done here.",
        hint="Use $1 for a value, $1:name for the name of a column or table.",
    )


def listed(values: Sequence[Any]) -> list[str | Value | Placeholder]:
    """Values with commas between them; nothing at all is NULL."""
    if not values:
        return ["NULL"]
    out: list[str | Value | Placeholder] = []
    for value in values:
        out += [", ", Value(value)] if out else [Value(value)]
    return out


def names_text(value: Any, dialect: Dialect) -> str:
    """One name, or several; `*` stays itself."""
    names = value if isinstance(value, list) else list(value) if isinstance(value, dict) else [value]
    return ", ".join("*" if name == "*" else quoted(str(name), dialect) for name in names)
