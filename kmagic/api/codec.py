"""Bytes and text to plain objects and back: JSON, and YAML as Kubernetes reads and writes it.

YAML follows sigs.k8s.io/yaml, which kubectl uses: the 1.1 words for booleans (yes, no, on, off) are booleans,
mapping keys become strings, dates stay text, and a duplicate key is an error. Documents keep their line, so that
an error can point into a cell.
"""

from __future__ import annotations

import re
from collections.abc import Hashable
from typing import Any

import msgspec
import yaml

from kmagic.api.types import JSON, JSONObject
from kmagic.errors import DecodeError

__all__ = ("Document", "YAMLError", "decode_json", "dump_yaml", "encode_json", "load_yaml_documents")

_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_Dumper: Any = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
_SEPARATOR = re.compile(r"^---(?=\s|$)", re.MULTILINE)


class YAMLError(ValueError):
    """Text that is not the YAML it should be.

    Attributes:
        line: From 1, in the whole text.
        column: From 1.
    """

    def __init__(self, message: str, line: int, column: int) -> None:
        super().__init__(f"line {line}, column {column}: {message}")
        self.reason = message
        self.line = line
        self.column = column


class Document(msgspec.Struct, frozen=True):
    """One document of a YAML text.

    Attributes:
        index: From 0, empty documents not counted.
        line: Where its first content stands, from 1.
        obj: What it says.
    """

    index: int
    line: int
    obj: JSON


def decode_json(data: bytes | str) -> JSONObject:
    """Reads a JSON object.

    Raises:
        DecodeError: Not JSON, or not an object.
    """
    try:
        decoded = msgspec.json.decode(data)
    except msgspec.DecodeError as error:
        raise DecodeError(f"the data is not valid JSON: {error}") from error
    if not isinstance(decoded, dict):
        raise DecodeError(f"the data is a JSON {type(decoded).__name__}, not an object")
    return decoded


def encode_json(obj: object) -> bytes:
    """Writes compact JSON; models and plain objects alike."""
    return msgspec.json.encode(obj)


class _KubernetesLoader(_Loader):  # type: ignore[misc]  # the C loader is untyped
    """Safe YAML with Kubernetes' rules for keys and dates."""


def _mapping(loader: Any, node: yaml.MappingNode) -> dict[str, Any]:
    loader.flatten_mapping(node)
    result: dict[str, Any] = {}
    for key_node, value_node in node.value:
        key = loader.construct_object(key_node, deep=True)
        if not isinstance(key, Hashable) or isinstance(key, tuple):
            raise yaml.MarkedYAMLError(problem="a mapping key must be a scalar", problem_mark=key_node.start_mark)
        text = _key(key)
        if text in result:
            raise yaml.MarkedYAMLError(problem=f'key "{text}" already set in map', problem_mark=key_node.start_mark)
        result[text] = loader.construct_object(value_node, deep=True)
    return result


def _key(key: Any) -> str:
    if isinstance(key, bool):
        return "true" if key else "false"
    if key is None:
        return "null"
    return str(key)


_KubernetesLoader.add_constructor("tag:yaml.org,2002:map", _mapping)
# JSON has no dates: 2024-01-01 stays the text it is.
_KubernetesLoader.add_constructor("tag:yaml.org,2002:timestamp", lambda loader, node: loader.construct_scalar(node))


def load_yaml_documents(text: str) -> list[Document]:
    """Reads every document of a YAML (or JSON) text; empty ones are left out.

    Raises:
        YAMLError: With line and column in the whole text.
    """
    documents: list[Document] = []
    loader = _KubernetesLoader(text)
    try:
        while loader.check_node():
            node = loader.get_node()
            obj = loader.construct_document(node)
            if obj is not None:
                documents.append(Document(len(documents), node.start_mark.line + 1, obj))
    except yaml.MarkedYAMLError as error:
        raise _yaml_error(text, error) from None
    except yaml.YAMLError as error:
        position = getattr(error, "position", 0)
        before = text[:position]
        raise YAMLError(
            str(getattr(error, "reason", "not valid YAML")), before.count("\n") + 1, len(before.rpartition("\n")[2]) + 1
        ) from None
    finally:
        loader.dispose()
    return documents


def _yaml_error(text: str, error: yaml.MarkedYAMLError) -> YAMLError:
    mark = error.problem_mark or error.context_mark
    line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
    lines = text.splitlines()
    reason = error.problem or error.context or "not valid YAML"
    if line <= len(lines) and "\t" in lines[line - 1][: max(column, 1)]:
        reason = "a tab cannot be used for indentation; use spaces"
    return YAMLError(reason, line, column)


class _KubernetesDumper(_Dumper):  # type: ignore[misc]  # the C dumper is untyped
    """Block style, lists not indented, multi-line text as a block: what ``kubectl -o yaml`` prints."""

    def ignore_aliases(self, _data: Any) -> bool:
        return True


def _text(dumper: Any, text: str) -> Any:
    style = None
    if "\n" in text:
        style = "|" if not re.search(r"[ \t]\n|\t|^\s", text) else '"'
    elif dumper.resolve(yaml.ScalarNode, text, (True, False)) != "tag:yaml.org,2002:str":
        style = '"'  # text that would read as a number, a date or a boolean
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_KubernetesDumper.add_representer(str, _text)


def dump_yaml(obj: object) -> str:
    """Writes a plain object as kubectl does: keys sorted, block style."""
    text: str = yaml.dump(
        obj, Dumper=_KubernetesDumper, default_flow_style=False, allow_unicode=True, width=2**16, sort_keys=True
    )
    return text
