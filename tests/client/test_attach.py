from __future__ import annotations

import anyio
import pytest

from kmagic import errors
from kmagic.client.pods import AsyncPods


async def test_attach_opens_the_streams_and_leaves_them(pods: AsyncPods) -> None:
    seen = []
    with anyio.fail_after(60):
        # kwok shows only what is written from now on, and its containers write nothing new.
        with anyio.move_on_after(1) as scope:
            async with pods.attach("web-0") as session:
                async for piece in session.output():
                    seen.append(piece)
    assert scope.cancelled_caught
    assert seen == []


async def test_attach_to_nothing_is_not_found(pods: AsyncPods) -> None:
    with pytest.raises(errors.NotFoundError):
        async with pods.attach("missing", container="main"):
            pytest.fail("it is not open")
