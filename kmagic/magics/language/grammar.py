"""The text of a magic becomes a `Command`: kubectl's words, split and read as kubectl reads them.

`parse` takes the tokens of the line and of the ``#|`` lines of the cell, sorts them into arguments and flags by
pflag's rules (``-nprod``, ``-Aowide``, ``--flag=value``, ``--``, repeated flags), and refuses what the verb's row
does not take: flags of another action, arguments that are left over, combinations, a shell's signs.

Every mistake is a `UsageError` with the line, a caret under the culprit and the nearest example.
"""

from __future__ import annotations

import builtins
import keyword
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from kmagic.api.times import parse_duration, parse_timeout
from kmagic.api.words import did_you_mean, likeness
from kmagic.errors import UsageError
from kmagic.magics.language.left_out import reason_for_flag, reason_for_verb
from kmagic.magics.language.shell_signs import shell_sign
from kmagic.magics.language.tokens import Evaluate, SyntaxFault, Token, expand, option_lines, split
from kmagic.magics.language.verb import Effect, Flag, FlagKind, FlagValue, Verb

__all__ = ("Command", "FlagValues", "nearest_example", "parse", "tokens_of")


class FlagValues(Mapping[str, FlagValue]):
    """The flags that were given, by name; remembers which of them were read.

    A flag that a verb takes and never looks at would be a promise that is not kept: tests compare `read` with what
    was given.
    """

    def __init__(self, given: Mapping[str, FlagValue] | None = None) -> None:
        self._given = dict(given or {})
        self.read: set[str] = set()

    def __getitem__(self, name: str) -> FlagValue:
        self.read.add(name)
        return self._given[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._given)

    def __len__(self) -> int:
        return len(self._given)

    def __repr__(self) -> str:
        return repr(self._given)

    def changed(self, name: str, value: FlagValue) -> FlagValues:
        """The same flags with another value for one of them; what is read there counts as read here."""
        found = FlagValues({**self._given, name: value})
        found.read = self.read
        return found


@dataclass(frozen=True)
class Command:
    """A magic, understood: ``%kget pods web-0 -n shop`` is verb get, arguments (pods, web-0), namespace shop."""

    verb: Verb
    line: str
    arguments: tuple[str, ...] = ()
    flags: FlagValues = field(default_factory=FlagValues)
    rest: tuple[str, ...] = ()  # the words after `--`
    body: str | None = None  # the cell below the first line; None for a line magic
    to: str = ""  # the variable that gets the result
    help: bool = False

    @property
    def action(self) -> Verb | None:
        """The action that the first arguments name, where the verb has actions: ``rollout undo``."""
        return self.verb.action(*self.arguments)

    @property
    def row(self) -> Verb:
        """The row that says which flags it takes: its action, else its verb."""
        return self.action or self.verb

    @property
    def objects(self) -> tuple[str, ...]:
        """The arguments behind the action."""
        return self.arguments[len(self.action.name.split()) :] if self.action else self.arguments

    @property
    def effect(self) -> Effect:
        """Its possible effect on the cluster: that of its action, else its verb's."""
        return self.action.effect if self.action else self.verb.effect

    def value(self, name: str) -> FlagValue | None:
        """The value of a flag as it was given, else the default that the verb declares for it, else None."""
        if name in self.flags:
            return self.flags[name]
        flag = self.row.flag(name)
        return flag.default if flag else None

    def text(self, name: str, default: str = "") -> str:
        """The value of a text flag."""
        value = self.value(name)
        return default if value is None else str(value)

    def on(self, name: str) -> bool:
        """Returns whether a yes/no flag is on: as given, else by its default."""
        return self.value(name) is True

    def number(self, name: str, default: int = 0) -> int:
        """The value of a number flag."""
        value = self.value(name)
        return value if isinstance(value, int) else default

    def seconds(self, name: str) -> float | None:
        """The value of a duration flag in seconds; None where it was not given and has no default."""
        value = self.value(name)
        return value if isinstance(value, float) else None

    def values(self, name: str) -> tuple[str, ...]:
        """The values of a flag that may be repeated."""
        value = self.value(name)
        return value if isinstance(value, tuple) else ()

    def has(self, name: str) -> bool:
        """Returns whether the flag was given at all."""
        return name in self.flags and self.flags[name] is not None

    def usage_error(self, message: str, at: str = "") -> UsageError:
        """An error about this command, with a caret under the argument or flag `at`."""
        start = self.line.find(at) if at else -1
        span = (start, start + len(at)) if start >= 0 else None
        return _error(message, self.verb, self.line, span)


def parse(verb: Verb, line: str, cell: str | None, evaluate: Evaluate) -> Command:
    """Reads a magic's line (and the ``#|`` option lines of its cell) into a command.

    Args:
        verb: The verb's row in the table.
        line: The text after the magic's name on its line.
        cell: The rest of a cell, or None for a line magic.
        evaluate: Evaluates the expressions in ``{{ }}``.

    Raises:
        UsageError: The line does not follow the grammar; nothing was sent.
    """
    try:
        tokens = split(line)
        for options in option_lines(cell):
            tokens += split(options, start=2)
        words, to = _take_target([expand(token, evaluate) for token in tokens])
        command = _Parser(verb, line, words, evaluate).command(cell, to)
    except SyntaxFault as fault:
        raise _error(fault.message, verb, fault.source, (fault.start, fault.end)) from fault.__cause__
    if not command.help:
        command = _with_template(command)
        _refuse_combinations(command)
        command.flags.read.clear()
    return command


def _with_template(command: Command) -> Command:
    """The command with its ``--template`` in its ``-o``, where every form of output is looked for."""
    template = command.text("template")
    if not template:
        return command
    kind = command.text("output", "go-template")
    if "=" in kind:
        raise command.usage_error("give one template: in -o, or with --template", at="--template")
    return replace(command, flags=command.flags.changed("output", f"{kind}={template}"))


def tokens_of(verb: Verb, line: str) -> list[Token]:
    """The line's tokens.

    Raises:
        UsageError: A quote is never closed, or a shell's substitution stands there.
    """
    try:
        return split(line)
    except SyntaxFault as fault:
        raise _error(fault.message, verb, fault.source, (fault.start, fault.end)) from fault.__cause__


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
    raise SyntaxFault(f"{name!r} is not a variable's name", token.source, token.start, token.end)


# A shell's variables, and what IPython replaces in other magics: {ns}, {pod.name}, {names[0]}.
_VARIABLE = re.compile(
    r"\$\{(?P<braced>[^\W\d]\w*)\}|\$(?P<shell>[^\W\d]\w*)"
    r"|(?<![{$])\{(?P<python>[^\W\d]\w*(?:[.\[(][^{}]*)?)\}(?!\})"
)


class _Parser:
    """pflag's reading of a list of words. Source: github.com/spf13/pflag flag.go (parseArgs)."""

    def __init__(self, verb: Verb, line: str, words: Sequence[Token], evaluate: Evaluate) -> None:
        self.verb, self.line, self.words, self.evaluate = verb, line, words, evaluate
        self.at = 0
        self.arguments: list[str] = []
        self.flags: dict[str, FlagValue] = {}
        self.rest: tuple[str, ...] = ()
        self.help = False

    @property
    def row(self) -> Verb:
        """The row that says which flags come next: the action, as soon as it was named."""
        return self.verb.action(*self.arguments) or self.verb

    def _flag(self, name: str = "", letter: str = "") -> Flag | None:
        """The flag of that name or letter; one of another action is known, too, and refused with what it goes with."""
        for flags in (self.row.flags, self.verb.flags):
            for each in flags:
                if (name and each.name == name) or (letter and each.short == letter):
                    return each
        return None

    def command(self, cell: str | None, to: str) -> Command:
        while self.at < len(self.words):
            word = self.words[self.at]
            self.at += 1
            if word.text == "--" and not word.quoted:
                self._after_dashes()
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
            FlagValues(self.flags),
            self.rest,
            cell,
            str(chosen) or to,
            self.help,
        )

    def _argument(self, word: Token) -> None:
        self._refuse_variable(word)
        self._refuse_shell_sign(word)
        most = self.verb.most
        if most is not None and len(self.arguments) >= most:
            raise self._fault(self.verb.too_many or _too_many(self.verb, word.text), word)
        self.arguments.append(word.text)

    def _after_dashes(self) -> None:
        """Takes the words after ``--``: a command of its own, or arguments, whatever they look like."""
        words, self.at = self.words[self.at :], len(self.words)
        for at, word in enumerate(words):
            if not self.row.takes_command:
                self._argument(word)
                continue
            self._refuse_variable(word)
            if not word.quoted and (says := shell_sign(word.text, " ".join(each.text for each in words[at + 1 :]))):
                hint = "; in the container, sh -c '…' runs a line with such signs"
                raise self._fault(f"{says}{hint}", word)
        if self.row.takes_command:
            self.rest = tuple(each.text for each in words)

    def _refuse_shell_sign(self, word: Token) -> None:
        """``|``, ``>``, ``&&`` and their like are a shell's, and there is none."""
        if word.quoted:
            return
        says = shell_sign(word.text, " ".join(each.text for each in self.words[self.at :]))
        if says:
            raise self._fault(says, word)

    def _refuse_variable(self, word: Token) -> None:
        """``$ns`` and IPython's ``{ns}`` are not replaced here; say so when the notebook has such a variable."""
        for found in () if word.quoted else _VARIABLE.finditer(word.text):
            expression = found["shell"] or found["braced"] or found["python"]
            if self._is_variable(re.split(r"\W", expression)[0]):
                says = f"{found[0]} is not replaced in a magic; did you mean {{{{{expression}}}}}?"
                raise self._fault(says, word)

    def _is_variable(self, name: str) -> bool:
        if hasattr(builtins, name):
            return False
        try:
            self.evaluate(name)
        except Exception:  # no such variable: then it is plain text, and the server's to judge
            return False
        return True

    def _long(self, word: Token) -> None:
        name, equals, value = word.text[2:].partition("=")
        if name == "help":
            self.help = True
            return
        flag = self._flag(name.replace("_", "-"))
        if flag is None:
            raise self._unknown(f"--{name}", word)
        self._store(flag, value if equals else None, word)

    def _short(self, word: Token) -> None:
        letters = word.text[1:]
        while letters:
            letter, letters = letters[0], letters[1:]
            flag = self._flag(letter=letter)
            if letter == "h" and flag is None:
                self.help = True
                continue
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
            value = word.text
        if value is not None:
            self._refuse_variable(replace(word, text=value))
            self._refuse_shell_sign(replace(word, text=value))
        found = self._value(flag, value, word)
        for refused, says in flag.refused:
            if found == refused:
                raise self._fault(says, word)
        self.flags[flag.name] = found

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
            case FlagKind.DURATION | FlagKind.TIMEOUT:
                return self._seconds(flag, value or "", word)
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

    def _seconds(self, flag: Flag, value: str, word: Token) -> float:
        plain = flag.kind is FlagKind.TIMEOUT
        try:
            return parse_timeout(value) if plain else parse_duration(value)
        except ValueError as error:
            more = f"; did you mean {value}s?" if value.lstrip("+-").isdecimal() else ""
            also = ", a number of seconds" if plain else ""
            says = f"--{flag.name} takes a time such as 500ms, 30s or 1h30m{also} or 0, not {value!r}{more}"
            raise self._fault(says, word) from error

    def _unknown(self, flag: str, word: Token) -> SyntaxFault:
        names = [f"--{each.name}" for each in self.row.flags]
        name = self.verb.name if self.row is self.verb else f"{self.verb.name} {self.row.name}"
        if why := reason_for_flag(name, flag.lstrip("-")):
            return self._fault(f"{flag} is not taken: {why}", word)
        close = did_you_mean(flag, names, 1) if flag.startswith("--") else ""
        return self._fault(f"unknown flag {flag}; {close or f'%{self.verb.magic} -h lists its flags'}", word)

    @staticmethod
    def _fault(message: str, word: Token) -> SyntaxFault:
        return SyntaxFault(message, word.source, word.start, word.end)


# -- what does not go together ------------------------------------------------------------------------------


def _refuse_combinations(command: Command) -> None:
    """Refuses what the verb's row says cannot be: before any request, so that nothing is half done."""
    action = _action_of(command) if command.verb.actions else None
    for verb in filter(None, (command.verb, action)):
        for rule in verb.rules:
            if all(_is_given(command, part) for part in rule.given) and not any(
                _is_given(command, part) for part in rule.without
            ):
                flags = [f"--{part}" for part in reversed(rule.given) if command.verb.flag(part)]
                at = next((flag for flag in flags if flag in command.line), "")
                raise command.usage_error(rule.says, at=at)


def _action_of(command: Command) -> Verb | None:
    """The action, with only the flags and arguments that it takes."""
    verb, action = command.verb, command.action
    if action is None:
        if not command.arguments and verb.action_optional:
            return None
        word = command.arguments[0] if command.arguments else ""
        names = [each.name for each in verb.actions if each.name]
        if why := reason_for_verb(verb.name, *command.arguments):
            raise command.usage_error(f"kubectl {verb.name} {word} is not a magic: {why}", at=word)
        says = "; ".join(filter(None, (f"say what: {', '.join(names)}", did_you_mean(word, names, 1))))
        raise command.usage_error(says, at=word)
    for name in command.flags:
        if action.flag(name) is None:
            takes = " and ".join(each.name for each in verb.actions if each.flag(name))
            says = f"--{name} goes with {verb.name} {takes}, not with {verb.name} {action.name}".rstrip()
            raise command.usage_error(says, at=f"--{name}")
    given = command.objects
    if action.most is not None and len(given) > action.most:
        raise command.usage_error(f"{given[action.most]!r} is left over: {action.usage}", at=given[action.most])
    return action


def _is_given(command: Command, part: str) -> bool:
    """Returns whether a part of a `Rule` is in the command."""
    if part in ("ARGUMENT", "BODY", "COMMAND"):
        present = {"ARGUMENT": command.objects, "BODY": command.body is not None, "COMMAND": command.rest}
        return bool(present[part])
    name, sign, value = re.split(r"([>=]|$)", part, maxsplit=1)
    if sign == ">":
        return command.number(name) > int(value)
    if sign == "=":
        return command.text(name).partition("=")[0] in value.split("|")
    flag = command.row.flag(name)
    return command.has(name) and flag is not None and command.flags[name] not in (flag.default, "", False, ())


def _too_many(verb: Verb, word: str) -> str:
    if not verb.most:
        return f"{word!r} is left over: %{verb.magic} takes flags only"
    return f"{word!r} is left over: %{verb.magic} takes at most {verb.most} argument{'s' if verb.most > 1 else ''}"


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

    def rank(example: str) -> tuple[int, float]:
        shared = len(flags.intersection(_FLAG_WORD.findall(example)))
        return shared, likeness(written, example)

    return max(verb.examples, key=rank)


_FLAG_WORD = re.compile(r"(?<!\S)--?[\w-]+")
