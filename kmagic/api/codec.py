"""Bytes and text to plain objects and back: JSON, and YAML by the rules kubectl reads and writes it.

YAML is YAML 1.1 as sigs.k8s.io/yaml understands it: ``y`` and ``on`` are booleans, ``0777`` is octal, ``1_000`` is a
number, timestamps and base-60 numbers stay text, keys become text. Writing quotes what would come back as something
else, sorts keys in natural order and folds long lines, so a diff against ``kubectl get -o yaml`` is empty.

Source: sigs.k8s.io/yaml v1.6.0, go.yaml.in/yaml/v2 v2.4.4 (resolve.go, encode.go, sorter.go).
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cmp_to_key
from typing import Any

import msgspec
import yaml

from kmagic.api import yaml_scalars
from kmagic.api.types import JSON
from kmagic.api.yaml_reader import Document, YAMLError, decode_text, documents_of
from kmagic.errors import DecodeError

__all__ = ("Document", "YAMLError", "decode_text", "dump_yaml", "encode_json", "load_yaml_documents")

_json_encoder = msgspec.json.Encoder()

_Dumper: Any = getattr(yaml, "CSafeDumper", yaml.SafeDumper)


def encode_json(value: object) -> bytes:
    """Writes compact JSON of a plain object or a model, keys in their order."""
    return _json_encoder.encode(value)


def load_yaml_documents(text: str) -> list[Document]:
    """Reads every document of a text; empty ones (comments only, ``---`` twice) are left out.

    JSON is YAML, so a JSON file is fine as well.

    Raises:
        YAMLError: With the line and column in the whole text.
    """
    return list(documents_of(text))


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
