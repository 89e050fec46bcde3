"""Which mails: n8n's rules as JSON, turned into words of the IMAP search."""

import json
from typing import Any

from workflows_app.engine.errors import ParameterError
from workflows_app.toolkit.dates import parse_date

FLAGS = frozenset(
    {
        "ALL", "ANSWERED", "DELETED", "DRAFT", "FLAGGED", "NEW", "SEEN", "RECENT", "OLD", "UNANSWERED", "UNDELETED",
        "UNDRAFT", "UNFLAGGED", "UNSEEN",
    }
)  # fmt: skip
TEXTS = frozenset({"BCC", "CC", "FROM", "SUBJECT", "TO", "BODY", "TEXT", "KEYWORD", "UNKEYWORD"})
DATES = frozenset({"BEFORE", "ON", "SINCE", "SENTBEFORE", "SENTON", "SENTSINCE"})
SIZES = frozenset({"LARGER", "SMALLER"})
MAX_WORDS = 200


def criteria(text: str) -> list[str]:
    """`["UNSEEN", ["SINCE", "2026-01-01"]]` as words. Raises ParameterError that names the rule."""
    try:
        rules = json.loads(text)
    except ValueError:
        rules = None
    if not isinstance(rules, list):
        raise ParameterError("The rules for mails are no JSON list.", hint='Write them as ["UNSEEN"].')
    words = [word for rule in rules for word in words_of(rule)]
    return words[:MAX_WORDS] or ["ALL"]


def words_of(rule: Any) -> list[str]:
    if isinstance(rule, str):
        rule = [rule]
    if not isinstance(rule, list) or not rule or not isinstance(rule[0], str):
        raise unfit(rule)
    name, rest = rule[0].upper(), rule[1:]
    if name.startswith("!"):
        return ["NOT", *words_of([name[1:], *rest])]
    if name == "OR" and len(rest) == 2:
        return ["OR", *grouped(rest[0]), *grouped(rest[1])]
    if name in FLAGS and not rest:
        return [name]
    if name == "HEADER" and len(rest) == 2:
        return [name, quoted(rest[0]), quoted(rest[1])]
    return with_value(name, rest, rule)


def with_value(name: str, rest: list[Any], rule: Any) -> list[str]:
    if len(rest) != 1:
        raise unfit(rule)
    if name in TEXTS:
        return [name, quoted(rest[0])]
    if name in DATES:
        return [name, day(rest[0], rule)]
    if name in SIZES and str(rest[0]).isdigit():
        return [name, str(rest[0])]
    numbers = ",".join(str(part) for part in rest[0]) if isinstance(rest[0], list) else str(rest[0])
    if name == "UID" and numbers and set(numbers) <= set("0123456789:,*"):
        return [name, numbers]
    raise unfit(rule)


def grouped(rule: Any) -> list[str]:
    words = words_of(rule)
    return ["(" + " ".join(words) + ")"] if len(words) > 1 else words


def quoted(value: Any) -> str:
    text = str(value).replace("\r", " ").replace("\n", " ").replace("\0", "")
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def day(value: Any, rule: Any) -> str:
    """IMAP's way of writing a day."""
    found = parse_date(str(value))
    if found is None:
        raise unfit(rule)
    month = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")[found.month - 1]
    return f"{found.day}-{month}-{found.year:04d}"


def unfit(rule: Any) -> ParameterError:
    return ParameterError(
        f"{json.dumps(rule, default=str)[:200]} is no rule for mails.",
        hint='Rules are such as "UNSEEN", ["SINCE", "2026-01-01"], ["FROM", "ada@example.com"] or ["!SUBJECT", "x"].',
    )
