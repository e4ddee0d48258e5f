"""The text of a magic becomes a `Command`: kubectl's words, split and read as kubectl reads them.

Three steps, all pure: `split` cuts a line into tokens as a POSIX shell would, knowing where each came from;
`expand` replaces ``{{ python }}`` inside tokens; `parse` sorts tokens into arguments and flags by pflag's
rules (``-nprod``, ``-Aowide``, ``--flag=value``, ``--``, repeated flags).

What is not done here, on purpose: ``$x`` and ``{x}`` are never touched, the body of a cell is never
expanded, and an expanded value is never split again, so a variable cannot smuggle in a flag. A Go template
(``{{.metadata.name}}``, ``{{range .items}}``) stays as it is.

Every mistake is a `UsageError` with the line, a caret under the culprit and the nearest example.
"""

from __future__ import annotations

import difflib
import keyword
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import TypeAlias

from kmagic.errors import UsageError

__all__ = (
    "Cell",
    "Command",
    "Effect",
    "Evaluate",
    "Flag",
    "FlagKind",
    "FlagValue",
    "Token",
    "Verb",
    "expand",
    "nearest_example",
    "parse",
    "split",
)

Evaluate: TypeAlias = Callable[[str], object]
"""Evaluates a Python expression in the notebook's namespace; raises NameError for an unknown name."""

FlagValue: TypeAlias = "str | int | bool | tuple[str, ...]"


class FlagKind(Enum):
    """How a flag takes its value."""

    BOOL = "bool"
    TEXT = "text"
    INT = "int"
    LIST = "list"  # may be repeated; the values add up
    SWITCH = "switch"  # text that may be left out: `--dry-run`, `--dry-run=client`


class Cell(Enum):
    """Whether a magic is for a line, a cell or both."""

    LINE = "line"
    BOTH = "both"
    CELL = "cell"


class Effect(Enum):
    """What a verb can do to the cluster; the guard is derived from it."""

    READ = "read"
    WRITE = "write"
    SESSION = "session"  # changes only this notebook's own state


@dataclass(frozen=True)
class Flag:
    """One flag of a verb, as kubectl spells it."""

    name: str
    short: str = ""
    kind: FlagKind = FlagKind.TEXT
    help: str = ""
    choices: tuple[str, ...] = ()
    implied: str = ""  # the value of a SWITCH given without one
    completes: str = ""  # what its value is: "namespace", "context", "file", "output"

    @property
    def takes_value(self) -> bool:
        """Whether the next word belongs to this flag."""
        return self.kind in (FlagKind.TEXT, FlagKind.INT, FlagKind.LIST)


@dataclass(frozen=True)
class Verb:
    """One row of the table of verbs; help, completion and the guard are derived from it."""

    name: str
    summary: str
    usage: str
    examples: tuple[str, ...]
    flags: tuple[Flag, ...] = ()
    cell: Cell = Cell.LINE
    effect: Effect = Effect.READ
    arguments: tuple[str, ...] = ()  # what each argument is, the last repeats: ("type", "name")
    module: str = ""  # the file in verbs/, when it is not the verb's own name

    @property
    def magic(self) -> str:
        """The magic's name without percent signs: ``kget``."""
        return f"k{self.name}"

    @property
    def prompt(self) -> str:
        """The magic as it is written first: ``%kget`` or ``%%kapply``."""
        return f"{'%%' if self.cell is Cell.CELL else '%'}{self.magic}"

    def flag(self, name: str) -> Flag | None:
        """The flag of that long name (``_`` counts as ``-``, as in kubectl) or short letter."""
        wanted = name.replace("_", "-")
        for flag in self.flags:
            if wanted in (flag.name, flag.short):
                return flag
        return None


@dataclass(frozen=True)
class Token:
    """A word of the line: its text and where it stands in `source`, the line it came from."""

    text: str
    start: int
    end: int
    source: str
    quoted: bool = False


@dataclass(frozen=True)
class Command:
    """A magic, understood: ``%kget pods web-0 -n shop`` is verb get, arguments (pods, web-0), namespace shop."""

    verb: Verb
    line: str
    arguments: tuple[str, ...] = ()
    flags: Mapping[str, FlagValue] = field(default_factory=dict)
    rest: tuple[str, ...] = ()  # the words after `--`
    body: str | None = None  # the cell below the first line; None for a line magic
    to: str = ""  # the variable that gets the result
    help: bool = False

    def text(self, name: str, default: str = "") -> str:
        """The value of a text flag."""
        value = self.flags.get(name, default)
        return value if isinstance(value, str) else str(value)

    def on(self, name: str) -> bool:
        """Whether a yes/no flag was given, and not as ``=false``."""
        return self.flags.get(name) is True

    def number(self, name: str, default: int = 0) -> int:
        """The value of a number flag."""
        value = self.flags.get(name, default)
        return value if isinstance(value, int) else default

    def values(self, name: str) -> tuple[str, ...]:
        """The values of a flag that may be repeated."""
        value = self.flags.get(name, ())
        return value if isinstance(value, tuple) else ()

    def has(self, name: str) -> bool:
        """Whether the flag was given at all."""
        return name in self.flags

    def usage_error(self, message: str, at: str = "") -> UsageError:
        """An error about this command, with a caret under the argument or flag `at`."""
        start = self.line.find(at) if at else -1
        span = (start, start + len(at)) if start >= 0 else None
        return _error(message, self.verb, self.line, span)


def parse(verb: Verb, line: str, cell: str | None, evaluate: Evaluate) -> Command:
    """Reads a magic's line (and the ``#|`` option lines of its cell) into a command.

    Args:
        verb: The verb's row in the table.
        line: What follows the magic's name on its line.
        cell: The rest of a cell, or None for a line magic.
        evaluate: Evaluates the expressions in ``{{ }}``.

    Raises:
        UsageError: The line does not follow the grammar; nothing was sent.
    """
    try:
        tokens = split(line)
        for options in _option_lines(cell):
            tokens += split(options, start=2)
        words, to = _take_target([expand(token, evaluate) for token in tokens])
        return _Parser(verb, line, words, evaluate).command(cell, to)
    except _SyntaxFault as fault:
        raise _error(fault.message, verb, fault.source, (fault.start, fault.end)) from fault.__cause__


# -- splitting ----------------------------------------------------------------------------------------------


class _SyntaxFault(Exception):
    """What is wrong and where; `parse` dresses it with the verb's example."""

    def __init__(self, message: str, source: str, start: int, end: int) -> None:
        super().__init__(message)
        self.message, self.source, self.start, self.end = message, source, start, end


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
            if quote == '"' and char == "\\" and self.line[self.at + 1 : self.at + 2] in ('"', "\\", "$", "`"):
                pieces.append(self.line[self.at + 1])
                self.at += 2
            else:
                pieces.append(char)
                self.at += 1
        raise _SyntaxFault(f"the quote {quote} is never closed", self.line, opened, len(self.line))

    def _escaped(self) -> str:
        if self.at + 1 >= len(self.line):
            raise _SyntaxFault(
                "a magic's line cannot go on after a backslash; in a cell, put more options on lines that begin with #|",
                self.line,
                self.at,
                self.at + 1,
            )
        char = self.line[self.at + 1]
        self.at += 2
        return "" if char == "\n" else char


def _option_lines(cell: str | None) -> list[str]:
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
    def fault(message: str) -> _SyntaxFault:
        return _SyntaxFault(message, token.source, token.start, token.end)

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
            f"{{{{{expression}}}}} is {_described(value)}; a magic's line takes text, numbers and lists of them"
        )
    return text


def _as_text(value: object) -> str | None:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str | int | float):
        return str(value)
    if isinstance(value, list | tuple | set | frozenset):
        items = [_as_text(item) for item in value]
        return None if None in items else ",".join(str(item) for item in items)
    return None


def _described(value: object) -> str:
    return "None" if value is None else f"of type {type(value).__name__}"


# -- flags and arguments ------------------------------------------------------------------------------------


def _take_target(tokens: list[Token]) -> tuple[list[Token], str]:
    """Takes ``NAME <<`` off the front: the variable that gets the result."""
    if len(tokens) < 2 or tokens[1].text != "<<" or tokens[1].quoted:
        return tokens, ""
    return tokens[2:], _variable(tokens[0])


def _variable(token: Token) -> str:
    name = token.text
    if name.isidentifier() and not keyword.iskeyword(name):
        return name
    raise _SyntaxFault(f"{name!r} is not a variable's name", token.source, token.start, token.end)


class _Parser:
    """pflag's reading of a list of words. Source: github.com/spf13/pflag flag.go (parseArgs)."""

    def __init__(self, verb: Verb, line: str, words: Sequence[Token], evaluate: Evaluate) -> None:
        self.verb, self.line, self.words, self.evaluate = verb, line, words, evaluate
        self.at = 0
        self.arguments: list[str] = []
        self.flags: dict[str, FlagValue] = {}
        self.rest: tuple[str, ...] = ()
        self.help = False

    def command(self, cell: str | None, to: str) -> Command:
        while self.at < len(self.words):
            word = self.words[self.at]
            self.at += 1
            if word.text == "--":
                self.rest = tuple(each.text for each in self.words[self.at :])
                break
            if word.text.startswith("--"):
                self._long(word)
            elif word.text.startswith("-") and len(word.text) > 1:
                self._short(word)
            else:
                self._argument(word)
        chosen = self.flags.pop("to", "")
        return Command(
            self.verb,
            self.line,
            tuple(self.arguments),
            self.flags,
            self.rest,
            cell,
            str(chosen) or to,
            self.help,
        )

    def _argument(self, word: Token) -> None:
        self._refuse_shell_variable(word)
        self.arguments.append(word.text)

    def _refuse_shell_variable(self, word: Token) -> None:
        """``$ns`` is not a variable here; say so when the notebook has one of that name."""
        name = word.text[1:]
        if word.quoted or not word.text.startswith("$") or not name.isidentifier():
            return
        try:
            self.evaluate(name)
        except Exception:  # no such variable: then it is plain text, and the server's to judge
            return
        raise self._fault(f"{word.text} is not replaced in a magic; did you mean {{{{{name}}}}}?", word)

    def _long(self, word: Token) -> None:
        name, equals, value = word.text[2:].partition("=")
        if name == "help":
            self.help = True
            return
        flag = next((each for each in self.verb.flags if each.name == name.replace("_", "-")), None)
        if flag is None:
            raise self._unknown(f"--{name}", word)
        self._store(flag, value if equals else None, word)

    def _short(self, word: Token) -> None:
        letters = word.text[1:]
        while letters:
            letter, letters = letters[0], letters[1:]
            if letter == "h" and self.verb.flag("h") is None:
                self.help = True
                continue
            flag = next((each for each in self.verb.flags if each.short == letter), None)
            if flag is None:
                raise self._unknown(f"-{letter}", word)
            if letters.startswith("="):
                self._store(flag, letters[1:], word)
                return
            if flag.takes_value and letters:
                self._store(flag, letters, word)
                return
            self._store(flag, None, word)

    def _store(self, flag: Flag, value: str | None, word: Token) -> None:
        if value is None and flag.takes_value:
            if self.at >= len(self.words):
                raise self._fault(f"--{flag.name} needs a value", word)
            word = self.words[self.at]
            self.at += 1
            self._refuse_shell_variable(word)
            value = word.text
        self.flags[flag.name] = self._value(flag, value, word)

    def _value(self, flag: Flag, value: str | None, word: Token) -> FlagValue:
        match flag.kind:
            case FlagKind.BOOL:
                return self._boolean(flag, value, word)
            case FlagKind.INT:
                try:
                    return int(value or "")
                except ValueError as error:
                    raise self._fault(f"--{flag.name} takes a whole number, not {value!r}", word) from error
            case FlagKind.LIST:
                before = self.flags.get(flag.name, ())
                return (*(before if isinstance(before, tuple) else ()), value or "")
            case FlagKind.TEXT | FlagKind.SWITCH:
                text = flag.implied if value is None else value
                if flag.name == "to":
                    return _variable(Token(text, word.start, word.end, word.source))
                if flag.choices and text not in flag.choices:
                    raise self._fault(f"--{flag.name} is one of {', '.join(flag.choices)}, not {text!r}", word)
                return text

    def _boolean(self, flag: Flag, value: str | None, word: Token) -> bool:
        # strconv.ParseBool's spellings, which are what pflag takes.
        if value is None or value in ("1", "t", "T", "true", "TRUE", "True"):
            return True
        if value in ("0", "f", "F", "false", "FALSE", "False"):
            return False
        raise self._fault(f"--{flag.name} is true or false, not {value!r}", word)

    def _unknown(self, flag: str, word: Token) -> _SyntaxFault:
        names = [f"--{each.name}" for each in self.verb.flags]
        close = difflib.get_close_matches(flag, names, 1, 0.6) if flag.startswith("--") else []
        suggestion = f"; did you mean {close[0]}?" if close else f"; %{self.verb.magic} -h lists its flags"
        return self._fault(f"unknown flag {flag}{suggestion}", word)

    @staticmethod
    def _fault(message: str, word: Token) -> _SyntaxFault:
        return _SyntaxFault(message, word.source, word.start, word.end)


# -- errors -------------------------------------------------------------------------------------------------


def _error(message: str, verb: Verb, source: str, span: tuple[int, int] | None) -> UsageError:
    """Message, then the line with a caret under the culprit, then the example most like what was written."""
    shown: list[str] = []
    if source.strip():
        prefix = "" if source.startswith("#|") else f"{verb.prompt} "
        shown.append(f"{prefix}{source}")
        if span is not None:
            start, end = span
            shown.append(" " * (len(prefix) + start) + "^" + "~" * max(0, end - start - 1))
    shown.append(f"example: {nearest_example(verb, source)}")
    return UsageError(message, hint="\n".join(shown))


def nearest_example(verb: Verb, line: str) -> str:
    """The verb's example that shares most flags with the line, or else looks most like it."""
    written = f"{verb.prompt} {line}"
    flags = set(_FLAG_WORD.findall(line))

    def likeness(example: str) -> tuple[int, float]:
        shared = len(flags.intersection(_FLAG_WORD.findall(example)))
        return shared, difflib.SequenceMatcher(None, written, example).ratio()

    return max(verb.examples, key=likeness)


_FLAG_WORD = re.compile(r"(?<!\S)--?[\w-]+")
