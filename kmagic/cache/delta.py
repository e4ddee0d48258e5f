"""Events of cached objects, as values: deltas go into a queue, changes come out of a store.

Source: k8s.io/client-go/tools/cache/delta_fifo.go (DeltaType, Delta, DeletedFinalStateUnknown).
"""

from __future__ import annotations

import enum
from collections.abc import Callable
from typing import Any, TypeAlias

import msgspec

from kmagic.api import meta
from kmagic.api.key import ObjectKey
from kmagic.errors import ArgumentError

__all__ = ("Change", "DeletedFinalStateUnknown", "Delta", "DeltaType", "KeyFunc", "object_key")

KeyFunc: TypeAlias = Callable[[Any], str]


class DeltaType(enum.StrEnum):
    """The kind of a delta."""

    ADDED = "Added"
    UPDATED = "Updated"
    DELETED = "Deleted"
    #: One object of a relist.
    REPLACED = "Replaced"
    #: A whole relist.
    REPLACED_ALL = "ReplacedAll"
    #: A periodic resync of one object.
    SYNC = "Sync"
    #: A periodic resync of everything stored.
    SYNC_ALL = "SyncAll"
    #: A version at which nothing changed.
    BOOKMARK = "Bookmark"


class DeletedFinalStateUnknown(msgspec.Struct, frozen=True):
    """Stands for an object whose deletion was missed: its key and the last state that was seen.

    Attributes:
        key: The object's key.
        obj: The last known state; may be older than the deletion, may be None.
    """

    key: str
    obj: Any = None

    def __repr__(self) -> str:
        return f"<DeletedFinalStateUnknown {self.key}>"  # not the object: it may be a Secret


class Delta(msgspec.Struct, frozen=True, gc=False):
    """One entry of a queue.

    Attributes:
        type: The kind of event.
        object: The object; a list of them for REPLACED_ALL, None for SYNC_ALL and BOOKMARK.
        resource_version: Of a REPLACED_ALL or a BOOKMARK.
    """

    type: DeltaType
    object: Any = None
    resource_version: str = ""

    def __repr__(self) -> str:
        return f"<Delta {self.type}>"  # not the object: it may be a Secret


class Change(msgspec.Struct, frozen=True, gc=False):
    """The effect of a delta on a store: `old` is None for an addition, `new` for a deletion.

    Attributes:
        key: The object's key.
        initial: The addition is part of the first list.
        final_state_unknown: The deletion was missed; `old` is the last state that was seen.
    """

    key: str
    old: Any | None = None
    new: Any | None = None
    initial: bool = False
    final_state_unknown: bool = False

    def __repr__(self) -> str:
        word = "added" if self.old is None else "deleted" if self.new is None else "updated"
        return f"<Change {self.key} {word}>"


def object_key(obj: Any) -> str:
    """An object's key, ``"ns/name"`` or ``"name"``; a text is the key itself.

    Takes dicts, models, cache entries and `DeletedFinalStateUnknown`.

    Raises:
        ArgumentError: It has no name. The message does not hold the object, which may be a Secret.
    """
    if isinstance(obj, str):
        return obj
    key = getattr(obj, "key", None)
    if isinstance(key, str) and key:
        return key
    name = meta.name(obj)
    if not name:
        raise ArgumentError(
            f"couldn't create key for object of type {type(obj).__name__}: object has no meta with a name"
        )
    return str(ObjectKey(meta.namespace(obj), name))
