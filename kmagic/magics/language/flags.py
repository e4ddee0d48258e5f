"""Flags that several verbs have, as kubectl spells them."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

from kmagic.magics.language.verb import Flag, FlagKind, Rule

if TYPE_CHECKING:
    from kmagic.magics.language.grammar import Command

__all__ = (
    "ALL",
    "ALL_OR_SELECTED",
    "BOOL",
    "CHANGING",
    "CONTAINER",
    "DRY_RUN",
    "DURATION",
    "EVERYWHERE",
    "FIELDS",
    "FILES",
    "FILES_OR_NAMES",
    "GLOBAL_FLAGS",
    "INT",
    "LIST",
    "MAKING",
    "OUTPUT",
    "PRINTED",
    "RECURSIVE",
    "SAVE_CONFIG",
    "SELECTOR",
    "SWITCH",
    "TEMPLATES",
    "TIMEOUT",
    "TO",
    "VALIDATE",
    "DryRun",
    "comma_separated",
)

BOOL, LIST, INT, SWITCH = FlagKind.BOOL, FlagKind.LIST, FlagKind.INT, FlagKind.SWITCH
DURATION, TIMEOUT = FlagKind.DURATION, FlagKind.TIMEOUT

TO = Flag("to", help="variable that gets the result")

GLOBAL_FLAGS = (
    Flag("namespace", "n", help="namespace, instead of this notebook's", completes="namespace"),
    Flag("context", help="context of the kubeconfig, for this call only", completes="context"),
    Flag("kubeconfig", help="another kubeconfig file, for this call only", completes="file"),
    Flag("cluster", help="cluster of the kubeconfig, instead of the context's"),
    Flag("user", help="user of the kubeconfig, instead of the context's"),
    Flag("as", help="whom to act as: a user, or system:serviceaccount:NAMESPACE:NAME"),
    Flag("as-group", kind=LIST, help="a group to act as a member of; may be repeated"),
    Flag("as-uid", help="uid to act as"),
    Flag("as-user-extra", kind=LIST, help="KEY=VALUE, an extra of the user to act as; may be repeated"),
    Flag("request-timeout", kind=TIMEOUT, help="how long to wait for an answer, for example 5s; 0 for no limit"),
    Flag("v", "v", INT, "tell the requests: 6 each, 7 headers, 8 bodies; credentials are masked"),
    Flag("warnings-as-errors", kind=BOOL, help="fail where the server warns"),
    TO,
)

SELECTOR = Flag("selector", "l", help="label selector: app=web,tier in (a,b)", completes="label")
FIELDS = Flag("field-selector", help="field selector: status.phase=Running")
CONTAINER = Flag("container", "c", help="container; else the Pod's default one", completes="container")
EVERYWHERE = Flag("all-namespaces", "A", BOOL, "objects of every namespace")
OUTPUT = Flag(
    "output",
    "o",
    help="wide, yaml, kyaml, json, name, jsonpath=…, go-template=…, custom-columns=…",
    completes="output",
)
TEMPLATES = (
    Flag("template", help="the template of -o go-template, jsonpath or custom-columns; go-template without -o"),
    Flag(
        "allow-missing-template-keys",
        kind=BOOL,
        help="a field that is missing is empty; false: an error",
        default=True,
    ),
)
FILES = Flag("filename", "f", LIST, "manifest file, folder or - for the cell's body", completes="file")
RECURSIVE = Flag("recursive", "R", BOOL, "the folders inside of folders that -f names, too")
ALL = Flag("all", kind=BOOL, help="every object of the type in the namespace")


class DryRun(Enum):
    """The values of ``--dry-run``."""

    NONE = "none"
    SERVER = "server"  # the server answers as if, and keeps nothing
    CLIENT = "client"  # nothing is sent that could change something

    @classmethod
    def of(cls, command: Command) -> DryRun:
        """Returns the value of a command's flag; `NONE` where it has none."""
        return cls(command.text("dry-run", "none"))


DRY_RUN = Flag(
    "dry-run",
    kind=SWITCH,
    help="server or client: send nothing that stays",
    implied="server",
    choices=tuple(each.value for each in DryRun),
    default=DryRun.NONE.value,
)
CHANGING = (DRY_RUN, Flag("field-manager", help="name of this field manager", default="kmagic"))

# What every verb that makes or changes an object beside `apply` takes.
VALIDATE = Flag(
    "validate",
    kind=SWITCH,
    help="strict, warn or ignore unknown fields",
    implied="strict",
    choices=("strict", "warn", "ignore", "true", "false"),
    default="strict",
)
PRINTED = (
    Flag(
        "output",
        "o",
        help="yaml, kyaml, json, name, jsonpath=…, go-template=…: the object instead of what was done",
        completes="output",
    ),
    *TEMPLATES,
    Flag("show-managed-fields", kind=BOOL, help="keep metadata.managedFields in yaml and json"),
)
SAVE_CONFIG = Flag("save-config", kind=BOOL, help="keep the object in an annotation, for kubectl apply")
MAKING = (*CHANGING, VALIDATE, SAVE_CONFIG, *PRINTED, *GLOBAL_FLAGS)


def comma_separated(command: Command, name: str) -> tuple[str, ...]:
    """The values of a flag that may be repeated and whose values may hold several, as pflag's StringSlice has them.

    Raises:
        UsageError: A quote inside is not closed.
    """
    import csv  # by the first such flag

    found: list[str] = []
    for value in command.values(name):
        try:
            found += next(csv.reader([value], strict=True), [])
        except csv.Error as error:
            raise command.usage_error(f"--{name} cannot be read: {error}", at=value) from error
    return tuple(found)


# What kubectl refuses, too.
ALL_OR_SELECTED = (
    Rule(("all", "selector"), "cannot set --all and --selector at the same time"),
    Rule(("all", "field-selector"), "cannot set --all and --field-selector at the same time"),
)
FILES_OR_NAMES = (
    Rule(("filename", "ARGUMENT"), "name objects or give files with -f, not both"),
    Rule(("BODY", "ARGUMENT"), "name objects or write manifests below the line, not both"),
)
