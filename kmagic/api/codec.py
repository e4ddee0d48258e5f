"""Bytes and text to plain objects and back: JSON, and YAML by the rules kubectl reads and writes it.

YAML is YAML 1.1 as sigs.k8s.io/yaml understands it: ``y`` and ``on`` are booleans, ``0777`` is octal, ``1_000`` is a
number, timestamps and base-60 numbers stay text, keys become text. Writing quotes what would come back as something
else, sorts keys in natural order and folds long lines, so a diff against ``kubectl get -o yaml`` is empty.

Source: sigs.k8s.io/yaml v1.6.0, go.yaml.in/yaml/v2 v2.4.4 (resolve.go, encode.go, sorter.go).
"""

from __future__ import annotations

import base64
import binascii
import math
from collections.abc import Iterator
from functools import cmp_to_key
from typing import Any

import msgspec
import yaml

from kmagic.api import yaml_scalars
from kmagic.api.types import JSON, JSONObject
from kmagic.errors import DecodeError

__all__ = ("Document", "YAMLError", "decode_json", "dump_yaml", "encode_json", "load_yaml_documents")

_json_decoder = msgspec.json.Decoder()
_json_encoder = msgspec.json.Encoder()

_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_Dumper: Any = getattr(yaml, "CSafeDumper", yaml.SafeDumper)

_PLAIN = "!plain"
_PREFIX = "tag:yaml.org,2002:"
_MERGE = "<<"

# A document may name one anchor again and again; a few hundred bytes could otherwise become gigabytes.
_MAX_NODES = 1_000_000


class YAMLError(DecodeError):
    """Text that is not YAML, or YAML that is not JSON.

    Attributes:
        reason: What is wrong, without the place.
        line: Where in the whole text, counted from 1; 0 when unknown.
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
        obj: What it says; a Kubernetes manifest is a dict.
        warnings: What is probably a mistake though kubectl takes it: a key that stands twice, where the last counts.
    """

    index: int
    line: int
    obj: Any
    warnings: tuple[str, ...] = ()


def decode_json(data: bytes | str) -> JSONObject:
    """Reads a JSON object; integers of any size stay integers.

    Raises:
        DecodeError: Not JSON (the message says at which byte), or not an object.
    """
    try:
        decoded = _json_decoder.decode(data)
    except (msgspec.DecodeError, RecursionError) as error:
        raise DecodeError(f"the data is not valid JSON: {error}") from error
    if not isinstance(decoded, dict):
        raise DecodeError(f"the data is a JSON {type(decoded).__name__}, not an object")
    return decoded


def encode_json(value: object) -> bytes:
    """Writes compact JSON of a plain object or a model, keys in their order."""
    return _json_encoder.encode(value)


def load_yaml_documents(text: str) -> list[Document]:
    """Reads every document of a text; empty ones (comments only, ``---`` twice) are left out.

    JSON is YAML, so a JSON file is fine as well.

    Raises:
        YAMLError: With the line and column in the whole text.
    """
    documents: list[Document] = []
    for first_line, chunk in _split(text):
        for line, obj, warnings in _load_chunk(chunk, first_line):
            documents.append(Document(len(documents), line, obj, warnings))
    return documents


def dump_yaml(obj: JSON) -> str:
    """Writes one document as ``kubectl get -o yaml`` does; ends with a newline.

    Raises:
        DecodeError: Not plain data.
    """
    events = [
        yaml.StreamStartEvent(),
        yaml.DocumentStartEvent(explicit=False),
        *_events(obj),
        yaml.DocumentEndEvent(explicit=False),
        yaml.StreamEndEvent(),
    ]
    text: str = yaml.emit(events, Dumper=_Dumper, width=80, allow_unicode=True)
    # libyaml marks the end of a lone scalar; Go does not.
    return text.removesuffix("...\n")


def _split(text: str) -> Iterator[tuple[int, str]]:
    """Documents as kubectl cuts them: at lines that are ``---`` and nothing else but a comment."""
    begin, lines = 1, list[str]()
    # Only \n ends a line here: str.splitlines would also cut at form feeds inside values.
    for number, line in enumerate(text.removeprefix("\ufeff").split("\n"), 1):
        rest = line[3:].strip()
        if line.startswith("---") and (not rest or (rest.startswith("#") and line[3] in " \t")):
            yield begin, "\n".join(lines)
            begin, lines = number + 1, []
        else:
            lines.append(line)
    yield begin, "\n".join(lines)


def _load_chunk(chunk: str, first_line: int) -> Iterator[tuple[int, Any, tuple[str, ...]]]:
    loader = None
    try:
        loader = _GoLoader(chunk)
        while loader.check_node():
            node = loader.get_node()
            reader = _Reader(first_line)
            obj = reader.read(node)
            if obj is not None:
                yield first_line + node.start_mark.line, obj, tuple(reader.warnings)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        problem = error.problem or error.context or "not YAML"
        if mark is None:
            raise YAMLError(problem, first_line) from error
        raise YAMLError(problem, first_line + mark.line, mark.column + 1) from error
    except yaml.YAMLError as error:
        raise YAMLError(str(error).splitlines()[0], first_line) from error
    except RecursionError as error:
        raise YAMLError("nested too deeply", first_line) from error
    finally:
        if loader is not None:
            loader.dispose()


class _GoLoader(_Loader):  # type: ignore[misc]  # chosen at run time
    def resolve(self, kind: type[yaml.Node], value: str, implicit: Any) -> str:
        """Marks plain scalars instead of judging them: the judging is Go's, in `yaml_scalars`."""
        if kind is yaml.ScalarNode:
            return _PLAIN if implicit[0] else f"{_PREFIX}str"
        return f"{_PREFIX}seq" if kind is yaml.SequenceNode else f"{_PREFIX}map"


class _Reader:
    def __init__(self, first_line: int) -> None:
        self._first_line = first_line
        self._nodes = 0
        self._open: set[int] = set()
        self.warnings: list[str] = []

    def read(self, node: yaml.Node) -> Any:
        self._nodes += 1
        if self._nodes > _MAX_NODES:
            raise self._error("document contains excessive aliasing", node)
        if isinstance(node, yaml.ScalarNode):
            value = self._scalar(node)
            if isinstance(value, float) and not math.isfinite(value):
                raise self._error(f"json: unsupported value: {node.value}", node)
            return value
        if id(node) in self._open:
            raise self._error("anchor contains itself", node)
        self._open.add(id(node))
        try:
            if isinstance(node, yaml.SequenceNode):
                return [self.read(item) for item in node.value]
            return self._mapping(node)
        finally:
            self._open.discard(id(node))

    def _mapping(self, node: yaml.Node) -> dict[str, Any]:
        merged: dict[str, Any] = {}
        own: dict[str, Any] = {}
        for key, value in node.value:
            if isinstance(key, yaml.ScalarNode) and key.value == _MERGE and key.tag in (_PLAIN, f"{_PREFIX}merge"):
                merged = self._merge(value) | merged
            else:
                text = self._key(key)
                if text in own:
                    line = self._first_line + key.start_mark.line
                    self.warnings.append(f'line {line}: key "{text}" already set in map')
                own[text] = self.read(value)
        return merged | own

    def _merge(self, node: yaml.Node) -> dict[str, Any]:
        sources = node.value if isinstance(node, yaml.SequenceNode) else [node]
        merged: dict[str, Any] = {}
        for source in sources:
            found = self.read(source)
            if not isinstance(found, dict):
                raise self._error("map merge requires map or sequence of maps as the value", source)
            merged = found | merged
        return merged

    def _key(self, node: yaml.Node) -> str:
        if isinstance(node, yaml.ScalarNode):
            value = self._scalar(node)
            if isinstance(value, str):
                return value
            if isinstance(value, bool):
                return "true" if value else "false"
            if isinstance(value, int):
                return str(value)
            if isinstance(value, float):
                return yaml_scalars.format_float(value, single=True)
        raise self._error("a key is not text, a number or a boolean", node)

    def _scalar(self, node: yaml.ScalarNode) -> Any:
        tag = node.tag
        if tag == _PLAIN:
            return yaml_scalars.resolve(node.value)
        kind = tag.removeprefix(_PREFIX)
        if kind == "binary":
            try:
                return base64.b64decode(node.value).decode("utf-8")
            except (binascii.Error, ValueError) as error:
                raise self._error("!!binary value contains invalid base64 data or is not text", node) from error
        if kind in ("null", "bool", "int", "float"):
            try:
                return yaml_scalars.resolve_as(kind, node.value)
            except ValueError as error:
                raise self._error(f"cannot decode `{node.value}` as a !!{kind}", node) from error
        return node.value

    def _error(self, message: str, node: yaml.Node) -> YAMLError:
        mark = node.start_mark
        return YAMLError(message, self._first_line + mark.line, mark.column + 1)


def _events(value: Any) -> Iterator[yaml.Event]:
    if isinstance(value, dict):
        yield yaml.MappingStartEvent(None, None, implicit=True, flow_style=not value)
        for key in sorted(value, key=cmp_to_key(yaml_scalars.compare_keys)):
            yield _scalar_event(key)
            yield from _events(value[key])
        yield yaml.MappingEndEvent()
    elif isinstance(value, list | tuple):
        yield yaml.SequenceStartEvent(None, None, implicit=True, flow_style=not value)
        for item in value:
            yield from _events(item)
        yield yaml.SequenceEndEvent()
    else:
        yield _scalar_event(value)


def _scalar_event(value: object) -> yaml.Event:
    style = None
    match value:
        case None:
            text = "null"
        case bool():
            text = "true" if value else "false"
        case int():
            text = str(value)
        case float():
            text = yaml_scalars.format_float(value)
        case str():
            text = value
            if "\n" in value:
                style = "|"
            elif not yaml_scalars.is_plain_text(value):
                style = '"'
        case _:
            raise DecodeError(f"a {type(value).__name__} is not plain data and has no YAML form")
    return yaml.ScalarEvent(None, None, (True, True), text, style=style)
