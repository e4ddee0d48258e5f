"""The vocabulary every layer shares: names, keys, selectors, quantities, times, patches. Pure: no I/O, no clock."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kmagic._lazy import touched

if TYPE_CHECKING:
    from kmagic.api.codec import dump_yaml as dump_yaml
    from kmagic.api.codec import load_yaml_documents as load_yaml_documents
    from kmagic.api.gvk import GroupKind as GroupKind
    from kmagic.api.gvk import GroupResource as GroupResource
    from kmagic.api.gvk import GroupVersion as GroupVersion
    from kmagic.api.gvk import GroupVersionKind as GroupVersionKind
    from kmagic.api.gvk import GroupVersionResource as GroupVersionResource
    from kmagic.api.jsonpath import JSONPath as JSONPath
    from kmagic.api.key import ObjectKey as ObjectKey
    from kmagic.api.meta import created as created
    from kmagic.api.model import Model as Model
    from kmagic.api.options import ListOptions as ListOptions
    from kmagic.api.patch import diff_json as diff_json
    from kmagic.api.patch import diff_merge as diff_merge
    from kmagic.api.patch import json_patch as json_patch
    from kmagic.api.patch import merge_patch as merge_patch
    from kmagic.api.quantity import Quantity as Quantity
    from kmagic.api.selectors import FieldSelector as FieldSelector
    from kmagic.api.selectors import LabelSelector as LabelSelector
    from kmagic.api.selectors import label_selector_of as label_selector_of
    from kmagic.api.selectors import parse_fields as parse_fields
    from kmagic.api.selectors import parse_labels as parse_labels
    from kmagic.api.strategic import strategic_merge as strategic_merge
    from kmagic.api.times import human_duration as human_duration
    from kmagic.api.times import parse_duration as parse_duration
    from kmagic.api.times import parse_time as parse_time
    from kmagic.api.types import JSON as JSON
    from kmagic.api.types import JSONObject as JSONObject

__all__ = (
    "JSON",
    "FieldSelector",
    "GroupKind",
    "GroupResource",
    "GroupVersion",
    "GroupVersionKind",
    "GroupVersionResource",
    "JSONObject",
    "JSONPath",
    "LabelSelector",
    "ListOptions",
    "Model",
    "ObjectKey",
    "Quantity",
    "created",
    "diff_json",
    "diff_merge",
    "dump_yaml",
    "human_duration",
    "json_patch",
    "label_selector_of",
    "load_yaml_documents",
    "merge_patch",
    "parse_duration",
    "parse_fields",
    "parse_labels",
    "parse_time",
    "strategic_merge",
)

_HOMES = {
    "codec": (
        "dump_yaml",
        "load_yaml_documents",
    ),
    "gvk": (
        "GroupKind",
        "GroupResource",
        "GroupVersion",
        "GroupVersionKind",
        "GroupVersionResource",
    ),
    "jsonpath": ("JSONPath",),
    "key": ("ObjectKey",),
    "meta": ("created",),
    "model": ("Model",),
    "options": ("ListOptions",),
    "patch": (
        "diff_json",
        "diff_merge",
        "json_patch",
        "merge_patch",
    ),
    "quantity": ("Quantity",),
    "selectors": (
        "FieldSelector",
        "LabelSelector",
        "label_selector_of",
        "parse_fields",
        "parse_labels",
    ),
    "strategic": ("strategic_merge",),
    "times": (
        "human_duration",
        "parse_duration",
        "parse_time",
    ),
    "types": (
        "JSON",
        "JSONObject",
    ),
}


def __getattr__(name: str) -> object:
    return touched(__name__, _HOMES, name)


def __dir__() -> list[str]:
    return sorted(__all__)
