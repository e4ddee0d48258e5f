"""The objects that a command selects: ``TYPE NAME…``, ``TYPE/NAME…``, ``TYPE,TYPE``, with kubectl's errors.

Source: k8s.io/cli-runtime/pkg/resource/builder.go (ResourceTypeOrNameArgs, ResourceNames, splitResourceTypeName).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kmagic.api.selectors import LabelSelector, SelectorError, parse_labels

if TYPE_CHECKING:
    from kmagic.magics.language.grammar import Command

__all__ = ("Selected", "chosen", "label_selector", "one_object", "selected")


@dataclass(frozen=True)
class Selected:
    """Objects of one type: `resource` as it was written; no names means all that the selectors match."""

    resource: str
    names: tuple[str, ...] = ()


def selected(command: Command) -> tuple[Selected, ...]:
    """Reads the arguments of a command.

    Raises:
        UsageError: They name no type, or mix the ways to name objects.
    """
    words = command.arguments
    if not words:
        raise command.usage_error("say which type of object, for example pods")
    if any("/" in word for word in words):
        found = _typed_names(command)
    else:
        types, *names = words
        found = tuple(Selected(each, tuple(names)) for each in types.split(","))
        if "" in types.split(",") and types.strip(","):
            raise command.usage_error("arguments in resource/name form must have a single resource and name", at=types)
        if not types.strip(","):
            raise command.usage_error("say which type of object, for example pods", at=types)
    _refuse_names_with_selectors(command, found)
    return found


def chosen(command: Command) -> tuple[Selected, ...]:
    """Reads the arguments of a command that must say which objects it means, not only their type.

    Raises:
        UsageError: There are neither names nor a selector nor ``--all``.
    """
    found = selected(command)
    if any(each.names for each in found) or command.on("all"):
        return found
    if command.text("selector") or command.text("field-selector"):
        return found
    ways = [f"{words}" for flag, words in _WAYS.items() if command.verb.flag(flag)]
    raise command.usage_error(f"say which: {', '.join(('TYPE NAME or TYPE/NAME', *ways))}")


_WAYS = {"selector": "a selector (-l)", "all": "--all for every one of the type"}


def label_selector(command: Command) -> LabelSelector:
    """The label selector of a command; an empty one, which matches everything, where none was given.

    Raises:
        UsageError: It cannot be read.
    """
    text = command.text("selector")
    try:
        return parse_labels(text)
    except SelectorError as error:
        raise command.usage_error(f"the selector cannot be read: {error}", at=text) from error


def one_object(command: Command, word: str, default: str = "") -> Selected:
    """Reads ``TYPE/NAME``, or a bare name of the type `default`.

    Raises:
        UsageError: It is neither, in kubectl's words.
    """
    resource, slash, name = word.partition("/")
    if not slash and word and default:
        return Selected(default, (word,))
    if not slash:
        raise command.usage_error(f"{word!r} must be TYPE/NAME, for example deploy/web", at=word)
    if "/" in name:
        raise command.usage_error("arguments in resource/name form may not have more than one slash", at=word)
    if not resource or not name or "," in resource:
        raise command.usage_error("arguments in resource/name form must have a single resource and name", at=word)
    return Selected(resource, (name,))


def _typed_names(command: Command) -> tuple[Selected, ...]:
    """``pod/a pod/b svc/web``, in order, names of one type together."""
    names: dict[str, list[str]] = {}
    for word in command.arguments:
        if "/" not in word:
            raise command.usage_error(
                "there is no need to specify a resource type as a separate argument when passing arguments in "
                "resource/name form: write either TYPE NAME or TYPE/NAME",
                at=word,
            )
        found = one_object(command, word)
        names.setdefault(found.resource, []).extend(found.names)
    return tuple(Selected(resource, tuple(each)) for resource, each in names.items())


def _refuse_names_with_selectors(command: Command, found: tuple[Selected, ...]) -> None:
    if not any(each.names for each in found):
        return
    for flag in ("selector", "field-selector", "all"):
        if command.on(flag) or command.text(flag) not in ("", "False"):
            raise command.usage_error(f"name cannot be provided when a selector is specified: --{flag}", at=f"--{flag}")
    if command.on("all-namespaces"):
        raise command.usage_error("a resource cannot be retrieved by name across all namespaces; say -n NAMESPACE")
