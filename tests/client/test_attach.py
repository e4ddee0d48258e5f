import anyio
import pytest

from kmagic import errors


async def test_attach_shows_what_the_process_writes(pods):
    seen = b""
    with anyio.fail_after(15):
        async with pods.attach("web-0") as session:
            async for piece in session.output():
                seen += piece.data
                if b"line 1" in seen:
                    break
    assert b"line 1" in seen


async def test_attach_to_nothing_is_not_found(pods):
    with pytest.raises(errors.NotFoundError):
        async with pods.attach("missing", container="main"):
            pytest.fail("it is not open")
