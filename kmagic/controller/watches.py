"""The watched sources of a controller, and the keys to which their changes lead.

Pure: a watch maps an object to keys.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, TypeAlias

from kmagic.api import meta
from kmagic.api.key import ObjectKey

__all__ = (
    "Changed",
    "KeysOf",
    "Watch",
    "annotations_changed",
    "generation_changed",
    "labels_changed",
    "own_keys",
    "owned",
    "owner_keys",
)

KeysOf: TypeAlias = Callable[[Any], Iterable[ObjectKey]]
Changed: TypeAlias = Callable[[Any, Any], bool]
"""Whether an update from an old object to a new one counts."""


def own_keys(obj: Any) -> tuple[ObjectKey, ...]:
    """The key of the object itself."""
    return (ObjectKey.of(obj),)


def owner_keys(kind: str, api_version: str = "") -> KeysOf:
    """The key of the object that controls the changed one, if it is of this kind.

    Args:
        kind: Kind of the owner, ``"Foo"``.
        api_version: ``"samplecontroller.k8s.io/v1alpha1"``; "" for any.
    """

    def keys(obj: Any) -> tuple[ObjectKey, ...]:
        owner = meta.controller_of(obj)
        if owner is None or meta.member(owner, "kind", "kind") != kind:
            return ()
        if api_version and meta.member(owner, "apiVersion", "api_version") != api_version:
            return ()
        return (ObjectKey(meta.namespace(obj), meta.member(owner, "name", "name") or ""),)

    return keys


def generation_changed(old: Any, new: Any) -> bool:
    """Counts updates of what is wished, the ``spec``: not those of status, labels or annotations."""
    return meta.generation(old) != meta.generation(new)


def labels_changed(old: Any, new: Any) -> bool:
    """Counts updates of labels."""
    return meta.labels(old) != meta.labels(new)


def annotations_changed(old: Any, new: Any) -> bool:
    """Counts updates of annotations."""
    return meta.annotations(old) != meta.annotations(new)


@dataclass(frozen=True, slots=True)
class Watch:
    """One kind of object whose changes matter.

    Attributes:
        source: A model class, a name kubectl takes (``"foos.example.com"``), an informer or something with one.
        keys: From a changed object to the keys to work on.
        resyncs: Whether an update in which nothing changed (a resync) counts.
        raw: Give `keys` and `when` the cache's entry, whose metadata is decoded, instead of the whole object: much
            cheaper.
        when: Judge of updates, resyncs among them: `generation_changed`, `labels_changed`, a function of the old and
            the new object; None for all. Objects that come or go always count.
    """

    source: Any
    keys: KeysOf = own_keys
    resyncs: bool = True
    raw: bool = True
    when: Changed | None = None


def owned(source: Any, kind: str, api_version: str = "") -> Watch:
    """Watches objects that an object of this kind controls, as Deployments control ReplicaSets."""
    return Watch(source, owner_keys(kind, api_version), resyncs=False)
