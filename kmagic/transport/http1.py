"""HTTP/1.1 answers by llhttp (httptools): bytes as they arrive become a status, headers and pieces of the body.

No I/O here. llhttp holds nothing back and copies no byte twice, so many small pieces cost no more than few big ones. It
has no limits of its own; those that keep a peer from costing more than it sends are here: of the head, of the answers
before the answer (1xx), and of what stands between the pieces of a body (chunk sizes, their extensions, trailers).

Source: RFC 9112; the limits' kinds are those of golang.org/src/net/http (transport.go, internal/chunked.go).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn

import httptools
import httpx

from kmagic.api.secrecy import SecretBytes, hidden
from kmagic.errors import ArgumentError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

__all__ = ("BadAnswerError", "ResponseParser", "joined_headers", "request_head")

# Heads of kube-apiserver have a few hundred bytes; 4 KiB of warnings are the most it adds.
_MAX_HEAD_BYTES = 1 << 17
_MAX_FIELDS = 500
_MAX_INTERIM_ANSWERS = 10
# What may stand between the pieces of a body beyond 16 bytes a piece and twice the piece: Go's figures.
_MAX_FRAMING_BYTES = 1 << 14


class BadAnswerError(httpx.RemoteProtocolError):
    """The peer's bytes are not an HTTP/1.1 answer, or are beyond a limit."""


def request_head(method: str, target: bytes, headers: Iterable[tuple[bytes, bytes]]) -> SecretBytes:
    """The head of a request, as bytes to send; hidden, as credentials are in it.

    Args:
        method: ``"GET"``.
        target: Path and query, encoded.
        headers: Names and values.

    Raises:
        ArgumentError: A line break or a blank in the wrong place, or a target that is not ASCII.
    """
    first = method.encode("ascii") + b" " + target + b" HTTP/1.1"
    fields = list(headers)
    # In one step, as no variable may hold a plain credential.
    head = hidden(b"\r\n".join([first, *[name + b": " + value for name, value in fields], b"", b""]))
    if not head.count(b"\n") == head.count(b"\r") == len(fields) + 2:
        raise ArgumentError("a header holds a line break")
    if not target.isascii() or b" " in target or not target.decode("ascii").isprintable():
        raise ArgumentError("the address holds a character that must be encoded")
    return head


class ResponseParser:
    """One answer, fed as it arrives.

    Attributes:
        status: The final status code; 0 until the head is there. Interim answers (1xx but 101) are skipped.
        fields: The headers as they came.
        done: Whether the whole answer is there.
        upgraded: Whether the connection speaks another protocol from here on.
        reusable: Whether the connection is good for another request.

    Args:
        method: Of the request: the answer to HEAD has no body.
        upgrades: The request asks for another protocol; without it 101 is no answer.
    """

    def __init__(self, method: str = "GET", *, upgrades: bool = False) -> None:
        self.status: int = 0
        self.fields: list[tuple[bytes, bytes]] = []
        self.done: bool = False
        self.upgraded: bool = False
        self._bodiless: bool = method == "HEAD"
        self._upgrades: bool = upgrades
        self._until_close: bool = False
        self._keep_alive: bool = False
        self._surplus: bool = False
        self._head_bytes: int = 0
        self._fed_bytes: int = 0
        self._interim: int = 0
        self._framing_bytes: int = 0
        self._violation: str = ""
        self._pieces: list[bytes] = []
        # llhttp calls straight into the list: a piece of the body runs no line of Python.
        self.on_body: Callable[[bytes], None] = self._pieces.append
        self._llhttp: httptools.HttpResponseParser | None = httptools.HttpResponseParser(self)

    @property
    def reusable(self) -> bool:
        """True if the connection is good for another request."""
        return self.done and self._keep_alive and not self._surplus

    def feed(self, data: bytes) -> list[bytes]:
        """Takes the next bytes and returns the pieces of the body in them.

        Raises:
            BadAnswerError: They are no HTTP/1.1 answer. The connection cannot be used any more.
        """
        if self.upgraded:
            return [data]
        if self._llhttp is None:
            self._surplus = True
            return []
        try:
            self._llhttp.feed_data(data)
        except httptools.HttpParserUpgrade as upgrade:
            self._end()
            self.upgraded = True
            rest = data[upgrade.args[0] :]
            return [rest] if rest else []
        except httptools.HttpParserError as error:
            self._end()
            if not self.done:
                raise BadAnswerError(self._violation or f"no HTTP/1.1: {error}") from None
            self._surplus = True
        pieces = self._pieces[:]
        self._pieces.clear()
        if self.done:
            self._end()
            if self._bodiless:
                self._surplus = self._surplus or bool(pieces)
                return []
        elif not self.status:
            # What is between two calls of llhttp, a header without an end for one, only the sum of the bytes tells.
            self._fed_bytes += len(data)
            if self._fed_bytes > _MAX_HEAD_BYTES:
                self._refuse("the head of the answer has no end")
        elif not self._until_close:
            self._count_framing(len(data), pieces)
        return pieces

    def finish(self) -> None:
        """The connection has ended.

        Raises:
            httpx.RemoteProtocolError: In the middle of the answer.
        """
        if self.upgraded or (self.status and self._until_close):
            self.done = True
        elif not self.status:
            raise httpx.RemoteProtocolError("the server closed the connection without an answer")
        elif not self.done:
            raise httpx.RemoteProtocolError("the server closed the connection before the end of its answer")
        self._end()

    # What llhttp calls.

    def on_message_begin(self) -> None:
        """An answer begins; one is wanted."""
        if self.done:
            self._refuse("an answer that was not asked for")

    def on_status(self, reason: bytes) -> None:
        """The words after the code came."""
        self._count_head(len(reason), "the status line of the answer is too long")

    def on_header(self, name: bytes, value: bytes) -> None:
        """A header came, or a trailer, which says nothing to us."""
        if self.status:
            return
        self._count_head(len(name) + len(value), "the headers of the answer are too long")
        if len(self.fields) >= _MAX_FIELDS:
            self._refuse(f"the answer has more than {_MAX_FIELDS} headers")
        self.fields.append((name, value))

    def on_headers_complete(self) -> None:
        """The head is there."""
        assert self._llhttp is not None
        code = self._llhttp.get_status_code()
        if self._llhttp.get_http_version() not in ("1.1", "1.0") or code < 100:
            self._refuse("no HTTP/1.1: its version or code is another")
        if code == 101 and not (self._upgrades and self._llhttp.should_upgrade()):
            self._refuse("it changes to another protocol, which was not asked for or is not named")
        if code < 200 and code != 101:
            self._interim += 1
            if self._interim > _MAX_INTERIM_ANSWERS:
                self._refuse("one interim answer after the other, and never the answer itself")
            self.fields.clear()
            return
        coding, sized = b"", False
        for name, value in self.fields:
            lower = name.lower()
            if lower == b"transfer-encoding":
                coding += value.lower()
            elif lower == b"content-length":
                sized = True
        if coding not in (b"", b"chunked"):
            self._refuse("the answer has an unknown transfer encoding")
        self.status = code
        self._keep_alive = self._llhttp.should_keep_alive()
        self._until_close = not coding and not sized
        # The head may have come with what is counted next.
        self._framing_bytes = -self._head_bytes - 4 * len(self.fields) - 64
        self.done = self._bodiless

    def on_message_complete(self) -> None:
        """The answer is whole."""
        if self.status and self.status != 101:
            self.done = True

    def _end(self) -> None:
        self._llhttp = None  # which refers to us

    def _count_head(self, size: int, otherwise: str) -> None:
        self._head_bytes += size
        if self._head_bytes > _MAX_HEAD_BYTES:
            self._refuse(otherwise)

    def _count_framing(self, size: int, pieces: list[bytes]) -> None:
        body = sum(map(len, pieces))
        self._framing_bytes = max(0, self._framing_bytes + size - 3 * body - 16 * len(pieces))
        if self._framing_bytes > _MAX_FRAMING_BYTES:
            self._refuse("there is too much between the pieces of the answer (chunk extensions or trailers)")

    def _refuse(self, violation: str) -> NoReturn:
        self._violation = violation
        self._end()
        raise BadAnswerError(violation)  # llhttp's callers see its error in place of this one; `feed` says this again


def joined_headers(fields: Iterable[tuple[bytes, bytes]]) -> dict[str, str]:
    """Headers by lower-case name; those of one name are joined by ``", "``."""
    joined: dict[str, str] = {}
    for raw_name, raw_value in fields:
        name, value = raw_name.decode("latin-1").lower(), raw_value.decode("utf-8", "replace")
        joined[name] = f"{joined[name]}, {value}" if name in joined else value
    return joined
