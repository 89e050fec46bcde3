"""Regular expressions that authors write, run by RE2: linear in the text, whatever the pattern."""

import re as grammar
from functools import lru_cache

import re2

from workflows_app.engine.errors import ParameterError

UNSUPPORTED = (
    (r"\(\?<?[=!]", "look-ahead and look-behind"),
    (r"\\[1-9]", "back references"),
    (r"\(\?>", "atomic groups"),
    (r"[*+?}]\+", "possessive quantifiers"),
)
FLAGS = {"i": "i", "m": "m", "s": "s", "g": "", "y": "", "u": "", "d": "", "v": ""}
MAX_PATTERN = 2_000


@lru_cache(maxsize=512)
def compile_pattern(source: str, flags: str = "") -> "re2._Regexp[str]":
    """The compiled pattern. `flags` are JavaScript's; those that do not change what matches are ignored. Raises
    ParameterError that names the construct RE2 does not have."""
    if len(source) > MAX_PATTERN:
        raise ParameterError(
            f"This regular expression has {len(source)} characters.", hint=f"Use at most {MAX_PATTERN} characters."
        )
    letters = "".join(dict.fromkeys(FLAGS.get(flag, "") for flag in flags))
    translated = to_re2(source)
    try:
        return re2.compile(f"(?{letters}){translated}" if letters else translated, quiet_options())
    except re2.error as error:
        raise ParameterError(
            f"The regular expression '{shorten(source)}' cannot be used: {reason(source, error)}.",
            hint="Rewrite it, or use a Code node, where JavaScript's regular expressions are available.",
            code="regex_unsupported",
        ) from error


def quiet_options() -> "re2.Options":
    """RE2 would print each broken pattern to stderr."""
    options = re2.Options()
    options.log_errors = False
    return options


def parse_literal(text: str, flags: str = "") -> "re2._Regexp[str]":
    """`/pattern/flags`, or a bare pattern."""
    found = grammar.fullmatch(r"/(.*)/([a-z]*)", text, grammar.DOTALL)
    if found and not set(found[2]) - set(FLAGS):
        return compile_pattern(found[1], found[2] + flags)
    return compile_pattern(text, flags)


def to_re2(source: str) -> str:
    """JavaScript's spelling where RE2's differs: named groups, `\\uXXXX`, `\\/`."""
    source = grammar.sub(r"\(\?<(?![=!])", "(?P<", source)
    source = grammar.sub(r"\\u\{?([0-9a-fA-F]{4,6})\}?", r"\\x{\1}", source)
    return source.replace("\\/", "/")


def reason(source: str, error: Exception) -> str:
    named = [name for pattern, name in UNSUPPORTED if grammar.search(pattern, source)]
    return f"{' and '.join(named)} are not supported" if named else plain_reason(error)


def plain_reason(error: Exception) -> str:
    text = error.args[0] if error.args else error
    return (text.decode(errors="replace") if isinstance(text, bytes) else str(text)).rstrip(".")


def shorten(source: str) -> str:
    return source if len(source) <= 60 else source[:57] + "..."


def found_in(pattern: str, text: str, flags: str = "") -> bool:
    """Whether the pattern, literal or bare, occurs in the text."""
    return parse_literal(pattern, flags).search(text) is not None


__all__ = ["compile_pattern", "found_in", "parse_literal"]
