"""The text of a Go template, read into nodes. Pure.

Source: text/template/parse (lex.go, parse.go) of Go's standard library.
"""

from __future__ import annotations

import ast
import math
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from typing import Any, NoReturn, TypeAlias

from kmagic.errors import ArgumentError

__all__ = (
    "Action",
    "Branch",
    "Call",
    "Chain",
    "Command",
    "Constant",
    "Field",
    "Function",
    "GoTemplateError",
    "Node",
    "Pipe",
    "Stop",
    "Term",
    "Variable",
    "parse",
)


class GoTemplateError(ArgumentError):
    """A Go template that cannot be read, or does not fit the object."""


@dataclass(frozen=True)
class Constant:
    """A literal; None is nil."""

    value: Any
    text: str


@dataclass(frozen=True)
class Field:
    """``.a.b``; no names for the dot."""

    names: tuple[str, ...]


@dataclass(frozen=True)
class Variable:
    """``$x.a.b``."""

    name: str
    names: tuple[str, ...] = ()


@dataclass(frozen=True)
class Function:
    """The name of a function."""

    name: str


@dataclass(frozen=True)
class Chain:
    """Fields of what stands in parentheses: ``(index .items 0).name``."""

    of: Term
    names: tuple[str, ...]


@dataclass(frozen=True)
class Command:
    """A term and its arguments.

    Attributes:
        text: As it was written, for messages.
    """

    terms: tuple[Term, ...]
    text: str


@dataclass(frozen=True)
class Pipe:
    """Commands, each of which gets the value of the one before as its last argument.

    Attributes:
        variables: Variables that get the value.
        assigns: Whether they are there already (``=``), or made here (``:=``).
    """

    commands: tuple[Command, ...]
    variables: tuple[str, ...] = ()
    assigns: bool = False


Term: TypeAlias = Constant | Field | Variable | Function | Chain | Pipe


@dataclass(frozen=True)
class Action:
    """A pipe whose value is written, unless a variable gets it."""

    pipe: Pipe
    line: int


@dataclass(frozen=True)
class Branch:
    """``if``, ``with`` or ``range``, with what is done otherwise."""

    word: str
    pipe: Pipe
    body: tuple[Node, ...]
    otherwise: tuple[Node, ...]
    line: int


@dataclass(frozen=True)
class Call:
    """``template``: another template, with a dot of its own."""

    name: str
    pipe: Pipe | None
    line: int


@dataclass(frozen=True)
class Stop:
    """``break`` or ``continue``."""

    word: str


Node: TypeAlias = str | Action | Branch | Call | Stop

_TOKEN = re.compile(
    r"""(?P<close>(?:\s+-)?\}\})
    |(?P<space>\s+)
    |(?P<string>"(?:\\.|[^"\\\n])*")
    |(?P<raw>`[^`]*`)
    |(?P<char>'(?:\\[^\n]+?|[^'\\\n])')
    |(?P<number>[+-]?(?:0[xX][0-9a-fA-F_]+|0[bB][01_]+|0[oO][0-7_]+|(?:\d[\d_]*)?\.?\d[\d_]*\.?(?:[eE][+-]?\d+)?)(?![\w.]))
    |(?P<field>\.[^\W\d]\w*)
    |(?P<variable>\$\w*)
    |(?P<word>[^\W\d]\w*)
    |(?P<sign>:=|[.()|,=])""",
    re.VERBOSE,
)
_COMMENT = re.compile(r"\{\{(?P<left>-\s+)?/\*.*?\*/(?P<right>\s+-)?\}\}", re.DOTALL)
# An escape of Go's and what follows it; Python knows more of them.
_ESCAPE = re.compile(
    r"""\\(?:[abfnrtv\\"']|[0-3][0-7]{2}|x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U00(?:0\d|10)[0-9a-fA-F]{4})[^\\]*""",
    re.DOTALL,
)
_NO_NUMBER = re.compile(r"(?<=.)[^\w.]")
_OPEN = re.compile(r"\{\{(?P<trim>-(?=\s))?")
# Deeper than anybody writes, and not as deep as Python's stack.
_MOST_DEEP = 50
_BRANCHES = ("if", "with", "range")
_CONTROL = (*_BRANCHES, "else", "end", "template", "define", "block", "break", "continue")


@dataclass(frozen=True)
class _Token:
    kind: str
    text: str
    start: int
    end: int


@dataclass(frozen=True)
class _Tag:
    """An action: everything between two pairs of braces."""

    tokens: tuple[_Token, ...]
    line: int


def parse(text: str, functions: Collection[str]) -> dict[str, tuple[Node, ...]]:
    """Reads a template.

    Args:
        text: The template.
        functions: The names that it may call.

    Returns:
        Its nodes by the names of ``define``; "" for itself.

    Raises:
        GoTemplateError: It cannot be read.
    """
    return _Parser(text, functions).templates()


def _fail(message: str, line: int) -> NoReturn:
    raise GoTemplateError(f"template: output:{line}: {message}")


def _pieces(text: str) -> Iterator[str | _Tag]:
    """Text and tags in turn; a dash inside of braces takes the blanks on its side."""
    at, trim = 0, False
    while (found := _OPEN.search(text, at)) is not None:
        literal = text[at : found.start()]
        literal = literal.lstrip() if trim else literal
        comment = _COMMENT.match(text, found.start())
        left = comment["left"] if comment else found["trim"]
        yield literal.rstrip() if left else literal
        line = text.count("\n", 0, found.start()) + 1
        if comment:
            at, trim = comment.end(), bool(comment["right"])
            continue
        if re.match(r"\s*/\*", text[found.end() :]):
            _fail("unclosed comment", line)
        tokens, at = _tokens(text, found.end(), line)
        trim = "-" in tokens[-1].text
        yield _Tag(tokens[:-1], line)
    yield text[at:].lstrip() if trim else text[at:]


def _tokens(text: str, at: int, line: int) -> tuple[tuple[_Token, ...], int]:
    tokens: list[_Token] = []
    depth = 0
    while True:
        found = _TOKEN.match(text, at)
        if found is None:
            _fail(_misread(text, at), line)
        at = found.end()
        tokens.append(_Token(found.lastgroup or "", found[0], found.start(), at))
        depth += {"(": 1, ")": -1}.get(found[0], 0)
        if depth < 0 or depth > _MOST_DEEP:
            _fail("unexpected right paren" if depth < 0 else "max expression depth exceeded", line)
        if found.lastgroup == "close":
            if depth:
                _fail("unclosed left paren", line)
            return tuple(tokens), at


def _misread(text: str, at: int) -> str:
    letter = text[at : at + 1]
    if not letter:
        return "unclosed action"
    if letter in "\"'`":
        what = {'"': "quoted string", "'": "character constant", "`": "raw quoted string"}[letter]
        return f"unterminated {what}"
    if letter.isdigit() or letter in "+-":
        return f'bad number syntax: "{re.split(_NO_NUMBER, text[at:])[0]}"'
    what = "bad character" if at and text[at - 1].isalnum() else "unrecognized character in action:"
    return f"{what} U+{ord(letter):04X} {letter!r}"


@dataclass
class _Open:
    """A branch or template whose end has not come."""

    word: str
    pipe: Pipe | None = None
    line: int = 0
    name: str = ""
    body: list[Node] = field(default_factory=list)
    otherwise: list[Node] | None = None
    variables: int = 0
    follows: bool = False  # `else if`: it ends with the branch that it belongs to
    outer: list[str] | None = None  # the variables around a template, which has its own

    @property
    def nodes(self) -> list[Node]:
        return self.body if self.otherwise is None else self.otherwise


class _Parser:
    def __init__(self, text: str, functions: Collection[str]) -> None:
        self.text, self.functions = text, functions
        self.found: dict[str, tuple[Node, ...]] = {}
        self.open: list[_Open] = [_Open("")]
        self.variables: list[str] = ["$"]
        self.line = 1
        self.at = 0
        self.tokens: tuple[_Token, ...] = ()

    def templates(self) -> dict[str, tuple[Node, ...]]:
        for piece in _pieces(self.text):
            if isinstance(piece, str):
                self.open[-1].nodes.extend([piece] if piece else [])
                continue
            self.tokens, self.line, self.at = piece.tokens, piece.line, 0
            self.tag()
        if len(self.open) > 1:
            _fail("unexpected EOF", self.text.count("\n") + 1)
        return {**self.found, "": tuple(self.open[0].body)}

    def tag(self) -> None:
        if len(self.open) > _MOST_DEEP:
            _fail("it is nested too deeply", self.line)
        self.blanks()
        word = self.word()
        if word in _CONTROL:
            self.at += 1
            self.control(word)
            return
        pipe = self.pipe("command", closing="")
        self.open[-1].nodes.append(Action(pipe, self.line))

    def control(self, word: str) -> None:
        if word in _BRANCHES:
            self.begin(word)
        elif word == "else":
            self.otherwise()
        elif word == "end":
            self.nothing_more("end")
            self.end()
        elif word in ("break", "continue"):
            self.nothing_more(f"{{{{{word}}}}}")
            if not self.in_range():
                _fail(f"{{{{{word}}}}} outside {{{{range}}}}", self.line)
            self.open[-1].nodes.append(Stop(word))
        else:
            self.named(word)

    def in_range(self) -> bool:
        """Returns whether a turn of a range is read, and not a template of its own inside of it."""
        for each in reversed(self.open):
            if each.outer is not None:
                return False
            if each.word == "range" and each.otherwise is None:
                return True
        return False

    def begin(self, word: str, *, follows: bool = False) -> None:
        before = len(self.variables)
        pipe = self.pipe(word, closing="")
        self.open.append(_Open(word, pipe, self.line, variables=before, follows=follows))

    def otherwise(self) -> None:
        here = self.open[-1]
        if here.word not in _BRANCHES or here.otherwise is not None:
            _fail("unexpected {{else}}", self.line)
        here.otherwise = []
        self.blanks()
        if self.word() in ("if", "with") and (self.word() == here.word):
            self.at += 1
            self.begin(here.word, follows=True)
        else:
            self.nothing_more("else")

    def end(self) -> None:
        if len(self.open) == 1:
            _fail("unexpected {{end}}", self.line)
        here = self.open.pop()
        if here.outer is not None:
            self.found[here.name] = tuple(here.body)
            self.variables = here.outer
            if here.word == "block":
                self.open[-1].nodes.append(Call(here.name, here.pipe, here.line))
            return
        del self.variables[here.variables :]
        assert here.pipe is not None
        self.open[-1].nodes.append(
            Branch(here.word, here.pipe, tuple(here.body), tuple(here.otherwise or ()), here.line)
        )
        if here.follows:
            self.end()

    def named(self, word: str) -> None:
        self.blanks()
        token = self.take()
        if token is None or token.kind not in ("string", "raw"):
            _fail(f"unexpected {_shown(token)} in {word} clause", self.line)
        name = self.literal(token)
        self.blanks()
        if word == "define":
            if len(self.open) > 1:
                _fail("unexpected {{define}}", self.line)
            self.nothing_more("define clause")
            self.template(_Open(word, line=self.line, name=name))
            return
        pipe = self.pipe(word, closing="") if self.at < len(self.tokens) else None
        if word == "template":
            self.open[-1].nodes.append(Call(name, pipe, self.line))
        else:
            self.template(_Open(word, pipe, self.line, name))

    def template(self, opened: _Open) -> None:
        opened.outer, self.variables = self.variables, ["$"]
        self.open.append(opened)

    # -- pipes

    def pipe(self, what: str, closing: str) -> Pipe:
        variables, assigns = self.declared(what)
        commands: list[Command] = []
        while True:
            command = self.command(closing)
            if command is None:
                break
            commands.append(command)
            if commands[1:] and not isinstance(command.terms[0], Function | Field | Variable | Chain | Pipe):
                _fail(f"non executable command in pipeline stage {len(commands)}", self.line)
            if self.peek() == "|":
                self.at += 1
                continue
            break
        if not commands:
            _fail(f"missing value for {what}", self.line)
        self.variables += variables  # also by `=`: whether there is one is known where it runs
        return Pipe(tuple(commands), tuple(variables), assigns)

    def declared(self, what: str) -> tuple[list[str], bool]:
        """Takes ``$x :=`` or, of a range, ``$i, $x :=``."""
        start, names = self.at, list[str]()
        while True:
            self.blanks()
            token = self.take()
            if token is None or token.kind != "variable":
                break
            names.append(token.text)
            self.blanks()
            sign = self.peek()
            if sign in (":=", "="):
                self.at += 1
                if len(names) > 1 and what != "range":
                    _fail(f"too many declarations in {what}", self.line)
                return names, sign == "="
            if sign != "," or what != "range" or len(names) > 1:
                break
            self.at += 1
        self.at = start
        return [], False

    def command(self, closing: str) -> Command | None:
        self.blanks()
        terms: list[Term] = []
        start = self.at
        while self.at < len(self.tokens) and self.peek() not in ("|", closing or None):
            if terms and self.tokens[self.at - 1].kind != "space":
                _fail(f"unexpected {_shown(self.tokens[self.at])} in operand", self.line)
            terms.append(self.operand())
            self.blanks()
        if not terms:
            return None
        end = self.tokens[self.at - 1].end
        return Command(tuple(terms), self.text[self.tokens[start].start : end].strip())

    def operand(self) -> Term:
        term = self.term()
        names: list[str] = []
        while self.at < len(self.tokens) and self.tokens[self.at].kind == "field":
            names.append(self.tokens[self.at].text[1:])
            self.at += 1
        if not names:
            return term
        if isinstance(term, Field) and term.names:
            return Field((*term.names, *names))
        if isinstance(term, Variable):
            return Variable(term.name, tuple(names))
        if isinstance(term, Constant) or term == Field(()):
            _fail(f"unexpected . after term {_shown(self.tokens[self.at - len(names) - 1])}", self.line)
        return Chain(term, tuple(names))

    def term(self) -> Term:
        token = self.take()
        assert token is not None
        match token.kind:
            case "field":
                return Field((token.text[1:],))
            case "variable":
                self.known(token.text)
                return Variable(token.text)
            case "word":
                return self.named_term(token)
            case "string" | "raw" | "char" | "number":
                return Constant(self.literal(token), token.text)
        if token.text == ".":
            return Field(())
        if token.text == "(":
            pipe = self.pipe("parenthesized pipeline", closing=")")
            self.at += 1  # the lexer has counted them
            return pipe
        _fail(f"unexpected {_shown(token)} in command", self.line)

    def named_term(self, token: _Token) -> Term:
        if token.text in ("true", "false", "nil"):
            return Constant({"true": True, "false": False, "nil": None}[token.text], token.text)
        if token.text in _CONTROL:
            _fail(f"unexpected <{token.text}> in command", self.line)
        if token.text not in self.functions:
            _fail(f'function "{token.text}" not defined', self.line)
        return Function(token.text)

    def literal(self, token: _Token) -> Any:
        if token.kind == "raw":
            return token.text[1:-1]
        if token.kind == "number":
            return self.number(token.text)
        if any(not _ESCAPE.fullmatch(each) for each in re.findall(r"\\.[^\\]*", token.text[1:-1], re.DOTALL)):
            _fail("invalid syntax", self.line)
        value = str(ast.literal_eval(token.text))
        if any("\ud800" <= letter <= "\udfff" for letter in value):
            _fail("invalid syntax", self.line)  # half a character
        if token.kind == "char" and len(value) != 1:
            _fail(f"malformed character constant: {token.text}", self.line)
        return ord(value) if token.kind == "char" else value

    def number(self, text: str) -> int | float:
        is_float = re.search(r"[.eE]", text) and not re.match(r"[+-]?0[xX]", text)
        value: int | float
        try:
            value = float(text) if is_float else int(re.sub(r"^([+-]?)0(?=[\d_])", r"\g<1>0o", text), 0)
        except ValueError:
            # Digits that are no octal ones after a zero are too large for Go, as are more than Python reads.
            large = re.fullmatch(r"[+-]?\d+(?:_\d+)*", text)
            _fail(f'{"integer overflow:" if large else "illegal number syntax:"} "{text}"', self.line)
        if is_float and math.isinf(value):
            _fail(f'illegal number syntax: "{text}"', self.line)
        if not is_float and not -(2**63) <= value < 2**63:
            _fail(f'integer overflow: "{text}"', self.line)
        return value

    # -- tokens

    def known(self, name: str) -> None:
        if name not in self.variables:
            _fail(f'undefined variable "{name}"', self.line)

    def blanks(self) -> None:
        while self.at < len(self.tokens) and self.tokens[self.at].kind == "space":
            self.at += 1

    def take(self) -> _Token | None:
        token = self.tokens[self.at] if self.at < len(self.tokens) else None
        self.at += token is not None
        return token

    def peek(self) -> str | None:
        return self.tokens[self.at].text if self.at < len(self.tokens) else None

    def word(self) -> str:
        return self.tokens[self.at].text if self.at < len(self.tokens) else ""

    def nothing_more(self, what: str) -> None:
        self.blanks()
        if self.at < len(self.tokens):
            _fail(f"unexpected {_shown(self.tokens[self.at])} in {what}", self.line)


def _shown(token: _Token | None) -> str:
    text = token.text.strip('"') if token else "}}"
    return f'"{text}"'
