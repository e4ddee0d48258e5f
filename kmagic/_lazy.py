"""A package's door: what it offers is imported from its module when it is first touched."""

from __future__ import annotations

import importlib
from collections.abc import Iterable, Mapping

__all__ = ("touched",)


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
            return getattr(importlib.import_module(f"{package}.{home}"), name)
    raise AttributeError(f"module {package!r} has no attribute {name!r}")
