"""Patches of plain objects: apply one, and find the one that leads from a to b.

Two kinds: JSON patch (RFC 6902, a list of operations) and merge patch (RFC 7386, a partial object where null
deletes); `kmagic.api.strategic` has the third. Nothing here changes its arguments.

Source: RFC 6902, RFC 7386.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from kmagic.api.types import JSON, JSONObject
from kmagic.errors import ArgumentError

__all__ = ("PatchError", "diff_json", "diff_merge", "json_patch", "merge_patch")


class PatchError(ArgumentError):
    """A patch that does not fit the object; the message says which operation and why.

    Attributes:
        code: The HTTP status with which a server refuses it.
    """

    def __init__(self, message: str, *, code: int = 400) -> None:
        super().__init__(message)
        self.code = code


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
