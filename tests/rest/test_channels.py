from __future__ import annotations

import json
from typing import Any

import pytest

from kmagic.errors import StreamError
from kmagic.rest import channels


def test_RC_03_a_message_is_a_channel_and_data() -> None:
    assert channels.split(b"\x01hello") == (channels.STDOUT, b"hello")
    assert channels.split(b"\x02") == (channels.STDERR, b"")
    with pytest.raises(StreamError, match="read stream id: EOF"):
        channels.split(b"")


def test_RC_02_only_v5_ends_stdin() -> None:
    assert channels.supports_close("v5.channel.k8s.io")
    assert not channels.supports_close("v4.channel.k8s.io")
    assert channels.REMOTE_PROTOCOLS[0] == "v5.channel.k8s.io"


def test_RC_07_resize() -> None:
    assert channels.resize_message(80, 24) == b'\x04{"Width":80,"Height":24}\n'
    with pytest.raises(ValueError, match="70000x1"):
        channels.resize_message(70000, 1)


def failure(**status: Any) -> bytes:
    return json.dumps({"status": "Failure", **status}).encode()


def exit_status(message: str) -> Any:
    causes = [{"reason": "ExitCode", "message": message} if message is not None else {"reason": "ExitCode"}]
    return failure(reason="NonZeroExitCode", details={"causes": causes})


@pytest.mark.parametrize(
    ("message", "code"),
    [
        pytest.param(b"", 0, id="RC-06 A38 nothing is success"),
        pytest.param(b'{"status":"Success"}', 0, id="RC-06 A38 success"),
        pytest.param(exit_status("42"), 42, id="RC-06 A38 exit code"),
    ],
)
def test_exit_code(message: bytes, code: int) -> None:
    assert channels.exit_code(message) == code


@pytest.mark.parametrize(
    ("message", "text"),
    [
        pytest.param(b"{}", "unknown error", id="RC-06 A38 empty object"),
        pytest.param(failure(message="foobar"), "^foobar", id="RC-06 A38 message"),
        pytest.param(failure(), "without a message", id="RC-06 A38 no message"),
        pytest.param(b"nonsense", "error stream protocol error", id="RC-06 A38 malformed"),
        pytest.param(b"[]", "error stream protocol error", id="RC-06 A38 no object"),
        pytest.param(failure(reason="NonZeroExitCode", details=[]), "protocol error", id="RC-06 A38 details of a type"),
        pytest.param(
            failure(reason="NonZeroExitCode", details={"causes": [1]}), "protocol error", id="RC-06 A38 causes"
        ),
        pytest.param(exit_status("9" * 5000), "invalid exit code value", id="RC-06 A38 a number of many digits"),
        pytest.param(exit_status("٣"), "invalid exit code value", id="RC-06 A38 digits of another script"),
        pytest.param(b"[" * 100_000, "error stream protocol error", id="RC-06 A38 very deep"),
        pytest.param(b'"\xff"', "error stream protocol error", id="RC-06 A38 no UTF-8"),
        pytest.param(exit_status(None), 'invalid exit code value ""', id="RC-06 A38 cause without message"),
        pytest.param(exit_status("x"), 'invalid exit code value "x"', id="RC-06 A38 no number"),
        pytest.param(exit_status("256"), 'invalid exit code value "256"', id="RC-06 A38 too big"),
        pytest.param(failure(reason="NonZeroExitCode"), "no ExitCode cause", id="RC-06 A38 no cause"),
    ],
)
def test_a_command_that_could_not_run(message: bytes, text: str) -> None:
    with pytest.raises(StreamError, match=text):
        channels.exit_code(message)
