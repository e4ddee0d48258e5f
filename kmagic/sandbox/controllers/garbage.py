"""The garbage collector: dependents follow their owners, foreground and orphan deletion are finished.

Source: pkg/controller/garbagecollector, kubernetes v1.37.2.
"""

from __future__ import annotations

import logging
from collections import deque
from typing import TYPE_CHECKING

from kmagic.aio.signal import Signal
from kmagic.api.types import JSONObject
from kmagic.sandbox.controllers import base
from kmagic.sandbox.registry.deletion import FOREGROUND, ORPHAN
from kmagic.sandbox.status import APIError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kmagic.sandbox.registry.loopback import Loopback
    from kmagic.sandbox.schema.resources import Resource
    from kmagic.sandbox.storage.store import Stored

__all__ = ("GarbageCollector",)

log: logging.Logger = logging.getLogger(__name__)


class GarbageCollector:
    """Looks at what deletions, finalizers and owner references leave behind, from its creation on."""

    def __init__(self, client: Loopback) -> None:
        self._client = client
        self._store = client.store
        self._work: deque[tuple[str, str, str, str]] = deque()  # uid, and resource and key of an object
        self._news = Signal()
        self._waiting: set[tuple[str, str, str]] = set()  # owners in foreground deletion, by resource and key
        client.objects.on_write.append(self._note_write)
        client.objects.on_delete.append(self._note_deletion)

    async def run(self) -> None:
        """Collects garbage until cancelled."""
        while True:
            await self._news.wait()
            self.drain()

    def drain(self) -> None:
        """Works off everything noted so far."""
        while self._work:
            uid, resource, namespace, name = self._work.popleft()
            stored = self._store.get(resource, namespace, name)
            try:
                if stored is not None and stored.uid == uid:
                    self._finish_deletion(stored)
                    self._judge(stored)
                else:
                    self._collect(uid)
            except APIError:
                continue  # it changed meanwhile; the change itself brings it back
            except Exception:  # the boundary: one broken object must not stop the collector
                log.exception("garbage-collector failed on %s %s/%s", resource, namespace, name)

    def _note_write(self, resource: Resource, old: JSONObject | None, new: JSONObject) -> None:
        metadata = new["metadata"]
        owners = metadata.get("ownerReferences")
        waits = metadata.get("deletionTimestamp") and {FOREGROUND, ORPHAN} & set(metadata.get("finalizers") or ())
        if waits or (owners and (old is None or old["metadata"].get("ownerReferences") != owners)):
            place = (resource.type.full_name, metadata.get("namespace", ""), metadata["name"])
            self._note((metadata["uid"], *place))

    def _note_deletion(self, resource: Resource, gone: Stored) -> None:
        self._note((gone.uid, resource.type.full_name, *gone.key))

    def _note(self, work: tuple[str, str, str, str]) -> None:
        self._work.append(work)
        self._news.notify()

    def _collect(self, uid: str) -> None:
        """The owner of this uid is gone: delete dependents without another owner, cut the reference of the others."""
        for stored, _ in self._dependents(uid):
            self._judge(stored)
        self._recheck_owners()

    def _judge(self, stored: Stored) -> None:
        """Deletes an object none of whose owners is there; where some are, the references to the others are cut."""
        current = self._store.get(stored.resource, *stored.key)
        if current is None or current.uid != stored.uid or b'"ownerReferences"' not in current.raw:
            return
        obj = current.decode()
        metadata = obj["metadata"]
        references = metadata.get("ownerReferences") or []
        kept = [reference for reference in references if self._exists(stored.namespace, reference)]
        if not references or len(kept) == len(references) or "deletionTimestamp" in metadata:
            return
        if kept:
            metadata["ownerReferences"] = kept
            base.update(self._client, current, obj)
        else:
            base.delete(self._client, current, propagation=_propagation(metadata))

    def _finish_deletion(self, stored: Stored) -> None:
        """Does the work of a finalizer of foreground or orphan deletion, and removes it when that is done."""
        finalizers = stored.decode()["metadata"].get("finalizers") or []
        if ORPHAN in finalizers:
            for dependent, body in self._dependents(stored.uid):
                kept = [r for r in body["metadata"]["ownerReferences"] if r["uid"] != stored.uid]
                body["metadata"]["ownerReferences"] = kept
                if not kept:
                    del body["metadata"]["ownerReferences"]
                base.update(self._client, dependent, body)
            self._remove_finalizer(stored, ORPHAN)
        elif FOREGROUND in finalizers:
            for dependent, body in self._dependents(stored.uid):
                if "deletionTimestamp" in body["metadata"]:
                    continue
                if solid := [each for each in body["metadata"]["ownerReferences"] if self._holds(dependent, each)]:
                    body["metadata"]["ownerReferences"] = solid
                    base.update(self._client, dependent, body)
                    continue
                base.delete(self._client, self._unblock(dependent, body), propagation="Foreground")
            if any(_blocks(body, stored.uid) for _, body in self._dependents(stored.uid)):
                self._waiting.add((stored.resource, *stored.key))
                return
            self._remove_finalizer(stored, FOREGROUND)

    def _unblock(self, stored: Stored, body: JSONObject) -> Stored:
        """Lets the owners of an object go first when they wait for it in a circle."""
        if not any(_waits_for_dependents(each) for _, each in self._dependents(stored.uid)):
            return stored
        for reference in body["metadata"]["ownerReferences"]:
            reference["blockOwnerDeletion"] = False
        return base.update(self._client, stored, body)

    def _dependents(self, uid: str) -> Iterator[tuple[Stored, JSONObject]]:
        """Each object that names this uid as an owner, with a copy to change."""
        for stored in self._store.owned_by(uid):
            current = self._store.get(stored.resource, *stored.key)
            if current is not None:
                yield current, current.decode()

    def _recheck_owners(self) -> None:
        """A dependent went: owners that wait for their dependents may be done."""
        for place in tuple(self._waiting):
            self._waiting.discard(place)
            stored = self._store.get(*place)
            if stored is not None:
                self._finish_deletion(stored)

    def _remove_finalizer(self, stored: Stored, name: str) -> None:
        current = self._store.get(stored.resource, *stored.key)
        if current is None:
            return
        obj = current.decode()
        obj["metadata"]["finalizers"] = [f for f in obj["metadata"].get("finalizers") or () if f != name]
        base.update(self._client, current, obj)

    def _holds(self, dependent: Stored, reference: JSONObject) -> bool:
        """Returns whether an owner keeps a dependent: it is there, and does not wait for its dependents to go."""
        if not self._exists(dependent.namespace, reference):
            return False
        owner = self._owner(dependent.namespace, reference)
        return owner is None or not _waits_for_dependents(owner.decode())

    def _owner(self, namespace: str, reference: JSONObject) -> Stored | None:
        resource = self._client.catalog.by_kind(reference["apiVersion"], reference["kind"])
        if resource is None:
            return None
        place = namespace if resource.type.namespaced else ""
        return self._store.get(resource.type.full_name, place, reference["name"])

    def _exists(self, namespace: str, reference: JSONObject) -> bool:
        resource = self._client.catalog.by_kind(reference["apiVersion"], reference["kind"])
        if resource is None:
            return True  # a kind that is not served cannot be judged
        if resource.type.namespaced and not namespace:
            return True  # nor can an owner in a namespace of what is in none
        owner = self._owner(namespace, reference)
        return owner is not None and owner.uid == reference["uid"]


def _blocks(dependent: JSONObject, uid: str) -> bool:
    references = dependent["metadata"].get("ownerReferences") or ()
    return any(reference["uid"] == uid and reference.get("blockOwnerDeletion") for reference in references)


def _waits_for_dependents(obj: JSONObject) -> bool:
    metadata = obj["metadata"]
    return "deletionTimestamp" in metadata and FOREGROUND in (metadata.get("finalizers") or ())


def _propagation(metadata: JSONObject) -> str:
    """Returns the propagation policy of dependents: by the object's own finalizers, else in the background."""
    finalizers = metadata.get("finalizers") or ()
    return "Orphan" if ORPHAN in finalizers else "Foreground" if FOREGROUND in finalizers else "Background"
