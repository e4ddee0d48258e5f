"""The framing of exec, attach and port-forward streams over a WebSocket: a channel byte, then data.

Source: k8s.io/apimachinery/pkg/util/remotecommand (constants.go), k8s.io/client-go/tools/remotecommand/websocket.go, v4.go.
"""

from __future__ import annotations

import re

import msgspec

from kmagic.api.door import read_json
from kmagic.errors import ArgumentError, DecodeError, StreamError

__all__ = (
    "CLOSE",
    "ERROR",
    "FORWARD_PROTOCOLS",
    "REMOTE_PROTOCOLS",
    "RESIZE",
    "STDERR",
    "STDIN",
    "STDOUT",
    "exit_code",
    "resize_message",
    "split",
    "supports_close",
)

STDIN, STDOUT, STDERR, ERROR, RESIZE = range(5)
# v5 only: [CLOSE, channel] ends a channel in one direction.
CLOSE = 255

V5 = "v5.channel.k8s.io"
# v4 is the same without CLOSE; servers before 1.30 know only it.
REMOTE_PROTOCOLS = (V5, "v4.channel.k8s.io")
FORWARD_PROTOCOLS = ("v4.channel.k8s.io",)

_MAX_EXIT_CODE = 255
_CODE = re.compile(r"[0-9]{1,10}")


def split(message: bytes) -> tuple[int, bytes]:
    """The channel and the data of a message.

    Raises:
        StreamError: An empty message has no channel.
    """
    if not message:
        raise StreamError("read stream id: EOF")
    return message[0], message[1:]


def supports_close(protocol: str) -> bool:
    """Returns whether stdin can end while the command goes on."""
    return protocol == V5


def resize_message(width: int, height: int) -> bytes:
    """Returns the message that sets a terminal's size, in characters."""
    for size in (width, height):
        if not 0 <= size <= 0xFFFF:
            raise ArgumentError(f"a terminal cannot be {width}x{height}")
    return bytes([RESIZE]) + msgspec.json.encode({"Width": width, "Height": height}) + b"\n"


class _Cause(msgspec.Struct):
    reason: str | None = None
    message: str | None = None


class _Details(msgspec.Struct):
    causes: list[_Cause] | None = None


class _Outcome(msgspec.Struct):
    """The end of a command: a Status."""

    status: str | None = None
    reason: str | None = None
    message: str | None = None
    details: _Details | None = None


def exit_code(error_channel: bytes) -> int:
    """Returns the exit code from the error channel, which arrives at the end; an empty channel means success.

    Raises:
        StreamError: The command could not be run, or the message is malformed.
    """
    if not error_channel:
        return 0
    try:
        status = read_json(error_channel, "the error channel", _Outcome)
    except DecodeError as error:
        raise StreamError(f"error stream protocol error: {error}") from error
    outcome = status.status
    if outcome == "Success":
        return 0
    if outcome != "Failure":
        raise StreamError("error stream protocol error: unknown error")
    if status.reason != "NonZeroExitCode":
        raise StreamError(status.message or "the command failed without a message")
    for cause in (status.details and status.details.causes) or ():
        if cause.reason == "ExitCode":
            text = cause.message or ""
            if not _CODE.fullmatch(text) or int(text) > _MAX_EXIT_CODE:
                raise StreamError(f'error stream protocol error: invalid exit code value "{text}"')
            return int(text)
    raise StreamError("error stream protocol error: no ExitCode cause given")
