"""Strategic merge patches: merge patches that merge lists by key, as built-in kinds declare, with directives.

The server works on its lists in place, which shows in the order of the items; so does this. Where the server's answer
hangs on the order in which Go walks a map (a list that deletes and adds the same item), any of its answers is given.

Source: k8s.io/apimachinery/pkg/util/strategicpatch/patch.go v0.37.2 (mergeMap, mergeSlice, normalizeElementOrder).
"""

from __future__ import annotations

import copy
from collections import deque
from collections.abc import Callable
from typing import Any, TypeAlias

from kmagic.api.patch import PatchError
from kmagic.api.types import JSONObject

__all__ = ("MergeSchema", "strategic_merge")

# For the path of a list (field names joined by dots, list items not counted): the field that identifies an
# item, "" for a list of scalars that is merged as a set, or None for a list that is replaced.
MergeSchema: TypeAlias = Callable[[str], str | None]

_DIRECTIVE, _RETAIN = "$patch", "$retainKeys"
_DELETE, _ORDER = "$deleteFromPrimitiveList", "$setElementOrder"
_BAD_DELETE = "invalid patch format of primitive list"
_BAD_RETAIN = "invalid patch format of retainKeys"
_BAD_ORDER = "invalid patch format of setElementOrder list"


def strategic_merge(obj: JSONObject, patch: JSONObject, schema: MergeSchema) -> JSONObject:
    """Applies a strategic merge patch.

    Args:
        obj: The object.
        patch: Its partial object; ``$patch: replace|delete``, ``$deleteFromPrimitiveList/<field>``,
            ``$setElementOrder/<field>`` and ``$retainKeys`` are honoured.
        schema: Gives the merge strategy of the list at a path; it may raise PatchError where there is none.

    Raises:
        PatchError: The server would refuse it: a list item without its merge key, an unknown directive, an order that
            contradicts the items.
    """
    try:
        return _merge_map(copy.deepcopy(obj), copy.deepcopy(patch), schema, "")
    except RecursionError:
        raise PatchError("the object or its patch is nested too deep") from None


def _failed(message: str) -> PatchError:
    """A fault that the server has no code of its own for."""
    return PatchError(message, code=500)


def _merge_map(original: JSONObject, patch: JSONObject, schema: MergeSchema, path: str) -> JSONObject:
    if _DIRECTIVE in patch:
        directive = patch.pop(_DIRECTIVE)
        if directive == "replace":
            return patch
        if directive == "delete":
            return {}
        raise _failed(f"unknown patch type: {directive} in map: {patch}")
    _retain_keys(original, patch)
    for key in [key for key in patch if key.startswith(_ORDER)]:
        _set_order(original, patch, key, schema, path)
    for key, value in patch.items():
        deletes = key.startswith(_DELETE)
        field = (_field_of(key, _DELETE, _BAD_DELETE) or key) if deletes else key
        if value is None:
            original.pop(field, None)
            continue
        before: Any = original.get(field)
        if type(before) is not type(value):
            if not deletes:
                _discard_nulls(value)
                _put(original, field, value)
        elif isinstance(value, dict):
            original[field] = _merge_map(before, value, schema, _below(path, field))
        elif isinstance(value, list):
            merge_key = schema(_below(path, field))
            if merge_key is not None or deletes:
                original[field], _ = _merge_list(before, value, merge_key or "", schema, _below(path, field), deletes)
            else:
                original[field] = value
        else:
            original[field] = value
    return original


def _below(path: str, field: str) -> str:
    return f"{path}.{field}" if path else field


def _field_of(key: str, prefix: str, problem: str) -> str:
    start, slash, field = key.partition("/")
    if start != prefix or not slash:
        raise PatchError(problem)
    return field


def _put(original: JSONObject, field: str, value: Any) -> None:
    kept, keeps = _without_directives(value)
    if keeps:
        original[field] = kept
    else:
        original.pop(field, None)


def _without_directives(value: Any) -> tuple[Any, bool]:
    """The value without what holds ``$patch``, and whether anything of it is left."""
    if isinstance(value, dict):
        if _DIRECTIVE in value:
            return None, False
        inner = {key: _without_directives(item) for key, item in value.items()}
        return {key: item for key, (item, keeps) in inner.items() if keeps}, True
    if isinstance(value, list):
        return [item for item, keeps in map(_without_directives, value) if keeps], True
    return value, True


def _discard_nulls(value: Any) -> None:
    if isinstance(value, dict):
        for key in [key for key, item in value.items() if item is None]:
            del value[key]
        for item in value.values():
            _discard_nulls(item)
    elif isinstance(value, list):
        for item in value:
            _discard_nulls(item)


def _retain_keys(original: JSONObject, patch: JSONObject) -> None:
    if _RETAIN not in patch:
        return
    kept = patch.pop(_RETAIN)
    if not isinstance(kept, list):
        raise PatchError(_BAD_RETAIN)
    if any(isinstance(item, dict | list) for item in kept):
        raise _failed("runtime error: hash of unhashable type")
    for key, value in patch.items():
        if value is not None and not key.startswith((_DELETE, _ORDER)) and key not in kept:
            raise PatchError(_BAD_RETAIN)
    for key in [key for key in original if key not in kept]:
        del original[key]


# -- lists


def _kind(*lists: list[Any]) -> type:
    """The type that all items have."""
    found: type | None = None
    for item in (item for each in lists for item in each):
        if item is None:
            raise _failed("runtime error: invalid memory address or nil pointer dereference")
        if found is None:
            found = type(item)
            if found is list:
                raise PatchError("lists of lists are not supported", code=422)
        elif type(item) is not found:
            raise _failed(f"list element types are not identical: {list(lists)}")
    if found is None:
        raise _failed("no elements in any of the given slices")
    return found


def _key_of(item: Any, merge_key: str) -> Any:
    if not isinstance(item, dict):
        raise _failed(f"expected a map[string]interface {{}}, but received a {type(item).__name__}")
    if merge_key not in item:
        raise _failed(f"map: {item} does not contain declared merge key: {merge_key}")
    return item[merge_key]


def _mark(item: Any) -> tuple[type, Any]:
    """The value as Go compares it: a number and its float differ, maps and lists cannot be compared."""
    if isinstance(item, dict | list):
        raise _failed("runtime error: comparing uncomparable type")
    return type(item), item


def _mark_of(item: Any, merge_key: str) -> tuple[type, Any]:
    return _mark(_key_of(item, merge_key) if merge_key else item)


def _places(items: list[Any], merge_key: str) -> dict[tuple[type, Any], int]:
    """The first place of each item, by its mark: its key's, or its own where there is no key."""
    places: dict[tuple[type, Any], int] = {}
    for place, item in enumerate(items):
        if not merge_key:
            places.setdefault(_mark(item), place)
        elif not isinstance(item, dict):
            raise _failed(f"value for key {place} is not a map")
        elif merge_key in item:
            places.setdefault(_mark(item[merge_key]), place)
    return places


def _merge_list(
    original: list[Any], patch: list[Any], merge_key: str, schema: MergeSchema, path: str, deletes: bool
) -> tuple[list[Any], list[Any]]:
    """The merged list, and what the server's original list looks like after it was worked on in place."""
    if not original and not patch:
        return original, original
    if _kind(original, patch) is not dict:
        if deletes:
            gone = _places(patch, "")
            return [item for item in original if _mark(item) not in gone], original
        merged, order, named = [*{_mark(item): item for item in (*original, *patch)}.values()], original, patch
        in_place = original
    else:
        if not merge_key:
            raise _failed("cannot merge lists without merge key for struct")
        in_place = list(original)
        order, named = _special_items(in_place, patch, merge_key)
        merged = _merge_items(in_place, order, named, merge_key, schema, path)
    ours, others = _parted(merged, named, merge_key)
    return _in_order(ours, others, named, order, merge_key), in_place


def _special_items(in_place: list[Any], patch: list[Any], merge_key: str) -> tuple[list[Any], list[Any]]:
    """Deletes what is to be deleted, in place: (what is left, the patch's items without directives)."""
    plain, replaces, length = [], False, len(in_place)
    marks = [_mark(item.get(merge_key)) for item in in_place]
    for item in patch:
        if _DIRECTIVE not in item:
            plain.append(item)
            continue
        match item[_DIRECTIVE]:
            case "delete":
                mark = _mark_of(item, merge_key)
                while mark in marks[:length]:
                    found = marks.index(mark)
                    # Go moves the rest up and leaves the last where it was, behind the end.
                    for items in (in_place, marks):
                        items[found : length - 1] = items[found + 1 : length]
                    length -= 1
            case "replace":
                replaces = True
            case "merge":
                raise _failed("merging lists cannot yet be specified in the patch")
            case other:
                raise _failed(f"unknown patch type: {other} in map: {item}")
    return (plain, []) if replaces else (in_place[:length], plain)


def _merge_items(
    in_place: list[Any], left: list[Any], plain: list[Any], merge_key: str, schema: MergeSchema, path: str
) -> list[Any]:
    merged, places = list(left), _places(left, merge_key)
    for item in plain:
        mark = _mark_of(item, merge_key)
        if mark in places:
            merged[places[mark]] = _merge_map(merged[places[mark]], item, schema, path)
            continue
        places[mark] = len(merged)
        if len(merged) < len(in_place):
            # There is room behind the end, so Go writes into the same list.
            in_place[len(merged)] = item
        merged.append(item)
    return merged


def _parted(items: list[Any], named: list[Any], merge_key: str) -> tuple[list[Any], list[Any]]:
    """The items that are named, and the others."""
    places = _places(named, merge_key)
    ours: list[Any] = []
    others: list[Any] = []
    for item in items:
        mark = _mark_of(item, merge_key)
        (ours if mark in places else others).append(item)
    return ours, others


def _in_order(ours: list[Any], others: list[Any], wanted: list[Any], stood: list[Any], merge_key: str) -> list[Any]:
    """Ours in the order that is wanted, the others woven in where they stood before."""
    if merge_key:
        for item in (*ours, *others, *wanted, *stood):
            _key_of(item, merge_key)
    ranks = _Ranks(stood, merge_key)
    right, left = deque(_sorted(ours, _Ranks(wanted, merge_key))), deque(_sorted(others, ranks))
    woven: list[Any] = []
    while left and right:
        # An item that is new to the list goes before what stood there already.
        woven.append(left.popleft() if 0 <= ranks.of(left[0]) < ranks.of(right[0]) else right.popleft())
    return [*woven, *left, *right]


class _Ranks:
    """The places of items in an order; -1 for one that it does not know."""

    def __init__(self, order: list[Any], merge_key: str) -> None:
        self._key = merge_key
        self._places = _places(order, merge_key)

    def of(self, item: Any) -> int:
        return self._places.get(_mark(item[self._key] if self._key else item), -1)


def _sorted(items: list[Any], order: _Ranks) -> list[Any]:
    result: list[Any] = []
    last: list[Any] = []
    for item in items:
        if isinstance(item, dict) and item.get(_DIRECTIVE) == "delete":
            # Of a new item that the same patch names twice: what was taken as it stood is a list to merge now.
            last.append(item)
            continue
        # Go's insertion sort, with its comparison: what the order does not know goes before everything.
        place, rank = len(result), order.of(item)
        while place > 0 and (rank < 0 or not 0 <= order.of(result[place - 1]) <= rank):
            place -= 1
        result.insert(place, item)
    return [*result, *last]


# -- $setElementOrder


def _set_order(original: JSONObject, patch: JSONObject, key: str, schema: MergeSchema, path: str) -> None:
    """Merges the list that ``$setElementOrder/<field>`` is about, in that order, and takes both from the patch."""
    order = patch.pop(key)
    if not isinstance(order, list):
        raise _failed(f"expected a []interface {{}}, but received a {type(order).__name__}")
    field = _field_of(key, _ORDER, _BAD_ORDER)
    before, change = original.get(field), patch.get(field)
    for found in (original.get(field, []), patch.get(field, [])):
        if not isinstance(found, list):
            raise _failed(f"expected a []interface {{}}, but received a {type(found).__name__}")
    merge_key = schema(_below(path, field))
    _check_order(change or [], order, merge_key or "")
    stood: list[Any] = before or []
    if before is None and change is None:
        return
    if change is None:
        merged = stood
    elif before is None:
        merged, _ = _without_directives(change)
    elif merge_key is None:
        merged = change
    else:
        merged, stood = _merge_list(before, change, merge_key, schema, _below(path, field), False)
    ours, others = _parted(merged, order, merge_key or "")
    _kind(before or [], change or [])
    original[field] = _in_order(ours, others, order, stood, merge_key or "")
    patch.pop(field, None)


def _check_order(items: list[Any], order: list[Any], merge_key: str) -> None:
    """Refuses an order in which the patch's own items do not come, or not one after another."""
    if not order or not items:
        return
    kept = items
    if merge_key:
        if any(not isinstance(item, dict) for item in items):
            raise _failed("expected a map[string]interface {}, but received another type")
        kept = [item for item in items if item.get(_DIRECTIVE) != "delete"]
    at = 0
    for item in order:
        while at < len(kept) and isinstance(kept[at], dict) and _DIRECTIVE in kept[at]:
            at += 1
        if at == len(kept):
            return
        if _mark_of(kept[at], merge_key) == _mark_of(item, merge_key):
            at += 1
    if at < len(kept):
        # Also where only a directive is left, as the server has it.
        raise _failed(f"The order in patch list:\n{items}\n doesn't match {_ORDER} list:\n{order}\n")
