"""The garbage collector: dependents follow their owners, foreground and orphan deletion are finished.

Source: pkg/controller/garbagecollector, kubernetes v1.37.2.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kmagic.api.types import JSONObject
from kmagic.sandbox.controllers import base
from kmagic.sandbox.registry.deletion import FOREGROUND, ORPHAN
from kmagic.sandbox.status import APIError

if TYPE_CHECKING:
    from collections import deque
    from collections.abc import Iterator

    from kmagic.sandbox.cluster import Cluster
    from kmagic.sandbox.storage.store import Stored

__all__ = (
    "collect",
    "drain",
    "finish_deletion",
    "run",
)


async def run(cluster: Cluster) -> None:
    """Collect for ever what deletions and finalizers leave behind."""
    work = cluster.garbage
    while True:
        await cluster.garbage_wake.wait()
        drain(cluster, work)


def drain(cluster: Cluster, work: deque[tuple[str, str, str, str]]) -> None:
    """Work off all deletions so far; each names the uid, and the resource and key of the object."""
    while work:
        uid, resource, namespace, name = work.popleft()
        stored = cluster.store.get(resource, namespace, name)
        try:
            if stored is not None and stored.uid == uid:
                finish_deletion(cluster, stored)
                _judge(cluster, stored)
            else:
                collect(cluster, uid)
        except APIError:
            continue  # it changed meanwhile; the change itself brings it back


def collect(cluster: Cluster, uid: str) -> None:
    """The owner of this uid is gone: delete dependents without another owner, cut the reference of the others."""
    for stored, _ in _dependents(cluster, uid):
        _judge(cluster, stored)
    _recheck_owners(cluster)


def _judge(cluster: Cluster, stored: Stored) -> None:
    """Delete an object none of whose owners is there; where some are, the references to the others are cut."""
    current = cluster.store.get(stored.resource, *stored.key)
    if current is None or current.uid != stored.uid or b'"ownerReferences"' not in current.raw:
        return
    obj = current.decode()
    metadata = obj["metadata"]
    references = metadata.get("ownerReferences") or []
    kept = [reference for reference in references if _exists(cluster, stored.namespace, reference)]
    if not references or len(kept) == len(references) or "deletionTimestamp" in metadata:
        return
    if kept:
        metadata["ownerReferences"] = kept
        base.update(cluster, current, obj)
    else:
        base.delete(cluster, current, propagation=_propagation(metadata))


def _propagation(metadata: JSONObject) -> str:
    """How dependents go: as the object's own finalizers ask, else in the background."""
    finalizers = metadata.get("finalizers") or ()
    return "Orphan" if ORPHAN in finalizers else "Foreground" if FOREGROUND in finalizers else "Background"


def finish_deletion(cluster: Cluster, stored: Stored) -> None:
    """Do what a finalizer of foreground or orphan deletion waits for, and remove it when that is done."""
    finalizers = stored.decode()["metadata"].get("finalizers") or []
    if ORPHAN in finalizers:
        for dependent, body in _dependents(cluster, stored.uid):
            kept = [r for r in body["metadata"]["ownerReferences"] if r["uid"] != stored.uid]
            body["metadata"]["ownerReferences"] = kept
            if not kept:
                del body["metadata"]["ownerReferences"]
            base.update(cluster, dependent, body)
        _remove_finalizer(cluster, stored, ORPHAN)
    elif FOREGROUND in finalizers:
        blocking = False
        for dependent, body in _dependents(cluster, stored.uid):
            reference = next(r for r in body["metadata"]["ownerReferences"] if r["uid"] == stored.uid)
            blocking = blocking or bool(reference.get("blockOwnerDeletion"))
            if "deletionTimestamp" not in body["metadata"]:
                base.delete(cluster, dependent, propagation="Foreground")
        if blocking and any(True for _ in cluster.store.owned_by(stored.uid)):
            cluster.foreground.add((stored.resource, *stored.key))
            return
        _remove_finalizer(cluster, stored, FOREGROUND)


def _dependents(cluster: Cluster, uid: str) -> Iterator[tuple[Stored, JSONObject]]:
    """Each object that names this uid as an owner, with a copy to change."""
    for resource, namespace, name in cluster.store.owned_by(uid):
        stored = cluster.store.get(resource, namespace, name)
        if stored is not None:
            yield stored, stored.decode()


def _recheck_owners(cluster: Cluster) -> None:
    """A dependent went: owners that wait for their dependents may be done."""
    for place in tuple(cluster.foreground):
        cluster.foreground.discard(place)
        stored = cluster.store.get(*place)
        if stored is not None:
            finish_deletion(cluster, stored)


def _remove_finalizer(cluster: Cluster, stored: Stored, name: str) -> None:
    current = cluster.store.get(stored.resource, *stored.key)
    if current is None:
        return
    obj = current.decode()
    obj["metadata"]["finalizers"] = [f for f in obj["metadata"].get("finalizers") or () if f != name]
    base.update(cluster, current, obj)


def _exists(cluster: Cluster, namespace: str, reference: JSONObject) -> bool:
    resource = cluster.catalog.by_kind(reference["apiVersion"], reference["kind"])
    if resource is None:
        return True  # a kind that is not served cannot be judged
    if resource.type.namespaced and not namespace:
        return True  # nor can an owner in a namespace of what is in none
    owner = cluster.store.get(resource.type.full_name, namespace if resource.type.namespaced else "", reference["name"])
    return owner is not None and owner.uid == reference["uid"]
