"""The base of simulated controllers: the loop around a reconcile function, and writes as a controller makes them.

A controller is data: which resources it follows, to which keys a changed object leads, and one reconcile function that
reads the store, decides and writes. Reconcile functions are synchronous: each runs as one step of the event loop.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, TypeAlias

import anyio
import anyio.lowlevel
import msgspec

from kmagic.api.conditions import is_true
from kmagic.api.types import JSONObject
from kmagic.controller.rate_limiting_queue import RateLimitingQueue
from kmagic.sandbox import status
from kmagic.sandbox.controllers import events
from kmagic.sandbox.registry import deletion
from kmagic.sandbox.registry.deletion import DeleteOptions
from kmagic.sandbox.registry.objects import Options
from kmagic.sandbox.storage.store import Stored

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from kmagic.sandbox.registry.loopback import Loopback

__all__ = (
    "Controller",
    "Key",
    "KeysOf",
    "children",
    "controller_of",
    "create",
    "delete",
    "is_ready",
    "itself",
    "owner",
    "owner_reference",
    "run",
    "update",
    "update_status",
)

Key = tuple[str, str]
KeysOf: TypeAlias = "Callable[[Loopback, Stored], Iterable[Key]]"
"""Names the keys that a changed object leads to."""

MANAGER = "kube-controller-manager"
log: logging.Logger = logging.getLogger(__name__)

# A key whose look took long rests for several times as long, at most a second: what changes meanwhile is one look. Or a
# ReplicaSet of thousands of Pods would count them once for each step of each of them.
_LONG_SECONDS, _RESTS, _MOST_SECONDS = 0.005, 4, 1.0
_MOST_RESTING = 1_000


class Controller(msgspec.Struct, frozen=True):
    """One control loop.

    Attributes:
        name: For logs and events.
        follows: Resource (storage key) to the function that names the keys a changed object leads to.
        reconcile: Brings one key to where it should be; returns seconds after which to look again, or None.
    """

    name: str
    follows: Mapping[str, KeysOf]
    reconcile: Callable[[Loopback, Key], float | None]


async def run(client: Loopback, controller: Controller) -> None:
    """Runs a controller until it is cancelled."""
    queue: RateLimitingQueue[Key] = RateLimitingQueue(name=controller.name)
    resting: dict[Key, float] = {}
    async with anyio.create_task_group() as tasks:
        for resource, keys in controller.follows.items():
            tasks.start_soon(_follow, client, controller.name, resource, keys, queue)
        while True:
            key, ended = await queue.get()
            if ended or key is None:
                return
            began = anyio.current_time()
            if (left := resting.get(key, began) - began) > 0:
                queue.done(key)
                queue.add_after(key, left)
                continue
            _step(client, controller, queue, key)
            finished = anyio.current_time()
            resting.pop(key, None)
            if (spent := finished - began) > _LONG_SECONDS:
                if len(resting) >= _MOST_RESTING:
                    resting = {other: until for other, until in resting.items() if until > finished}
                resting[key] = finished + min(spent * _RESTS, _MOST_SECONDS)
            await anyio.lowlevel.checkpoint()  # one step a turn of the loop: requests are answered between two


def _step(client: Loopback, controller: Controller, queue: RateLimitingQueue[Key], key: Key) -> None:
    try:
        again = controller.reconcile(client, key)
        queue.forget(key)
        if again is not None:
            queue.add_after(key, again)
    except status.APIError as error:
        # a conflict or a namespace that goes away: the next look will see the new state
        log.debug("%s %s: %s", controller.name, key, error)
        queue.add_rate_limited(key)
    except Exception as error:  # the boundary: one broken object must not stop a controller
        known = queue.num_requeues(key) > 0  # one traceback an object
        log.error("%s failed on %s: %r", controller.name, key, error, exc_info=not known)
        _tell(client, controller, key, error)
        queue.add_rate_limited(key)
    finally:
        queue.done(key)


def _tell(client: Loopback, controller: Controller, key: Key, error: Exception) -> None:
    """Tells who looks at the object why nothing happens to it."""
    own = next((resource for resource, keys in controller.follows.items() if keys is itself), "")
    stored = client.store.get(own, *key) if own else None
    if stored is not None:
        message = f"{controller.name} cannot handle this object and tries again later: {type(error).__name__}: {error}"
        events.record(client, stored.decode(), "FailedSync", message, component=controller.name, warning=True)


async def _follow(client: Loopback, name: str, resource: str, keys: KeysOf, queue: RateLimitingQueue[Key]) -> None:
    def note(stored: Stored) -> None:
        try:
            found = tuple(keys(client, stored))
        except Exception:  # the boundary: one broken object must not stop a controller
            log.exception("%s cannot tell what %s %s leads to", name, resource, stored.key)
            return
        for key in found:
            queue.add(key)

    while True:
        await _follow_once(client, resource, note)


async def _follow_once(client: Loopback, resource: str, note: Callable[[Stored], None]) -> None:
    """Notes the objects of a resource and each change of one, until the store ends the watch."""
    closed = anyio.Event()

    def take() -> None:
        # In the write itself: a task of its own would be woken by each write, and there are many of them.
        for event in subscription.take():
            note(event.stored)
        if subscription.closed:
            closed.set()

    subscription = client.store.subscribe(resource, client.store.revision, take)
    try:
        for stored in client.store.list(resource):
            note(stored)
        await closed.wait()
    finally:
        client.store.unsubscribe(resource, subscription)


def itself(client: Loopback, stored: Stored) -> Iterable[Key]:
    """A changed object leads to its own key."""
    return (stored.key,)


def owner(kind: str) -> KeysOf:
    """A changed object leads to the object of ``kind`` that controls it."""

    def keys(client: Loopback, stored: Stored) -> Iterable[Key]:
        controller = stored.controller
        return () if controller is None or controller.kind != kind else ((stored.namespace, controller.name),)

    return keys


def controller_of(obj: JSONObject) -> JSONObject | None:
    """The owner reference of the object that controls this one, or None."""
    references = obj["metadata"].get("ownerReferences") or ()
    return next((reference for reference in references if reference.get("controller")), None)


def owner_reference(obj: JSONObject) -> JSONObject:
    """The reference by which a controller's child names it."""
    return {
        "apiVersion": obj["apiVersion"],
        "kind": obj["kind"],
        "name": obj["metadata"]["name"],
        "uid": obj["metadata"]["uid"],
        "controller": True,
        "blockOwnerDeletion": True,
    }


def children(client: Loopback, uid: str, resource: str) -> Iterator[Stored]:
    """The objects of a resource that an object controls."""
    for stored in client.store.owned_by(uid):
        if stored.resource == resource and stored.controller is not None and stored.controller.uid == uid:
            yield stored


def is_ready(pod: JSONObject) -> bool:
    """Returns whether a Pod's Ready condition is true."""
    return is_true(pod, "Ready")


def create(client: Loopback, body: JSONObject) -> Stored:
    """Creates an object as the controller manager does."""
    return client.create(body, manager=MANAGER)


def update(client: Loopback, stored: Stored, body: JSONObject, *, manager: str = MANAGER) -> Stored:
    """Writes a new state of an object; the status is kept."""
    return client.objects.replace(client.resource_of(body), stored, body, Options(manager=manager))


def update_status(client: Loopback, stored: Stored, state: JSONObject, *, manager: str = MANAGER) -> Stored:
    """Writes an object's status when it differs."""
    body = stored.decode()
    if body.get("status") == state:
        return stored
    body["status"] = state
    resource = client.resource_of(body)
    return client.objects.replace(resource, stored, body, Options(manager=manager), subresource="status")


def delete(client: Loopback, stored: Stored, *, grace: int | None = None, propagation: str | None = None) -> None:
    """Deletes an object as the controller manager does."""
    resource = client.resource_of(stored.decode())
    wanted = DeleteOptions(grace_period_seconds=grace, propagation_policy=propagation)
    deletion.delete(client.objects, resource, stored, wanted)
