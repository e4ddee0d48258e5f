"""A list's items while the list still streams: bytes in, items out, whatever the chunks.

Theory. Servers write ``{"kind":…,"metadata":{…},"items":[{"metadata":…},{"metadata":…}]}``, so items are cut where
``},{"metadata":`` stands, which a byte search finds at memory speed. Such bytes may also stand inside an item (a list
of templates), but never inside a string, where quotes are escaped. A cut is therefore a guess, and the guess is proved
by decoding: JSON objects are self-delimiting, so a text that begins where an item begins and is one whole object is
that item. A wrong guess is joined with what follows; after a few wrong ones, and for lists that look different in any
way, an exact scanner, which is slower, finds the end.

Promises: the same items for every chunking of any JSON list; memory for one item, not for the list. Does not: inflate
(the transport does) or look into items.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Generic, TypeVar, overload

import msgspec

from kmagic.api.door import UNREADABLE
from kmagic.api.options import ListMeta
from kmagic.errors import DecodeError
from kmagic.rest import status

if TYPE_CHECKING:
    from collections.abc import Callable

    from kmagic.rest.resource import APIResource

__all__ = ("ListDecoder", "ListHead", "check_list")

T = TypeVar("T")

# Wrong guesses for one item before the scanner takes over: more would decode a big item again and again.
_MAX_GUESSES = 4

_ITEM_START = re.compile(rb'\{"(?:[^"\\]|\\.)*":')
_OUTSIDE = re.compile(rb'["{}\[\],]')
_NESTED = re.compile(rb'["{}\[\]]')
_STRING = re.compile(rb'["\\]')
_SPACE = b" \t\r\n"


class _Anything(msgspec.Struct, gc=False):
    """Decodes any JSON object by skipping what is in it."""


_check_object = msgspec.json.Decoder(_Anything).decode
_check_value = msgspec.json.Decoder(msgspec.Raw).decode


class ListHead(msgspec.Struct, frozen=True, kw_only=True):
    """The fields of a list beside its items."""

    kind: str = ""
    apiVersion: str = ""  # noqa: N815  # the wire's name
    metadata: ListMeta = ListMeta()


class ListDecoder(Generic[T]):
    """Cuts a streaming list into items.

    Args:
        item: Makes an item of its bytes; it must refuse bytes that are not exactly one JSON object by raising
            `msgspec.DecodeError`. Without it items are the bytes themselves.
        key: The list's member that holds the items.
    """

    @overload
    def __init__(self: ListDecoder[bytes], item: None = None, *, key: str = "items") -> None: ...
    @overload
    def __init__(self, item: Callable[[bytes], T], *, key: str = "items") -> None: ...
    def __init__(self, item: Callable[[bytes], Any] | None = None, *, key: str = "items") -> None:
        self._item: Callable[[bytes], Any] = item or _checked
        self._key = key.encode()
        self._before = b""  # up to and with the items' opening bracket, once it is known
        self._looked: int = 0  # bytes of the beginning in which it was not found
        self._held: int = 0  # bytes of the beginning that came
        self._pending: list[bytes] = []  # from the beginning of an item on
        self._tail = b""  # the last pending bytes, where a separator may have begun
        self._separator = b""  # what stands between items, up to the first member's name; "" when that is not known
        self._scan: _Scanner | None = None  # set while an item is read exactly
        self._guesses = 0
        self._ended = False

    @property
    def head(self) -> ListHead | None:
        """The fields before the items, once these have begun; lists of kube-apiserver have all their fields there."""
        return _read_head(self._before + b"]}") if self._before else None

    def feed(self, chunk: bytes) -> list[T]:
        """Takes the next bytes and returns the items they complete, in order.

        Raises:
            DecodeError: An item is broken. Nothing after it can be read.
        """
        items: list[T] = []
        if not self._before:
            chunk = self._find_items(chunk)
        if self._ended:
            self._pending.append(chunk)
        elif self._scan is None and self._separator and self._separator not in self._tail + chunk:
            self._hold(chunk)
        else:
            while chunk and not self._ended:
                guess = self._scan is None and self._separator
                chunk = self._guess(chunk, items) if guess else self._read(chunk, items)
        return items

    def finish(self) -> tuple[list[T], ListHead]:
        """Returns the items still held and what the list says beside its items.

        Raises:
            DecodeError: The stream ended before the list did, or it is not a list.
            StatusError: It is a Status with a failure, whatever the answer's code was.
        """
        items: list[T] = []
        if not self._before and self._held > self._looked:
            items += self.feed(self._look())
        if self._before and not self._ended:
            # The last item and what follows: the separator that would have shown its end never comes.
            rest = b"".join(self._pending)
            self._pending, self._scan = [], None
            while rest and not self._ended:
                rest = self._read(rest, items)
            if not self._ended:
                raise DecodeError("the connection ended in the middle of a list")
        text = self._before + b"".join(self._pending)
        head = _read_head(text)
        if not self._before and not _is_null(text, self._key.decode()):
            raise DecodeError(f"the server's answer is not a list: it has no {self._key.decode()}")
        return items, head

    def _find_items(self, chunk: bytes) -> bytes:
        """Looks for the bracket that opens the items; returns what follows it."""
        self._pending.append(chunk)
        self._held += len(chunk)
        # From the beginning, but only when there is twice as much as the last time: an answer that is no list, or
        # one that says much before its items, is looked through about twice, in however small pieces it comes.
        if self._held < 2 * self._looked:
            return b""
        return self._look()

    def _look(self) -> bytes:
        text = b"".join(self._pending)
        self._looked = len(text)
        end = _items_begin(text, self._key)
        if end < 0:
            self._pending = [text]
            return b""
        self._before, self._pending = text[:end], []
        return text[end:]

    def _guess(self, chunk: bytes, items: list[T]) -> bytes:
        """Cuts at separators; returns what only the scanner can read."""
        text = b"".join((*self._pending, chunk))
        self._pending, self._tail = [], b""
        start, cut = 0, text.find(self._separator)
        while cut >= 0:
            try:
                items.append(self._item(text[start : cut + 1]))
            except UNREADABLE:
                self._guesses += 1
                if self._guesses >= _MAX_GUESSES:
                    self._scan = _Scanner()
                    return text[start:]
            else:
                self._guesses = 0
                start = cut + 2
            cut = text.find(self._separator, cut + 2)
        self._hold(text[start:])
        return b""

    def _read(self, chunk: bytes, items: list[T]) -> bytes:
        """Reads one item exactly, every bracket and quote of it; returns what follows it."""
        self._scan = self._scan or _Scanner()
        end = self._scan.item_end(chunk)
        if end < 0:
            self._pending.append(chunk)
            return b""
        raw = b"".join((*self._pending, chunk[:end])).strip(_SPACE)
        self._pending, self._scan, self._guesses = [], None, 0
        if raw:
            items.append(self._proved(raw))
        if chunk[end : end + 1] == b"]":
            self._ended = True
            self._pending = [chunk[end:]]
            return b""
        begin = _ITEM_START.match(raw)
        # Only where the next item begins the same way, without a space: elsewhere guessing would not find it.
        self._separator = b"}," + begin[0] if begin and chunk.startswith(begin[0], end + 1) else b""
        return chunk[end + 1 :]

    def _hold(self, text: bytes) -> None:
        self._pending.append(text)
        self._tail = (self._tail + text)[1 - len(self._separator) :]

    def _proved(self, raw: bytes) -> T:
        try:
            made: T = self._item(raw)
        except UNREADABLE as error:
            raise DecodeError(f"the server's list has an item that cannot be read: {error}") from error
        return made


class _Scanner:
    """Finds the end of one item, over any number of chunks."""

    def __init__(self) -> None:
        self._depth = 0
        self._in_string = False
        self._escaped = False

    def item_end(self, chunk: bytes) -> int:
        """The position of the comma or bracket behind the item, or -1."""
        at = 0
        if self._escaped and chunk:
            self._escaped, at = False, 1
        while True:
            pattern = _STRING if self._in_string else _NESTED if self._depth else _OUTSIDE
            found = pattern.search(chunk, at)
            if found is None:
                return -1
            at = found.end()
            match chunk[at - 1]:
                case 0x22:  # a quote
                    self._in_string = not self._in_string
                case 0x5C:  # a backslash: whatever comes next is not the end of the string
                    self._escaped = at == len(chunk)
                    at += 1
                case 0x7B | 0x5B:  # an opening bracket
                    self._depth += 1
                case _:  # a closing bracket, or a comma between items
                    if self._depth == 0:
                        return at - 1
                    self._depth -= 1


def _checked(raw: bytes) -> bytes:
    if raw[:1] == b"{":
        _check_object(raw)
    else:
        _check_value(raw)
    return raw


def _items_begin(text: bytes, key: bytes) -> int:
    """The position behind the bracket that opens the items, or -1 when it has not come yet (or there is none)."""
    wanted = b'"' + key + b'"'
    if wanted not in text:
        return -1
    depth, at, member = 0, 0, b""
    token = re.compile(rb'"(?:[^"\\]|\\.)*"|[{}\[\]:,]', re.DOTALL)
    while found := token.search(text, at):
        at = found.end()
        match found[0]:
            case b"[" if depth == 1 and member == wanted:
                return at
            case b"{" | b"[":
                depth += 1
            case b"}" | b"]":
                depth -= 1
            case b",":
                member = b"" if depth == 1 else member
            case b":":
                pass
            case string if depth == 1 and not member:
                member = string
    return -1


def check_list(head: ListHead, resource: APIResource) -> None:
    """Raises unless a list is one of a resource.

    A custom resource may name its lists as it likes (``names.listKind``), so there any kind of list of its version does.

    Raises:
        DecodeError: It is a list of something else, or none.
    """
    if head.kind in (f"{resource.kind}List", "List", "PartialObjectMetadataList"):
        return
    custom = "." in resource.group and not resource.group.endswith(".k8s.io")
    aggregated = head.kind == resource.kind  # the list of the metrics APIs is the kind that discovery tells
    if head.kind.endswith("List") and (aggregated or (custom and head.apiVersion == resource.api_version)):
        return
    raise DecodeError(
        f"the server answered with {head.kind or 'something without a kind'}"
        f" where a list of {resource.full_name} was expected"
    )


def _read_head(text: bytes) -> ListHead:
    try:
        if status.is_status(text):
            raise _status_instead(text)
        return msgspec.json.decode(text, type=ListHead)
    except UNREADABLE as error:
        raise DecodeError(f"the server's answer is not a list: {error}") from error


def _status_instead(text: bytes) -> Exception:
    found = status.failure_in(text)
    return found or DecodeError("the server's answer is not a list: it is a Status without a failure")


def _is_null(text: bytes, key: str) -> bool:
    """Returns whether a list says that it has no items as Go writes it."""
    try:
        return bytes(msgspec.json.decode(text, type=dict[str, msgspec.Raw]).get(key, b"")) == b"null"
    except UNREADABLE as error:
        raise DecodeError(f"the server's answer is not a list: {error}") from error
