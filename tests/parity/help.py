"""Kubectl's own help, read: its verbs, and the flags of each."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from functools import cache

_HEADING = re.compile(r"^[A-Z].*Commands.*:$")
_COMMAND = re.compile(r"^  ([a-z][\w-]*) ")
_FLAG = re.compile(r"^\s+(?:-\w, )?--([\w-]+)=", re.MULTILINE)

# Commands of the shell, not of the cluster.
_OF_THE_SHELL = ("completion", "help", "options")


@cache
def help_of(kubectl: str, *words: str) -> str:
    """What ``kubectl WORDS --help`` prints."""
    return subprocess.run([kubectl, *words, "--help"], capture_output=True, text=True, check=True, timeout=30).stdout


def verbs(kubectl: str) -> Iterator[tuple[str, ...]]:
    """Every verb, and every verb of verbs: ``("create", "secret", "tls")``."""
    yield from _below(kubectl, ())


def _below(kubectl: str, words: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    for name in _commands(help_of(kubectl, *words)):
        if not words and name in _OF_THE_SHELL:
            continue
        path = (*words, name)
        below = list(_below(kubectl, path)) if len(path) < 3 else []
        # A verb that has verbs may be one by itself: create -f, cluster-info.
        yield path
        yield from below


def _commands(text: str) -> list[str]:
    found, inside = [], False
    for line in text.splitlines():
        if _HEADING.match(line):
            inside = True
        elif line and not line.startswith(" "):
            inside = False
        elif inside and (command := _COMMAND.match(line)):
            found.append(command[1])
    return found


def flags(kubectl: str, *words: str) -> list[str]:
    """The flags of a verb."""
    options = help_of(kubectl, *words).partition("\nOptions:\n")[2].partition("\nUsage:")[0]
    return list(dict.fromkeys(_FLAG.findall(options)))


def global_flags(kubectl: str) -> list[str]:
    """The flags that every verb of kubectl's has."""
    done = subprocess.run([kubectl, "options"], capture_output=True, text=True, check=True, timeout=30)
    return _FLAG.findall(done.stdout)
