"""The shared flags: no two of them are in each other's way."""

from __future__ import annotations

from kmagic.magics import flags
from kmagic.magics.grammar import Flag


def test_shared_flags_have_names_of_their_own() -> None:
    shared = [value for name in flags.__all__ if isinstance(value := getattr(flags, name), Flag)]
    shared += [flag for flag in flags.GLOBAL_FLAGS if flag not in shared]
    names = [name for flag in shared for name in (flag.name, flag.short) if name]
    assert len(names) == len(set(names))
    assert all(flag.help for flag in shared)
