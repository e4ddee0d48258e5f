"""One docstring for both sides: a blocking class shows the words of its async twin."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, TypeVar

__all__ = ("documented_by",)

C = TypeVar("C", bound=type[Any])

# What blocking code does not write.
_AWAITED = re.compile(r"\b(?:await |async (?=for\b|with\b))")


def documented_by(source: type[Any]) -> Callable[[C], C]:
    """A class decorator that fills in missing docstrings, so that help and Shift-Tab show the whole text.

    Args:
        source: The async class; each public method and property of the blocking one that has no docstring takes the
            one of the same name there, without ``await``.
    """

    def fill(blocking: C) -> C:
        for name, member in vars(blocking).items():
            twin = getattr(source, name, None)
            if name.startswith("_") or twin is None or not isinstance(twin.__doc__, str):
                continue
            if (callable(member) or isinstance(member, property)) and member.__doc__ is None:
                member.__doc__ = _AWAITED.sub("", twin.__doc__)
        if blocking.__doc__ is None and source.__doc__ is not None:
            blocking.__doc__ = _AWAITED.sub("", source.__doc__)
        return blocking

    return fill
