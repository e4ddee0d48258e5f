"""gzip bodies in pieces, several members one after the other, within limits.

Source: RFC 1952. kube-apiserver writes a list as one member or several; golang.org/src/compress/gzip reads all of them.
"""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING

from kmagic.errors import DecodeError, ProtocolError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kmagic.rest.request import Request

__all__ = ("Inflater", "inflater_for")

# A body that grows beyond this may be so many times larger than what came: lists of like objects are up to 100 times
# larger, what is made to fill memory 1,000 times.
_FREE_BYTES = 1 << 26
_MAX_RATIO = 200
# What one step takes and gives: a step copies what is left of its input, so many small members cost little.
_INPUT_BYTES = 1 << 14
_OUTPUT_BYTES = 1 << 20


def inflater_for(encoding: str, request: Request | None = None) -> Inflater | None:
    """Returns a decoder for bodies of this Content-Encoding, or None for one that is not encoded.

    Raises:
        DecodeError: The encoding is none that was asked for.
    """
    match encoding.strip().lower():
        case "" | "identity":
            return None
        case "gzip" | "x-gzip":
            return Inflater(request)
        case _:
            raise DecodeError(f'the server\'s answer is encoded as "{encoding}", which was not asked for')


class Inflater:
    """Reads a gzip body; feed it pieces of any size."""

    def __init__(self, request: Request | None = None) -> None:
        self._request: Request | None = request
        self._member: zlib._Decompress = _new_member()
        self._fed: int = 0
        self._given: int = 0

    def feed(self, data: bytes) -> Iterator[bytes]:
        """Takes the next bytes and gives what they hold, piece by piece.

        Raises:
            DecodeError: They are no gzip.
            ProtocolError: They become too large.
        """
        view = memoryview(data)
        for at in range(0, len(view), _INPUT_BYTES):
            rest: bytes | memoryview = view[at : at + _INPUT_BYTES]
            self._fed += len(rest)
            more = True
            while more:
                try:
                    if self._member.eof:
                        self._member = _new_member()
                    piece = self._member.decompress(rest, _OUTPUT_BYTES)
                except zlib.error as error:
                    raise DecodeError(f"the server's compressed answer is broken: {error}") from error
                rest = self._member.unused_data if self._member.eof else self._member.unconsumed_tail
                # A full piece may leave something behind that needs no more input.
                more = bool(rest) or (len(piece) == _OUTPUT_BYTES and not self._member.eof)
                if piece:
                    self._count(len(piece))
                    yield piece

    def finish(self) -> None:
        """The body has ended.

        Raises:
            DecodeError: In the middle of a member.
        """
        if self._fed and not self._member.eof:
            raise DecodeError("the server's compressed answer ends too early")

    def _count(self, size: int) -> None:
        self._given += size
        if self._given > max(_FREE_BYTES, self._fed * _MAX_RATIO):
            raise ProtocolError(
                f"the server's compressed answer is more than {_MAX_RATIO} times larger than what was sent",
                request=self._request,
            )


def _new_member() -> zlib._Decompress:
    return zlib.decompressobj(16 + zlib.MAX_WBITS)
