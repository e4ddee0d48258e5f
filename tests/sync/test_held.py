"""What is open in the background is started and stopped by blocking code."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from kmagic.aio import held as asynchronous
from kmagic.sync.held import Held
from kmagic.sync.runtime import Runtime


def test_it_is_open_from_start_to_stop_and_inside_a_block() -> None:
    runtime = Runtime("held")

    @asynccontextmanager
    async def door() -> AsyncIterator[str]:
        yield "open"

    held = Held(runtime.call(lambda: asynchronous.Held(door, "door")), runtime)
    assert held.start() == held.value == "open"
    held.stop()
    held.stop()
    with pytest.raises(RuntimeError, match="not open"):
        _ = held.value
    with held as value:
        assert value == "open"
    runtime.stop()
    held.stop()
