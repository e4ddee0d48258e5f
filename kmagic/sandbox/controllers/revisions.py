"""Revisions of DaemonSets and StatefulSets: each template they had is kept as a ControllerRevision, to go back to.

Source: pkg/controller/history, pkg/controller/daemon/update.go and stateful_set_control.go, kubernetes v1.37.2.
"""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any, NamedTuple

from kmagic.api.types import JSONObject
from kmagic.sandbox.controllers import base
from kmagic.sandbox.controllers.claiming import claim
from kmagic.sandbox.controllers.deployment import template_hash

if TYPE_CHECKING:
    from collections.abc import Collection

    from kmagic.sandbox.registry.loopback import Loopback
    from kmagic.sandbox.storage.store import Stored

__all__ = ("HASH", "REVISIONS", "PresentRevision", "keep_revisions", "present_revision")

HASH = "controller-revision-hash"
REVISIONS = "controllerrevisions.apps"
LABELS = {"DaemonSet": HASH, "StatefulSet": "controller.kubernetes.io/hash"}
"""The label of a revision with its hash, by the owner's kind."""


class PresentRevision(NamedTuple):
    """The revision that has or gets the present template.

    Attributes:
        name: Its name.
        digest: The hash that it is labelled with.
        collisions: Number of names that other content had taken, for the owner's status.
    """

    name: str
    digest: str
    collisions: int


def present_revision(client: Loopback, owner: JSONObject) -> PresentRevision:
    """Returns the revision that has or gets an owner's present template.

    Args:
        client: Client of the controller.
        owner: The DaemonSet or StatefulSet.
    """
    metadata, data = owner["metadata"], _data(owner)
    before = (owner.get("status") or {}).get("collisionCount") or 0
    # Whoever wrote it: the newest with the template's content is the present one.
    equal = [stored for stored in base.children(client, metadata["uid"], REVISIONS) if _holds(stored, data)]
    if equal:
        newest = max(equal, key=_number)
        return PresentRevision(newest.name, newest.labels.get(LABELS[owner["kind"]], newest.name), before)
    for collisions in itertools.count():
        digest = _hash(owner, data, collisions)
        name = f"{metadata['name']}-{digest}"
        taken = client.store.get(REVISIONS, metadata["namespace"], name)
        if taken is None or _holds(taken, data):
            break
    return PresentRevision(name, digest, max(before, collisions))


def _data(owner: JSONObject) -> JSONObject:
    data: JSONObject = _in_order({"spec": {"template": {**owner["spec"]["template"], "$patch": "replace"}}})
    return data


def _hash(owner: JSONObject, data: JSONObject, collisions: int) -> str:
    """The real controllers hash the template of a DaemonSet, but the data of a StatefulSet: names of both differ."""
    hashed = owner["spec"]["template"] if owner["kind"] == "DaemonSet" else data
    return template_hash({**hashed, "collisions": collisions} if collisions else hashed)


def _holds(stored: Stored, data: JSONObject) -> bool:
    return bool(stored.decode().get("data") == data)


def _number(stored: Stored) -> int:
    return int(stored.decode().get("revision") or 0)


def keep_revisions(client: Loopback, owner: JSONObject, live: Collection[str]) -> None:
    """Makes the present template the newest revision, and lets the oldest go beyond the owner's limit.

    Args:
        client: Client of the controller.
        owner: The DaemonSet or StatefulSet.
        live: Names of the revisions that Pods run at; they stay.
    """
    numbers = {stored.name: _number(stored) for stored in claim(client, owner, REVISIONS)}
    newest = max(numbers.values(), default=0)
    present = present_revision(client, owner)
    stored = client.store.get(REVISIONS, owner["metadata"]["namespace"], present.name)
    if stored is None:
        base.create(client, _revision(owner, present, newest + 1))
    elif numbers.get(present.name, newest) < newest:
        base.update(client, stored, stored.decode() | {"revision": newest + 1})
    idle = sorted((name for name in numbers if name != present.name and name not in live), key=numbers.__getitem__)
    for name in idle[: max(0, len(idle) - owner["spec"].get("revisionHistoryLimit", 10))]:
        stored = client.store.get(REVISIONS, owner["metadata"]["namespace"], name)
        if stored is not None:
            base.delete(client, stored)


def _in_order(value: Any) -> Any:
    """The value as Go writes a map: controllers and their tests compare the bytes of two revisions."""
    if isinstance(value, dict):
        return {name: _in_order(value[name]) for name in sorted(value)}
    return [_in_order(item) for item in value] if isinstance(value, list) else value


def _revision(owner: JSONObject, present: PresentRevision, number: int) -> JSONObject:
    labels = (owner["spec"]["template"].get("metadata") or {}).get("labels") or {}
    return {
        "apiVersion": "apps/v1",
        "kind": "ControllerRevision",
        "metadata": {
            "name": present.name,
            "namespace": owner["metadata"]["namespace"],
            "labels": {**labels, LABELS[owner["kind"]]: present.digest},
            "annotations": dict(owner["metadata"].get("annotations") or {}),
            "ownerReferences": [base.owner_reference(owner)],
        },
        "data": _data(owner),
        "revision": number,
    }
