"""Flags that several verbs have, as kubectl spells them."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

from kmagic.magics.grammar import Flag, FlagKind

if TYPE_CHECKING:
    from kmagic.magics.grammar import Command

__all__ = (
    "BOOL",
    "DRY_RUN",
    "EVERYWHERE",
    "FIELDS",
    "FILES",
    "GLOBAL_FLAGS",
    "INT",
    "LIST",
    "OUTPUT",
    "SELECTOR",
    "SWITCH",
    "TO",
    "DryRun",
)

BOOL, LIST, INT, SWITCH = FlagKind.BOOL, FlagKind.LIST, FlagKind.INT, FlagKind.SWITCH

TO = Flag("to", help="variable that gets the result")

GLOBAL_FLAGS = (
    Flag("namespace", "n", help="namespace, instead of this notebook's", completes="namespace"),
    Flag("context", help="context of the kubeconfig, for this call only", completes="context"),
    Flag("request-timeout", help="seconds to wait for an answer, for example 5s"),
    TO,
)

SELECTOR = Flag("selector", "l", help="label selector: app=web,tier in (a,b)")
FIELDS = Flag("field-selector", help="field selector: status.phase=Running")
EVERYWHERE = Flag("all-namespaces", "A", BOOL, "objects of every namespace")
OUTPUT = Flag("output", "o", help="wide, yaml, json, name, jsonpath=…, custom-columns=…", completes="output")
FILES = Flag("filename", "f", LIST, "manifest file, folder or - for the cell's body", completes="file")


class DryRun(Enum):
    """What ``--dry-run`` asks for."""

    NONE = "none"
    SERVER = "server"  # the server answers as if, and keeps nothing
    CLIENT = "client"  # nothing is sent that could change something

    @classmethod
    def of(cls, command: Command) -> DryRun:
        """What a command's flag says; nothing where it has none."""
        return cls(command.text("dry-run", "none"))


DRY_RUN = Flag(
    "dry-run",
    kind=SWITCH,
    help="server or client: send nothing that stays",
    implied="server",
    choices=tuple(each.value for each in DryRun),
)
