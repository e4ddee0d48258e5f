"""Work that speaks: line by line where the cell's output is, its error behind its last line."""

from __future__ import annotations

import anyio
import pytest

from kmagic.errors import WaitError
from kmagic.magics.work.telling import Say, Troubles, telling
from kmagic.sync.runtime import Runtime


def test_lines_come_before_the_result_and_before_the_error(capsys: pytest.CaptureFixture[str]) -> None:
    runtime = Runtime()

    async def work(say: Say) -> int:
        say("one")
        await anyio.lowlevel.checkpoint()
        say("two")
        return 3

    async def fails(say: Say) -> int:
        say("before")
        raise WaitError("no")

    try:
        assert telling(runtime, work) == 3
        assert capsys.readouterr().out == "one\ntwo\n"
        with pytest.raises(WaitError, match="no"):
            telling(runtime, fails)
        assert capsys.readouterr().out == "before\n"
    finally:
        runtime.stop()


def test_a_trouble_is_said_when_it_changes() -> None:
    said: list[str] = []
    troubles = Troubles(said.append)
    for text in ("", "ErrImagePull", "ErrImagePull", "ImagePullBackOff", ""):
        troubles.saw("pod/a", text)
    assert said == ["pod/a: ErrImagePull", "pod/a: ImagePullBackOff"]
    assert troubles.now == ""
    troubles.saw("pod/b", "Unschedulable")
    assert troubles.now == "pod/b: Unschedulable"
