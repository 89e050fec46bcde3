"""JSON as people type it: single quotes, unquoted keys, trailing commas, comments. No evaluation: data only."""

from typing import Any

import orjson

MAX_DEPTH = 200
ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f", "v": "\v", "0": "\0"}
WORDS = {"true": True, "false": False, "null": None, "undefined": None}


class NotJson(ValueError):
    """The text is not JSON, not even generously read. The message says where."""


def parse_strict(text: str | bytes) -> Any:
    """Standard JSON. Raises NotJson with line and column."""
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise NotJson(f"{error.msg} (line {error.lineno}, column {error.colno})") from error


def parse(text: str) -> Any:
    """Standard JSON first, then the relaxed form."""
    try:
        return parse_strict(text)
    except NotJson as strict_error:
        try:
            return Reader(text).document()
        except NotJson:
            raise strict_error from None


class Reader:
    """Recursive descent over one text; linear in its length."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0

    def document(self) -> Any:
        value = self.value(0)
        self.skip()
        if self.at < len(self.text):
            raise self.error("unexpected text after the value")
        return value

    def error(self, message: str) -> NotJson:
        return NotJson(f"{message} (character {self.at + 1})")

    def skip(self) -> None:
        """Spaces and comments."""
        while self.at < len(self.text):
            if self.text[self.at].isspace():
                self.at += 1
            elif self.text.startswith("//", self.at):
                end = self.text.find("\n", self.at)
                self.at = len(self.text) if end < 0 else end
            elif self.text.startswith("/*", self.at):
                end = self.text.find("*/", self.at)
                self.at = len(self.text) if end < 0 else end + 2
            else:
                return

    def peek(self) -> str:
        self.skip()
        return self.text[self.at : self.at + 1]

    def value(self, depth: int) -> Any:
        if depth > MAX_DEPTH:
            raise self.error("nested too deeply")
        char = self.peek()
        if char == "{":
            return self.object(depth)
        if char == "[":
            return self.array(depth)
        if char and char in "\"'`":
            return self.string(char)
        return self.word()

    def object(self, depth: int) -> dict[str, Any]:
        out: dict[str, Any] = {}
        self.at += 1
        while self.peek() != "}":
            char = self.peek()
            key = self.string(char) if char and char in "\"'" else self.bare()
            if self.peek() != ":":
                raise self.error("expected ':'")
            self.at += 1
            out[key] = self.value(depth + 1)
            self.comma("}")
        self.at += 1
        return out

    def array(self, depth: int) -> list[Any]:
        out: list[Any] = []
        self.at += 1
        while self.peek() != "]":
            out.append(self.value(depth + 1))
            self.comma("]")
        self.at += 1
        return out

    def comma(self, end: str) -> None:
        char = self.peek()
        if char == ",":
            self.at += 1
        elif char != end:
            raise self.error(f"expected ',' or '{end}'")

    def string(self, quote: str) -> str:
        out: list[str] = []
        self.at += 1
        while (char := self.text[self.at : self.at + 1]) != quote:
            if not char:
                raise self.error("text without a closing quote")
            self.at += 1
            if char == "\\":
                char = self.escape()
            out.append(char)
        self.at += 1
        return "".join(out)

    def escape(self) -> str:
        char = self.text[self.at : self.at + 1]
        self.at += 1
        if char == "u":
            digits = self.text[self.at : self.at + 4]
            if len(digits) != 4 or any(digit not in "0123456789abcdefABCDEF" for digit in digits):
                raise self.error("broken \\u escape")
            self.at += 4
            return chr(int(digits, 16))
        return ESCAPES.get(char, char)

    def bare(self) -> str:
        """A key without quotes, a word or a number."""
        start = self.at
        while self.at < len(self.text) and (self.text[self.at].isalnum() or self.text[self.at] in "_$+-."):
            self.at += 1
        if start == self.at:
            raise self.error("unexpected character" if start < len(self.text) else "unexpected end")
        return self.text[start : self.at]

    def word(self) -> Any:
        word = self.bare()
        if word in WORDS:
            return WORDS[word]
        try:
            return int(word) if word.lstrip("-").isdigit() else float(word)
        except ValueError:
            raise self.error(f"unknown word '{word[:20]}'") from None
