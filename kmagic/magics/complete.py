"""Completion inside magics: types, names, namespaces, contexts, labels, containers, flags, keys and values. Pure.

What is offered comes from `Sources`, which may ask the server for a moment (`session.asking` says how long). The
result for a place that is ours is never empty, because an empty one would let Python's own completion answer inside a
manifest; at worst it offers what is written already.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from kmagic.errors import UsageError
from kmagic.magics.language.registry import KUBECTL, VERBS, verb_named

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from kmagic.magics.language.verb import Flag, Verb

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
    """The sources of completions, in one context."""

    def types(self) -> Iterable[str]:
        """Names of resource types, the common ones first."""

    def names(self, resource: str, namespace: str) -> Iterable[str]:
        """Names of objects of a type; `namespace` "" is the session's own."""

    def labels(self, resource: str, namespace: str) -> Iterable[str]:
        """Labels of objects of a type, ``key=value``."""

    def containers(self, what: str, namespace: str) -> Iterable[str]:
        """Containers of a Pod, or of what ``TYPE/NAME`` makes Pods of."""

    def namespaces(self) -> Iterable[str]:
        """Namespaces."""

    def contexts(self) -> Iterable[str]:
        """Contexts of the kubeconfig."""

    def fields(self, body: str) -> Iterable[str]:
        """Keys that may stand at the end of a manifest's text."""

    def values(self, body: str) -> Iterable[str]:
        """Values that may stand at the end of a manifest's text."""

    def paths(self, path: str) -> Iterable[str]:
        """Returns the completions of ``pods.spec.con``: field paths of types that were explained."""


_CELL_MAGIC = re.compile(r"\s*%%k(?P<verb>[\w-]+)")
# A line magic may be assigned: `pods = %kget po`. A name that is not complete is IPython's to complete.
_LINE_MAGIC = re.compile(r"^\s*(?:[\w\s,.\[\]\"']+=\s*)?%{1,2}k(?P<verb>[\w-]*)\s+(?P<rest>.*)$")
_KEY = re.compile(r"[ -]*[\w./-]+:[ \t]+")
_OUTPUTS = ("wide", "yaml", "kyaml", "json", "name", "jsonpath=", "go-template=", "custom-columns=")


def complete(text: str, sources_in: Callable[[str], Sources]) -> Completions | None:
    """Completes a cell's text up to the cursor.

    Args:
        text: The cell up to the cursor.
        sources_in: Gives the sources of a context, "" for the notebook's.

    Returns:
        None when the cursor is not inside one of our magics.
    """
    *above, line = text.split("\n")
    cell = _CELL_MAGIC.match(text)
    if cell is not None and above and (cell["verb"] in VERBS or f"k{cell['verb']}" == KUBECTL.magic):
        if line.startswith("#|") and (verb := VERBS.get(cell["verb"])):
            return _in_line(verb, line[2:], sources_in)
        return _in_body("\n".join((*above[1:], line)), sources_in(_given(_words(above[0]), "context")))
    matched = _LINE_MAGIC.match(line)
    if matched is None:
        return None
    rest = matched["rest"]
    if f"k{matched['verb']}" == KUBECTL.magic:
        name, blank, rest = rest.partition(" ")
        if not blank:
            return _offer(name, VERBS, "verb")
        try:
            return _in_line(verb_named(name), rest, sources_in)
        except UsageError:
            return _offer(_words(rest)[-1], (), "")
    found = VERBS.get(matched["verb"])
    return _in_line(found, rest, sources_in) if found else None


def _in_body(body: str, sources: Sources) -> Completions:
    line = body.rpartition("\n")[2]
    if found := _KEY.match(line):
        return _offer(line[found.end() :], sources.values(body), "value")
    return _offer(re.split(r"[\s:]", body)[-1], sources.fields(body), "field")


def _in_line(verb: Verb, rest: str, sources_in: Callable[[str], Sources]) -> Completions:
    *before, fragment = _words(rest)
    if "--" in before:
        return _offer(fragment, (), "")
    sources = sources_in(_given(before, "context"))
    wanted = _flag_waiting(verb, before)
    if wanted is not None:
        return _value(verb, wanted, before, fragment, sources)
    if fragment.startswith("-"):
        return _flags(verb, before, fragment, sources)
    return _argument(verb, before, fragment, sources)


def _words(text: str) -> list[str]:
    """Words before the cursor; the last is the fragment, "" after a blank. Quotes are left in."""
    return text.split(" ")


def _flag_waiting(verb: Verb, before: list[str]) -> Flag | None:
    """The flag whose value comes next, or None."""
    if not before or not before[-1].startswith("-") or "=" in before[-1]:
        return None
    flag = verb.flag(before[-1].lstrip("-"))
    return flag if flag and flag.takes_value else None


def _flags(verb: Verb, before: list[str], fragment: str, sources: Sources) -> Completions:
    name, equals, typed = fragment.partition("=")
    flag = verb.flag(name.lstrip("-"))
    if equals and flag is not None:
        found = _value(verb, flag, before, typed, sources)
        whole = fragment.removesuffix(found.fragment)
        return Completions(tuple(Completion(f"{whole}{each.text}", each.kind) for each in found.items), fragment)
    return _offer(fragment, [f"--{each.name}" for each in verb.flags], "flag")


def _value(verb: Verb, flag: Flag, before: list[str], fragment: str, sources: Sources) -> Completions:
    if flag.choices:
        return _offer(fragment, flag.choices, flag.name)
    given, namespace = _arguments(verb, before), _given(before, "namespace", "n")
    match flag.completes:
        case "namespace":
            return _offer(fragment, sources.namespaces(), flag.name)
        case "context":
            return _offer(fragment, sources.contexts(), flag.name)
        case "output":
            return _offer(fragment, _OUTPUTS, flag.name)
        case "label":
            resource = given[0] if given and "type" in verb.arguments else "pods" if "pod" in verb.arguments else ""
            last = fragment.rpartition(",")[2]
            return _offer(last, sources.labels(resource, namespace), "label")
        case "container":
            return _offer(fragment, sources.containers(given[0], namespace) if given else (), "container")
        case "object":
            return _object(fragment, namespace, sources)
        case _:
            return _offer(fragment, (), flag.name)


def _object(fragment: str, namespace: str, sources: Sources) -> Completions:
    """``TYPE/NAME``: the type first."""
    resource, slash, _ = fragment.partition("/")
    if not slash:
        return _offer(fragment, [f"{each}/" for each in sources.types()], "type")
    return _offer(fragment, [f"{resource}/{name}" for name in sources.names(resource, namespace)], resource)


def _argument(verb: Verb, before: list[str], fragment: str, sources: Sources) -> Completions:
    given = _arguments(verb, before)
    kinds = verb.arguments
    kind = kinds[min(len(given), len(kinds) - 1)] if kinds else ""
    namespace = _given(before, "namespace", "n")
    if ("type" in kinds or kind == "pod") and "/" in fragment:
        return _object(fragment, namespace, sources)
    match kind:
        case "type":
            # `po,dep`: only what follows the last comma is being written.
            last = fragment.rpartition(",")[2]
            return _offer(last, sources.types(), "type")
        case "pod":
            return _offer(fragment, sources.names("pods", namespace), "pods")
        case "node":
            return _offer(fragment, sources.names("nodes", ""), "nodes")
        case "path":
            if "." in fragment:
                return _offer(fragment, sources.paths(fragment), "field")
            return _offer(fragment, sources.types(), "type")
        case "name":
            return _offer(fragment, sources.names(given[0], namespace), given[0])
        case "container":
            return _offer(fragment, sources.containers(given[0], namespace), "container")
        case "context":
            return _offer(fragment, sources.contexts(), "context")
        case "namespace":
            return _offer(fragment, sources.namespaces(), "namespace")
        case "verb":
            return _offer(fragment, VERBS, "verb")
        case "action":
            return _offer(fragment, [each.name for each in verb.actions if each.name], "action")
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


def _given(before: list[str], name: str, short: str = "") -> str:
    """The value of a flag that was written already; "" where it was not."""
    words = (f"--{name}", f"-{short}") if short else (f"--{name}",)
    for at, word in enumerate(before):
        if word in words and at + 1 < len(before):
            return before[at + 1]
        for prefix in (f"--{name}=", *words[1:]):
            if word.startswith(prefix) and len(word) > len(prefix):
                return word[len(prefix) :].lstrip("=")
    return ""


def _offer(fragment: str, texts: Iterable[str], kind: str) -> Completions:
    matching = tuple(Completion(text, kind) for text in dict.fromkeys(texts) if text.startswith(fragment))
    return Completions(matching or (Completion(fragment, kind or "text"),), fragment)
