"""The shared flags: no two of them are in each other's way."""

from __future__ import annotations

import pytest

from kmagic.errors import UsageError
from kmagic.magics.language import flags
from kmagic.magics.language.grammar import parse
from kmagic.magics.language.registry import VERBS
from kmagic.magics.language.verb import Effect, Flag, Verb


def test_shared_flags_have_names_of_their_own() -> None:
    shared = [value for name in flags.__all__ if isinstance(value := getattr(flags, name), Flag)]
    shared += [flag for flag in flags.GLOBAL_FLAGS if flag not in shared]
    names = [name for flag in shared for name in {flag.name, flag.short} if name]  # -v is --v
    assert len(names) == len(set(names))
    assert all(flag.help for flag in shared)


@pytest.mark.parametrize("flag", ["--yes", "-y", "--reason=why"])
@pytest.mark.parametrize(
    "verb", [verb for verb in VERBS.values() if verb.effect is not Effect.READ], ids=lambda verb: verb.name
)
def test_a_flag_that_nothing_reads_is_unknown(verb: Verb, flag: str) -> None:
    with pytest.raises(UsageError, match="unknown flag"):
        parse(verb, flag, None, {}.__getitem__)
