"""The same stored object in another version of its resource.

Custom resources change only their apiVersion (the None strategy); autoscaling/v1 and v2 and the two Event APIs, which
share their storage, are converted field by field.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kmagic.api.types import JSONObject
from kmagic.sandbox.storage.store import Stored

if TYPE_CHECKING:
    from kmagic.sandbox.schema.resources import Resource

__all__ = ("convert",)

V1, V2 = "autoscaling/v1", "autoscaling/v2"


def convert(stored: Stored, resource: Resource) -> Stored:
    """The object in the resource's version; itself when it is stored in that version."""
    wanted = resource.type.api_version
    if stored.api_version == wanted:
        return stored
    kept: Stored | None = stored.forms.get(("version", wanted))
    if kept is None:
        obj = stored.decode()
        if resource.type.kind == "HorizontalPodAutoscaler":
            obj = _to_v1(obj) if wanted == V1 else _to_v2(obj)
        obj["apiVersion"] = wanted
        kept = stored.forms["version", wanted] = Stored(stored.resource, obj, stored.revision)
    return kept


def _to_v1(obj: JSONObject) -> JSONObject:
    spec = dict(obj.get("spec") or {})
    for metric in spec.pop("metrics", None) or ():
        target = (metric.get("resource") or {}).get("target") or {}
        if (metric.get("resource") or {}).get("name") == "cpu" and "averageUtilization" in target:
            spec["targetCPUUtilizationPercentage"] = target["averageUtilization"]
    spec.pop("behavior", None)
    status = {
        key: value for key, value in (obj.get("status") or {}).items() if key not in ("currentMetrics", "conditions")
    }
    return obj | {"spec": spec, "status": status}


def _to_v2(obj: JSONObject) -> JSONObject:
    spec = dict(obj.get("spec") or {})
    percentage = spec.pop("targetCPUUtilizationPercentage", None)
    if percentage is not None:
        target = {"type": "Utilization", "averageUtilization": percentage}
        spec["metrics"] = [{"type": "Resource", "resource": {"name": "cpu", "target": target}}]
    return obj | {"spec": spec}
