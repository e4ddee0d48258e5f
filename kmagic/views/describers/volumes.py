"""The volumes of Pods, and the sources of PersistentVolumes.

Source: k8s.io/kubectl/pkg/describe/describe.go (describeVolumes, print...VolumeSource), v0.37.2.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from kmagic.views.describers.page import Page

__all__ = ("source", "volumes")

# Title and explanation of a source, and the titles and fields of its lines; a field that ends in "?" is a truth.
_SOURCES: Mapping[str, tuple[str, Sequence[tuple[str, str]]]] = {
    "hostPath": ("HostPath (bare host directory volume)", (("Path", "path"), ("HostPathType", "type"))),
    "emptyDir": (
        "EmptyDir (a temporary directory that shares a pod's lifetime)",
        (("Medium", "medium"), ("SizeLimit", "sizeLimit")),
    ),
    "secret": ("Secret (a volume populated by a Secret)", (("SecretName", "secretName"), ("Optional", "optional?"))),
    "configMap": ("ConfigMap (a volume populated by a ConfigMap)", (("Name", "name"), ("Optional", "optional?"))),
    "nfs": (
        "NFS (an NFS mount that lasts the lifetime of a pod)",
        (("Server", "server"), ("Path", "path"), ("ReadOnly", "readOnly?")),
    ),
    "persistentVolumeClaim": (
        "PersistentVolumeClaim (a reference to a PersistentVolumeClaim in the same namespace)",
        (("ClaimName", "claimName"), ("ReadOnly", "readOnly?")),
    ),
    "local": ("LocalVolume (a persistent volume backed by local storage on a node)", (("Path", "path"),)),
    "image": (
        "Image (a container image or OCI artifact)",
        (("Reference", "reference"), ("PullPolicy", "pullPolicy")),
    ),
}
# Kubectl writes the indent of a line before each of its parts.
_INDENT = "    "
# What stands for a field that is not there.
_DEFAULTS = {"type": "<none>", "sizeLimit": "<unset>"}


def volumes(page: Page, found: Sequence[Mapping[str, Any]], space: str = "") -> None:
    """Writes volumes; those of a template stand further in."""
    if not found:
        page.write(0, f"{space}Volumes:\t<none>\n")
        return
    page.write(0, f"{space}Volumes:\n")
    for volume in found:
        page.write(1, f"{' ' if space else ''}{volume.get('name')}:\n")
        source(page, volume)


def source(page: Page, holder: Mapping[str, Any]) -> None:
    """Writes where a volume comes from."""
    for kind, (title, fields) in _SOURCES.items():
        if holder.get(kind) is not None:
            page.line(2, "Type:", title)
            for name, field in fields:
                page.line(2, f"{name}:", _value(holder[kind], field))
            return
    if (projected := holder.get("projected")) is not None:
        _projected(page, projected)
    elif (driver := holder.get("csi")) is not None:
        _csi(page, driver, persistent="claimRef" in holder or "capacity" in holder)
    elif (ephemeral := holder.get("ephemeral")) is not None:
        _ephemeral(page, ephemeral)
    elif (fields_of := holder.get("downwardAPI")) is not None:
        page.write(2, "Type:\tDownwardAPI (a volume populated by information about the pod)\n    Items:\n")
        for item in fields_of.get("items") or ():
            if ref := item.get("fieldRef"):
                page.line(3, f"{ref.get('fieldPath')} -> {item.get('path')}")
            elif ref := item.get("resourceFieldRef"):
                page.line(3, f"{ref.get('resource')} -> {item.get('path')}")
    else:
        page.line(1, "<unknown>")


def _value(values: Mapping[str, Any], field: str) -> str:
    if field.endswith("?"):
        return "true" if values.get(field[:-1]) else "false"
    found = values.get(field)
    return str(found) if found not in (None, "") else _DEFAULTS.get(field, "")


def _projected(page: Page, projected: Mapping[str, Any]) -> None:
    page.line(2, "Type:", "Projected (a volume that contains injected data from multiple sources)")
    for each in projected.get("sources") or ():
        if secret := each.get("secret"):
            page.line(2, "SecretName:", secret.get("name") or "")
            page.line(2, "Optional:", _value(secret, "optional?"))
        elif "downwardAPI" in each:
            page.line(2, "DownwardAPI:", "true")
        elif config := each.get("configMap"):
            page.line(2, "ConfigMapName:", config.get("name") or "")
            page.line(2, "Optional:", _value(config, "optional?"))
        elif token := each.get("serviceAccountToken"):
            page.line(2, "TokenExpirationSeconds:", token.get("expirationSeconds") or 0)


def _csi(page: Page, driver: Mapping[str, Any], *, persistent: bool) -> None:
    page.line(2, "Type:", "CSI (a Container Storage Interface (CSI) volume source)")
    page.line(2, "Driver:", driver.get("driver") or "")
    page.line(2, "FSType:", driver.get("fsType") or "")
    if persistent:
        page.line(2, "VolumeHandle:", driver.get("volumeHandle") or "")
    page.line(2, "ReadOnly:", _value(driver, "readOnly?"))
    texts = [f"{_INDENT}{key}={value}\n" for key, value in sorted((driver.get("volumeAttributes") or {}).items())]
    page.write(2, "VolumeAttributes:\t" + (f"{_INDENT * 2}\t".join(texts) or "<none>\n"))


def _ephemeral(page: Page, ephemeral: Mapping[str, Any]) -> None:
    page.line(
        2, "Type:", "EphemeralVolume (an inline specification for a volume that gets created and deleted with the pod)"
    )
    spec = (ephemeral.get("volumeClaimTemplate") or {}).get("spec") or {}
    page.line(2, "StorageClass:", spec.get("storageClassName") or "")
    page.line(2, "Volume:", spec.get("volumeName") or "")
