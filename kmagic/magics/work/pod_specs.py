"""Pods inside of workloads: where their containers stand, and patches that change some of them.

Source: k8s.io/kubectl/pkg/polymorphichelpers/updatepodspec.go, pkg/cmd/set/helper.go.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from kmagic.api.gvk import GroupVersionKind
from kmagic.errors import UsageError

if TYPE_CHECKING:
    from kmagic.api.types import JSONObject

__all__ = ("containers_of", "is_selected", "nested", "pod_spec", "spec_patch", "with_spec")

_TEMPLATED = ("Deployment", "DaemonSet", "ReplicaSet", "ReplicationController", "StatefulSet", "Job")
_LISTS = ("initContainers", "containers")


def _path(obj: JSONObject) -> tuple[str, ...]:
    kind = obj.get("kind")
    if "." not in GroupVersionKind.of(obj).group:  # a custom group may have a kind of such a name, too
        if kind == "Pod":
            return ("spec",)
        if kind in _TEMPLATED:
            return ("spec", "template", "spec")
        if kind == "CronJob":
            return ("spec", "jobTemplate", "spec", "template", "spec")
    name = (obj.get("metadata") or {}).get("name")
    raise UsageError(f"{str(kind).lower()}/{name} the object is not a pod or does not have a pod template")


def pod_spec(obj: JSONObject) -> JSONObject:
    """The spec of the Pods of an object.

    Raises:
        UsageError: It has none.
    """
    found: Any = obj
    for step in _path(obj):
        found = found.get(step) or {}
    return found  # type: ignore[no-any-return]


def with_spec(obj: JSONObject, change: Callable[[JSONObject], object]) -> JSONObject:
    """A copy of the object whose Pod spec was changed."""
    copied = copy.deepcopy(obj)
    change(pod_spec(copied))
    return copied


def containers_of(spec: JSONObject) -> Iterable[JSONObject]:
    """Its containers, those that run first among them."""
    for each in _LISTS[::-1]:
        yield from spec.get(each) or ()


def is_selected(name: str, pattern: str) -> bool:
    """True if a container's name is meant by a pattern in which ``*`` stands for any letters."""
    return re.fullmatch(".*".join(map(re.escape, pattern.split("*"))), name) is not None


def spec_patch(before: JSONObject, after: JSONObject, fields: Iterable[str]) -> JSONObject | None:
    """A strategic patch that sets fields of containers, by their names; None where nothing is to be changed.

    Args:
        before: The object.
        after: A copy of it whose containers differ in these fields only.
        fields: ``image``, ``env``, ``resources``.
    """
    old, new = pod_spec(before), pod_spec(after)
    changed: JSONObject = {}
    for each in _LISTS:
        pairs = zip(old.get(each) or (), new.get(each) or (), strict=True)
        found = [part for was, now in pairs if (part := _container_patch(was, now, fields))]
        if found:
            changed[each] = found
    return nested(before, changed) if changed else None


def nested(obj: JSONObject, changed: JSONObject) -> JSONObject:
    """A patch of the Pod spec as one of the object."""
    for step in reversed(_path(obj)):
        changed = {step: changed}
    return changed


def _container_patch(was: JSONObject, now: JSONObject, fields: Iterable[str]) -> JSONObject:
    found: JSONObject = {}
    for field in fields:
        if was.get(field) == now.get(field):
            continue
        found |= _env_patch(was, now) if field == "env" else {field: now.get(field)}
    return {"name": now["name"], **found} if found else {}


def _env_patch(was: JSONObject, now: JSONObject) -> JSONObject:
    """Variables are merged by their names: what is gone is said, and so is the order."""
    old = {each["name"]: each for each in was.get("env") or ()}
    new = {each["name"]: each for each in now.get("env") or ()}
    merged: list[JSONObject] = []
    for name, each in new.items():
        if each != old.get(name):
            gone = {key: None for key in old.get(name, {}) if key not in each}
            merged.append({**gone, **each})
    merged += [{"$patch": "delete", "name": name} for name in old if name not in new]
    return {"$setElementOrder/env": [{"name": name} for name in new], "env": merged}
