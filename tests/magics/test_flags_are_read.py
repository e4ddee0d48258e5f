"""Every flag that a verb's row declares is read by the code of that verb, and every flag it reads is declared.

The code of a verb is its file and what can be reached from there: functions of the magics that it names, the methods of
the session it calls, the classes it uses. It is followed in the source, so that no flag needs a cluster to be proved.
"""

from __future__ import annotations

import ast
import importlib
import inspect
from collections.abc import Iterator
from functools import cache
from types import ModuleType
from typing import Any

import pytest

from kmagic.magics import running
from kmagic.magics.language.grammar import Command
from kmagic.magics.language.registry import VERBS
from kmagic.magics.language.verb import Verb
from kmagic.magics.session.heard import Heard
from kmagic.magics.session.session import Session

READS = ("value", "text", "on", "number", "seconds", "values", "has")
# What the grammar itself takes from the line, and what every command's run asks first.
BY_THE_GRAMMAR = {"to", "template"}


@cache
def tree_of(thing: Any) -> ast.AST:
    return ast.parse(inspect.cleandoc("\n" + inspect.getsource(thing)) if not inspect.ismodule(thing) else "")


@cache
def names_in(module: ModuleType) -> dict[str, Any]:
    """What names mean in a module, those imported for types and inside functions, too."""
    found = dict(vars(module))
    for node in ast.walk(ast.parse(inspect.getsource(module))):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("kmagic.magics"):
            source = importlib.import_module(node.module)
            for each in node.names:
                value = getattr(source, each.name, None)
                found[each.asname or each.name] = value or importlib.import_module(f"{node.module}.{each.name}")
    return found


def is_ours(thing: Any) -> bool:
    return (inspect.isfunction(thing) or inspect.isclass(thing)) and thing.__module__.startswith("kmagic.magics")


def named_by(thing: Any) -> Iterator[Any]:
    """The functions and classes of the magics that a piece of code names."""
    names = names_in(importlib.import_module(thing.__module__))
    for node in ast.walk(tree_of(thing)):
        if isinstance(node, ast.Name):
            yield names.get(node.id)
        elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            if node.value.id == "session":
                yield inspect.getattr_static(Session, node.attr, None)
            elif inspect.ismodule(module := names.get(node.value.id)):
                yield getattr(module, node.attr, None)


def reached_from(module: ModuleType) -> set[Any]:
    found: set[Any] = set()
    waiting = [each for each in vars(module).values() if getattr(each, "__module__", "") == module.__name__]
    while waiting:
        thing = waiting.pop()
        # Session and Command know every flag there is; only what is called of them counts.
        if is_ours(thing) and thing not in (Session, Command) and thing not in found:
            found.add(thing)
            waiting += named_by(thing)
    return found


def flags_read(tree: ast.AST) -> set[str]:
    """The flags that a piece of code asks a command for; where the name is no literal, all its words may be meant."""
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and any(isinstance(arg, ast.Name) and arg.id == "command" for arg in node.args):
            # A helper may ask for the flag that it is told.
            words = (arg.value for arg in node.args if isinstance(arg, ast.Constant))
            found.update(f"?{word}" for word in words if isinstance(word, str))
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in READS):
            continue
        if not (isinstance(node.func.value, ast.Name) and node.func.value.id in ("command", "asked")):
            continue
        match node.args[:1]:
            case [ast.Constant(value=str(name))]:
                found.add(name)
            case [_]:
                words = (each.value for each in ast.walk(tree) if isinstance(each, ast.Constant))
                found.update(f"?{word}" for word in words if isinstance(word, str))
    return found


def all_read(verb: Verb) -> set[str]:
    module = importlib.import_module(f"kmagic.magics.verbs.{verb.module}")
    reached = reached_from(module)
    assert len(reached) > 1 or not verb.flags
    found = {name for thing in reached for name in flags_read(tree_of(thing))}
    # Tables of functions, too.
    found |= flags_read(ast.parse(inspect.getsource(module)))
    # What is around every command's run.
    ran_by = [*(each for each in named_by(running.run_command) if is_ours(each)), Heard.while_doing]
    return found | {name for each in ran_by for name in flags_read(tree_of(each))}


verbs = pytest.mark.parametrize("verb", VERBS.values(), ids=VERBS)


@verbs
def test_every_declared_flag_is_read_by_the_verbs_code(verb: Verb) -> None:
    read = {name.removeprefix("?") for name in all_read(verb)} | BY_THE_GRAMMAR
    # A flag that can only say how things are anyway leaves nothing to read.
    flags = {flag for row in (verb, *verb.actions) for flag in row.flags}
    declared = {
        flag.name
        for flag in flags
        if not flag.refused and flag.choices != (flag.default,) and not flag.help.startswith("accepted for pasted")
    }
    assert declared - read == set()


@verbs
def test_every_flag_of_a_verb_with_actions_is_one_of_an_action(verb: Verb) -> None:
    if verb.actions:
        assert {flag.name for flag in verb.flags} <= {flag.name for each in verb.actions for flag in each.flags}


def test_every_flag_that_is_read_is_declared_by_a_verb() -> None:
    declared = {flag.name for verb in VERBS.values() for row in (verb, *verb.actions) for flag in row.flags}
    read = {name for verb in VERBS.values() for name in all_read(verb) if not name.startswith("?")}
    assert read - declared == set()


def test_a_flag_that_nothing_reads_would_be_found() -> None:
    assert not {"reason", "yes"} & {name.removeprefix("?") for name in all_read(VERBS["apply"])}
    assert "sort-by" in all_read(VERBS["get"])
    assert "sort-by" not in all_read(VERBS["scale"])
