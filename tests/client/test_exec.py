from __future__ import annotations

from typing import Any

import pytest

from kmagic import errors
from kmagic.client.exec import ExecResult
from kmagic.client.pods import AsyncPods


async def test_RC_06_output_error_and_exit_code(pods: AsyncPods) -> None:
    result = await pods.exec("web-0", ["sh", "-c", "echo out; echo err >&2; exit 3"])
    assert result == ExecResult(3, b"out\n", b"err\n")
    assert (result.stdout, result.stderr) == ("out\n", "err\n")
    with pytest.raises(errors.StreamError, match="command terminated with exit code 3") as caught:
        result.check()
    assert caught.value.hint == "err"
    assert (caught.value.stdout, caught.value.stderr) == (b"out\n", b"err\n")


async def test_success(pods: AsyncPods) -> None:
    result = await pods.exec("web-0", ["true"])
    assert result.check() == ExecResult(0)


async def test_RC_02_input_ends_and_the_command_goes_on(pods: AsyncPods) -> None:
    result = await pods.exec("web-0", ["sh", "-c", "cat; echo after"], stdin="hello\n")
    assert result.stdout == "hello\nafter\n"


async def test_big_input_and_output_at_once(pods: AsyncPods) -> None:
    data = b"0123456789abcdef" * 65536
    assert (await pods.exec("web-0", ["cat"], stdin=data)).stdout_bytes == data


async def test_a_command_that_does_not_read_its_input(pods: AsyncPods) -> None:
    assert (await pods.exec("web-0", ["true"], stdin=b"x" * 10_000)).code == 0


async def test_output_that_is_no_text(pods: AsyncPods) -> None:
    result = await pods.exec("web-0", ["printf", r"\377\000"])
    assert result.stdout_bytes == b"\xff\x00"
    assert result.stdout == "\ufffd\x00"


async def test_RC_06_a_command_that_is_not_there(pods: AsyncPods) -> None:
    with pytest.raises(errors.StreamError, match="executable file not found"):
        await pods.exec("web-0", ["no-such-command"])


async def test_RC_11_a_pod_or_container_that_is_not_there(pods: AsyncPods) -> None:
    with pytest.raises(errors.NotFoundError, match='pods "missing" not found'):
        await pods.exec("missing", ["true"])
    with pytest.raises(errors.BadRequestError, match="container missing is not valid for pod web-0"):
        await pods.exec("web-0", ["true"], container="missing")


@pytest.mark.parametrize(("command", "error"), [("id", TypeError), ([], ValueError)])
async def test_a_command_is_a_list_of_words(pods: AsyncPods, command: list[Any] | str, error: type[Exception]) -> None:
    with pytest.raises(error):
        await pods.exec("web-0", command)
