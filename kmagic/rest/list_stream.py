"""A list's items while its bytes still come.

A list of ten thousand Pods is 60 MB; waiting for all of it, and then decoding it in one go, doubles the time and
the memory. The decoder here cuts the items out of whatever has arrived. It looks for the text that separates two
items, ``},{`` and the first key of the first item, and asks the JSON decoder whether what lies between is a whole
value: the same text inside an item (volume claim templates, embedded lists) is not, and the search goes on. So the
cut is right for any JSON, and cheap for the JSON that servers send.
"""

from __future__ import annotations

import re

import msgspec

from kmagic.api.options import ListMeta
from kmagic.errors import DecodeError

__all__ = ("ListDecoder",)

_ITEMS = re.compile(rb'"items"\s*:\s*\[')
_FIRST_KEY = re.compile(rb'\{\s*("(?:[^"\\]|\\.)*"\s*:)')
_decode_items = msgspec.json.Decoder(list[msgspec.Raw]).decode
_validate = msgspec.json.Decoder(msgspec.Raw).decode


class _Tail(msgspec.Struct):
    kind: str = ""
    metadata: ListMeta = ListMeta()
    items: list[msgspec.Raw] | None = None
    # What a Table or a Status would have; a list that turns out to be one must not pass as an empty list.
    rows: msgspec.Raw = msgspec.Raw()


_decode_tail = msgspec.json.Decoder(_Tail).decode


class ListDecoder:
    """Feed it chunks of any size; it returns the items they complete, each as its own bytes.

    Attributes:
        kind: The list's kind, known after `finish`.
    """

    def __init__(self) -> None:
        self.kind = ""
        self._buffer = b""
        self._head = b""
        self._separator = b""
        # What an item begins with, cut away together with the separator before it.
        self._prefix = b""
        self._inside = False
        self._scanned = 0

    def feed(self, chunk: bytes) -> list[bytes]:
        """Takes the next bytes."""
        self._buffer += chunk
        if not self._inside and not self._enter():
            return []
        return self._cut()

    def finish(self) -> tuple[list[bytes], ListMeta]:
        """Returns the items still held and the list's own metadata.

        Raises:
            DecodeError: The bytes ended inside the list, or were no list.
        """
        items: list[bytes] = []
        tail = self._buffer
        if self._inside:
            items, tail = self._last(tail)
        try:
            end = _decode_tail(self._head + b"[]" + tail if self._inside else tail)
        except msgspec.DecodeError as error:
            raise DecodeError(f"the list ended too early or is not valid JSON: {error}") from error
        if bytes(end.rows):
            raise DecodeError("unsupported list gvk: the server answered with a Table where a list was asked for")
        self.kind = end.kind
        return items or [bytes(raw) for raw in end.items or ()], end.metadata

    def _enter(self) -> bool:
        match = _ITEMS.search(self._buffer)
        while match and not _at_top(self._buffer[: match.start()]):
            match = _ITEMS.search(self._buffer, match.end())
        if not match:
            return False
        begin = match.end()
        first = _FIRST_KEY.match(self._buffer, begin + _spaces(self._buffer, begin))
        if not first:
            # An empty list, scalars, or not enough bytes yet: `finish` reads what has come in one go.
            return False
        self._head, self._buffer = self._buffer[: begin - 1], self._buffer[begin:]
        self._prefix = first[0]
        self._separator = b"}," + first[0]
        self._inside = True
        return True

    def _cut(self) -> list[bytes]:
        items: list[bytes] = []
        buffer, separator, skip = self._buffer, self._separator, len(self._separator) - len(self._prefix)
        begin, search = 0, self._scanned
        while (at := buffer.find(separator, search)) >= 0:
            item = buffer[begin : at + 1]
            if _whole(item):
                items.append(item)
                begin = at + skip
                search = begin + len(self._prefix)
            else:
                search = at + 1
        self._buffer = buffer[begin:]
        # A separator may lie across the chunk's edge.
        self._scanned = max(0, max(search, len(buffer) - len(separator) + 1) - begin)
        return items

    def _last(self, rest: bytes) -> tuple[list[bytes], bytes]:
        """Cuts the last item, or several that begin in unusual ways, from what follows the array."""
        end = rest.rfind(b"]")
        while end >= 0:
            try:
                return [bytes(raw) for raw in _decode_items(b"[" + rest[: end + 1])], rest[end + 1 :]
            except msgspec.DecodeError:
                end = rest.rfind(b"]", 0, end)
        raise DecodeError("the list ended too early or is not valid JSON")


def _whole(item: bytes) -> bool:
    try:
        _validate(item)
    except msgspec.DecodeError:
        return False
    return True


def _spaces(buffer: bytes, begin: int) -> int:
    return len(buffer) - begin - len(buffer[begin:].lstrip()) if buffer[begin : begin + 1].isspace() else 0


def _at_top(before: bytes) -> bool:
    """Whether the text so far leaves us directly inside the outermost object."""
    depth, in_string, escaped = 0, False, False
    for byte in before:
        if in_string:
            if escaped:
                escaped = False
            elif byte == 0x5C:
                escaped = True
            elif byte == 0x22:
                in_string = False
        elif byte == 0x22:
            in_string = True
        elif byte in b"{[":
            depth += 1
        elif byte in b"}]":
            depth -= 1
    return depth == 1
