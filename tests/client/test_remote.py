from __future__ import annotations

import hashlib
import mmap
import random
from pathlib import Path
from typing import Any

import anyio
import pytest

from kmagic.client.pods import AsyncPods
from kmagic.client.remote import RemoteOutput, RemoteSession, stream_query
from kmagic.errors import StreamError


def test_RC_05_a_terminal_has_no_standard_error() -> None:
    everything = {"stdin": True, "stdout": True, "stderr": True}
    assert stream_query("c", tty=True, **everything) == (
        ("container", "c"),
        ("stdin", "true"),
        ("stdout", "true"),
        ("tty", "true"),
    )
    assert stream_query(None, tty=False, **everything) == (("stdin", "true"), ("stdout", "true"), ("stderr", "true"))


async def test_a_conversation(pods: AsyncPods) -> None:
    async with pods.exec_session("web-0", ["sh"]) as session:
        await session.write(b"echo one\n")
        said = []
        async for piece in session.output():
            said.append(piece)
            if len(said) == 1:
                await session.write(b"echo two >&2; exit 7\n")
        assert said == [RemoteOutput("stdout", b"one\n"), RemoteOutput("stderr", b"two\n")]
        assert session.code() == 7


async def test_input_that_was_ended_takes_no_more(pods: AsyncPods) -> None:
    async with pods.exec_session("web-0", ["cat"]) as session:
        await session.close_stdin()
        await session.close_stdin()
        with pytest.raises(StreamError, match="standard input is closed"):
            await session.write(b"x")
        assert await session.wait() == 0


async def test_RC_07_a_terminal_that_is_resized(pods: AsyncPods) -> None:
    # kwok drops what a terminal was told in the command's last moment, hence the second sleep.
    async with pods.exec_session("web-0", ["sh", "-c", "sleep 0.3; stty size; sleep 0.3"], tty=True) as session:
        await session.resize(101, 33)
        output = b"".join([piece.data async for piece in session.output()])
    assert output.strip().endswith(b"33 101")


async def test_RC_08_leaving_closes_the_stream(pods: AsyncPods) -> None:
    with anyio.fail_after(60):
        async with pods.exec_session("web-0", ["sleep", "1000"]):
            pass
        with anyio.move_on_after(0.3) as scope:
            async with pods.exec_session("web-0", ["sleep", "1000"]) as session:
                await session.wait()
        assert scope.cancelled_caught


async def test_an_error_in_the_block_comes_out_as_itself(pods: AsyncPods) -> None:
    with pytest.raises(KeyError, match="mine"):
        async with pods.exec_session("web-0", ["sleep", "1000"]):
            raise KeyError("mine")


class Broken:
    """A connection that brings some messages and then breaks, or ends."""

    protocol = "v5.channel.k8s.io"

    def __init__(self, *messages: Any, error: StreamError | None = None) -> None:
        self.messages, self.error = list(messages), error

    async def receive(self) -> bytes | None:
        if self.messages:
            return self.messages.pop(0)
        if self.error:
            raise self.error
        return None


@pytest.mark.parametrize(
    ("error", "says"),
    [(StreamError("the connection broke"), "the connection broke"), (None, "before the command said how it went")],
    ids=["broken", "ended"],
)
async def test_what_came_before_a_stream_broke_is_kept(error: Any, says: str) -> None:
    out, err = bytearray(), bytearray()
    with pytest.raises(StreamError, match=says):
        await RemoteSession(Broken(b"\x01one", b"\x02two", b"\x01three", error=error)).collect(out, err)
    assert (out, err) == (b"onethree", b"two")


def resident() -> int:
    """Bytes of memory this process holds."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * mmap.PAGESIZE


async def test_50_MB_both_ways_need_no_memory(pods: AsyncPods) -> None:
    chunk, chunks = random.Random(1).randbytes(64 * 1024), 800
    sent, received = hashlib.sha256(), hashlib.sha256()
    size = peak = 0
    # The sleep gives time to read the end: a kubelet that closes drops what is still on its way.
    async with pods.exec_session("web-0", ["sh", "-c", "cat; sleep 2"]) as session:

        async def feed() -> None:
            for _ in range(chunks):
                sent.update(chunk)
                await session.write(chunk)
            # The command reads on to the end of what it was sent, and answers after that.
            await session.close_stdin()

        before = resident()
        with anyio.fail_after(120):
            async with anyio.create_task_group() as group:
                group.start_soon(feed)
                async for piece in session.output():
                    received.update(piece.data)
                    size += len(piece.data)
                    peak = max(peak, resident() - before)
        assert session.code() == 0
    assert (size, received.digest()) == (chunks * len(chunk), sent.digest())
    assert peak < 20_000_000


async def test_a_reader_that_stops_stops_the_command(pods: AsyncPods) -> None:
    # Nothing is buffered beyond the connection, so a command without an end in sight costs nothing while nobody reads.
    # It does end: the server goes on reading it when we have left.
    before = resident()
    async with pods.exec_session("web-0", ["sh", "-c", "yes | head -c 200000000"], stdin=False) as session:
        async for piece in session.output():
            assert piece.stream == "stdout"
            break
        await pods.exec("web-0", ["sleep", "0.5"])
        assert resident() - before < 20_000_000
