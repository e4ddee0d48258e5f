"""Revisions of DaemonSets and StatefulSets: each template they had is kept as a ControllerRevision, to go back to.

Source: pkg/controller/history, pkg/controller/daemon/update.go and stateful_set_control.go, kubernetes v1.37.2.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kmagic.api.types import JSONObject
from kmagic.sandbox.controllers import base
from kmagic.sandbox.controllers.claiming import claim
from kmagic.sandbox.controllers.deployment import template_hash

if TYPE_CHECKING:
    from collections.abc import Collection

    from kmagic.sandbox.registry.loopback import Loopback

__all__ = ("HASH", "REVISIONS", "keep_revisions", "revision_name")

HASH = "controller-revision-hash"
REVISIONS = "controllerrevisions.apps"
LABELS = {"DaemonSet": HASH, "StatefulSet": "controller.kubernetes.io/hash"}
"""The label of a revision with its hash, by the owner's kind."""


def revision_name(owner: JSONObject) -> str:
    """Returns the name of the revision of an owner's present template."""
    return f"{owner['metadata']['name']}-{template_hash(owner['spec']['template'])}"


def keep_revisions(client: Loopback, owner: JSONObject, live: Collection[str]) -> None:
    """Makes the present template the newest revision, and lets the oldest go beyond the owner's limit.

    Args:
        client: Client of the controller.
        owner: The DaemonSet or StatefulSet.
        live: Names of the revisions that Pods run at; they stay.
    """
    data = _in_order({"spec": {"template": {**owner["spec"]["template"], "$patch": "replace"}}})
    known = {stored.name: stored.decode() for stored in claim(client, owner, REVISIONS)}
    numbers = {name: int(revision.get("revision") or 0) for name, revision in known.items()}
    newest = max(numbers.values(), default=0)
    # Whoever wrote it: the revision with the template's content is the present one.
    equal = [name for name, revision in known.items() if revision.get("data") == data]
    current = max(equal, key=numbers.__getitem__, default=revision_name(owner))
    if not equal:
        base.create(client, _revision(owner, current, data, newest + 1))
    elif numbers[current] < newest:
        stored = client.store.get(REVISIONS, owner["metadata"]["namespace"], current)
        if stored is not None:
            base.update(client, stored, stored.decode() | {"revision": newest + 1})
    idle = sorted((name for name in known if name != current and name not in live), key=numbers.__getitem__)
    for name in idle[: max(0, len(idle) - owner["spec"].get("revisionHistoryLimit", 10))]:
        stored = client.store.get(REVISIONS, owner["metadata"]["namespace"], name)
        if stored is not None:
            base.delete(client, stored)


def _in_order(value: Any) -> Any:
    """The value as Go writes a map: controllers and their tests compare the bytes of two revisions."""
    if isinstance(value, dict):
        return {name: _in_order(value[name]) for name in sorted(value)}
    return [_in_order(item) for item in value] if isinstance(value, list) else value


def _revision(owner: JSONObject, name: str, data: JSONObject, number: int) -> JSONObject:
    template = owner["spec"]["template"]
    labels = (template.get("metadata") or {}).get("labels") or {}
    return {
        "apiVersion": "apps/v1",
        "kind": "ControllerRevision",
        "metadata": {
            "name": name,
            "namespace": owner["metadata"]["namespace"],
            "labels": {**labels, LABELS[owner["kind"]]: template_hash(template)},
            "annotations": dict(owner["metadata"].get("annotations") or {}),
            "ownerReferences": [base.owner_reference(owner)],
        },
        "data": data,
        "revision": number,
    }
