"""Patches of plain objects: apply one, and find the one that leads from a to b.

Three kinds: JSON patch (RFC 6902, a list of operations), merge patch (RFC 7386, a partial object where null
deletes), strategic merge patch (a merge patch that merges lists by key, as built-in kinds declare).
Nothing here changes its arguments.

Source: RFC 6902, RFC 7386; k8s.io/apimachinery/pkg/util/strategicpatch/patch.go
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias

import msgspec

from kmagic.api.types import JSON, JSONObject
from kmagic.errors import ArgumentError

__all__ = ("MergeSchema", "PatchError", "diff_json", "diff_merge", "json_patch", "merge_patch", "strategic_merge")

# For the path of a list (field names joined by dots, list items not counted): the field that identifies an
# item, "" for a list of scalars that is merged as a set, or None for a list that is replaced.
MergeSchema: TypeAlias = Callable[[str], str | None]


class PatchError(ArgumentError):
    """A patch that does not fit the object; the message says which operation and why."""


def merge_patch(obj: JSON, patch: JSON) -> JSON:
    """Applies a merge patch: objects are merged, null deletes, everything else replaces."""
    if not isinstance(patch, dict):
        return copy.deepcopy(patch)
    result = dict(obj) if isinstance(obj, dict) else {}
    for key, value in patch.items():
        if value is None:
            result.pop(key, None)
        else:
            result[key] = merge_patch(result.get(key), value)
    return result


def diff_merge(old: JSONObject, new: JSONObject) -> JSONObject:
    """The merge patch from `old` to `new`; {} when they are equal.

    A merge patch cannot write null: a null in `new` reads as absence.
    """
    patch: JSONObject = {key: None for key in old if key not in new or (new[key] is None and old[key] is not None)}
    for key, value in new.items():
        before = old.get(key)
        if value is None or (key in old and _same(before, value)):
            continue
        if isinstance(before, dict) and isinstance(value, dict):
            patch[key] = diff_merge(before, value)
        else:
            patch[key] = _without_nulls(value)
    return patch


def _without_nulls(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_nulls(inner) for key, inner in value.items() if inner is not None}
    return copy.deepcopy(value)


def _same(a: Any, b: Any) -> bool:
    # True == 1 in Python and not in JSON.
    if isinstance(a, bool) or isinstance(b, bool):
        return a is b
    if isinstance(a, dict) and isinstance(b, dict):
        return a.keys() == b.keys() and all(_same(a[key], b[key]) for key in a)
    if isinstance(a, list) and isinstance(b, list):
        return len(a) == len(b) and all(map(_same, a, b))
    return bool(a == b)


def json_patch(obj: JSON, operations: Sequence[Mapping[str, Any]], *, max_copied: int | None = None) -> JSON:
    """Applies a JSON patch, all of it or nothing.

    Args:
        obj: Any JSON value.
        operations: ``[{"op": "replace", "path": "/spec/replicas", "value": 3}]``; also add, remove, move, copy, test.
        max_copied: Bytes of JSON that all copy operations together may add; None: any number.

    Raises:
        PatchError: A path that is not there, a failed test, an unknown operation, too many bytes copied.
    """
    result = copy.deepcopy(obj)
    copied = 0
    for number, operation in enumerate(operations):
        try:
            if max_copied is not None and operation.get("op") == "copy":
                copied += len(msgspec.json.encode(_at(result, _pointer(operation["from"]))))
                if copied > max_copied:
                    raise PatchError(
                        f"Unable to complete the copy, the accumulated size increase of copy is {copied}, "
                        f"exceeding the limit {max_copied}"
                    )
            result = _operate(result, operation)
        except (KeyError, IndexError, ValueError, TypeError) as error:
            what = f"{operation.get('op')} {operation.get('path')}"
            reason = str(error) if isinstance(error, PatchError) else "the path does not exist"
            raise PatchError(f"operation {number} ({what}): {reason}") from None
    return result


def _operate(document: Any, operation: Mapping[str, Any]) -> Any:
    path = _pointer(operation["path"])
    match operation.get("op"):
        case "add":
            return _add(document, path, copy.deepcopy(operation["value"]))
        case "remove":
            return _remove(document, path)
        case "replace":
            _at(document, path)
            if not path:
                return copy.deepcopy(operation["value"])
            parent = _at(document, path[:-1])
            parent[_index(parent, path[-1])] = copy.deepcopy(operation["value"])
            return document
        case "move":
            source = _pointer(operation["from"])
            if path[: len(source)] == source and path != source:
                raise PatchError("a value cannot be moved into itself")
            moved = _at(document, source)
            return _add(_remove(document, source), path, moved)
        case "copy":
            return _add(document, path, copy.deepcopy(_at(document, _pointer(operation["from"]))))
        case "test":
            if not _same(_at(document, path), operation.get("value")):
                raise PatchError("the test failed")
            return document
    raise PatchError("unknown operation")


def _pointer(text: str) -> list[str]:
    if text == "":
        return []
    if not text.startswith("/"):
        raise PatchError(f"the path {text!r} does not begin with /")
    return [part.replace("~1", "/").replace("~0", "~") for part in text[1:].split("/")]


def _index(parent: Any, part: str) -> Any:
    if not isinstance(parent, list):
        return part
    if not part.isdecimal() or (len(part) > 1 and part[0] == "0"):
        raise PatchError(f"{part!r} is not a list index")
    return int(part)


def _at(document: Any, path: list[str]) -> Any:
    for part in path:
        document = document[_index(document, part)]
    return document


def _add(document: Any, path: list[str], value: Any) -> Any:
    if not path:
        return value
    parent, last = _at(document, path[:-1]), path[-1]
    if isinstance(parent, list):
        index = len(parent) if last == "-" else _index(parent, last)
        if index > len(parent):
            raise PatchError("the index is past the end of the list")
        parent.insert(index, value)
    elif isinstance(parent, dict):
        parent[last] = value
    else:
        raise PatchError("the parent is neither an object nor a list")
    return document


def _remove(document: Any, path: list[str]) -> Any:
    if not path:
        return None
    parent = _at(document, path[:-1])
    del parent[_index(parent, path[-1])]
    return document


def diff_json(old: JSON, new: JSON) -> list[JSONObject]:
    """A JSON patch from `old` to `new`; [] when they are equal. Lists are changed item by item at equal length."""
    operations: list[JSONObject] = []
    _diff(old, new, "", operations)
    return operations


def _diff(old: Any, new: Any, path: str, operations: list[JSONObject]) -> None:
    if _same(old, new):
        return
    if isinstance(old, dict) and isinstance(new, dict):
        for key in old.keys() - new.keys():
            operations.append({"op": "remove", "path": f"{path}/{_token(key)}"})
        for key, value in new.items():
            if key in old:
                _diff(old[key], value, f"{path}/{_token(key)}", operations)
            else:
                operations.append({"op": "add", "path": f"{path}/{_token(key)}", "value": value})
    elif isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        for index, (before, after) in enumerate(zip(old, new, strict=True)):
            _diff(before, after, f"{path}/{index}", operations)
    else:
        operations.append({"op": "replace", "path": path, "value": new})


def _token(key: str) -> str:
    return key.replace("~", "~0").replace("/", "~1")


def strategic_merge(obj: JSONObject, patch: JSONObject, schema: MergeSchema) -> JSONObject:
    """Applies a strategic merge patch.

    Args:
        obj: The object.
        patch: Its partial object; ``$patch: replace|delete``, ``$deleteFromPrimitiveList/<field>``,
            ``$setElementOrder/<field>`` and ``$retainKeys`` are honoured.
        schema: Gives the merge strategy of the list at a path.

    Raises:
        PatchError: A list item without its merge key, or an unknown directive.
    """
    return _merge_object(obj, patch, schema, "")


def _merge_object(obj: JSONObject, patch: JSONObject, schema: MergeSchema, path: str) -> JSONObject:
    directive = patch.get("$patch")
    if directive == "replace":
        return copy.deepcopy({key: value for key, value in patch.items() if key != "$patch"})
    if directive == "delete":
        return {}
    if directive not in (None, "merge"):
        raise PatchError(f"unknown directive $patch: {directive}")
    result = dict(obj)
    if (kept := patch.get("$retainKeys")) is not None:
        result = {key: value for key, value in result.items() if key in kept}
    for key, value in patch.items():
        inner = f"{path}.{key}" if path else key
        if key.startswith("$deleteFromPrimitiveList/"):
            field = key.partition("/")[2]
            result[field] = [item for item in result.get(field) or [] if item not in value]
        elif key.startswith("$"):
            continue
        elif value is None:
            result.pop(key, None)
        elif isinstance(value, dict):
            before = result.get(key)
            result[key] = _merge_object(before if isinstance(before, dict) else {}, value, schema, inner)
        elif isinstance(value, list):
            result[key] = _merge_list(result.get(key) or [], value, schema, inner)
        else:
            result[key] = value
    for key, order in patch.items():
        field = key.removeprefix("$setElementOrder/")
        if field != key and isinstance(result.get(field), list):
            merge_key = schema(f"{path}.{field}" if path else field)
            before = _places(obj.get(field) or [], patch.get(field) or [], merge_key)
            result[field] = _ordered(result[field], before, order, merge_key)
    return result


def _merge_list(old: list[Any], patch: list[Any], schema: MergeSchema, path: str) -> list[Any]:
    key = schema(path)
    if key is None:
        return copy.deepcopy([item for item in patch if not (isinstance(item, dict) and "$patch" in item)])
    if key == "":
        return _ordered([*old, *(item for item in patch if item not in old)], old, patch, key)
    if any(isinstance(item, dict) and item.get("$patch") == "replace" for item in patch):
        return copy.deepcopy([item for item in patch if "$patch" not in item])
    result = list(old)
    plain = []
    for item in patch:
        if not isinstance(item, dict) or key not in item:
            raise PatchError(f"an item of {path} does not have the merge key {key!r}")
        if item.get("$patch") == "delete":
            result = [known for known in result if known.get(key) != item[key]]
        else:
            plain.append(item)
    for item in plain:
        index = next((i for i, known in enumerate(result) if known.get(key) == item[key]), None)
        if index is None:
            result.append(_merge_object({}, item, schema, path))
        else:
            result[index] = _merge_object(result[index], item, schema, path)
    return _ordered(result, old, plain, key)


def _places(old: list[Any], patch: list[Any], key: str | None) -> list[Any]:
    """Returns the positions of items for an explicit order: new ones take those of deleted ones, at the end.

    The server works in place and so gets this order when one patch deletes and adds, as kubectl apply's do.
    """
    if not key:
        return old
    deleted = [item.get(key) for item in patch if isinstance(item, dict) and item.get("$patch") == "delete"]
    known = [item.get(key) for item in old]
    new = [item for item in patch if isinstance(item, dict) and "$patch" not in item and item.get(key) not in known]
    return [*(item for item in old if item.get(key) not in deleted), *new][: len(old)]


def _ordered(items: list[Any], before: list[Any], order: list[Any], key: str | None) -> list[Any]:
    """The items that `order` names in its order, the others woven in where they stood before.

    Source: strategicpatch/patch.go (normalizeElementOrder).
    """
    if key is None:
        return items

    def name(item: Any) -> Any:
        return item.get(key) if key and isinstance(item, dict) else item

    wanted = {name(item): position for position, item in enumerate(order)}
    stood = {name(item): position for position, item in enumerate(before)}
    ordered = sorted((item for item in items if name(item) in wanted), key=lambda item: wanted[name(item)])
    others = [item for item in items if name(item) not in wanted]
    woven: list[Any] = []
    while others and ordered:
        left, right = stood.get(name(others[0])), stood.get(name(ordered[0]))
        # An item that is new to the list goes before what stood there already.
        other_first = left is not None and right is not None and left < right
        woven.append(others.pop(0) if other_first else ordered.pop(0))
    return [*woven, *others, *ordered]
