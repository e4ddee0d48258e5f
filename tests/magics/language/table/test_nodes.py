"""The verbs about nodes: what is not said whole is refused."""

from __future__ import annotations

import pytest

from kmagic.errors import UsageError
from kmagic.magics.language.registry import kubectl_command
from kmagic.magics.language.table.nodes import NODES
from kmagic.magics.language.verb import Effect


def test_they_change_and_can_be_tried() -> None:
    assert all(verb.effect is Effect.WRITE and verb.flag("dry-run") for verb in NODES)


@pytest.mark.parametrize("line", ["cordon", "cordon a -l b=c", "uncordon", "taint nodes --all -l a=b x:NoSchedule"])
def test_what_is_not_said_whole_is_refused(line: str) -> None:
    with pytest.raises(UsageError):
        kubectl_command(line, None, {}.__getitem__)
