"""Read, change, send only the difference: the engine behind ``resource.edit(name)``.

The change is computed on the object as it is decoded, then carried over to the object as it was sent, so that
fields a model does not know survive even inside lists. It goes out as a merge patch that names the resource
version it was made for, so a change in between is a conflict and never lost.
"""

from __future__ import annotations

import copy
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, TypeVar

from kmagic.api import patch as patches
from kmagic.api.paths import get_path
from kmagic.client.retry import retry_on_conflict
from kmagic.errors import ConflictError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Iterator

    from kmagic.api.types import JSONObject
    from kmagic.client.codec import Codec

__all__ = ("edit", "merge_patch_for", "overlap")

T = TypeVar("T")
_Path = tuple[str, ...]


@asynccontextmanager
async def edit(
    codec: Codec[T],
    read: Callable[[], Awaitable[JSONObject]],
    send: Callable[[JSONObject], Awaitable[object]],
) -> AsyncIterator[T]:
    """Gives the object to change, and sends the change when the block ends without an exception.

    Args:
        codec: Turns what was read into what the block changes.
        read: Reads the object as the server has it, whole.
        send: Sends a merge patch.
    """
    base = await read()
    value = codec.from_dict(copy.deepcopy(base))
    before = copy.deepcopy(codec.to_dict(value))
    yield value
    change = merge_patch_for(base, before, codec.to_dict(value))
    if not change:
        return
    current: JSONObject | None = base

    async def attempt() -> None:
        nonlocal current
        if current is None:
            current = await read()
            if taken := overlap(change, base, current):
                raise _SameFieldsError(taken)
        version = current["metadata"]["resourceVersion"]
        current = None  # a conflict means: read again
        await send(_with_version(change, version))

    try:
        await retry_on_conflict(attempt)
    except _SameFieldsError as error:
        raise ConflictError(
            f"somebody changed the same fields meanwhile: {', '.join(error.fields)}",
            status={"reason": "Conflict", "code": 409},
            hint="look at the object again and repeat the edit",
        ) from None


def merge_patch_for(base: JSONObject, before: JSONObject, after: JSONObject) -> JSONObject:
    """The merge patch that does to `base` what turned `before` into `after`.

    Args:
        base: The object as the server sent it.
        before: The same as decoded; it may lack fields of `base`.
        after: `before` with the user's changes.
    """
    steps = patches.diff_json(before, after)
    if not steps:
        return {}
    changed = patches.json_patch(copy.deepcopy(base), steps)
    assert isinstance(changed, dict)
    return patches.diff_merge(base, changed)


def overlap(change: JSONObject, base: JSONObject, current: JSONObject) -> list[str]:
    """The fields of the merge patch `change` that differ between `base` and `current`."""
    return ["." + ".".join(path) for path in _leaves(change) if get_path(base, path) != get_path(current, path)]


class _SameFieldsError(Exception):
    def __init__(self, fields: list[str]) -> None:
        super().__init__(fields)
        self.fields = fields


def _with_version(change: JSONObject, version: str) -> JSONObject:
    metadata = change.get("metadata") or {}
    return {**change, "metadata": {**metadata, "resourceVersion": version}}


def _leaves(change: JSONObject, at: _Path = ()) -> Iterator[_Path]:
    for key, value in change.items():
        if isinstance(value, dict) and value:
            yield from _leaves(value, (*at, key))
        else:
            yield (*at, key)
