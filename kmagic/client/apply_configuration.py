"""The apply configuration of a manager: of an object, the fields that it applied and still owns.

Extracted, changed in place and applied again, it is the way to change a few fields by server-side apply without giving
the others up:

```python
mine = extract(deployments.get("web"), "me")
mine.spec.replicas = 3
deployments.apply(mine, field_manager="me")
```

Source: k8s.io/client-go/applyconfigurations (Extract functions), k8s.io/apimachinery/pkg/util/managedfields/extract.go.
"""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, TypeVar, overload

from kmagic.api import meta
from kmagic.api.door import reads_objects
from kmagic.api.field_paths import Paths, decode_fields, only, prefixes
from kmagic.api.model import Model
from kmagic.errors import ArgumentError

if TYPE_CHECKING:
    from kmagic.api.types import JSONObject

__all__ = ("applied_paths", "extract")

M = TypeVar("M", bound=Model)


@overload
def extract(obj: M, manager: str, *, subresource: str = "") -> M: ...
@overload
def extract(obj: JSONObject, manager: str, *, subresource: str = "") -> JSONObject: ...
def extract(obj: M | JSONObject, manager: str, *, subresource: str = "") -> M | JSONObject:
    """The fields of an object that a manager applied and still owns, with kind, name and namespace.

    Where it owns none, kind, name and namespace are all: it never applied, or others took its fields over. A struct
    that was applied empty comes back with the defaults that the server filled in.

    ```python
    mine = extract(client.resource("cm").get("settings"), "me")
    ```

    Args:
        obj: As it was read, with its managed fields.
        manager: Name of the field manager.
        subresource: Fields applied to this subresource: ``"status"``.

    Raises:
        ArgumentError: The object has no managed fields, so that it is not known who owns what.
        DecodeError: Its managed fields are not such.
    """
    if isinstance(obj, Model):
        return type(obj).from_dict(_extracted(obj.to_dict(), manager, subresource))
    return _extracted(obj, manager, subresource)


@reads_objects
def _extracted(obj: JSONObject, manager: str, subresource: str) -> JSONObject:
    if not meta.managed_fields(obj):
        raise ArgumentError("the object has no managed fields: extract takes it as the server sent it")
    mine = applied_paths(obj, manager, subresource)
    everyone = {path for entry in meta.managed_fields(obj) for path in decode_fields(entry.get("fieldsV1") or {})}
    # A map or list that was applied empty, and others filled, holds nothing of this manager.
    filled = prefixes({path[:-1] for path in everyone if len(path) > 1})
    leaves = mine - prefixes({path[:-1] for path in mine if len(path) > 1})
    found: JSONObject = copy.deepcopy(only(obj, mine - (leaves & filled)))
    head: JSONObject = {key: obj["metadata"][key] for key in ("name", "namespace") if obj["metadata"].get(key)}
    kind: JSONObject = {key: obj[key] for key in ("apiVersion", "kind") if key in obj}
    return {**kind, **found, "metadata": {**head, **(found.get("metadata") or {})}}


def applied_paths(obj: JSONObject, manager: str, subresource: str = "") -> Paths:
    """The paths of the fields that a manager applied and still owns."""
    for entry in meta.managed_fields(obj):
        mine = entry.get("manager") == manager and entry.get("operation") == "Apply"
        if mine and (entry.get("subresource") or "") == subresource:
            return decode_fields(entry.get("fieldsV1") or {})
    return set()
