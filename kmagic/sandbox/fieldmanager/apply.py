"""Server-side apply: merge a configuration into the live object, track who owns what, refuse conflicts.

Source: structured-merge-diff v6, merge/update.go and typed/merge.go; staging/src/k8s.io/apimachinery/pkg/util/
managedfields/internal (conflict.go, lastappliedmanager.go, lastappliedupdater.go), kubernetes v1.37.2.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from kmagic.api.field_paths import Path, Paths, path_text
from kmagic.api.meta import LAST_APPLIED
from kmagic.api.types import JSONObject
from kmagic.sandbox import status
from kmagic.sandbox.fieldmanager import managed_fields
from kmagic.sandbox.fieldmanager.fieldpath import (
    UNKNOWN,
    children,
    field_schema,
    field_set,
    is_atomic,
    item_elements,
)
from kmagic.sandbox.fieldmanager.managed_fields import SYSTEM_PATHS, Manager, Tracker
from kmagic.sandbox.schema import go_json

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kmagic.sandbox.schema.schemas import Schema

__all__ = ("merge", "merge_applied", "own_applied")

KUBECTL = "kubectl"


def merge(live: Any, applied: Any, schema: Schema) -> Any:
    """``applied`` over ``live``: maps and granular lists item by item, everything else as a whole."""
    if live is None or type(live) is not type(applied) or is_atomic(applied, schema):
        return applied
    if isinstance(applied, dict):
        merged = dict(live)
        for key, value in applied.items():
            merged[key] = merge(live.get(key), value, field_schema(schema, key))
        return merged
    known = dict(item_elements(live, schema))
    given = dict(item_elements(applied, schema))
    item_schema = next((child for _, _, child in children(applied, schema)), UNKNOWN)
    kept = {element: item for element, item in known.items() if element not in given}
    order = _order(list(known), list(given))
    return [merge(known.get(e), given[e], item_schema) if e in given else kept[e] for e in order]


def _order(live: list[str], given: list[str]) -> list[str]:
    """The applied order, with the live items that were not applied kept after the ones they followed."""
    result = list(given)
    previous: str | None = None
    for element in live:
        if element not in given:
            at = result.index(previous) + 1 if previous in result else 0
            result.insert(at, element)
        previous = element
    return result


def merge_applied(live: JSONObject, configuration: JSONObject, tracker: Tracker, *, force: bool) -> JSONObject:
    """The live object with a configuration applied to it, and with the managedFields that follow.

    Raises:
        APIError: 409 naming every conflict and its manager, unless ``force`` takes the fields.
    """
    schema = tracker.schema or UNKNOWN
    managers = managed_fields.read_managers(live)
    mine = _manager(tracker, _owned(configuration, schema))
    last = next((manager for manager in managers if manager.identity == mine.identity), None)
    others = [manager for manager in managers if manager is not last]
    merged: JSONObject = merge(live, configuration, schema)
    gone = _abandoned(last, mine, others)
    merged = _without(merged, gone, schema, ()) if gone else merged
    difference = managed_fields.compare(live, merged, schema)
    changed = difference.added | difference.modified
    conflicts = [(manager, path) for manager in others for path in sorted(manager.paths & changed)]
    if conflicts and not force:
        allowed = _client_side_applied(live, tracker, schema)
        if refused := [(manager, path) for manager, path in conflicts if path not in allowed]:
            raise _conflict(refused)
    for manager in others:
        manager.paths = manager.paths - changed - difference.removed
    if last is not None and last.paths == mine.paths and last.api_version == mine.api_version:
        mine.time = last.time
    merged["metadata"] = dict(merged["metadata"])
    managed_fields.write_managers(merged, [*others, mine])
    return _with_last_applied(merged, configuration, tracker)


def _client_side_applied(live: JSONObject, tracker: Tracker, schema: Schema) -> Paths:
    """Returns the fields that client-side apply set and no other manager changed: kubectl may apply them."""
    text = (live["metadata"].get("annotations") or {}).get(LAST_APPLIED)
    if tracker.manager != KUBECTL or not text:
        return set()
    try:
        last: Any = msgspec.json.decode(text)
    except msgspec.DecodeError:
        return set()
    if not isinstance(last, dict) or last.get("apiVersion") != tracker.api_version:
        return set()
    difference = managed_fields.compare(last, live, schema)
    return field_set(last, schema) - difference.modified - difference.added - difference.removed


def _with_last_applied(merged: JSONObject, configuration: JSONObject, tracker: Tracker) -> JSONObject:
    """An object that kubectl applies server-side, with its last-applied annotation kept current."""
    notes = merged["metadata"].get("annotations") or {}
    if tracker.manager != KUBECTL or not notes.get(LAST_APPLIED):
        return merged
    metadata = dict(configuration["metadata"])
    if "annotations" in metadata:
        metadata["annotations"] = {k: v for k, v in metadata["annotations"].items() if k != LAST_APPLIED}
    text = go_json.encode({**configuration, "metadata": metadata}) + "\n"
    merged["metadata"]["annotations"] = {**notes, LAST_APPLIED: text}
    return merged


def own_applied(obj: JSONObject, configuration: JSONObject, tracker: Tracker) -> None:
    """Writes the managedFields of a new object: its applier owns what the configuration says."""
    managed_fields.write_managers(obj, [_manager(tracker, _owned(configuration, tracker.schema or UNKNOWN))])


def _abandoned(last: Manager | None, mine: Manager, others: Iterable[Manager]) -> Paths:
    """Returns the paths that this applier owned and no longer sends, and no other manager owns, whole or in part."""
    if last is None:
        return set()
    held: Paths = set()
    for manager in (mine, *others):
        for path in manager.paths:
            held.update(path[:length] for length in range(1, len(path) + 1))
    return {path for path in last.paths if path not in held}


def _without(value: Any, gone: Paths, schema: Schema, path: Path) -> Any:
    """The value without the paths; a container is removed only when it is named itself."""
    if isinstance(value, dict):
        return {
            key: _without(item, gone, field_schema(schema, key), (*path, f"f:{key}"))
            for key, item in value.items()
            if (*path, f"f:{key}") not in gone
        }
    if isinstance(value, list) and not is_atomic(value, schema):
        item_schema = next((child for _, _, child in children(value, schema)), UNKNOWN)
        return [
            _without(item, gone, item_schema, (*path, element))
            for element, item in item_elements(value, schema)
            if (*path, element) not in gone
        ]
    return value


def _owned(configuration: JSONObject, schema: Schema) -> Paths:
    return field_set(configuration, schema) - SYSTEM_PATHS


def _manager(tracker: Tracker, paths: Paths) -> Manager:
    return Manager(tracker.manager, "Apply", tracker.api_version, tracker.subresource, tracker.time, paths)


def _conflict(conflicts: list[tuple[Manager, Path]]) -> status.APIError:
    causes = [
        {
            "reason": "FieldManagerConflict",
            "message": f"conflict with {_named(manager)}",
            "field": path_text(path),
        }
        for manager, path in conflicts
    ]
    if len(conflicts) == 1:
        manager, path = conflicts[0]
        message = f"Apply failed with 1 conflict: conflict with {_named(manager)}: {path_text(path)}"
    else:
        lines: list[str] = []
        for name in sorted({_named(manager) for manager, _ in conflicts}):
            lines.append(f"conflicts with {name}:")
            lines += [f"- {path_text(path)}" for manager, path in conflicts if _named(manager) == name]
        message = f"Apply failed with {len(conflicts)} conflicts: " + "\n".join(lines)
    return status.APIError(409, "Conflict", message, causes=causes)


def _named(manager: Manager) -> str:
    words = f'"{manager.name}"'
    if manager.subresource:
        words += f' with subresource "{manager.subresource}"'
    return f"{words} using {manager.api_version}" if manager.operation == "Update" else words
