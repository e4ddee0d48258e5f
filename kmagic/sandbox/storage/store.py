"""The objects, their history and the one revision counter: the sandbox's etcd and watch cache in one.

Promises: every write gets the next revision, which is the object's resource version; events of a resource are kept
in a window, so a watch may begin in the past and a list may be continued at the version of its first page; what is
older raises 410. An object is kept as its own encoded bytes and a few decoded fields, so lists and watches copy
bytes, every reader owns the dict it decodes, and nothing can change a stored object in place.
Does not: validate, default, or know any kind.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Any, cast

import msgspec

from kmagic.sandbox import status
from kmagic.sandbox.storage import limits

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

__all__ = ("Event", "Owner", "Store", "Stored", "Subscription")

# Events kept a resource: 25 s at 200 changes/s; a full window of 7 kB Pods costs 35 MB.
WINDOW = 5_000

# Lists being paged at the same time; a snapshot is a tuple of references.
SNAPSHOTS = 16

# Events a watcher may be behind before it is cut off, as the real watch cache does with slow watchers.
MAX_BACKLOG = 20_000

encode: Callable[[Any], bytes] = msgspec.json.Encoder().encode
decode: Callable[[Any], Any] = msgspec.json.Decoder().decode


class Owner(msgspec.Struct, frozen=True):
    """An owner reference, as far as indexes and controllers need it."""

    uid: str
    kind: str = ""
    name: str = ""
    controller: bool = False


class Stored:
    """One version of one object.

    Attributes:
        resource: The storage key of the resource, "pods" or "deployments.apps".
        revision: The version as a number.
        raw: The object as JSON.
        owners: Its owner references.
        controller: The one of its owners that controls it, or None.
        forms: Values made of this version, kept by their makers under keys of their own: table rows, watch frames, the
            object in another version.
    """

    __slots__ = (
        "annotations",
        "api_version",
        "controller",
        "forms",
        "labels",
        "name",
        "namespace",
        "owners",
        "raw",
        "resource",
        "revision",
        "uid",
    )

    def __init__(self, resource: str, obj: dict[str, Any], revision: int) -> None:
        metadata = obj["metadata"]
        self.resource: str = resource
        self.revision: int = revision
        self.api_version: str = obj["apiVersion"]
        self.namespace: str = metadata.get("namespace", "")
        self.name: str = metadata["name"]
        self.uid: str = metadata.get("uid", "")
        self.labels: dict[str, str] = metadata.get("labels") or {}
        self.annotations: dict[str, str] = metadata.get("annotations") or {}
        self.owners: tuple[Owner, ...] = tuple(map(_owner, metadata.get("ownerReferences") or ()))
        self.controller: Owner | None = next((owner for owner in self.owners if owner.controller), None)
        self.raw: bytes = encode(obj)
        self.forms: dict[tuple[str, str], Any] = {}

    @property
    def key(self) -> tuple[str, str]:
        """Namespace and name."""
        return self.namespace, self.name

    def decode(self) -> dict[str, Any]:
        """The object as a new dict that the caller owns."""
        return cast("dict[str, Any]", decode(self.raw))


class Event(msgspec.Struct, frozen=True, eq=False):
    """A change: ``type`` is ADDED, MODIFIED or DELETED; ``previous`` is None for ADDED."""

    type: str
    stored: Stored
    previous: Stored | None

    @property
    def revision(self) -> int:
        """The revision of this change."""
        return self.stored.revision


class Subscription:
    """The events of one resource since some revision, for one watcher.

    ``wake`` is called after an event came in or the subscription was closed; it must not block.
    """

    def __init__(self, backlog: Iterable[Event], wake: Callable[[], None]) -> None:
        self.closed: bool = False
        self._events = deque(backlog)
        self._wake = wake

    def push(self, event: Event) -> None:
        """Adds an event; a watcher that is too far behind is closed."""
        if len(self._events) >= MAX_BACKLOG:
            self.close()
            return
        self._events.append(event)
        self._wake()

    def take(self) -> list[Event]:
        """All events that wait, in order."""
        events = list(self._events)
        self._events.clear()
        return events

    def close(self) -> None:
        """No more events; the watcher should end its stream."""
        self.closed = True
        self._wake()


class Store:
    """All objects of the server; not thread-safe, for one event loop."""

    def __init__(self, *, window: int = WINDOW) -> None:
        self.revision: int = 1
        self._window = window
        self._objects: dict[str, dict[str, dict[str, Stored]]] = {}  # by resource, namespace and name
        self._history: dict[str, deque[Event]] = {}
        self._dropped: set[str] = set()
        self._oldest: dict[str, int] = {}  # the newest revision that fell out of a resource's window
        self._subscriptions: dict[str, list[Subscription]] = {}
        self._snapshots: dict[tuple[str, int], tuple[Stored, ...]] = {}
        self._compacted = 0
        self._owned: dict[str, dict[tuple[str, str, str], Stored]] = {}
        self._uncontrolled: dict[str, dict[str, dict[str, Stored]]] = {}  # by resource, for those asked for

    def get(self, resource: str, namespace: str, name: str) -> Stored | None:
        """The current version of an object, or None."""
        return self._objects.get(resource, {}).get(namespace, {}).get(name)

    def list(self, resource: str, namespace: str = "") -> Sequence[Stored]:
        """Current objects in key order, of one namespace or ("") of all."""
        found = self._objects.get(resource, {})
        spaces = [namespace] if namespace else sorted(found)
        return [inside[name] for space in spaces if (inside := found.get(space)) for name in sorted(inside)]

    def count(self, resource: str, namespace: str = "") -> int:
        """Returns the number of objects, of one namespace or ("") of all."""
        found = self._objects.get(resource, {})
        return len(found.get(namespace, ())) if namespace else sum(map(len, found.values()))

    def at(self, resource: str, revision: int) -> Sequence[Stored]:
        """All objects of a resource as they were at a revision, in key order.

        Raises:
            APIError: 410 when the window does not reach back so far, 504 when the revision is not reached yet.
        """
        if revision > self.revision:
            raise status.too_large_resource_version(revision, self.revision)
        snapshot = self._snapshots.get((resource, revision))
        if snapshot is None:
            self._require(resource, revision)
            objects = {stored.key: stored for stored in self.list(resource)}
            for event in reversed(self._history.get(resource, ())):
                if event.revision <= revision:
                    break
                if event.previous is None:
                    objects.pop(event.stored.key, None)
                else:
                    objects[event.stored.key] = event.previous
            snapshot = tuple(objects[key] for key in sorted(objects))
        return snapshot

    def keep(self, resource: str) -> None:
        """Remembers the resource's current state, so that a continued list can be answered later."""
        self._snapshots[resource, self.revision] = tuple(self.list(resource))
        while len(self._snapshots) > SNAPSHOTS:
            del self._snapshots[next(iter(self._snapshots))]

    def put(self, resource: str, obj: dict[str, Any]) -> Stored:
        """Writes an object under its namespace and name; sets its resource version. The caller gives ``obj`` away.

        Raises:
            APIError: 500 for an object that is bigger than etcd takes.
        """
        obj["metadata"]["resourceVersion"] = str(self.revision + 1)
        stored = Stored(resource, obj, self.revision + 1)
        if limits.is_too_big(stored.raw, obj):
            raise status.internal("etcdserver: request is too large")
        self.revision += 1
        objects = self._objects.setdefault(resource, {}).setdefault(stored.namespace, {})
        previous = objects.get(stored.name)
        objects[stored.name] = stored
        self._index(previous, stored)
        self._publish(Event("MODIFIED" if previous else "ADDED", stored, previous))
        return stored

    def delete(self, resource: str, namespace: str, name: str) -> Stored | None:
        """Removes an object; returns its last state with the version of the deletion, or None if there was none."""
        previous = self._objects.get(resource, {}).get(namespace, {}).pop(name, None)
        if previous is None:
            return None
        self.revision += 1
        obj = previous.decode()
        obj["metadata"]["resourceVersion"] = str(self.revision)
        last = Stored(resource, obj, self.revision)
        self._index(previous, None)
        self._publish(Event("DELETED", last, previous))
        return last

    def begin(self, resource: str) -> None:
        """Begins the resource's window at the first request for it: versions before are too old for its watches."""
        self._oldest.setdefault(resource, self.revision)
        self._dropped.discard(resource)

    def drop(self, resource: str) -> None:
        """Removes every object of a resource and ends its watches, as when its definition is deleted."""
        for stored in self.list(resource):
            self.delete(resource, stored.namespace, stored.name)
        self._oldest.pop(resource, None)
        self._dropped.add(resource)
        self.close_watches(resource)

    def owned_by(self, uid: str) -> Sequence[Stored]:
        """The current objects with an owner reference to this uid, in the order of their creation."""
        return list(self._owned.get(uid, {}).values())

    def uncontrolled(self, resource: str, namespace: str) -> Sequence[Stored]:
        """The current objects of a namespace that no owner controls, in the order of their creation."""
        spaces = self._uncontrolled.get(resource)
        if spaces is None:
            spaces = self._uncontrolled[resource] = {}
            for stored in self.list(resource):
                if stored.controller is None:
                    spaces.setdefault(stored.namespace, {})[stored.name] = stored
        return list(spaces.get(namespace, {}).values())

    def subscribe(self, resource: str, since: int, wake: Callable[[], None]) -> Subscription:
        """Follows a resource: the events after ``since``, then each new one.

        Raises:
            APIError: 410 when the window does not reach back to ``since``.
        """
        self._require(resource, since)
        backlog = (event for event in self._history.get(resource, ()) if event.revision > since)
        subscription = Subscription(backlog, wake)
        self._subscriptions.setdefault(resource, []).append(subscription)
        return subscription

    def unsubscribe(self, resource: str, subscription: Subscription) -> None:
        """Ends a subscription; ending it twice is fine."""
        followers = self._subscriptions.get(resource, [])
        if subscription in followers:
            followers.remove(subscription)

    def close_watches(self, resource: str = "") -> None:
        """Closes the watches of a resource, or ("") all: when a CRD goes, or to rehearse a restart."""
        for name, followers in self._subscriptions.items():
            if resource in ("", name):
                for subscription in tuple(followers):
                    subscription.close()

    def compact(self) -> int:
        """Forgets all history, as etcd does every five minutes; returns the revision that is now the oldest."""
        self._history.clear()
        self._snapshots.clear()
        self._compacted = self.revision
        return self.revision

    def _require(self, resource: str, revision: int) -> None:
        oldest = max(self._oldest.get(resource, 0), self._compacted)
        if resource in self._dropped:
            oldest = self.revision + 1  # for a watch that was asked for before, and comes to follow only now
        if revision < oldest:
            raise status.expired(f"too old resource version: {revision} ({oldest})")

    def _publish(self, event: Event) -> None:
        resource = event.stored.resource
        history = self._history.setdefault(resource, deque())
        history.append(event)
        if len(history) > self._window:
            self._oldest[resource] = history.popleft().revision
        for subscription in tuple(self._subscriptions.get(resource, ())):
            subscription.push(event)

    def _index(self, previous: Stored | None, current: Stored | None) -> None:
        kept = {owner.uid for owner in current.owners} if current else set()
        if previous is not None:
            for uid in {owner.uid for owner in previous.owners} - kept:
                self._owned[uid].pop((previous.resource, previous.namespace, previous.name), None)
                if not self._owned[uid]:
                    del self._owned[uid]
            if previous.resource in self._uncontrolled:
                gone = current is None or current.controller is not None
                if gone and previous.controller is None:
                    self._uncontrolled[previous.resource][previous.namespace].pop(previous.name, None)
        if current is not None:
            for uid in kept:
                self._owned.setdefault(uid, {})[current.resource, current.namespace, current.name] = current
            spaces = self._uncontrolled.get(current.resource)
            if spaces is not None and current.controller is None:
                spaces.setdefault(current.namespace, {})[current.name] = current


def _owner(reference: dict[str, Any]) -> Owner:
    return Owner(
        reference.get("uid", ""),
        reference.get("kind", ""),
        reference.get("name", ""),
        bool(reference.get("controller")),
    )
