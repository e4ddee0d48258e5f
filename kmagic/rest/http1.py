"""HTTP/1.1 answers: bytes as they arrive become a status, headers and pieces of the body.

A state machine without I/O. Servers frame a body by its length, in chunks, or by closing the connection; after 101
the bytes are no longer HTTP and come out as they are. Pieces are cut from what was fed, never collected, so a
watch's events come out as soon as they are there.

Source: RFC 9112, sections 4 (status line), 5 (fields), 6 and 7 (framing).
"""

from __future__ import annotations

import enum
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ("FramingError", "ResponseParser", "joined_headers", "request_head")

# kube-apiserver's own limit for a request's head is 1 MiB; answers are far smaller.
_MAX_HEAD_BYTES = 1 << 20
_MAX_SIZE_LINE_BYTES = 256
_HEX_DIGITS = b"0123456789abcdefABCDEF"
_match_plain_size = re.compile(rb"([0-9a-fA-F]{1,16})\r\n").match


class FramingError(ValueError):
    """What came is no HTTP/1.1 answer."""


class _Part(enum.Enum):
    HEAD = "head"
    SIZED = "body of known length"
    CHUNK_SIZE = "size of the next chunk"
    CHUNK = "chunk"
    CHUNK_END = "end of a chunk"
    TRAILERS = "trailers"
    UNTIL_CLOSE = "body up to the end of the connection"
    UPGRADED = "no longer HTTP"
    DONE = "done"


def request_head(method: str, target: str, headers: list[tuple[str, str]], length: int | None) -> bytes:
    """The head of a request, as bytes to send.

    Args:
        method: ``"GET"``.
        target: Path and query, encoded.
        headers: Names and values; Content-Length is added.
        length: Bytes of the body; None: there is none.

    Raises:
        ValueError: A line break or a blank in the wrong place, or a target that is not ASCII.
    """
    lines = [f"{method} {target} HTTP/1.1", *[f"{name}: {value}" for name, value in headers]]
    if length is not None:
        lines.append(f"Content-Length: {length}")
    head = "\r\n".join([*lines, "", ""])
    if head.count("\n") != len(lines) + 1 or head.count("\r") != len(lines) + 1:
        raise ValueError("a header holds a line break")
    if not target.isascii() or " " in target or not target.isprintable():
        raise ValueError("the address holds a character that must be encoded")
    return head.encode("utf-8")


class ResponseParser:
    """One answer, fed as it arrives.

    Attributes:
        status: The final status code; 0 until the head is there. Interim answers (1xx but 101) are skipped.
        headers: Lower-case names; repeated ones joined by ``", "``.
        rest: Bytes beyond the end, which nobody asked for.

    Args:
        method: Of the request: the answer to HEAD has no body.
    """

    def __init__(self, method: str = "GET") -> None:
        self.status: int = 0
        self.headers: dict[str, str] = {}
        self.rest: bytes = b""
        self._method: str = method
        self._part: _Part = _Part.HEAD
        self._held: bytes = b""
        self._left: int = 0
        self._keep_alive: bool = True

    @property
    def done(self) -> bool:
        """Whether the whole answer is there."""
        return self._part is _Part.DONE

    @property
    def upgraded(self) -> bool:
        """Whether the connection speaks another protocol from here on."""
        return self._part is _Part.UPGRADED

    @property
    def reusable(self) -> bool:
        """Whether the connection is good for another request."""
        return self.done and self._keep_alive and not self.rest

    def feed(self, data: bytes) -> list[bytes]:
        """Takes the next bytes and returns the pieces of the body in them.

        Raises:
            FramingError: They are no HTTP/1.1 answer. The connection cannot be used any more.
        """
        pieces: list[bytes] = []
        if self._held:
            data, self._held = self._held + data, b""
        at, end = 0, len(data)
        while at < end:
            part = self._part
            if part is _Part.CHUNK or part is _Part.SIZED:
                piece = data[at : at + self._left] if at or self._left < end else data
                at += len(piece)
                self._left -= len(piece)
                pieces.append(piece)
                if not self._left:
                    self._part = _Part.CHUNK_END if part is _Part.CHUNK else _Part.DONE
            elif part is _Part.CHUNK_SIZE and (after := _whole_chunks(data, at, pieces)) > at:
                at = after
            elif part is _Part.UNTIL_CLOSE or part is _Part.UPGRADED:
                pieces.append(data[at:])
                return pieces
            elif part is _Part.DONE:
                self.rest += data[at:]
                return pieces
            else:
                after = self._line_or_head(data, at)
                if after < 0:
                    self._held = data[at:]
                    return pieces
                at = after
        return pieces

    def finish(self) -> None:
        """The connection has ended.

        Raises:
            FramingError: In the middle of the answer.
        """
        if self._part in (_Part.UNTIL_CLOSE, _Part.UPGRADED):
            self._part = _Part.DONE
            self._keep_alive = False
        elif self._part is _Part.HEAD:
            raise FramingError("the server closed the connection without an answer")
        elif self._part is not _Part.DONE:
            raise FramingError("the server closed the connection before the end of its answer")

    def _line_or_head(self, data: bytes, at: int) -> int:
        """Reads what ends with a line break; where the rest begins, or -1 while it is not whole."""
        part = self._part
        if part is _Part.HEAD:
            end = data.find(b"\r\n\r\n", at)
            if end < 0:
                if len(data) - at > _MAX_HEAD_BYTES:
                    raise FramingError("the head of the answer has no end")
                return -1
            self._head(data[at:end])
            return end + 4
        end = data.find(b"\r\n", at)
        if end < 0:
            if len(data) - at > _MAX_SIZE_LINE_BYTES and part is not _Part.TRAILERS:
                raise FramingError("a chunk's size has no end")
            return -1
        if part is _Part.CHUNK_SIZE:
            self._left = _chunk_size(data[at:end])
            self._part = _Part.CHUNK if self._left else _Part.TRAILERS
        elif part is _Part.CHUNK_END:
            if end != at:
                raise FramingError("a chunk is longer than its size says")
            self._part = _Part.CHUNK_SIZE
        elif end == at:  # the empty line after the trailers
            self._part = _Part.DONE
        return end + 2

    def _head(self, head: bytes) -> None:
        first, *lines = head.decode("utf-8", errors="replace").split("\r\n")
        version, _, rest = first.partition(" ")
        code = rest[:3]
        if version not in ("HTTP/1.1", "HTTP/1.0") or not (code.isascii() and code.isdecimal() and len(code) == 3):
            raise FramingError("the server's answer is no HTTP/1.1")
        headers = joined_headers(map(_header, lines))
        if code[0] == "1" and code != "101":
            return
        self.status, self.headers = int(code), headers
        connection = headers.get("connection", "").lower()
        self._keep_alive = "close" not in connection and (version == "HTTP/1.1" or "keep-alive" in connection)
        self._part = self._body_part()

    def _body_part(self) -> _Part:
        if self.status == 101:
            return _Part.UPGRADED
        if self._method == "HEAD" or self.status in (204, 304):
            return _Part.DONE
        if encoding := self.headers.get("transfer-encoding"):
            if encoding.lower() != "chunked":
                raise FramingError("the answer has an unknown transfer encoding")
            return _Part.CHUNK_SIZE
        if (length := self.headers.get("content-length")) is None:
            self._keep_alive = False
            return _Part.UNTIL_CLOSE
        if not (length.isascii() and length.isdecimal()):
            raise FramingError("the answer's length is no number")
        self._left = int(length)
        return _Part.SIZED if self._left else _Part.DONE


def joined_headers(headers: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Headers by lower-case name; those of one name are joined by ``", "``."""
    joined: dict[str, str] = {}
    for name, value in headers:
        name = name.lower()
        joined[name] = f"{joined[name]}, {value}" if name in joined else value
    return joined


def _header(line: str) -> tuple[str, str]:
    name, colon, value = line.partition(":")
    if not colon or not name or name != name.strip():
        raise FramingError("the answer has a malformed header")
    return name, value.strip()


def _whole_chunks(data: bytes, at: int, pieces: list[bytes]) -> int:
    """Takes the plain chunks that are all there, as a watch's events are; where the rest begins."""
    while size := _match_plain_size(data, at):
        begin = size.end()
        stop = begin + int(size[1], 16)
        if stop == begin or data[stop : stop + 2] != b"\r\n":
            break
        pieces.append(data[begin:stop])
        at = stop + 2
    return at


def _chunk_size(line: bytes) -> int:
    digits = line.partition(b";")[0].rstrip(b" \t")
    if not digits or digits.strip(_HEX_DIGITS) or len(digits) > 16:
        raise FramingError("a chunk's size is no number")
    return int(digits, 16)
