"""What every simulated controller shares: the loop around a reconcile function, and writes as a controller makes them.

A controller is data: which resources it follows, to which keys a changed object leads, and one reconcile function that
reads the store, decides and writes. Reconcile functions are synchronous: each runs as one step of the event loop.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import anyio
import msgspec

from kmagic.api.types import JSONObject
from kmagic.controller.rate_limiting_queue import RateLimitingQueue
from kmagic.sandbox import status
from kmagic.sandbox.controllers.wake import Wake
from kmagic.sandbox.registry import deletion
from kmagic.sandbox.registry.deletion import DeleteOptions
from kmagic.sandbox.registry.objects import Options
from kmagic.sandbox.storage.store import Stored

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from kmagic.sandbox.cluster import Cluster

__all__ = (
    "Controller",
    "Key",
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
MANAGER = "kube-controller-manager"
log: logging.Logger = logging.getLogger(__name__)


class Controller(msgspec.Struct, frozen=True):
    """One control loop.

    Attributes:
        name: For logs and events.
        follows: Resource (storage key) to the function that names the keys a changed object leads to.
        reconcile: Brings one key to where it should be; returns seconds after which to look again, or None.
    """

    name: str
    follows: Mapping[str, Callable[[Cluster, Stored], Iterable[Key]]]
    reconcile: Callable[[Cluster, Key], float | None]


async def run(cluster: Cluster, controller: Controller) -> None:
    """Run a controller until it is cancelled."""
    queue: RateLimitingQueue[Key] = RateLimitingQueue(name=controller.name)
    async with anyio.create_task_group() as tasks:
        for resource, keys in controller.follows.items():
            tasks.start_soon(_follow, cluster, resource, keys, queue)
        while True:
            key, ended = await queue.get()
            if ended or key is None:
                return
            _step(cluster, controller, queue, key)
            # one step a turn of the loop: requests are answered between two
            await anyio.lowlevel.checkpoint()


def _step(cluster: Cluster, controller: Controller, queue: RateLimitingQueue[Key], key: Key) -> None:
    try:
        again = controller.reconcile(cluster, key)
        queue.forget(key)
        if again is not None:
            queue.add_after(key, again)
    except status.APIError as error:
        # a conflict or a namespace that goes away: the next look will see the new state
        log.debug("%s %s: %s", controller.name, key, error)
        queue.add_rate_limited(key)
    except Exception:  # the boundary: one broken object must not stop a controller
        log.exception("%s failed on %s", controller.name, key)
        queue.add_rate_limited(key)
    finally:
        queue.done(key)


async def _follow(
    cluster: Cluster, resource: str, keys: Callable[[Cluster, Stored], Iterable[Key]], queue: RateLimitingQueue[Key]
) -> None:
    while True:
        wake = Wake()
        subscription = cluster.store.subscribe(resource, cluster.store.revision, wake.set)
        try:
            for stored in cluster.store.list(resource):
                for key in keys(cluster, stored):
                    queue.add(key)
            while not subscription.closed:
                await wake.wait()
                for event in subscription.take():
                    for key in keys(cluster, event.stored):
                        queue.add(key)
        finally:
            cluster.store.unsubscribe(resource, subscription)


def itself(cluster: Cluster, stored: Stored) -> Iterable[Key]:
    """A changed object leads to its own key."""
    return (stored.key,)


def owner(kind: str) -> Callable[[Cluster, Stored], Iterable[Key]]:
    """A changed object leads to the object of ``kind`` that controls it."""

    def keys(cluster: Cluster, stored: Stored) -> Iterable[Key]:
        if b'"ownerReferences"' not in stored.raw:
            return ()
        reference = controller_of(stored.decode())
        if reference is None or reference["kind"] != kind:
            return ()
        return ((stored.namespace, reference["name"]),)

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


def children(cluster: Cluster, uid: str, resource: str) -> Iterator[Stored]:
    """The objects of a resource that an object controls."""
    for key, namespace, name in cluster.store.owned_by(uid):
        if key != resource:
            continue
        stored = cluster.store.get(key, namespace, name)
        if stored is not None and (controller_of(stored.decode()) or {}).get("uid") == uid:
            yield stored


def is_ready(pod: JSONObject) -> bool:
    """Whether a Pod's Ready condition is true."""
    conditions = (pod.get("status") or {}).get("conditions") or ()
    return any(c["type"] == "Ready" and c["status"] == "True" for c in conditions)


def create(cluster: Cluster, body: JSONObject) -> Stored:
    """Create an object as the controller manager does."""
    return cluster.create(body, manager=MANAGER)


def update(cluster: Cluster, stored: Stored, body: JSONObject, *, manager: str = MANAGER) -> Stored:
    """Write a new state of an object; the status is kept."""
    return cluster.objects.replace(cluster.resource_of(body), stored, body, Options(manager=manager))


def update_status(cluster: Cluster, stored: Stored, state: JSONObject, *, manager: str = MANAGER) -> Stored:
    """Write an object's status when it differs."""
    body = stored.decode()
    if body.get("status") == state:
        return stored
    body["status"] = state
    resource = cluster.resource_of(body)
    return cluster.objects.replace(resource, stored, body, Options(manager=manager), subresource="status")


def delete(cluster: Cluster, stored: Stored, *, grace: int | None = None, propagation: str | None = None) -> None:
    """Delete an object as the controller manager does."""
    resource = cluster.resource_of(stored.decode())
    wanted = DeleteOptions(grace_period_seconds=grace, propagation_policy=propagation)
    deletion.delete(cluster.objects, resource, stored, wanted)
