"""Adoption and release: a controller's object takes in the orphans its selector matches, and lets the others go.

Source: pkg/controller/controller_ref_manager.go, kubernetes v1.37.2.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kmagic.api.selectors import label_selector_of
from kmagic.api.types import JSONObject
from kmagic.sandbox.controllers import base
from kmagic.sandbox.schema.well_known import LOAD_LABEL

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from kmagic.api.selectors import LabelSelector
    from kmagic.sandbox.controllers.base import Key, KeysOf
    from kmagic.sandbox.registry.loopback import Loopback
    from kmagic.sandbox.storage.store import Stored

__all__ = ("claim", "owner_or_matching", "selector_of")


def selector_of(owner: JSONObject) -> LabelSelector:
    """The selector of a controller's object; a ReplicationController writes it as labels."""
    selector = owner["spec"].get("selector")
    if owner["kind"] == "ReplicationController":
        selector = {"matchLabels": selector or {}}
    return label_selector_of(selector)


def claim(
    client: Loopback, owner: JSONObject, resource: str, *, adopts: Callable[[JSONObject], bool] = lambda obj: True
) -> list[Stored]:
    """The objects of a resource that belong to ``owner``, after adoption and release.

    Args:
        client: Client of the controller.
        owner: The controller's object; one that is being deleted adopts and releases nothing.
        resource: Storage key of the children's resource.
        adopts: Tells of an orphan whose labels match whether it may be adopted.
    """
    metadata, selector = owner["metadata"], selector_of(owner)
    leaves = bool(metadata.get("deletionTimestamp"))
    kept = []
    known = ("selected", str(selector))
    for stored in base.children(client, metadata["uid"], resource):
        matches = stored.forms.get(known)
        if matches is None:
            matches = stored.forms[known] = selector.matches(stored.labels)
        if matches:
            kept.append(stored)
        elif not leaves:
            _release(client, stored, metadata["uid"])
    if leaves:
        return kept
    for stored in client.store.uncontrolled(resource, metadata["namespace"]):
        if LOAD_LABEL in stored.labels or not selector.matches(stored.labels):
            continue
        orphan = stored.decode()
        if not orphan["metadata"].get("deletionTimestamp") and adopts(orphan):
            orphan["metadata"].setdefault("ownerReferences", []).append(base.owner_reference(owner))
            kept.append(base.update(client, stored, orphan))
    return kept


def _release(client: Loopback, stored: Stored, uid: str) -> None:
    body = stored.decode()
    others = [reference for reference in body["metadata"]["ownerReferences"] if reference["uid"] != uid]
    body["metadata"]["ownerReferences"] = others
    if not others:
        del body["metadata"]["ownerReferences"]
    base.update(client, stored, body)


def owner_or_matching(kind: str, resource: str) -> KeysOf:
    """A changed object leads to the object of ``kind`` that controls it, an orphan to all whose selector matches it."""
    of_owner = base.owner(kind)

    def keys(client: Loopback, stored: Stored) -> Iterable[Key]:
        if stored.controller is not None or LOAD_LABEL in stored.labels or not stored.labels:
            return of_owner(client, stored)
        owners = client.store.list(resource, stored.namespace)
        return [owner.key for owner in owners if selector_of(owner.decode()).matches(stored.labels)]

    return keys
