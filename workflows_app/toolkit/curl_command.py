"""Reading a cURL command: its words, as a shell and browsers write them, and what its options say."""

import re
import shlex
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, quote

from workflows_app.engine.errors import ParameterError
from workflows_app.engine.items import JsonObject

LONGEST = 100_000
FORM = "application/x-www-form-urlencoded"
ADDRESS = re.compile(r"https?://", re.IGNORECASE)

TAKES_VALUE = {
    "-X": "request", "--request": "request", "-H": "header", "--header": "header", "-d": "data", "--data": "data",
    "--data-raw": "data_raw", "--data-ascii": "data", "--data-binary": "data", "--data-urlencode": "data_urlencode",
    "--json": "json", "-F": "form", "--form": "form", "--form-string": "form_string", "-u": "user", "--user": "user",
    "--oauth2-bearer": "bearer", "-A": "agent", "--user-agent": "agent", "-e": "referer", "--referer": "referer",
    "-b": "cookie", "--cookie": "cookie", "-m": "max_time", "--max-time": "max_time",
    "--connect-timeout": "connect_timeout", "--max-redirs": "max_redirects", "--url": "url",
    "--url-query": "url_query", "-r": "range", "--range": "range",
    "-x": "proxy", "--proxy": "proxy", "-E": "left_out", "--cert": "left_out", "--key": "left_out",
    "--cacert": "left_out", "-c": "silent", "--cookie-jar": "silent", "-o": "silent", "--output": "silent",
    "-w": "silent", "--write-out": "silent", "--retry": "retry", "--retry-delay": "silent",
    "--retry-max-time": "silent",
    "-T": "left_out", "--upload-file": "left_out", "-K": "left_out", "--config": "left_out", "--resolve": "left_out",
    "--unix-socket": "left_out", "--interface": "left_out", "-D": "silent", "--dump-header": "silent",
    "--ciphers": "left_out", "--limit-rate": "silent", "-Y": "silent", "-y": "silent", "-C": "left_out",
}  # fmt: skip
FLAGS = {
    "-G": "get", "--get": "get", "-I": "head", "--head": "head", "-L": "location", "--location": "location",
    "--location-trusted": "location", "-k": "insecure", "--insecure": "insecure", "--digest": "digest",
    "--basic": "basic", "-f": "silent", "--fail": "silent", "-i": "include", "--include": "include",
    "-s": "silent", "--silent": "silent", "-S": "silent", "--show-error": "silent", "-v": "silent",
    "--verbose": "silent", "--compressed": "silent", "-#": "silent", "-g": "silent", "--globoff": "silent",
    "-N": "silent", "--no-buffer": "silent", "-0": "silent", "--http1.0": "silent", "--http1.1": "silent",
    "--http2": "silent", "--http3": "silent", "-O": "file", "--remote-name": "file", "-J": "silent",
    "-4": "silent", "-6": "silent", "--path-as-is": "silent", "-q": "silent", "--tlsv1.2": "silent",
    "--tlsv1.3": "silent", "--post301": "silent", "--post302": "silent", "-n": "left_out", "--netrc": "left_out",
    "--no-progress-meter": "silent", "--no-keepalive": "silent", "--fail-with-body": "silent", "-a": "silent",
}  # fmt: skip
SHORT_WITH_VALUE = {option[1] for option in TAKES_VALUE if len(option) == 2}


@dataclass(slots=True)
class Command:
    """What the options said."""

    url: str = ""
    method: str = ""
    headers: list[tuple[str, str]] = field(default_factory=list)
    data: list[str] = field(default_factory=list)
    form: list[JsonObject] = field(default_factory=list)
    query: list[tuple[str, str]] = field(default_factory=list)
    user: str = ""
    is_digest: bool = False
    is_get: bool = False
    follows: bool = False
    max_redirects: int | None = None
    is_insecure: bool = False
    includes_head: bool = False
    saves_file: bool = False
    timeout_ms: int = 0
    left_out: list[str] = field(default_factory=list)


def words_of(text: str) -> list[str]:
    """The command's words without `curl`. Line ends after a backslash or a caret (Windows) join lines."""
    if len(text) > LONGEST:
        raise ParameterError("This command is too long.", hint=f"At most {LONGEST:,} characters are read.")
    joined = re.sub(r"[\\^`][ \t]*\r?\n", " ", text.strip())
    if '^"' in joined:
        joined = re.sub(r"\^(.)", r"\1", joined)
    try:
        words = list(unquoted(joined))
    except ValueError as error:
        raise ParameterError(
            f"The command cannot be read: {error}.", hint="Check that every quote is closed."
        ) from None
    if not words or words[0].lower() not in ("curl", "curl.exe"):
        raise ParameterError("This is not a cURL command.", hint="Paste the whole command; it begins with curl.")
    return words[1:]


def unquoted(text: str) -> Iterator[str]:
    """Words as a shell reads them, `$'…'` of browsers included, up to a pipe or a semicolon."""
    plain = re.sub(r"\$'((?:[^'\\]|\\.)*)'", lambda match: shlex.quote(ansi(match[1])), text, flags=re.DOTALL)
    lexer = shlex.shlex(plain, posix=True, punctuation_chars="|;<>")
    lexer.whitespace_split = True
    lexer.commenters = ""
    for word in lexer:
        if set(word) <= set("|;<>"):
            return
        yield word


def ansi(text: str) -> str:
    """The escapes of `$'…'`."""
    known = {"n": "\n", "r": "\r", "t": "\t", "a": "\a", "b": "\b", "f": "\f", "v": "\v", "0": "\0"}

    def one(match: re.Match[str]) -> str:
        code = match[1]
        if code[0] in "uUx" and len(code) > 1:
            return chr(min(int(code[1:], 16), 0x10FFFF))
        return known.get(code, code)

    return re.sub(r"\\(u[0-9a-fA-F]{1,4}|U[0-9a-fA-F]{1,8}|x[0-9a-fA-F]{1,2}|.)", one, text, flags=re.DOTALL)


def read(words: list[str]) -> Command:
    command, waiting = Command(), iter(words)
    for word in waiting:
        if not word.startswith("-") or word == "-":
            take_address(command, word)
            continue
        for option, given in options_in(word):
            if option in TAKES_VALUE:
                value = given if given is not None else next(waiting, None)
                if value is None:
                    raise ParameterError(
                        f"{option} is not followed by its value.", hint="Check the end of the command."
                    )
                apply(command, TAKES_VALUE[option], option, value)
            elif option in FLAGS:
                apply(command, FLAGS[option], option, "")
            else:
                command.left_out.append(option)
    return command


def options_in(word: str) -> Iterator[tuple[str, str | None]]:
    """`--name=value`, `-Xvalue`, several letters in one word: each option, with its value if that is in the word."""
    if word.startswith("--"):
        name, mark, value = word.partition("=")
        yield name, value if mark else None
        return
    for place, letter in enumerate(word[1:], 1):
        rest = word[place + 1 :]
        if letter in SHORT_WITH_VALUE:
            yield f"-{letter}", rest or None
            return
        yield f"-{letter}", None


def take_address(command: Command, word: str) -> None:
    if not command.url:
        command.url = word if ADDRESS.match(word) else f"http://{word}"


def apply(command: Command, what: str, option: str, value: str) -> None:
    """One option. Those that only change what curl prints are passed over in silence."""
    simple: dict[str, Callable[[], object]] = {
        "url": lambda: take_address(command, value),
        "header": lambda: add_header(command, value),
        "data": lambda: command.data.append(without_file(command, option, value)),
        "data_raw": lambda: command.data.append(value),
        "data_urlencode": lambda: command.data.append(encoded_pair(value)),
        "form": lambda: command.form.append(form_row(command, value)),
        "form_string": lambda: command.form.append(plain_row(value)),
        "bearer": lambda: command.headers.append(("Authorization", f"Bearer {value}")),
        "agent": lambda: command.headers.append(("User-Agent", value)),
        "referer": lambda: command.headers.append(("Referer", value)),
        "cookie": lambda: command.headers.append(("Cookie", value)) if "=" in value else left(command, option),
        "range": lambda: command.headers.append(("Range", f"bytes={value}")),
        "json": lambda: take_json(command, value),
        "url_query": lambda: command.query.extend(parse_qsl(value, keep_blank_values=True)),
        "proxy": lambda: left(command, option),
        "left_out": lambda: left(command, option),
        "retry": lambda: left(command, option),
    }
    if what in simple:
        simple[what]()
    else:
        set_one(command, what, value)


def set_one(command: Command, what: str, value: str) -> None:
    chosen: dict[str, tuple[str, object]] = {
        "request": ("method", value.upper()),
        "user": ("user", value),
        "get": ("is_get", True),
        "head": ("method", "HEAD"),
        "location": ("follows", True),
        "insecure": ("is_insecure", True),
        "digest": ("is_digest", True),
        "include": ("includes_head", True),
        "file": ("saves_file", True),
        "max_time": ("timeout_ms", milliseconds(value)),
        "connect_timeout": ("timeout_ms", command.timeout_ms or milliseconds(value)),
        "max_redirects": ("max_redirects", int(value) if value.isdigit() else None),
    }
    if what in chosen:
        name, wanted = chosen[what]
        setattr(command, name, wanted)


def left(command: Command, option: str) -> None:
    command.left_out.append(option)


def milliseconds(value: str) -> int:
    try:
        return max(int(float(value) * 1000), 0)
    except (ValueError, OverflowError):
        return 0


def add_header(command: Command, value: str) -> None:
    name, mark, text = value.partition(":")
    if mark and text.strip():
        command.headers.append((name.strip(), text.strip()))
    elif value.endswith(";"):
        command.headers.append((value[:-1].strip(), ""))


def without_file(command: Command, option: str, value: str) -> str:
    """`@name` reads a file of that machine, which is not here."""
    if value.startswith("@"):
        left(command, f"{option} {value}")
        return ""
    return value


def encoded_pair(value: str) -> str:
    name, mark, text = value.partition("=")
    return f"{name}={quote(text, safe='')}" if mark and name else quote(text if mark else value, safe="")


def form_row(command: Command, value: str) -> JsonObject:
    name, _, text = value.partition("=")
    if text.startswith(("@", "<")):
        left(command, f"the file {text[1:].partition(';')[0]}")
        return {"parameterType": "formBinaryData", "name": name, "inputDataFieldName": "data"}
    return {"name": name, "value": text.partition(";type=")[0].strip('"')}


def plain_row(value: str) -> JsonObject:
    name, _, text = value.partition("=")
    return {"name": name, "value": text}


def take_json(command: Command, value: str) -> None:
    command.data.append(without_file(command, "--json", value))
    for name in ("Content-Type", "Accept"):
        if name.lower() not in {key.lower() for key, _ in command.headers}:
            command.headers.append((name, "application/json"))
