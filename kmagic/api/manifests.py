"""The contents of documents of manifests: objects, those of a list, definitions of others. Reads no file and no text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kmagic.api.types import JSONObject

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kmagic.api.gvk import GroupVersionKind

__all__ = ("defines", "objects_of")


def objects_of(document: object) -> Iterable[JSONObject]:
    """Returns the objects of a document: those of a list, else the document, whatever it is."""
    if not isinstance(document, dict) or not isinstance(items := document.get("items"), list):
        return [document]  # type: ignore[list-item]  # who reads it judges it
    kind = str(document.get("kind") or "")
    if not kind.endswith("List"):
        return [document]
    # A typed list's items need not say what they are (a server's own lists do not).
    implied = {"apiVersion": document.get("apiVersion"), "kind": kind.removesuffix("List")}
    return [
        {**implied, **each}
        if isinstance(each, dict) and implied["kind"] and not each.get("kind") and not each.get("apiVersion")
        else each
        for each in items
    ]


def defines(obj: JSONObject | None, gvk: GroupVersionKind) -> bool:
    """Returns whether an object is the CustomResourceDefinition of a kind."""
    if not obj or obj.get("kind") != "CustomResourceDefinition":
        return False
    spec = obj.get("spec")
    if not isinstance(spec, dict) or not isinstance(names := spec.get("names"), dict):
        return False
    return (spec.get("group"), names.get("kind")) == (gvk.group, gvk.kind)
