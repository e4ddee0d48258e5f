"""The table of verbs: what each magic is called, takes and can do. Help, completion and the guard read it.

The order is the order of `%khelp`. A verb's code is `verbs/<module>.py`, imported when it is first used.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from kmagic.api.times import format_duration
from kmagic.api.words import did_you_mean
from kmagic.errors import UsageError
from kmagic.magics.language.flags import GLOBAL_FLAGS
from kmagic.magics.language.table.asking import ASKING
from kmagic.magics.language.table.changing import CHANGING_VERBS
from kmagic.magics.language.table.creating import CREATING
from kmagic.magics.language.table.manifests import MANIFESTS
from kmagic.magics.language.table.nodes import NODES
from kmagic.magics.language.table.notebook import NOTEBOOK
from kmagic.magics.language.table.reaching import REACHING
from kmagic.magics.language.table.reading import READING
from kmagic.magics.language.verb import Cell, Flag, FlagKind, Verb

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kmagic.magics.language.grammar import Command
    from kmagic.magics.language.tokens import Evaluate, Token

__all__ = ("KUBECTL", "KUBECTL_WORDS", "VERBS", "help_text", "kubectl_command", "verb_named")

VERBS = MappingProxyType(
    {
        verb.name: verb
        for verb in (
            *READING,
            *MANIFESTS,
            *CHANGING_VERBS,
            *CREATING,
            *NODES,
            *REACHING,
            *ASKING,
            *NOTEBOOK,
        )
    }
)

# A flag's value in the help; =VALUE for the other kinds.
_VALUES = MappingProxyType(
    {FlagKind.BOOL: "", FlagKind.INT: "=N", FlagKind.DURATION: "=TIME", FlagKind.TIMEOUT: "=TIME"}
)

# kubectl's words for verbs that are called otherwise here.
KUBECTL_WORDS = MappingProxyType({"port-forward": "forward"})

KUBECTL = Verb(
    name="kubectl",
    magic_name="kubectl",
    summary="Takes a pasted kubectl command and runs it as the magic of that verb.",
    usage="VERB …",
    examples=("%kubectl get pods -n shop", "%kubectl delete deploy web"),
    flags=GLOBAL_FLAGS,
    cell=Cell.BOTH,
    arguments=("verb",),
)


def verb_named(name: str) -> Verb:
    """The verb of that name.

    Raises:
        UsageError: There is none; the message suggests the nearest.
    """
    found = VERBS.get(KUBECTL_WORDS.get(name, name))
    if found is not None:
        return found
    from kmagic.magics.language.left_out import reason_for_verb

    if why := reason_for_verb(name):
        raise UsageError(f"kubectl {name} is not a magic: {why}", hint="example: %kubectl get pods")
    suggestion = did_you_mean(name, VERBS) or "%khelp lists them"
    raise UsageError(f"no magic for the verb {name!r}; {suggestion}", hint="example: %kubectl get pods")


def kubectl_command(line: str, cell: str | None, evaluate: Evaluate) -> Command:
    """Reads a pasted ``kubectl`` line: ``get po -n x`` or, with flags first, ``-n x get po``."""
    # What reads a line is imported by the first one: the table is there when the extension is loaded.
    from kmagic.magics.language.grammar import parse, tokens_of

    words = tokens_of(KUBECTL, line)
    at = _verb_position(words)
    if at is None:
        raise UsageError("a kubectl command begins with its verb", hint="example: %kubectl get pods -n shop")
    verb = verb_named(words[at].text)
    before, after = line[: words[at].start], line[words[at].end :]
    return parse(verb, f"{before.strip()} {after.strip()}".strip(), cell, evaluate)


def _verb_position(words: Sequence[Token]) -> int | None:
    """Returns the position of the verb; flags that every verb has may come first."""
    valued = [flag for flag in GLOBAL_FLAGS if flag.takes_value]
    takes = {f"--{flag.name}" for flag in valued} | {f"-{flag.short}" for flag in valued if flag.short}
    skip = False
    for at, word in enumerate(words):
        if skip:
            skip = False
        elif word.text in takes:
            skip = True
        elif not word.text.startswith("-"):
            return at
    return None


def help_text(verb: Verb) -> str:
    """Returns the help of ``%kget?`` and ``%kget -h``: summary, usage, examples, flags."""
    lines = [verb.summary, "", f"{verb.prompt} {verb.usage}"]
    if verb.cell is Cell.BOTH:
        lines.append(f"%{verb.prompt} …   with manifests in the cell")
    lines += ["", "Examples:", *(f"  {example}" for example in verb.examples)]
    if verb.flags:
        names = [_flag_names(flag) for flag in verb.flags]
        width = max(map(len, names))
        rows = zip(names, verb.flags, strict=True)
        takers = _takers(verb)
        lines += ["", "Flags:"]
        lines += [
            f"  {name.ljust(width)}  {flag.help}{_default(flag)}{takers.get(flag.name, '')}" for name, flag in rows
        ]
    return "\n".join(lines)


def _takers(verb: Verb) -> dict[str, str]:
    """Returns the actions that take a flag, by its name, where not all do."""
    takers: dict[str, list[str]] = {}
    for each in verb.actions:
        for flag in each.flags:
            takers.setdefault(flag.name, []).append(each.name or "-f")
    return {name: f" [{', '.join(takes)}]" for name, takes in takers.items() if len(takes) < len(verb.actions)}


def _default(flag: Flag) -> str:
    default = flag.default
    text = str(default).lower() if isinstance(default, bool) else default
    text = format_duration(default) if isinstance(default, float) else text
    return f" (default {text})" if text is not None else ""


def _flag_names(flag: Flag) -> str:
    short = f"-{flag.short}, " if flag.short else "    "
    value = f"[={flag.implied}]" if flag.kind is FlagKind.SWITCH else _VALUES.get(flag.kind, "=VALUE")
    return f"{short}--{flag.name}{value}"
