"""Hands what client-side apply owns to a server-side apply manager: a change of ``metadata.managedFields`` only.

`kubectl apply` without ``--server-side`` leaves an ``Update`` entry (manager ``kubectl-client-side-apply``). Server-side
apply does not own those fields, so a field that later leaves the manifest would stay on the object for ever. After
the upgrade the apply manager owns them and removes what is no longer applied.

Pure: nothing is sent. The patch form carries the resource version it was made for, so that a change in between is a
conflict and no entry is lost. It cannot be undone: who owned what before is gone.

Source: k8s.io/client-go/util/csaupgrade/upgrade.go
"""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any, TypeVar, cast, overload

from kmagic.api import meta
from kmagic.api.model import Model

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from kmagic.api.types import JSONObject

__all__ = ("find_field_owners", "upgrade_managed_fields", "upgrade_managed_fields_patch")

M = TypeVar("M", bound=Model)
_Entries = list[dict[str, Any]]


@overload
def upgrade_managed_fields(
    obj: M, csa_managers: str | Iterable[str], ssa_manager: str, *, subresource: str = ""
) -> M: ...
@overload
def upgrade_managed_fields(
    obj: JSONObject, csa_managers: str | Iterable[str], ssa_manager: str, *, subresource: str = ""
) -> JSONObject: ...
def upgrade_managed_fields(
    obj: M | JSONObject, csa_managers: str | Iterable[str], ssa_manager: str, *, subresource: str = ""
) -> M | JSONObject:
    """A copy of an object whose client-side apply fields belong to a server-side apply manager.

    The apply manager's entry takes over the fields of each ``Update`` entry of the same API version; entries of other
    API versions are dropped without being merged. Where the apply manager has no entry yet, the first ``Update`` entry
    in the list becomes it. The time of the entry stays as it is.

    Args:
        obj: As it was read, with its managed fields.
        csa_managers: Names of the ``Update`` managers to take over, in this order
            (``"kubectl-client-side-apply"``, ``"before-first-apply"``).
        ssa_manager: The field manager that applies from now on (kubectl's is ``"kubectl"``).
        subresource: Only entries of this subresource; "" is the object itself.
    """
    if isinstance(obj, Model):
        kept = cast("Model", obj)
        upgraded = upgrade_managed_fields(kept.to_dict(), csa_managers, ssa_manager, subresource=subresource)
        return cast("M", type(kept).from_dict(upgraded))
    before = list(meta.managed_fields(obj))
    after = _upgraded(before, csa_managers, ssa_manager, subresource)
    if after == before:
        return copy.deepcopy(obj)
    return {**copy.deepcopy(obj), "metadata": {**copy.deepcopy(obj["metadata"]), "managedFields": after}}


def upgrade_managed_fields_patch(
    obj: Model | JSONObject, csa_managers: str | Iterable[str], ssa_manager: str, *, subresource: str = ""
) -> list[JSONObject] | None:
    """The JSON patch (``patch(name, ..., type="json")``) that upgrades an object on the server; None: nothing to do.

    Sending it raises `ConflictError` if the object was changed since it was read: read it again and make a new patch.

    Args:
        obj: As it was read, with managed fields and resource version.
        csa_managers: As in `upgrade_managed_fields`.
        ssa_manager: As in `upgrade_managed_fields`.
        subresource: As in `upgrade_managed_fields`.
    """
    plain = obj.to_dict() if isinstance(obj, Model) else obj
    before = list(meta.managed_fields(plain))
    after = _upgraded(before, csa_managers, ssa_manager, subresource)
    if after == before:
        return None
    version = plain["metadata"].get("resourceVersion", "")
    return [
        {"op": "replace", "path": "/metadata/managedFields", "value": after},
        # Not "test": a server answers a failed test with Invalid, and another version with Conflict.
        {"op": "replace", "path": "/metadata/resourceVersion", "value": version},
    ]


def find_field_owners(obj: Model | JSONObject, operation: str, fields: Mapping[str, Any]) -> list[str]:
    """The managers that own all of some fields, in the order of the managed fields.

    Args:
        obj: As it was read, with its managed fields.
        operation: ``"Update"`` or ``"Apply"``.
        fields: As ``fieldsV1`` writes them: ``{"f:data": {"f:key": {}}}``.
    """
    plain = obj.to_dict() if isinstance(obj, Model) else obj
    return [
        entry.get("manager", "")
        for entry in meta.managed_fields(plain)
        if entry.get("operation") == operation and _contains(entry.get("fieldsV1") or {}, fields)
    ]


def _upgraded(entries: _Entries, csa_managers: str | Iterable[str], ssa_manager: str, subresource: str) -> _Entries:
    names = (csa_managers,) if isinstance(csa_managers, str) else tuple(csa_managers)
    entries = copy.deepcopy(entries)
    for name in names:
        entries = _take_over(entries, name, ssa_manager, subresource)
    return entries


def _take_over(entries: _Entries, csa_manager: str, ssa_manager: str, subresource: str) -> _Entries:
    """Moves the fields of one Update manager; changes and returns entries of the caller's own."""
    given = [entry for entry in entries if _is(entry, csa_manager, "Update", subresource)]
    if not given:
        return entries
    target = next((entry for entry in entries if _is(entry, ssa_manager, "Apply", subresource)), None)
    if target is None:
        target = given.pop(0)
        target.update(manager=ssa_manager, operation="Apply")
    for entry in given:
        if entry.get("apiVersion") == target.get("apiVersion"):
            target["fieldsV1"] = _union(target.get("fieldsV1") or {}, entry.get("fieldsV1") or {}, root=True)
    return [entry for entry in entries if not _is(entry, csa_manager, "Update", subresource)]


def _is(entry: Mapping[str, Any], manager: str, operation: str, subresource: str) -> bool:
    return (entry.get("manager"), entry.get("operation"), entry.get("subresource") or "") == (
        manager,
        operation,
        subresource,
    )


def _owns_itself(node: Mapping[str, Any]) -> bool:
    """Returns whether the field of a node is owned itself: a leaf is, a node with fields below it only with a "."."""
    return not node or "." in node


def _union(left: Mapping[str, Any], right: Mapping[str, Any], *, root: bool = False) -> dict[str, Any]:
    below = sorted((left.keys() | right.keys()) - {"."})
    merged: dict[str, Any] = {}
    # {} is a leaf that is owned; once it has fields below it, that needs the dot. The root is no field.
    if below and not root and (_owns_itself(left) or _owns_itself(right)):
        merged["."] = {}
    for key in below:
        sides = [side[key] for side in (left, right) if key in side]
        merged[key] = _union(*sides) if len(sides) == 2 else sides[0]
    return merged


def _contains(owned: Mapping[str, Any], asked: Mapping[str, Any]) -> bool:
    for key, below in asked.items():
        if key == ".":
            continue  # asked of the parent's node
        if key not in owned:
            return False
        if _owns_itself(below) and not _owns_itself(owned[key]):
            return False
        if below and not _contains(owned[key], below):
            return False
    return True
