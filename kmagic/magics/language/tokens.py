"""A magic's line cut into tokens as a POSIX shell would cut it, with ``{{ python }}`` replaced. Pure.

What is not done here, on purpose: ``$x`` and ``{x}`` are never touched, and an expanded value is never split again,
so a variable cannot smuggle in a flag. A Go template (``{{.metadata.name}}``, ``{{range .items}}``) stays as it is.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import PurePath
from typing import TypeAlias

from kmagic.magics.language.shell_signs import shell_substitution

__all__ = ("Evaluate", "SyntaxFault", "Token", "expand", "option_lines", "split")

Evaluate: TypeAlias = Callable[[str], object]
"""Evaluates a Python expression in the notebook's namespace; raises NameError for an unknown name."""


@dataclass(frozen=True)
class Token:
    """A word of the line: its text and where it stands in `source`, the line it came from."""

    text: str
    start: int
    end: int
    source: str
    quoted: bool = False


# -- splitting ----------------------------------------------------------------------------------------------


class SyntaxFault(Exception):
    """A fault and its position; the grammar adds the verb's example."""

    def __init__(self, message: str, source: str, start: int, end: int) -> None:
        super().__init__(message)
        self.message: str = message
        self.source: str = source
        self.start: int = start
        self.end: int = end


def split(line: str, start: int = 0) -> list[Token]:
    """Splits a line as a POSIX shell does, without its expansions.

    Single quotes keep everything; in double quotes a backslash counts only before ``"``, ``$``, itself or a backtick;
    ``#`` at the start of a word begins a comment; ``{{ ... }}`` is one piece, blanks and quotes included.
    """
    return _Splitter(line, start).tokens()


class _Splitter:
    def __init__(self, line: str, start: int) -> None:
        self.line, self.at = line, start

    def tokens(self) -> list[Token]:
        found: list[Token] = []
        while True:
            while self.line[self.at : self.at + 1].isspace() or self.line.startswith("\\\n", self.at):
                self.at += 1
            if self.at >= len(self.line) or self.line[self.at] == "#":
                return found
            found.append(self._word())

    def _word(self) -> Token:
        begin, quoted = self.at, False
        pieces: list[str] = []
        while self.at < len(self.line) and not self.line[self.at].isspace():
            char = self.line[self.at]
            self._refuse_substitution()
            if self.line.startswith("{{", self.at):
                pieces.append(self._template())
            elif char in "'\"":
                quoted = True
                pieces.append(self._quoted(char))
            elif char == "\\":
                pieces.append(self._escaped())
            else:
                pieces.append(char)
                self.at += 1
        return Token("".join(pieces), begin, self.at, self.line, quoted)

    def _template(self) -> str:
        end = self.line.find("}}", self.at + 2)
        # Brackets of a dict display close before the template does: {{ {"a": {}}["a"] }}
        while end >= 0 and self.line[self.at + 2 : end].count("{") > self.line[self.at + 2 : end].count("}"):
            end = self.line.find("}}", end + 1)
        stop = end + 2 if end >= 0 else self.at + 2
        text, self.at = self.line[self.at : stop], stop
        return text

    def _quoted(self, quote: str) -> str:
        opened = self.at
        pieces: list[str] = []
        self.at += 1
        while self.at < len(self.line):
            char = self.line[self.at]
            if char == quote:
                self.at += 1
                return "".join(pieces)
            if quote == '"':
                self._refuse_substitution()
            if quote == '"' and char == "\\" and self.line[self.at + 1 : self.at + 2] in ('"', "\\", "$", "`"):
                pieces.append(self.line[self.at + 1])
                self.at += 2
            else:
                pieces.append(char)
                self.at += 1
        raise SyntaxFault(f"the quote {quote} is never closed", self.line, opened, len(self.line))

    def _refuse_substitution(self) -> None:
        for sign in ("$(", "`"):
            if self.line.startswith(sign, self.at):
                raise SyntaxFault(shell_substitution(sign), self.line, self.at, self.at + len(sign))

    def _escaped(self) -> str:
        if self.at + 1 >= len(self.line):
            raise SyntaxFault(
                "a magic's line cannot go on after a backslash; in a cell, put more options on lines that begin with #|",
                self.line,
                self.at,
                self.at + 1,
            )
        char = self.line[self.at + 1]
        self.at += 2
        return "" if char == "\n" else char


def option_lines(cell: str | None) -> list[str]:
    """The leading ``#|`` lines of a cell; they stay in the body, where YAML takes them for comments."""
    lines: list[str] = []
    for line in (cell or "").splitlines():
        if not line.startswith("#|"):
            break
        lines.append(line)
    return lines


# -- expansion ----------------------------------------------------------------------------------------------

_TEMPLATE = re.compile(r"\{\{(?P<inside>.*?)\}\}(?!\})", re.DOTALL)
_GO_WORDS = (
    "and block break call continue define else end eq ge gt html if index js le len lt ne not or print printf"
    " println range slice template urlquery with"
)
# What a Go template begins with: a field, a variable, a trim mark, a comment, a literal, or one of its words.
_GO_TEMPLATE = re.compile(rf"""\s*(?:[.$"`/]|-\s|(?:{"|".join(_GO_WORDS.split())})(?:\s|$))""")


def expand(token: Token, evaluate: Evaluate) -> Token:
    """Replaces each ``{{ python }}`` of a token by its value; a list becomes ``a,b,c``."""
    if "{{" not in token.text:
        return token

    def replaced(match: re.Match[str]) -> str:
        if _GO_TEMPLATE.match(match["inside"]):
            return match[0]
        return _value_text(match["inside"].strip(), token, evaluate)

    text = _TEMPLATE.sub(replaced, token.text)
    return Token(text, token.start, token.end, token.source, quoted=True)


def _value_text(expression: str, token: Token, evaluate: Evaluate) -> str:
    def fault(message: str) -> SyntaxFault:
        return SyntaxFault(message, token.source, token.start, token.end)

    if not expression:
        raise fault("{{ }} is empty; write a Python expression between the braces")
    try:
        value = evaluate(expression)
    except NameError as error:
        raise fault(f"{{{{{expression}}}}} is not defined in this notebook: {error}") from error
    except Exception as error:  # whatever the user's expression raises is the user's to read
        raise fault(f"{{{{{expression}}}}} failed: {type(error).__name__}: {error}") from error
    text = _as_text(value)
    if text is None:
        raise fault(
            f"{{{{{expression}}}}} is {_described(value)}; a magic's line takes text, numbers, paths and lists of them"
        )
    return text


def _as_text(value: object) -> str | None:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str | int | float | PurePath):
        return str(value)
    if isinstance(value, list | tuple | set | frozenset):
        items = [_as_text(item) for item in value]
        return None if None in items else ",".join(str(item) for item in items)
    return None


def _described(value: object) -> str:
    return "None" if value is None else f"of type {type(value).__name__}"
