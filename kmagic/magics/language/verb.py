"""The declaration of a verb: its flags, the number of its arguments, which of them exclude each other.

One row of the table of verbs is a `Verb`; help, completion, the guard and the checks before the first request are
derived from it. Pure values; `grammar` reads a line against them, `usage` refuses what does not fit together.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum
from typing import TypeAlias

__all__ = ("Cell", "Effect", "Flag", "FlagKind", "FlagValue", "Rule", "Verb", "action", "flags_of")

FlagValue: TypeAlias = "str | int | float | bool | tuple[str, ...]"


class FlagKind(Enum):
    """The way in which a flag takes its value."""

    BOOL = "bool"
    TEXT = "text"
    INT = "int"
    LIST = "list"  # may be repeated; the values add up
    SWITCH = "switch"  # text that may be left out: `--dry-run`, `--dry-run=client`
    DURATION = "duration"  # Go's: 500ms, 1h30m, 0; kept in seconds
    TIMEOUT = "timeout"  # a duration, or a whole number of seconds


class Cell(Enum):
    """The form of a magic: a line, a cell or both."""

    LINE = "line"
    BOTH = "both"
    CELL = "cell"


class Effect(Enum):
    """The possible effect of a verb on the cluster; the guard is derived from it."""

    READ = "read"
    WRITE = "write"
    SESSION = "session"  # changes only this notebook's own state


@dataclass(frozen=True)
class Flag:
    """One flag of a verb, as kubectl spells it.

    Attributes:
        default: Value of a flag that is not given; None for none.
        implied: The value of a SWITCH given without one.
        completes: Its kind: ``namespace``, ``context``, ``file``, ``output``, ``label``, ``container``, ``object``.
        refused: Values that are refused, each with the sentence that says why.
    """

    name: str
    short: str = ""
    kind: FlagKind = FlagKind.TEXT
    help: str = ""
    choices: tuple[str, ...] = ()
    implied: str = ""
    completes: str = ""
    default: FlagValue | None = None
    refused: tuple[tuple[FlagValue, str], ...] = ()

    @property
    def takes_value(self) -> bool:
        """True if the next word belongs to this flag."""
        return self.kind not in (FlagKind.BOOL, FlagKind.SWITCH)


@dataclass(frozen=True)
class Rule:
    """A combination that a verb refuses: all of `given`, and none of `without`.

    A part is a flag's name (given with another value than its default), ``grace-period>0``, ``output=json``, or one
    of ``ARGUMENT`` (any argument), ``BODY`` (the cell below the line) and ``COMMAND`` (the words after ``--``).

    Attributes:
        says: The error's sentence.
    """

    given: tuple[str, ...]
    says: str
    without: tuple[str, ...] = ()


@dataclass(frozen=True)
class Verb:
    """One row of the table of verbs, or one action of such a row (``rollout undo``).

    Attributes:
        arguments: Kinds of the arguments; the last repeats: ``("type", "name")``.
        most: Greatest number of arguments; None for any number.
        too_many: The error's sentence for one more.
        takes_command: Whether the words after ``--`` are a command of their own; else they are arguments, as pflag
            has it.
        rules: Combinations that are refused before the first request.
        actions: Values of the first arguments, where a verb has verbs of its own (``create service nodeport``); each
            has its own flags. One named "" is the verb without any (``create -f``).
        action_optional: Whether it may be left out.
        magic_name: The magic's name, where it is not `name` after a "k".
        aliases: Other names that kubectl takes for it.
    """

    name: str
    summary: str
    usage: str
    examples: tuple[str, ...]
    flags: tuple[Flag, ...] = ()
    cell: Cell = Cell.LINE
    effect: Effect = Effect.READ
    arguments: tuple[str, ...] = ()
    most: int | None = None
    too_many: str = ""
    takes_command: bool = False
    rules: tuple[Rule, ...] = ()
    actions: tuple[Verb, ...] = ()
    action_optional: bool = False
    magic_name: str = ""
    aliases: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        # A verb's own flag stands in front of one that every verb has, as with pflag: create rolebinding --user.
        object.__setattr__(self, "flags", tuple({flag.name: flag for flag in reversed(self.flags)}.values())[::-1])

    @property
    def magic(self) -> str:
        """The magic's name without percent signs: ``kget``."""
        return self.magic_name or f"k{self.name}"

    @property
    def kinds(self) -> tuple[str, ...]:
        """IPython's words for its forms: ``line``, ``cell``."""
        return ("line", "cell") if self.cell is Cell.BOTH else (self.cell.value,)

    @property
    def module(self) -> str:
        """The module of `verbs` that holds its code."""
        return self.name.replace("-", "_")

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

    def action(self, *words: str) -> Verb | None:
        """The action that words begin with, by its name or another one that kubectl has for it."""
        for count in (2, 1):
            name = " ".join(words[:count])
            for each in self.actions:
                if name == each.name or name in each.aliases:
                    return each
        return None


def action(name: str, usage: str, flags: tuple[Flag, ...], effect: Effect, most: int | None = None) -> Verb:
    """One action of a verb that has verbs of its own; its help and examples stand in the verb's row."""
    return Verb(name, "", usage, (), flags, effect=effect, most=most)


def flags_of(actions: tuple[Verb, ...]) -> tuple[Flag, ...]:
    """The flags of all actions, for the row of their verb: each name once, a short letter for the first that has it."""
    found: dict[str, Flag] = {}
    letters: set[str] = set()
    for each in (flag for one in actions for flag in one.flags):
        if each.name not in found:
            found[each.name] = replace(each, short="") if each.short in letters else each
            letters.add(each.short)
    return tuple(found.values())
