"""Which objects a command means: ``TYPE NAME…``, ``TYPE/NAME…``, ``TYPE,TYPE`` and the errors kubectl gives.

Source: k8s.io/cli-runtime/pkg/resource/builder.go (ResourceTypeOrNameArgs).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kmagic.magics.grammar import Command

__all__ = ("Selected", "seconds_of", "selected")


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
        found = tuple(Selected(each, tuple(names)) for each in types.split(",") if each)
        if not found:
            raise command.usage_error("say which type of object, for example pods", at=types)
    _refuse_names_with_selectors(command, found)
    return found


def _typed_names(command: Command) -> tuple[Selected, ...]:
    """``pod/a pod/b svc/web``, in order, names of one type together."""
    names: dict[str, list[str]] = {}
    for word in command.arguments:
        resource, slash, name = word.partition("/")
        if not slash:
            raise command.usage_error(
                "there is no need to name the type beside TYPE/NAME; write either TYPE NAME or TYPE/NAME", at=word
            )
        if not resource or not name or "/" in name:
            raise command.usage_error(f"{word!r} is not TYPE/NAME", at=word)
        for each in resource.split(","):
            names.setdefault(each, []).append(name)
    return tuple(Selected(resource, tuple(each)) for resource, each in names.items())


def _refuse_names_with_selectors(command: Command, found: tuple[Selected, ...]) -> None:
    if not any(each.names for each in found):
        return
    for flag in ("selector", "field-selector", "all"):
        if command.text(flag) not in ("", "False"):
            raise command.usage_error(f"a name cannot be combined with --{flag}")
    if command.on("all-namespaces"):
        raise command.usage_error("an object cannot be read by name across all namespaces; say -n NAMESPACE")


_DURATION = re.compile(r"(?:(?P<h>\d+(?:\.\d+)?)h)?(?:(?P<m>\d+(?:\.\d+)?)m)?(?:(?P<s>\d+(?:\.\d+)?)s?)?")


def seconds_of(command: Command, flag: str, default: float | None = None) -> float | None:
    """A duration flag in seconds: ``5``, ``5s``, ``1m30s``; `default` if it was not given.

    Raises:
        UsageError: It is no duration.
    """
    text = command.text(flag)
    if not text:
        return default
    matched = _DURATION.fullmatch(text)
    if matched is None:
        raise command.usage_error(f"--{flag} is a time such as 30s or 1m30s, not {text!r}", at=text)
    hours, minutes, seconds = (float(matched[part] or 0) for part in "hms")
    return hours * 3600 + minutes * 60 + seconds
