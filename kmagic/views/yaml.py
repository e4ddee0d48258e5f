"""Objects as YAML, and what of an object is worth reading.

`neat` drops what only the server needs: managed fields, versions and identities, the last-applied annotation. What
`kubectl get -o yaml` prints drops managed fields only: `to_yaml(without_managed_fields(obj))`.
"""

from __future__ import annotations

from kmagic.api.codec import dump_yaml
from kmagic.api.door import reads_objects
from kmagic.api.meta import LAST_APPLIED
from kmagic.api.types import JSONObject
from kmagic.views.masking import mask_object

__all__ = ("neat", "same_wish", "to_yaml", "without_managed_fields")

_NOISE = ("managedFields", "resourceVersion", "uid", "generation", "selfLink")
_NOISY_ANNOTATIONS = (LAST_APPLIED, "deployment.kubernetes.io/revision")


@reads_objects
def to_yaml(obj: JSONObject, salt: bytes | None = None) -> str:
    """The object as YAML, keys in kubectl's order.

    Args:
        obj: A whole object or list.
        salt: Masks secrets with marks of this session; None shows everything, for code that asked for the values.
    """
    return dump_yaml(obj if salt is None else mask_object(obj, salt))


@reads_objects
def without_managed_fields(obj: JSONObject) -> JSONObject:
    """The object without `metadata.managedFields`, also inside a list."""
    if isinstance(obj.get("items"), list):
        return {**obj, "items": [without_managed_fields(item) for item in obj["items"]]}
    meta = obj.get("metadata")
    if not isinstance(meta, dict) or "managedFields" not in meta:
        return obj
    return {**obj, "metadata": {key: value for key, value in meta.items() if key != "managedFields"}}


@reads_objects
def neat(obj: JSONObject) -> JSONObject:
    """The object as a person would have written it, with its status."""
    if isinstance(obj.get("items"), list):
        return {**obj, "items": [neat(item) for item in obj["items"]]}
    meta = obj.get("metadata")
    if not isinstance(meta, dict):
        return obj
    kept = {key: value for key, value in meta.items() if key not in _NOISE}
    notes = {key: value for key, value in (meta.get("annotations") or {}).items() if key not in _NOISY_ANNOTATIONS}
    kept.pop("annotations", None)
    if notes:
        kept["annotations"] = notes
    return {**obj, "metadata": kept}


@reads_objects
def same_wish(before: JSONObject, after: JSONObject, *, with_status: bool = False) -> bool:
    """Returns whether two states of an object want the same; versions, owners of fields and status do not count."""
    if with_status:
        return neat(before) == neat(after)
    return {**neat(before), "status": None} == {**neat(after), "status": None}
