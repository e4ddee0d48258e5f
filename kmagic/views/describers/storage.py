"""Data: ConfigMaps, Secrets, claims, volumes and their classes.

Source: k8s.io/kubectl/pkg/describe/describe.go (describePersistentVolume, describeSecret, …), v0.37.2.
"""

from __future__ import annotations

import base64
import binascii
from typing import Any

from kmagic.api import meta
from kmagic.api.types import JSONObject
from kmagic.views.describers.page import Page, get, head, labels, labels_text, moment, notes, since
from kmagic.views.describers.volumes import source

__all__ = ("config_map", "persistent_volume", "persistent_volume_claim", "secret", "storage_class")

_MODES = (("ReadWriteOnce", "RWO"), ("ReadOnlyMany", "ROX"), ("ReadWriteMany", "RWX"), ("ReadWriteOncePod", "RWOP"))
_DEFAULT = "storageclass.kubernetes.io/is-default-class"


def _notes(page: Page, obj: JSONObject) -> None:
    labels(page, "Labels", get(obj, "metadata", "labels"))
    notes(page, get(obj, "metadata", "annotations"))


def config_map(page: Page, obj: JSONObject) -> None:
    """Writes a ConfigMap with its data."""
    head(page, obj)
    _notes(page, obj)
    page.write(0, "\nData\n====\n")
    for key, value in sorted((obj.get("data") or {}).items()):
        page.write(0, f"{key}:\n----\n{value}\n\n")
    page.write(0, "\nBinaryData\n====\n")
    for key, value in sorted((obj.get("binaryData") or {}).items()):
        page.write(0, f"{key}: {_size(value)} bytes\n")
    page.write(0, "\n")


def secret(page: Page, obj: JSONObject) -> None:
    """Writes a Secret, the sizes of its values and none of them."""
    head(page, obj)
    _notes(page, obj)
    page.write(0, f"\nType:\t{obj.get('type') or ''}\n")
    page.write(0, "\nData\n====\n")
    for key, value in sorted((obj.get("data") or {}).items()):
        page.line(0, f"{key}:", f"{_size(value)} bytes")


def _size(value: object) -> int:
    try:
        return len(base64.b64decode(str(value), validate=True))
    except (binascii.Error, ValueError):
        return len(str(value))


def _modes(values: Any) -> str:
    return ",".join(short for mode, short in _MODES if mode in (values or ()))


def _status(page: Page, obj: JSONObject) -> None:
    deleted = get(obj, "metadata", "deletionTimestamp")
    text = f"Terminating (lasts {since(page, deleted)})" if deleted else get(obj, "status", "phase") or ""
    page.line(0, "Status:", text)


def persistent_volume_claim(page: Page, obj: JSONObject) -> None:
    """Writes a PersistentVolumeClaim and who uses it."""
    spec, status = obj.get("spec") or {}, obj.get("status") or {}
    head(page, obj)
    page.line(0, "StorageClass:", spec.get("storageClassName") or "")
    _status(page, obj)
    page.line(0, "Volume:", spec.get("volumeName") or "")
    _notes(page, obj)
    page.line(0, "Finalizers:", f"[{' '.join(meta.finalizers(obj))}]")
    bound = bool(spec.get("volumeName"))
    page.line(0, "Capacity:", (get(status, "capacity", "storage") or "0") if bound else "")
    page.line(0, "Access Modes:", _modes(status.get("accessModes")) if bound else "")
    if spec.get("volumeMode"):
        page.line(0, "VolumeMode:", spec["volumeMode"])
    if origin := spec.get("dataSource"):
        page.line(0, "DataSource:")
        for title, field in (("APIGroup", "apiGroup"), ("Kind", "kind"), ("Name", "name")):
            if origin.get(field) is not None:
                page.line(1, f"{title}:", origin[field])
    page.several("Used By", sorted(meta.name(each) for each in page.related.get("pods") or () if _uses(each, obj)))
    if status.get("conditions"):
        page.line(0, "Conditions:")
        page.line(1, "Type", "Status", "LastProbeTime", "LastTransitionTime", "Reason", "Message")
        page.line(1, "----", "------", "-----------------", "------------------", "------", "-------")
        for each in status["conditions"]:
            seen, moved = moment(each.get("lastProbeTime")), moment(each.get("lastTransitionTime"))
            cells = (each.get("type"), each.get("status"), seen, moved, each.get("reason") or "")
            page.write(1, "".join(f"{cell} \t" for cell in cells) + f"{each.get('message') or ''}\n")


def _uses(pod: JSONObject, claim: JSONObject) -> bool:
    name = meta.name(claim)
    return any(
        get(volume, "persistentVolumeClaim", "claimName") == name
        or (volume.get("ephemeral") and f"{meta.name(pod)}-{volume.get('name')}" == name)
        for volume in get(pod, "spec", "volumes") or ()
    )


def persistent_volume(page: Page, obj: JSONObject) -> None:
    """Writes a PersistentVolume."""
    spec = obj.get("spec") or {}
    head(page, obj, namespace=False)
    _notes(page, obj)
    page.line(0, "Finalizers:", f"[{' '.join(meta.finalizers(obj))}]")
    page.line(0, "StorageClass:", spec.get("storageClassName") or "")
    _status(page, obj)
    claim = spec.get("claimRef")
    page.line(0, "Claim:", f"{claim.get('namespace') or ''}/{claim.get('name')}" if claim else "")
    page.line(0, "Reclaim Policy:", spec.get("persistentVolumeReclaimPolicy") or "")
    page.line(0, "Access Modes:", _modes(spec.get("accessModes")))
    if spec.get("volumeMode"):
        page.line(0, "VolumeMode:", spec["volumeMode"])
    page.line(0, "Capacity:", get(spec, "capacity", "storage") or "0")
    terms = get(spec, "nodeAffinity", "required")
    page.write(0, "Node Affinity:\t" + ("<none>\n" if terms is None else "\n"))
    if terms is not None:
        found = terms.get("nodeSelectorTerms") or ()
        page.write(1, "Required Terms:\t" + ("\n" if found else "<none>\n"))
        for at, term in enumerate(found):
            texts = [_requirement(each) for each in term.get("matchExpressions") or ()] or ["<none>"]
            page.write(2, f"Term {at}:\t" + "\n    \t".join(texts) + "\n")
    page.line(0, "Message:", get(obj, "status", "message") or "")
    page.line(0, "Source:")
    source(page, spec)


def _requirement(each: Any) -> str:
    values = f" [{', '.join(each['values'])}]" if each.get("values") else ""
    return f"{each.get('key')} {str(each.get('operator')).lower()}{values}"


def storage_class(page: Page, obj: JSONObject) -> None:
    """Writes a StorageClass."""
    told = get(obj, "metadata", "annotations") or {}
    head(page, obj, namespace=False)
    page.line(0, "IsDefaultClass:", "Yes" if told.get(_DEFAULT) == "true" else "No")
    page.line(0, "Annotations:", labels_text(told))
    page.line(0, "Provisioner:", obj.get("provisioner") or "")
    page.line(0, "Parameters:", labels_text(obj.get("parameters")))
    expands = obj.get("allowVolumeExpansion")
    page.line(0, "AllowVolumeExpansion:", "<unset>" if expands is None else str(expands))
    if not obj.get("mountOptions"):
        page.line(0, "MountOptions:", "<none>")
    else:
        page.line(0, "MountOptions:")
        for option in obj["mountOptions"]:
            page.line(1, option)
    for title, field in (("ReclaimPolicy", "reclaimPolicy"), ("VolumeBindingMode", "volumeBindingMode")):
        if obj.get(field):
            page.line(0, f"{title}:", obj[field])
    if (topologies := obj.get("allowedTopologies")) is not None:
        page.write(0, "AllowedTopologies:\t" + ("\n" if topologies else "<none>\n"))
        for at, term in enumerate(topologies):
            found = [_requirement({**each, "operator": "in"}) for each in term.get("matchLabelExpressions") or ()]
            page.write(1, f"Term {at}:\t" + "\n  \t".join(found or ["<none>"]) + "\n")
