"""The objects that one object has to do with, as a page tells them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from kmagic.api import meta
from kmagic.api.selectors import label_selector_of
from kmagic.client.relations import owner_type, read_same
from kmagic.errors import KubeError, NotFoundError

if TYPE_CHECKING:
    from kmagic.api.types import JSONObject
    from kmagic.client.client import AsyncClient

__all__ = ("Relative", "relatives")

_OWNERS = 6  # more are a circle, or no tree that a person reads
_OWNED = {"Deployment": "replicasets.apps", "CronJob": "jobs.batch"}
_WITH_PODS = frozenset({"ReplicaSet", "StatefulSet", "DaemonSet", "Job", "ReplicationController"})
_MOST = 200


@dataclass(frozen=True)
class Relative:
    """One object that another has to do with, or why it is not known.

    Attributes:
        relation: ``controlled by``, ``owned by``, ``owns``, ``runs on``, ``uses``, ``selected by``.
        what: Type and name, ``replicasets.apps/web-1``.
        note: More about it: ``gone``, ``not listed: services is forbidden``.
    """

    relation: str
    what: str
    note: str = ""


async def relatives(client: AsyncClient, obj: JSONObject) -> list[Relative]:
    """Returns what an object has to do with: owners up to the first, what it owns, uses and is selected by.

    A type that cannot be read is in the list with the reason, so that what is missing is not taken for nothing.
    """
    found = [each async for each in _owners(client, obj)]
    found += [each async for each in _owned(client, obj)]
    found += list(_used(obj))
    if obj.get("kind") == "Pod":
        found += [each async for each in _selecting(client, obj)]
    return found


async def _owners(client: AsyncClient, obj: JSONObject) -> AsyncIterator[Relative]:
    namespace, below = meta.namespace(obj) or None, obj
    for step in range(_OWNERS):
        owners = [each for each in meta.owner_references(below) if isinstance(each, Mapping)]
        for owner in owners:
            controls = bool(owner.get("controller"))
            kind, name = str(owner.get("kind")), str(owner.get("name"))
            what, note, found = f"{kind}/{name}", "", None
            try:
                found = await read_same(client.resource(owner_type(owner), namespace), name, str(owner.get("uid")))
                note = "" if found else "gone; another one has its name"
            except NotFoundError:
                note = "gone"
            except KubeError as error:
                note = f"not read: {error.message}"
            relation = "controlled by" if controls else "owned by"
            yield Relative(relation if not step else f"{relation}, above", what, note)
            if controls and found is not None:
                below = found
        if not any(owner.get("controller") for owner in owners) or below is obj:
            return


async def _owned(client: AsyncClient, obj: JSONObject) -> AsyncIterator[Relative]:
    kind = str(obj.get("kind"))
    resource = _OWNED.get(kind) or ("pods" if kind in _WITH_PODS else "")
    if not resource:
        return
    try:
        listed = await client.resource(resource, meta.namespace(obj)).list(label_selector=_selector(obj))
    except KubeError as error:
        yield Relative("owns", resource, f"not listed: {error.message}")
        return
    mine = [each for each in listed.items if meta.uid(obj) in meta.owner_uids(each)]
    for each in mine[:_MOST]:
        yield Relative("owns", f"{resource}/{meta.name(each)}", str((each.get("status") or {}).get("phase") or ""))
    if len(mine) > _MOST:
        yield Relative("owns", resource, f"{len(mine) - _MOST} more")


def _selector(obj: JSONObject) -> str | None:
    selector = (obj.get("spec") or {}).get("selector")
    if not isinstance(selector, Mapping):
        return None
    if obj.get("kind") == "ReplicationController":
        return ",".join(f"{key}={value}" for key, value in selector.items())
    return str(label_selector_of(selector))


def _used(obj: JSONObject) -> Iterator[Relative]:
    spec = obj.get("spec")
    if obj.get("kind") != "Pod" or not isinstance(spec, Mapping):
        return
    if spec.get("nodeName"):
        yield Relative("runs on", f"nodes/{spec['nodeName']}")
    yield Relative("uses", f"serviceaccounts/{spec.get('serviceAccountName') or 'default'}")
    for what in sorted({what for part in (spec.get("volumes"), *_environments(spec)) for what in _references(part)}):
        yield Relative("uses", what)


def _environments(spec: Mapping[str, Any]) -> Iterator[Any]:
    for field in ("initContainers", "containers"):
        for container in spec.get(field) or ():
            if isinstance(container, Mapping):
                yield container.get("env")
                yield container.get("envFrom")


_REFERENCES = {
    "configMap": ("configmaps", "name"), "configMapRef": ("configmaps", "name"), "configMapKeyRef": ("configmaps", "name"),
    "secret": ("secrets", "secretName"), "secretRef": ("secrets", "name"), "secretKeyRef": ("secrets", "name"),
    "persistentVolumeClaim": ("persistentvolumeclaims", "claimName"),
}  # fmt: skip


def _references(part: Any) -> Iterator[str]:
    if isinstance(part, list):
        for each in part:
            yield from _references(each)
    elif isinstance(part, Mapping):
        for key, value in part.items():
            plural, field = _REFERENCES.get(key, ("", ""))
            if plural and isinstance(value, Mapping) and (name := value.get(field) or value.get("name")):
                yield f"{plural}/{name}"
            else:
                yield from _references(value)


async def _selecting(client: AsyncClient, pod: JSONObject) -> AsyncIterator[Relative]:
    labels = meta.labels(pod)
    try:
        listed = await client.resource("services", meta.namespace(pod)).list()
    except KubeError as error:
        yield Relative("selected by", "services", f"not listed: {error.message}")
        return
    for service in listed.items:
        selector = (service.get("spec") or {}).get("selector")
        if isinstance(selector, Mapping) and selector and all(labels.get(k) == v for k, v in selector.items()):
            yield Relative("selected by", f"services/{meta.name(service)}")
