"""Waiting for objects: until they exist, are gone, have a condition or a value.

Source: k8s.io/kubectl/pkg/cmd/wait, k8s.io/client-go/tools/watch/until.go.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import aclosing
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

import anyio

from kmagic.aio.backoff import Backoff
from kmagic.aio.tasks import first_error
from kmagic.api import meta
from kmagic.api.door import reads_objects
from kmagic.api.jsonpath import JSONPath
from kmagic.api.options import ListOptions
from kmagic.api.trouble import never_met
from kmagic.api.types import JSONObject
from kmagic.client.retry_watcher import RetryWatcher
from kmagic.errors import ArgumentError, ExpiredError, NoMatchError, NotFoundError, WaitError
from kmagic.rest.watch import DELETED

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kmagic.api.clock import Clock
    from kmagic.client.retry_watcher import Followed

__all__ = (
    "TimeLeft",
    "condition",
    "jsonpath",
    "leaving",
    "parse",
    "state",
    "until",
    "until_all",
    "until_created",
    "until_deleted",
    "until_published",
    "wanted",
)

T = TypeVar("T")

# kubectl's "negative means wait for a week".
_WEEK_SECONDS = 7 * 24 * 3600.0

# Discovery and schemas follow a definition within a second or two.
_PUBLISHING = Backoff(steps=None, seconds=0.1, factor=1.5, cap=1.0)

Test = Callable[[JSONObject], bool]


class TimeLeft:
    """Seconds left of a time that several waits share; 0 looks once, None and a negative time are each wait's own.

    Args:
        clock: Tells the time.
        seconds: The whole time.
    """

    def __init__(self, clock: Clock, seconds: float | None) -> None:
        self._clock = clock
        self._seconds = seconds
        self._until = clock.now() + seconds if seconds is not None and seconds > 0 else None

    def __call__(self) -> float | None:
        """The timeout of a wait that begins now."""
        # A wait that would begin after the end looks once.
        return self._seconds if self._until is None else max(0.0, self._until - self._clock.now())


async def until_all(
    resource: Followed[T], names: Sequence[str], wanted: Sequence[str], *, timeout: float | None = 30.0
) -> list[T]:
    """Returns several objects as soon as each has, one after another, all that is wanted.

    Args:
        resource: The resource of the objects.
        names: Their names.
        wanted: ``create``, ``delete``, or as `parse` takes it.
        timeout: As in `until`, for all of them together.

    Returns:
        The objects in the order of their names, as they were when their last wish came true; without those deleted.

    Raises:
        NotFoundError: One is not there, and was not to be created.
        WaitError: Not in time, or never.
    """
    left = TimeLeft(resource.rest.clock, timeout)
    kind = (await resource.resolve()).kind
    tests = {text: _told_when_never(parse(text), kind, text) for text in wanted if text not in ("create", "delete")}
    found: dict[str, T] = {}

    async def one(name: str) -> None:
        for text in wanted:
            if text == "create":
                found[name] = await until_created(resource, name, timeout=left())
            elif text == "delete":
                await until_deleted(resource, name, timeout=left())
                found.pop(name, None)
            else:
                found[name] = await until(resource, name, tests[text], timeout=left(), what=text)

    await first_error(partial(one, name) for name in names)
    return [found[name] for name in names if name in found]


def _told_when_never(test: Test, kind: str, text: str) -> Test:
    def met(obj: JSONObject) -> bool:
        if test(obj):
            return True
        # Items of a list may come without their kind.
        if why := never_met({**obj, "kind": kind}, text):
            raise WaitError(f"{text} will not be met on {meta.name(obj)}: {why}")
        return False

    return met


async def until(
    resource: Followed[T], name: str, test: Test, *, timeout: float | None = 30.0, what: str = "the condition"
) -> T:
    """Returns the object as soon as `test` says yes.

    Args:
        resource: The resource of the object.
        name: Name of the object.
        test: Asked with the object as a plain dict.
        timeout: Seconds; 0 looks once, a negative time is a week, as in kubectl; None: for ever.
        what: The awaited condition, for the message.

    Raises:
        NotFoundError: There is no such object.
        WaitError: Not in time, or the object was deleted before.
    """
    last: list[JSONObject] = []
    with anyio.move_on_after(_limit(timeout)):
        while True:
            found = await _listed(resource, name)
            if found is None:
                # Lets the server say it, in its own words.
                found = await resource.get(name)
            if timeout == 0:
                if test(plain := resource.codec.to_dict(found)):
                    return found
                raise WaitError(f"{what} is not met on {name}{_after(plain)}")
            try:
                return await _from(resource, name, found, test, last)
            except ExpiredError:
                # Changes were missed: look again.
                continue
    raise WaitError(f"timed out waiting for {what} on {name} after {_told(timeout)}{_after(last[-1]) if last else ''}")


async def until_created(
    resource: Followed[T],
    name: str = "",
    *,
    label_selector: str | None = None,
    timeout: float | None = 30.0,
    absent: Callable[[], object] = lambda: None,
) -> T:
    """Returns the object as soon as there is one of that name, or one that the labels match.

    Args:
        resource: The resource of the object.
        name: Its name; "" for any.
        label_selector: Selector of its labels.
        timeout: Seconds, as in `until`.
        absent: Called when there is none yet.

    Raises:
        WaitError: Not in time.
    """
    options = ListOptions(label_selector=label_selector, field_selector=f"metadata.name={name}" if name else None)
    what = name or f"an object with {label_selector}"
    with anyio.move_on_after(_limit(timeout)):
        while True:
            listed = await resource.list(label_selector=label_selector, field_selector=options.field_selector)
            if listed.items:
                return listed.items[0]
            if timeout == 0:
                raise WaitError(f"{what} does not exist")
            absent()
            watcher = RetryWatcher(resource, listed.resource_version, options=options)
            try:
                async with aclosing(watcher.events()) as events:
                    async for event in events:
                        if event.type != DELETED:
                            return event.object
            except ExpiredError:
                continue
    raise WaitError(f"timed out waiting for {what} to be created after {_told(timeout)}")


async def until_deleted(
    resource: Followed[T],
    name: str,
    *,
    timeout: float | None = 30.0,
    uid: str = "",
    seen: Callable[[JSONObject], object] = lambda _: None,
) -> None:
    """Returns as soon as the object is gone; one of the same name made since does not count.

    Args:
        resource: The resource of the object.
        name: Name of the object.
        timeout: Seconds, as in `until`.
        uid: Uid of the object; "" for the one of that name that is there first.
        seen: Called with each state of the object, as a plain dict.

    Raises:
        WaitError: Not in time; the message says what holds it.
    """
    last: list[JSONObject] = []
    with anyio.move_on_after(_limit(timeout)):
        while True:
            found = await _listed(resource, name)
            if found is None or (uid and meta.uid(found) != uid):
                return
            uid = uid or meta.uid(found)
            last[:] = [resource.codec.to_dict(found)]
            seen(last[-1])
            if timeout == 0:
                raise WaitError(f"{name} is still there{_held(last[-1])}")
            watcher = RetryWatcher(resource, meta.resource_version(found), options=_only(name))
            try:
                async with aclosing(watcher.events()) as events:
                    async for event in events:
                        last[:] = [resource.codec.to_dict(event.object)]
                        if event.type == DELETED or meta.uid(event.object) != uid:
                            return
                        seen(last[-1])
            except ExpiredError:
                continue
    why = _held(last[-1]) if last else ""
    raise WaitError(f"timed out waiting for {name} to be deleted after {_told(timeout)}{why}")


async def until_published(clock: Clock, ask: Callable[[], Awaitable[T]], *, timeout: float) -> T:
    """Returns what discovery or a schema says of a type that was defined a moment ago.

    Neither can be watched, so they are asked again, less often each time.

    Args:
        clock: Gives the time and sleeps.
        ask: Coroutine function that asks the server.
        timeout: Seconds to wait.

    Raises:
        NoMatchError: The last one that `ask` raised, after the timeout; NotFoundError likewise.
    """
    until = clock.now() + timeout
    delays = _PUBLISHING.delays(float)
    while True:
        try:
            return await ask()
        except (NoMatchError, NotFoundError):
            delay = next(delays)
            if clock.now() + delay > until:
                raise
        await clock.sleep(delay)


def condition(name: str, status: str = "True") -> Test:
    """A test for ``status.conditions``; case does not matter. An outdated condition does not count."""
    wanted = (name.lower(), status.lower())

    @reads_objects
    def test(obj: JSONObject) -> bool:
        for item in (obj.get("status") or {}).get("conditions") or ():
            if (str(item.get("type")).lower(), str(item.get("status")).lower()) == wanted:
                # A controller that has not seen the newest spec yet speaks of the old one.
                seen = item.get("observedGeneration") or (obj.get("status") or {}).get("observedGeneration")
                return seen is None or seen >= meta.generation(obj)
        return False

    return test


def jsonpath(template: str, value: str | None = None) -> Test:
    """A test for a field: equal to `value`, or just there.

    The test raises `WaitError` for what can never be equal to a value: several fields, an object, a list.
    """
    path = JSONPath(template if template.startswith("{") else "{" + template + "}")

    @reads_objects
    def test(obj: JSONObject) -> bool:
        found: list[Any] = path.find(obj)
        if len(found) > 1:
            raise WaitError(
                f"given jsonpath expression matches more than one value: {template} finds {len(found)}",
                hint=f"choose one, for example {template.replace('[*]', '[0]')}",
            )
        if value is None:
            return bool(found) and found[0] is not None
        if found and isinstance(found[0], dict | list):
            raise WaitError("jsonpath leads to a nested object or list which is not supported: " + template)
        return bool(found) and _text(found[0]).strip() == value.strip()

    return test


def parse(text: str) -> Test:
    """Reads kubectl's ``--for``: ``condition=Ready[=True]``, ``jsonpath={.status.phase}=Running``.

    Raises:
        ArgumentError: Something else (``create`` and ``delete`` have functions of their own).
    """
    kind, equals, rest = text.partition("=")
    if kind == "condition" and rest:
        name, _, status = rest.partition("=")
        return condition(name, status or "True")
    if kind == "jsonpath" and rest:
        template, equals, value = rest.rpartition("}=")
        return jsonpath(template + "}", value) if equals else jsonpath(rest)
    raise ArgumentError(f'unrecognized condition: "{text}"')


def wanted(condition: str, jsonpath: str, *, created: bool, deleted: bool) -> list[str]:
    """Writes what is waited for as `until_all` takes it, creation first.

    Raises:
        ArgumentError: Nothing, or what excludes each other.
    """
    tests = [f"{word}={text}" for word, text in (("condition", condition), ("jsonpath", jsonpath)) if text]
    if deleted and (created or tests):
        raise ArgumentError("what is deleted has no condition: wait for one after the other")
    if not (deleted or created or tests):
        raise ArgumentError(
            'say what to wait for: condition="Ready", jsonpath="{.status.phase}=Running", created, deleted'
        )
    for text in tests:
        parse(text)
    return [*(["create"] if created else ()), *tests, *(["delete"] if deleted else ())]


async def _from(resource: Followed[T], name: str, found: T, test: Test, last: list[JSONObject]) -> T:
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


async def _listed(resource: Followed[T], name: str) -> T | None:
    listed = await resource.list(field_selector=f"metadata.name={name}")
    return listed.items[0] if listed.items else None


def _only(name: str) -> ListOptions:
    return ListOptions(field_selector=f"metadata.name={name}")


@reads_objects
def state(obj: JSONObject) -> str:
    """Returns an object's status on one line: ``phase Pending, Ready=False``; "" when it has none."""
    status = obj.get("status") or {}
    parts = [f"phase {status['phase']}"] if status.get("phase") else []
    parts += [f"{item.get('type')}={item.get('status')}" for item in status.get("conditions") or ()]
    return ", ".join(parts)


def _after(obj: JSONObject) -> str:
    said = state(obj)
    return f"; it has {said}" if said else ""


@reads_objects
def leaving(obj: JSONObject) -> str:
    """Returns the progress of a deletion: ``is being deleted; finalizers hold it: example.com/keep``."""
    if not meta.deletion_timestamp(obj):
        return "is there, and nothing deletes it yet"
    return f"is being deleted{_held(obj)}"


def _held(obj: JSONObject) -> str:
    finalizers = ", ".join(meta.finalizers(obj))
    return f"; finalizers hold it: {finalizers}" if finalizers else ""


def _told(timeout: float | None) -> str:
    """The time waited; what was left of a time that several waits share is no round number."""
    seconds = _limit(timeout) or 0.0
    return f"{round(seconds, 1 if seconds >= 1 else 2):g} s"


def _limit(timeout: float | None) -> float | None:
    if timeout == 0:
        # One look takes as long as its request.
        return None
    return _WEEK_SECONDS if timeout is not None and timeout < 0 else timeout


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
