"""Imports that wait: what a package offers is imported when it is first touched, and what is heavy when it is needed."""

from __future__ import annotations

import gc
import importlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager

__all__ = ("collector_paused", "touched")


def touched(package: str, homes: Mapping[str, Iterable[str]], name: str) -> object:
    """The object of that name, for a package's ``__getattr__``.

    Args:
        package: The package's name.
        homes: The names it offers by the module they are in, relative to the package.
        name: The one asked for.

    Raises:
        AttributeError: The package offers none of that name.
    """
    for home, names in homes.items():
        if name in names:
            with collector_paused():
                return getattr(importlib.import_module(f"{package}.{home}"), name)
    raise AttributeError(f"module {package!r} has no attribute {name!r}")


@contextmanager
def collector_paused() -> Iterator[None]:
    """Keeps the garbage collector out of what makes many objects that all stay: imports, the decoding of a list.

    Looking through them again and again, and through all that a notebook's kernel holds already, is a fifth of what either
    costs.
    """
    collects = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collects:
            gc.enable()
