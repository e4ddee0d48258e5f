"""A text's documents as kubectl reads them: YAML as go-yaml understands it, and JSON objects one after another.

kubectl cuts a stream at the lines that begin with ``---`` and gives each piece, whole to its last newline, to
go-yaml; a stream that begins with ``{`` is read as JSON as long as it is JSON. Anchors, merges, tags and the limits of
both follow go-yaml, as does what stands in for a key that is no text.

Source: k8s.io/apimachinery/pkg/util/yaml/decoder.go, go.yaml.in/yaml/v2 v2.4.4 (decode.go), sigs.k8s.io/yaml v1.6.0.
"""

from __future__ import annotations

import codecs
import itertools
import json
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Literal, NoReturn

import msgspec
import yaml

from kmagic.api import yaml_scalars
from kmagic.api.base64_text import decode_base64
from kmagic.errors import DecodeError

__all__ = ("Document", "YAMLError", "decode_text", "documents_of", "first_document")

_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_HALF_PAIR = re.compile(r"\\u[dD][89a-fA-F]")
_PREFIX = "tag:yaml.org,2002:"
# Tags of plain values; every other tag leaves the text as it is.
_JUDGED = frozenset({"null", "bool", "int", "float", "timestamp"})

# What reads on (masking, writing, sending) goes down level by level as well; no manifest is near this.
_MAX_DEPTH = 250
# A float has no more digits before its point.
_DIGITS = 309
# go-yaml's limits of what aliases may add to a document.
_FREE_ALIASES, _FREE_NODES = 100, 1000
_SMALL, _LARGE = 400_000, 4_000_000


class YAMLError(DecodeError):
    """Text that is not YAML, or YAML that is not JSON.

    Attributes:
        reason: The problem, without its position.
        line: Line in the whole text, from 1; 0 when unknown.
        column: Counted from 1; 0 when unknown.
    """

    def __init__(self, message: str, line: int = 0, column: int = 0) -> None:
        where = f"line {line}: " if line else ""
        super().__init__(f"{where}{message}")
        self.reason = message
        self.line = line
        self.column = column


class Document(msgspec.Struct, frozen=True):
    """One document of a YAML text.

    Attributes:
        index: Counted from 0, empty documents not counted.
        line: The line of the whole text its first key is on, counted from 1.
        obj: The document's value; a dict for a Kubernetes manifest.
        warnings: Probable mistakes that kubectl accepts: a key that stands twice, where the last counts;
            a key that YAML 1.1 reads as something else; text after ``...``, which is not read. Each with its line.
    """

    index: int
    line: int
    obj: Any
    warnings: tuple[tuple[int, str], ...] = ()


def decode_text(data: bytes) -> str:
    """The text of a file: UTF-8, or UTF-16 where a byte order mark says so.

    Raises:
        YAMLError: It is neither; the message names the line.
    """
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        encoding, name = "utf-16", "UTF-16"
    else:
        encoding, name = "utf-8-sig", "UTF-8"
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        raise YAMLError(f"not {name} text", data.count(b"\n", 0, error.start) + 1) from None


def documents_of(text: str) -> Iterator[Document]:
    """Every document of a text that is not empty, in order.

    Raises:
        YAMLError: With the line and column in the whole text.
    """
    text = text.removeprefix("\ufeff")
    objects, rest = _json_objects(text) if text.lstrip().startswith("{") else ([], 0)
    pieces = (_read(chunk, line) for line, chunk in _chunks(text[rest:], text.count("\n", 0, rest) + 1))
    index = 0
    for found in itertools.chain(objects, pieces):
        if found.obj is not None:
            yield msgspec.structs.replace(found, index=index)
            index += 1


def first_document(text: str) -> Any:
    """Returns the first document of a text, None for an empty one; later ones are not read, as for a kubeconfig.

    Raises:
        YAMLError: With line and column.
    """
    return _read(text.removeprefix("\ufeff"), 1).obj


def _json_objects(text: str) -> tuple[list[Document], int]:
    """The JSON values a text begins with, and where what is no JSON begins."""
    decoder = json.JSONDecoder(parse_constant=_no_number, parse_float=_finite, parse_int=_integer)
    found: list[Document] = []
    at = 0
    while (begin := _skip(text, at, " \t\r\n")) < len(text):
        line, column = _place(text, begin)
        try:
            obj, end = decoder.raw_decode(text, begin)
        except OverflowError:
            raise YAMLError("a number is bigger than 64 bits can hold", line, column) from None
        except (ValueError, RecursionError) as error:
            if len(found) > 1:
                if isinstance(error, json.JSONDecodeError):
                    raise YAMLError(f"not JSON: {error.msg}", *_place(text, error.pos)) from None
                raise YAMLError("not JSON", line, column) from None
            # It may yet be YAML; of the line the first object ends on, only space is left out.
            at = _skip(text, at, " \t\r") if found else at
            return found, at + text.startswith("\n", at) if found else at
        at = end
        _limit_depth(obj, line, column)
        if _HALF_PAIR.search(text, begin, end):
            # Half a surrogate pair is no character: Go puts U+FFFD there.
            whole = json.dumps(obj, ensure_ascii=False).encode("utf-16", "surrogatepass")
            obj = json.loads(whole.decode("utf-16", "replace"))
        found.append(Document(0, line, obj))
    return found, len(text)


def _no_number(text: str) -> NoReturn:
    raise ValueError(text)


def _finite(text: str) -> float:
    if not math.isfinite(value := float(text)):
        raise OverflowError
    return value


def _integer(text: str) -> int:
    if len(text) > _DIGITS:
        raise OverflowError
    return int(text)


def _skip(text: str, at: int, what: str) -> int:
    while at < len(text) and text[at] in what:
        at += 1
    return at


def _place(text: str, at: int) -> tuple[int, int]:
    return text.count("\n", 0, at) + 1, at - text.rfind("\n", 0, at)


def _limit_depth(obj: object, line: int, column: int) -> None:
    level = [obj]
    for _ in range(_MAX_DEPTH):
        level = [
            child
            for each in level
            if isinstance(each, dict | list)
            for child in (each.values() if isinstance(each, dict) else each)
        ]
        if not level:
            return
    raise YAMLError(f"nested more than {_MAX_DEPTH} levels deep", line, column)


def _chunks(text: str, first_line: int) -> Iterator[tuple[int, str]]:
    """The pieces kubectl gives to go-yaml, each with the line it begins on."""
    begin, lines = first_line, list[str]()
    # Only \n ends a line here: str.splitlines would also cut at form feeds inside values.
    for number, line in enumerate(text.removesuffix("\n").split("\n"), first_line):
        if line.startswith("---"):
            rest = line[3:].strip()
            if rest and not rest.startswith("#"):
                raise YAMLError(
                    "a document begins with a line of --- alone; move what follows it to the next line", number, 4
                )
            if lines:
                yield begin, "".join(lines)
                begin, lines = number + 1, []
                continue
        lines.append(line.removesuffix("\r") + "\n")
    if lines:
        yield begin, "".join(lines)


@dataclass(slots=True)
class _Node:
    kind: Literal["scalar", "list", "map", "alias"]
    line: int
    column: int
    value: str = ""
    tag: str = ""
    plain: bool = False
    children: list[_Node] = field(default_factory=list)


def _read(chunk: str, first_line: int) -> Document:
    """The chunk's first document; nothing else in a chunk counts."""
    loader = None
    try:
        loader = _Loader(chunk)
        root = _compose(loader, first_line)
        if root is None:
            return Document(0, first_line, None)
        reader = _Reader()
        obj = reader.read(root)
        return Document(0, root.line, obj, (*reader.warnings, *_left_over(loader, first_line)))
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        problem = error.problem or error.context or "not YAML"
        if mark is None:
            raise YAMLError(problem, first_line) from None
        raise YAMLError(problem, first_line + mark.line, mark.column + 1) from None
    except yaml.reader.ReaderError as error:
        line, column = _place(chunk, error.position) if isinstance(error.position, int) else (1, 0)
        raise YAMLError(error.reason, first_line + line - 1, column) from None
    except (yaml.YAMLError, UnicodeError, RecursionError) as error:
        raise YAMLError(f"not YAML: {type(error).__name__}", first_line) from None
    finally:
        if loader is not None:
            loader.dispose()


def _left_over(loader: Any, first_line: int) -> list[tuple[int, str]]:
    try:
        if loader.check_event(yaml.StreamEndEvent):
            return []
        mark = loader.peek_event().start_mark
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
    line = first_line + (mark.line if mark else 0)
    return [(line, "what follows the end of the document is not read, as in kubectl; begin it with ---")]


def _compose(loader: Any, first_line: int) -> _Node | None:
    """The nodes of the first document. An anchor that is set again holds from there on, as in go-yaml."""
    loader.get_event()
    if loader.check_event(yaml.StreamEndEvent):
        return None
    loader.get_event()
    root = _Node("list", first_line, 1)
    anchors: dict[str, _Node] = {}
    path = [root]
    while True:
        event = loader.get_event()
        if isinstance(event, yaml.CollectionEndEvent):
            path.pop()
        elif isinstance(event, yaml.DocumentEndEvent):
            return root.children[0]
        else:
            node = _node_of(event, first_line, anchors)
            path[-1].children.append(node)
            if isinstance(event, yaml.CollectionStartEvent):
                path.append(node)


def _node_of(event: Any, first_line: int, anchors: dict[str, _Node]) -> _Node:
    line, column = first_line + event.start_mark.line, event.start_mark.column + 1
    if isinstance(event, yaml.AliasEvent):
        target = anchors.get(event.anchor or "")
        if target is None:
            # Not its name: an unquoted password may begin with a star.
            raise YAMLError("unknown anchor referenced", line, column)
        return _Node("alias", line, column, children=[target])
    if isinstance(event, yaml.ScalarEvent):
        node = _Node("scalar", line, column, event.value, event.tag or "", event.implicit[0])
    else:
        node = _Node("map" if isinstance(event, yaml.MappingStartEvent) else "list", line, column)
    if event.anchor is not None:
        anchors[event.anchor] = node
    return node


class _Reader:
    """Values out of nodes; counts what aliases add."""

    def __init__(self) -> None:
        self._nodes = 0
        self._by_alias = 0
        self._aliases: set[int] = set()
        self._depth = 0
        self.warnings: list[tuple[int, str]] = []

    def read(self, node: _Node) -> Any:
        self._count(node)
        if node.kind == "scalar":
            value = self._scalar(node)
            if isinstance(value, float) and not math.isfinite(value):
                raise _error(f"json: unsupported value: {node.value}", node)
            return value
        if node.kind == "alias":
            return self._alias(node)
        self._depth += 1
        if self._depth > _MAX_DEPTH:
            raise _error(f"nested more than {_MAX_DEPTH} levels deep", node)
        found: Any
        if node.kind == "list":
            found = []
            for child in node.children:
                found.append(self.read(child))
        else:
            found = {}
            self._fill(found, node)
        self._depth -= 1
        return found

    def _count(self, node: _Node) -> None:
        self._nodes += 1
        if not self._aliases:
            return
        self._by_alias += 1
        if self._by_alias > _FREE_ALIASES and self._nodes > _FREE_NODES:
            share = min(max((self._nodes - _SMALL) / (_LARGE - _SMALL), 0.0), 1.0)
            if self._by_alias / self._nodes > 0.99 - 0.89 * share:
                raise _error("document contains excessive aliasing", node)

    def _alias(self, node: _Node) -> Any:
        if id(node) in self._aliases:
            raise _error("anchor value contains itself", node.children[0])
        self._aliases.add(id(node))
        value = self.read(node.children[0])
        self._aliases.discard(id(node))
        return value

    def _fill(self, found: dict[str, Any], node: _Node) -> None:
        """Sets a mapping's keys in their order, so that what comes later wins, merged keys too."""
        own = set[str]()
        for i in range(0, len(node.children), 2):
            key, value = node.children[i], node.children[i + 1]
            if key.kind == "scalar" and key.value == "<<" and (key.plain or key.tag == f"{_PREFIX}merge"):
                self._merge(found, value)
                continue
            text = self._key(key)
            if text in own:
                self.warnings.append((key.line, f'key "{text}" already set in map'))
            own.add(text)
            found[text] = self.read(value)

    def _merge(self, found: dict[str, Any], node: _Node) -> None:
        # The first of several sources wins, so it is the last that is set.
        for source in reversed(node.children) if node.kind == "list" else (node,):
            target = source.children[0] if source.kind == "alias" else source
            if target.kind != "map":
                raise _error("map merge requires map or sequence of maps as the value", source)
            found.update(self.read(source))

    def _key(self, node: _Node) -> str:
        target = node.children[0] if node.kind == "alias" else node
        self._count(node)
        value = self._scalar(target) if target.kind == "scalar" else None
        if isinstance(value, bool):
            text = "true" if value else "false"
        elif isinstance(value, str):
            text = value
        elif isinstance(value, int) and value < 2**63:
            text = str(value)
        elif isinstance(value, float):
            text = yaml_scalars.format_float(value, single=True)
        else:
            raise _error("a key is not text, a number or a boolean", node)
        if text != target.value and target.plain:
            note = f'the key {target.value} is "{text}" in YAML 1.1, as kubectl reads it; quote it to keep it'
            self.warnings.append((node.line, note))
        return text

    def _scalar(self, node: _Node) -> Any:
        if not node.tag:
            return yaml_scalars.resolve(node.value) if node.plain else node.value
        kind = node.tag.removeprefix(_PREFIX)
        if kind == "binary":
            try:
                return decode_base64(node.value).decode("utf-8")
            except ValueError as error:
                raise _error("!!binary value contains invalid base64 data or is not text", node) from error
        if kind in _JUDGED:
            try:
                return yaml_scalars.resolve_as(kind, node.value)
            except ValueError as error:
                raise _error(f"the value is not a !!{kind}", node) from error
        return node.value


def _error(message: str, node: _Node) -> YAMLError:
    return YAMLError(message, node.line, node.column)
