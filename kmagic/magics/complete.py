"""Completion inside magics: types, names, namespaces, contexts and flags, from what this notebook knows already.

It never makes a request: completion waits for a busy kernel anyway, and Tab must not touch a cluster. The
result for a place that is ours is never empty, because an empty one would let Python's own completion answer
inside a manifest; at worst it offers what is written already.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from kmagic.errors import UsageError
from kmagic.magics.language.registry import KUBECTL, VERBS, verb_named

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kmagic.magics.language.verb import Verb

__all__ = ("Completion", "Completions", "Sources", "complete")


@dataclass(frozen=True)
class Completion:
    """One offer: the text that replaces the fragment, and what it is, shown beside it."""

    text: str
    kind: str


@dataclass(frozen=True)
class Completions:
    """Offers, best first, for the `fragment` before the cursor."""

    items: tuple[Completion, ...]
    fragment: str


class Sources(Protocol):
    """What a session remembers; every answer comes from memory."""

    def types(self) -> Iterable[str]:
        """Names of resource types, the common ones first."""

    def names(self, resource: str, namespace: str) -> Iterable[str]:
        """Names of objects seen of a type; `namespace` "" is the session's own."""

    def namespaces(self) -> Iterable[str]:
        """Namespaces seen."""

    def contexts(self) -> Iterable[str]:
        """Contexts of the kubeconfig."""

    def fields(self, body: str) -> Iterable[str]:
        """Keys that may stand at the end of a manifest's text."""

    def paths(self, path: str) -> Iterable[str]:
        """What ``pods.spec.con`` may become: field paths of types that were explained."""


_CELL_MAGIC = re.compile(r"\s*%%k(?P<verb>\w+)")
# A line magic may be assigned: `pods = %kget po`. The name must be complete: `%kge` is IPython's to complete.
_LINE_MAGIC = re.compile(r"^\s*(?:[\w\s,.\[\]\"']+=\s*)?%{1,2}k(?P<verb>\w*)\s+(?P<rest>.*)$")
_OUTPUTS = ("wide", "yaml", "json", "name", "jsonpath=", "custom-columns=")


def complete(text: str, sources: Sources) -> Completions | None:
    """Completes a cell's text up to the cursor.

    Returns:
        None when the cursor is not inside one of our magics.
    """
    *above, line = text.split("\n")
    cell = _CELL_MAGIC.match(text)
    if cell is not None and above and (cell["verb"] in VERBS or f"k{cell['verb']}" == KUBECTL.magic):
        if line.startswith("#|") and (verb := VERBS.get(cell["verb"])):
            return _in_line(verb, line[2:], sources)
        return _in_body("\n".join((*above[1:], line)), sources)
    matched = _LINE_MAGIC.match(line)
    if matched is None:
        return None
    rest = matched["rest"]
    if f"k{matched['verb']}" == KUBECTL.magic:
        name, blank, rest = rest.partition(" ")
        if not blank:
            return _offer(name, VERBS, "verb")
        try:
            return _in_line(verb_named(name), rest, sources)
        except UsageError:
            return _offer(_words(rest)[-1], (), "")
    found = VERBS.get(matched["verb"])
    return _in_line(found, rest, sources) if found else None


def _in_body(body: str, sources: Sources) -> Completions:
    fragment = re.split(r"[\s:]", body)[-1]
    return _offer(fragment, sources.fields(body), "field")


def _in_line(verb: Verb, rest: str, sources: Sources) -> Completions:
    *before, fragment = _words(rest)
    wanted = _flag_waiting(verb, before)
    if wanted is not None:
        return _offer(fragment, _values(verb, wanted, sources), wanted)
    if fragment.startswith("-"):
        return _flags(verb, fragment, sources)
    return _argument(verb, before, fragment, sources)


def _words(text: str) -> list[str]:
    """Words before the cursor; the last is the fragment, "" after a blank. Quotes are left in."""
    return text.split(" ")


def _flag_waiting(verb: Verb, before: list[str]) -> str | None:
    """The flag whose value comes next, or None."""
    if not before or not before[-1].startswith("-") or "=" in before[-1]:
        return None
    flag = verb.flag(before[-1].lstrip("-"))
    return flag.name if flag and flag.takes_value else None


def _flags(verb: Verb, fragment: str, sources: Sources) -> Completions:
    name, equals, typed = fragment.partition("=")
    flag = verb.flag(name.lstrip("-"))
    if equals and flag is not None:
        values = [f"{name}={value}" for value in _values(verb, flag.name, sources)]
        return _offer(f"{name}={typed}", values, flag.name)
    return _offer(fragment, [f"--{each.name}" for each in verb.flags], "flag")


def _values(verb: Verb, name: str, sources: Sources) -> Iterable[str]:
    flag = verb.flag(name)
    if flag is None:
        return ()
    if flag.choices:
        return flag.choices
    match flag.completes:
        case "namespace":
            return sources.namespaces()
        case "context":
            return sources.contexts()
        case "output":
            return _OUTPUTS
        case _:
            return ()


def _argument(verb: Verb, before: list[str], fragment: str, sources: Sources) -> Completions:
    given = _arguments(verb, before)
    kinds = verb.arguments
    kind = kinds[min(len(given), len(kinds) - 1)] if kinds else ""
    namespace = _namespace_given(before)
    if ("type" in kinds or kind == "pod") and "/" in fragment:
        resource, _, _ = fragment.partition("/")
        names = [f"{resource}/{name}" for name in sources.names(resource, namespace)]
        return _offer(fragment, names, resource)
    match kind:
        case "type":
            # `po,dep`: only what follows the last comma is being written.
            last = fragment.rpartition(",")[2]
            return _offer(last, sources.types(), "type")
        case "pod":
            return _offer(fragment, sources.names("pods", namespace), "pods")
        case "path":
            if "." in fragment:
                return _offer(fragment, sources.paths(fragment), "field")
            return _offer(fragment, sources.types(), "type")
        case "name":
            return _offer(fragment, sources.names(given[0], namespace), given[0])
        case "context":
            return _offer(fragment, sources.contexts(), "context")
        case "namespace":
            return _offer(fragment, sources.namespaces(), "namespace")
        case "verb":
            return _offer(fragment, VERBS, "verb")
        case "action":
            return _offer(fragment, [each.name for each in verb.actions], "action")
        case _:
            return _offer(fragment, (), "")


def _arguments(verb: Verb, before: list[str]) -> list[str]:
    """The words before the cursor that are neither flags nor flags' values."""
    given: list[str] = []
    waiting = False
    for word in before:
        if waiting:
            waiting = False
        elif word.startswith("-"):
            flag = verb.flag(word.lstrip("-"))
            waiting = flag is not None and flag.takes_value
        elif word:
            given.append(word)
    return given


def _namespace_given(before: list[str]) -> str:
    for at, word in enumerate(before):
        if word in ("-n", "--namespace") and at + 1 < len(before):
            return before[at + 1]
        for prefix in ("--namespace=", "-n"):
            if word.startswith(prefix) and len(word) > len(prefix):
                return word[len(prefix) :].lstrip("=")
    return ""


def _offer(fragment: str, texts: Iterable[str], kind: str) -> Completions:
    matching = tuple(Completion(text, kind) for text in dict.fromkeys(texts) if text.startswith(fragment))
    return Completions(matching or (Completion(fragment, kind or "text"),), fragment)
