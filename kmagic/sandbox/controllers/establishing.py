"""CustomResourceDefinitions come into force: their resources are served, their status says so, and they go again.

Unlike the real server's loops this works at the write itself, so a definition is in force when its creation is answered.

Source: staging/src/k8s.io/apiextensions-apiserver/pkg/controller/establish and pkg/controller/status, kubernetes v1.37.2
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kmagic.api.times import format_time
from kmagic.api.types import JSONObject
from kmagic.sandbox.registry.objects import Options
from kmagic.sandbox.schema.crds import CRD

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from kmagic.sandbox.registry.objects import Objects
    from kmagic.sandbox.schema.crds import CustomSchemas
    from kmagic.sandbox.schema.resources import Resource
    from kmagic.sandbox.storage.store import Stored

__all__ = ("establish_definitions", "established_status")


def establish_definitions(objects: Objects, custom: CustomSchemas) -> None:
    """Serves the resources of CustomResourceDefinitions, from now on."""

    def written(resource: Resource, old: JSONObject | None, new: JSONObject) -> None:
        if resource.type.full_name != CRD:
            return
        if old is None or old["spec"] != new["spec"]:
            custom.install(new)
        if not (new.get("status") or {}).get("conditions"):
            current = objects.get(resource, "", new["metadata"]["name"])
            body = current.decode()
            body["status"] = established_status(body, objects.wall)
            objects.replace(resource, current, body, Options(manager="kube-apiserver"), subresource="status")

    def deleted(resource: Resource, gone: Stored) -> None:
        if resource.type.full_name == CRD:
            definition = gone.decode()
            custom.remove(definition)
            names, group = definition["spec"]["names"], definition["spec"]["group"]
            objects.store.drop(f"{names['plural']}.{group}")

    objects.on_write.append(written)
    objects.on_delete.append(deleted)


def established_status(definition: JSONObject, now: Callable[[], datetime]) -> JSONObject:
    """The status of a CustomResourceDefinition that is served."""
    spec = definition["spec"]
    names = dict(spec["names"])
    names.setdefault("singular", names["kind"].lower())
    names.setdefault("listKind", names["kind"] + "List")
    time = format_time(now())
    conditions = [
        {
            "lastTransitionTime": time,
            "message": "no conflicts found",
            "reason": "NoConflicts",
            "status": "True",
            "type": "NamesAccepted",
        },
        {
            "lastTransitionTime": time,
            "message": "the initial names have been accepted",
            "reason": "InitialNamesAccepted",
            "status": "True",
            "type": "Established",
        },
    ]
    stored = [version["name"] for version in spec["versions"] if version.get("storage")]
    return {"acceptedNames": names, "conditions": conditions, "storedVersions": stored}
