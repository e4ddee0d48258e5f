"""The keys a manifest may have at a path, from the generated models; nothing is asked from a server."""

from __future__ import annotations

import importlib
import re
import types
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Union, get_args, get_origin

import msgspec

if TYPE_CHECKING:
    from kmagic.api.gvk import GroupVersionKind

__all__ = ("fields_of",)

# Written first by people; the rest follows in the models' order.
_FIRST = ("apiVersion", "kind", "metadata", "spec", "data")
# What every manifest begins with, as long as its kind is not known.
_UNKNOWN = ("apiVersion", "kind", "metadata", "spec", "data")
# Set by the server, so manifests do not have them.
_SERVERS = frozenset(
    {"status", "managedFields", "uid", "resourceVersion", "generation", "selfLink", "creationTimestamp"}
)


def fields_of(gvk: GroupVersionKind, path: str) -> tuple[str, ...]:
    """The wire names of the fields at a path.

    Args:
        gvk: The manifest's kind; may be unfinished.
        path: ``""`` for the top, ``"spec.template.spec.containers[0]"`` deeper; indexes do not matter.
    """
    model = _model(gvk)
    steps = re.findall(r"[^.\[\]]+", re.sub(r"\[[^\]]*\]", "", path))
    if model is None:
        return _UNKNOWN if not steps else _fields_below(_metadata_model(), steps[1:]) if steps[0] == "metadata" else ()
    return _fields_below(model, steps)


def _fields_below(model: type[msgspec.Struct] | None, steps: list[str]) -> tuple[str, ...]:
    for step in steps:
        model = next((_struct_in(each.type) for each in _fields(model) if each.encode_name == step), None)
    names = [each.encode_name for each in _fields(model) if each.encode_name not in _SERVERS]
    return tuple(sorted(names, key=lambda name: _FIRST.index(name) if name in _FIRST else len(_FIRST)))


@lru_cache(maxsize=512)
def _fields(model: type[msgspec.Struct] | None) -> tuple[msgspec.structs.FieldInfo, ...]:
    return msgspec.structs.fields(model) if model is not None else ()


def _model(gvk: GroupVersionKind) -> type[msgspec.Struct] | None:
    """The model of a built-in kind."""
    group = gvk.group.partition(".")[0] or "core"
    name = f"{group}_{gvk.version}"
    if not name.isidentifier() or not gvk.kind.isidentifier():
        return None
    try:
        found = getattr(importlib.import_module(f"kmagic.models.{name}"), gvk.kind, None)
    except ImportError:
        return None
    return found if isinstance(found, type) and issubclass(found, msgspec.Struct) else None


def _metadata_model() -> type[msgspec.Struct]:
    model: type[msgspec.Struct] = importlib.import_module("kmagic.models.meta_v1").ObjectMeta
    return model


def _struct_in(annotation: Any) -> type[msgspec.Struct] | None:
    """The Struct inside an annotation: of ``Pod | None``, of ``list[Container]``."""
    if isinstance(annotation, type) and issubclass(annotation, msgspec.Struct):
        return annotation
    origin = get_origin(annotation)
    if origin in (Union, types.UnionType, list):
        return next((found for each in get_args(annotation) if (found := _struct_in(each))), None)
    return None
