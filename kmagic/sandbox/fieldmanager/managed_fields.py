"""The owners of fields: ``metadata.managedFields``, kept up to date by every write.

Source: staging/src/k8s.io/apimachinery/pkg/util/managedfields and structured-merge-diff v6, merge/update.go.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from kmagic.api.field_paths import Path, Paths, decode_fields, encode_fields
from kmagic.api.types import JSONObject
from kmagic.sandbox.fieldmanager.fieldpath import UNKNOWN, children, is_atomic
from kmagic.sandbox.schema.schemas import Schema, blank

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = (
    "Comparison",
    "Manager",
    "Tracker",
    "compare",
    "read_managers",
    "same_object",
    "track_update",
    "write_managers",
)


# Fields without an owner: the server sets them, or they identify the object.
SYSTEM_PATHS: frozenset[Path] = frozenset(
    {("f:apiVersion",), ("f:kind",), ("f:metadata",)}
    | {
        ("f:metadata", f"f:{name}")
        for name in (
            "name",
            "namespace",
            "creationTimestamp",
            "deletionTimestamp",
            "deletionGracePeriodSeconds",
            "selfLink",
            "uid",
            "generation",
            "resourceVersion",
            "managedFields",
        )
    }
)


class Tracker(msgspec.Struct, frozen=True):
    """One write, as managed fields see it.

    Attributes:
        schema: The object's schema; None makes every field granular.
        time: Time of the write, RFC 3339.
    """

    schema: Schema | None
    api_version: str
    manager: str
    subresource: str
    time: str
    custom: bool = False


class Manager(msgspec.Struct):
    """One entry of managedFields with its paths decoded."""

    name: str
    operation: str
    api_version: str
    subresource: str
    time: str
    paths: Paths
    stored: tuple[Paths, JSONObject] | None = None
    """The paths as they are stored, and their tree: it is made again only for other paths."""

    @property
    def identity(self) -> tuple[str, str, str, str]:
        """The key of an entry; an applier is the same whatever version it applies."""
        version = "" if self.operation == "Apply" else self.api_version
        return self.name, self.operation, version, self.subresource


class Comparison(msgspec.Struct):
    """The paths that differ between two states of an object."""

    added: Paths
    modified: Paths
    removed: Paths


def track_update(old: JSONObject | None, new: JSONObject, tracker: Tracker) -> None:
    """Writes ``new``'s managedFields for a create, update or patch."""
    schema = tracker.schema or UNKNOWN
    if old is None:
        previous: JSONObject = {} if tracker.custom else blank(schema)
        managers: list[Manager] = []
    else:
        previous = old
        sent = new["metadata"].get("managedFields")
        # An explicit empty list resets ownership; without the field the stored entries stay.
        same = sent is None or sent == old["metadata"].get("managedFields")
        managers = read_managers(old if same else new, stored=same)
    difference = compare(previous, new, schema)
    ignored = _ignored(tracker)
    mine = Manager(tracker.manager, "Update", tracker.api_version, tracker.subresource, tracker.time, set())
    existing = next((manager for manager in managers if manager.identity == mine.identity), None)
    gained = {p for p in difference.added | difference.modified if not _is_ignored(p, ignored)}
    for manager in managers:
        before = manager.paths
        manager.paths = before - difference.removed if manager is existing else before - difference.removed - gained
    if existing is None and gained:
        managers.append(existing := mine)
    if existing is not None:
        paths = existing.paths | gained
        if paths != existing.paths or difference.removed & existing.paths:
            existing.time = tracker.time
        existing.paths = paths
    write_managers(new, managers)


def compare(old: Any, new: Any, schema: Schema) -> Comparison:
    """Returns the changes from ``old`` to ``new``, path by path; a new container is a change of its own."""
    result = Comparison(set(), set(), set())
    _compare(old, new, schema, (), result)
    for paths in (result.added, result.modified, result.removed):
        paths -= SYSTEM_PATHS
        paths -= {path for path in paths if path[:2] == ("f:metadata", "f:managedFields")}
    return result


def read_managers(obj: JSONObject, *, stored: bool = False) -> list[Manager]:
    """The object's managedFields, decoded; ``stored`` says that they are as `write_managers` made them."""
    managers = []
    for entry in obj["metadata"].get("managedFields") or ():
        fields = entry.get("fieldsV1") or {}
        manager = Manager(
            entry.get("manager", ""),
            entry.get("operation", "Update"),
            entry.get("apiVersion", ""),
            entry.get("subresource", ""),
            entry.get("time", ""),
            decode_fields(fields),
        )
        if stored:
            manager.stored = (set(manager.paths), fields)
        managers.append(manager)
    return managers


def write_managers(obj: JSONObject, managers: Iterable[Manager]) -> None:
    """Sets the object's managedFields: appliers first, then by time."""
    kept = sorted((m for m in managers if m.paths), key=lambda m: (m.operation != "Apply", m.time, m.name))
    entries = [_entry(manager) for manager in kept]
    if entries:
        obj["metadata"]["managedFields"] = entries
    else:
        obj["metadata"].pop("managedFields", None)


def same_object(old: JSONObject, new: JSONObject) -> bool:
    """Returns whether a write changes nothing but the times of managedFields."""
    return _without_times(old) == _without_times(new)


def _without_times(obj: JSONObject) -> JSONObject:
    metadata = dict(obj["metadata"])
    entries = metadata.get("managedFields") or ()
    metadata["managedFields"] = [{k: v for k, v in entry.items() if k != "time"} for entry in entries]
    return obj | {"metadata": metadata}


def _entry(manager: Manager) -> JSONObject:
    entry = {
        "manager": manager.name,
        "operation": manager.operation,
        "apiVersion": manager.api_version,
        "time": manager.time,
        "fieldsType": "FieldsV1",
        "fieldsV1": manager.stored[1]
        if manager.stored and manager.stored[0] == manager.paths
        else encode_fields(manager.paths),
    }
    if manager.subresource:
        entry["subresource"] = manager.subresource
    return entry


def _ignored(tracker: Tracker) -> tuple[Path, ...]:
    """Returns the fields that this write cannot own because the server resets them."""
    if tracker.subresource == "status":
        return (("f:spec",), ("f:metadata",)) if tracker.custom else (("f:spec",), ("f:metadata", "f:labels"))
    return ()


def _is_ignored(path: Path, ignored: tuple[Path, ...]) -> bool:
    return any(path[: len(prefix)] == prefix for prefix in ignored)


def _compare(old: Any, new: Any, schema: Schema, path: Path, result: Comparison) -> None:
    if old == new:
        return
    if _is_leaf(old, new, schema):
        result.modified.add(path)
        return
    before = {element: (item, child) for element, item, child in children(old or _empty(new), schema)}
    after = {element: (item, child) for element, item, child in children(new or _empty(old), schema)}
    for element, (item, child) in after.items():
        below = (*path, element)
        if element in before:
            _compare(before[element][0], item, child, below, result)
        else:
            _collect(item, child, below, result.added)
    for element, (item, child) in before.items():
        if element not in after:
            _collect(item, child, (*path, element), result.removed)


def _empty(other: Any) -> Any:
    return [] if isinstance(other, list) else {}


def _is_leaf(old: Any, new: Any, schema: Schema) -> bool:
    if not old and not new:
        return True
    if old is not None and new is not None and type(old) is not type(new):
        return True
    return is_atomic(new if new is not None else old, schema)


def _collect(value: Any, schema: Schema, path: Path, paths: Paths) -> None:
    """All paths of a value that came or went, containers included."""
    paths.add(path)
    if value and not is_atomic(value, schema):
        for element, item, child in children(value, schema):
            _collect(item, child, (*path, element), paths)
