"""Bytes and text to plain objects and back: JSON, and YAML by the rules kubectl reads and writes it.

YAML is YAML 1.1 as sigs.k8s.io/yaml understands it: ``y`` and ``on`` are booleans, ``0777`` is octal, ``1_000`` is a
number, timestamps and base-60 numbers stay text, keys become text. Writing quotes what would come back as something
else, sorts keys in natural order and folds long lines, so a diff against ``kubectl get -o yaml`` is empty.

Source: sigs.k8s.io/yaml v1.6.0, go.yaml.in/yaml/v2 v2.4.4 (resolve.go, encode.go, sorter.go).
"""

from __future__ import annotations

from functools import cmp_to_key, lru_cache
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
    events: list[yaml.Event] = [yaml.StreamStartEvent(), yaml.DocumentStartEvent(explicit=False)]
    _add(obj, events, {})
    events += (yaml.DocumentEndEvent(explicit=False), yaml.StreamEndEvent())
    text: str = yaml.emit(events, Dumper=_Dumper, width=80, allow_unicode=True)
    # libyaml marks the end of a lone scalar; Go does not.
    return text.removesuffix("...\n")


# An event says nothing of its place, so one does for all places; most of a list's are of few kinds and texts.
_MAPPING = yaml.MappingStartEvent(None, None, implicit=True, flow_style=False)
_NO_MAPPING = yaml.MappingStartEvent(None, None, implicit=True, flow_style=True)
_MAPPING_END = yaml.MappingEndEvent()
_SEQUENCE = yaml.SequenceStartEvent(None, None, implicit=True, flow_style=False)
_NO_SEQUENCE = yaml.SequenceStartEvent(None, None, implicit=True, flow_style=True)
_SEQUENCE_END = yaml.SequenceEndEvent()


def _add(value: Any, events: list[yaml.Event], texts: dict[str, yaml.Event]) -> None:
    if isinstance(value, str):
        if (event := texts.get(value)) is None:
            event = texts[value] = _text_event(value)
        events.append(event)
    elif isinstance(value, dict):
        events.append(_MAPPING if value else _NO_MAPPING)
        for key in _ordered(tuple(value)):
            _add(key, events, texts)
            _add(value[key], events, texts)
        events.append(_MAPPING_END)
    elif isinstance(value, list | tuple):
        events.append(_SEQUENCE if value else _NO_SEQUENCE)
        for item in value:
            _add(item, events, texts)
        events.append(_SEQUENCE_END)
    else:
        events.append(_scalar_event(value))


@lru_cache(4096)
def _ordered(keys: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(sorted(keys, key=cmp_to_key(yaml_scalars.compare_keys)))


def _text_event(text: str) -> yaml.Event:
    style = "|" if "\n" in text else None if yaml_scalars.is_plain_text(text) else '"'
    return yaml.ScalarEvent(None, None, (True, True), text, style=style)


def _scalar_event(value: object) -> yaml.Event:
    match value:
        case None:
            text = "null"
        case bool():
            text = "true" if value else "false"
        case int():
            text = str(value)
        case float():
            text = yaml_scalars.format_float(value)
        case _:
            raise DecodeError(f"a {type(value).__name__} is not plain data and has no YAML form")
    return yaml.ScalarEvent(None, None, (True, True), text)
