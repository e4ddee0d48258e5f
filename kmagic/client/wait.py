"""Waiting for objects: until they exist, are gone, have a condition or a value.

Source: k8s.io/kubectl/pkg/cmd/wait, k8s.io/client-go/tools/watch/until.go.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import aclosing
from typing import TYPE_CHECKING, Any, TypeVar

import anyio

from kmagic.api import meta
from kmagic.api.jsonpath import JSONPath
from kmagic.api.options import ListOptions
from kmagic.api.types import JSONObject
from kmagic.client.retry_watcher import RetryWatcher
from kmagic.errors import ExpiredError, WaitError
from kmagic.rest.watch import DELETED

if TYPE_CHECKING:
    from kmagic.client.resource import AsyncResource

__all__ = ("condition", "jsonpath", "parse", "until", "until_created", "until_deleted")

T = TypeVar("T")

Test = Callable[[JSONObject], bool]


async def until(
    resource: AsyncResource[T], name: str, test: Test, *, timeout: float | None = 30.0, what: str = "the condition"
) -> T:
    """Returns the object as soon as `test` says yes.

    Args:
        resource: Where it is.
        name: Its name.
        test: Asked with the object as a plain dict.
        timeout: Seconds; None: for ever.
        what: For the message.

    Raises:
        NotFoundError: There is no such object.
        WaitError: Not in time, or the object was deleted before.
    """
    last: list[JSONObject] = []
    with anyio.move_on_after(timeout):
        while True:
            found = await _listed(resource, name)
            if found is None:
                # Lets the server say it, in its own words.
                found = await resource.get(name)
            try:
                return await _from(resource, name, found, test, last)
            except ExpiredError:
                # Changes were missed: look again.
                continue
    state = _state(last[-1]) if last else ""
    raise WaitError(f"timed out waiting for {what} on {name} after {timeout:g} s{state}")


async def until_created(resource: AsyncResource[T], name: str, *, timeout: float | None = 30.0) -> T:
    """Returns the object as soon as there is one of that name.

    Raises:
        WaitError: Not in time.
    """
    with anyio.move_on_after(timeout):
        while True:
            listed = await resource.list(field_selector=f"metadata.name={name}")
            if listed.items:
                return listed.items[0]
            watcher = RetryWatcher(resource, listed.resource_version, options=_only(name))
            try:
                async with aclosing(watcher.events()) as events:
                    async for event in events:
                        if event.type != DELETED:
                            return event.object
            except ExpiredError:
                continue
    raise WaitError(f"timed out waiting for {name} to be created after {timeout:g} s")


async def until_deleted(resource: AsyncResource[T], name: str, *, timeout: float | None = 30.0, uid: str = "") -> None:
    """Returns as soon as the object is gone; one of the same name made since does not count.

    Raises:
        WaitError: Not in time; the message says what holds it.
    """
    last: list[JSONObject] = []
    with anyio.move_on_after(timeout):
        while True:
            found = await _listed(resource, name)
            if found is None or (uid and meta.uid(found) != uid):
                return
            uid = uid or meta.uid(found)
            last.append(resource.codec.to_dict(found))
            watcher = RetryWatcher(resource, meta.resource_version(found), options=_only(name))
            try:
                async with aclosing(watcher.events()) as events:
                    async for event in events:
                        last.append(resource.codec.to_dict(event.object))
                        if event.type == DELETED or meta.uid(event.object) != uid:
                            return
            except ExpiredError:
                continue
    held = ", ".join(meta.finalizers(last[-1])) if last else ""
    why = f"; finalizers hold it: {held}" if held else ""
    raise WaitError(f"timed out waiting for {name} to be deleted after {timeout:g} s{why}")


def condition(name: str, status: str = "True") -> Test:
    """A test for ``status.conditions``; case does not matter. An outdated condition does not count."""
    wanted = (name.lower(), status.lower())

    def test(obj: JSONObject) -> bool:
        for item in (obj.get("status") or {}).get("conditions") or ():
            if (str(item.get("type")).lower(), str(item.get("status")).lower()) == wanted:
                # A controller that has not seen the newest spec yet speaks of the old one.
                seen = item.get("observedGeneration") or (obj.get("status") or {}).get("observedGeneration")
                return seen is None or seen >= meta.generation(obj)
        return False

    return test


def jsonpath(template: str, value: str | None = None) -> Test:
    """A test for a field: equal to `value`, or just there."""
    path = JSONPath(template if template.startswith("{") else "{" + template + "}")

    def test(obj: JSONObject) -> bool:
        found: list[Any] = path.find(obj)
        if value is None:
            return bool(found) and found[0] is not None
        return len(found) == 1 and _text(found[0]) == value

    return test


def parse(text: str) -> Test:
    """Reads kubectl's ``--for``: ``condition=Ready[=True]``, ``jsonpath={.status.phase}=Running``.

    Raises:
        ValueError: Something else (``create`` and ``delete`` have functions of their own).
    """
    kind, equals, rest = text.partition("=")
    if kind == "condition" and rest:
        name, _, status = rest.partition("=")
        return condition(name, status or "True")
    if kind == "jsonpath" and rest:
        template, equals, value = rest.rpartition("}=")
        return jsonpath(template + "}", value) if equals else jsonpath(rest)
    raise ValueError(f'unrecognized condition: "{text}"')


async def _from(resource: AsyncResource[T], name: str, found: T, test: Test, last: list[JSONObject]) -> T:
    plain = resource.codec.to_dict(found)
    last.append(plain)
    if test(plain):
        return found
    watcher = RetryWatcher(resource, meta.resource_version(found), options=_only(name))
    async with aclosing(watcher.events()) as events:
        async for event in events:
            plain = resource.codec.to_dict(event.object)
            last[:] = [plain]
            if event.type == DELETED:
                raise WaitError(f"{name} was deleted while it was waited for")
            if test(plain):
                return event.object
    raise AssertionError("a retry watcher does not end by itself")


async def _listed(resource: AsyncResource[T], name: str) -> T | None:
    listed = await resource.list(field_selector=f"metadata.name={name}")
    return listed.items[0] if listed.items else None


def _only(name: str) -> ListOptions:
    return ListOptions(field_selector=f"metadata.name={name}")


def _state(obj: JSONObject) -> str:
    status = obj.get("status") or {}
    parts = [f"phase {status['phase']}"] if status.get("phase") else []
    parts += [f"{item.get('type')}={item.get('status')}" for item in status.get("conditions") or ()]
    return f"; it has {', '.join(parts)}" if parts else ""


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
