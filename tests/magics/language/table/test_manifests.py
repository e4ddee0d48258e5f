"""The verbs about manifests: what is not said whole is refused."""

from __future__ import annotations

import pytest

from kmagic.errors import UsageError
from kmagic.magics.language.registry import kubectl_command
from kmagic.magics.language.table.manifests import MANIFESTS
from kmagic.magics.language.verb import Effect


def test_they_change_nothing() -> None:
    assert all(verb.effect is Effect.READ for verb in MANIFESTS)


@pytest.mark.parametrize(
    "line", ["diff", "diff -f a.yaml --force-conflicts", "diff cm/a -f a.yaml", "diff -f a.yaml --against prod"]
)
def test_what_is_not_said_whole_is_refused(line: str) -> None:
    with pytest.raises(UsageError):
        kubectl_command(line, None, {}.__getitem__)
