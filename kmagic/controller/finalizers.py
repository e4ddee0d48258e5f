"""Finalizers: what keeps an object from going until a controller has cleaned up behind it.

Pure, on plain objects and models; `edit` sends the change.

```python
with foos.edit(key.name) as foo:
    if not is_going(foo):
        add_finalizer(foo, "example.com/clean-up")
    elif has_finalizer(foo, "example.com/clean-up"):
        clean_up(foo)
        remove_finalizer(foo, "example.com/clean-up")
```

Source: sigs.k8s.io/controller-runtime/pkg/controller/controllerutil (AddFinalizer, RemoveFinalizer).
"""

from __future__ import annotations

from typing import Any

from kmagic.api import meta

__all__ = ("add_finalizer", "has_finalizer", "is_going", "remove_finalizer")


def is_going(obj: Any) -> bool:
    """Returns whether the object was deleted, and stays only until its finalizers are gone."""
    return bool(meta.deletion_timestamp(obj))


def has_finalizer(obj: Any, name: str) -> bool:
    """Returns whether the finalizer is on the object."""
    return name in meta.finalizers(obj)


def add_finalizer(obj: Any, name: str) -> bool:
    """Puts a finalizer on an object, once; returns whether it was not there before."""
    if has_finalizer(obj, name):
        return False
    _set(obj, [*meta.finalizers(obj), name])
    return True


def remove_finalizer(obj: Any, name: str) -> bool:
    """Takes a finalizer off an object; returns whether it was there."""
    if not has_finalizer(obj, name):
        return False
    _set(obj, [each for each in meta.finalizers(obj) if each != name])
    return True


def _set(obj: Any, finalizers: list[str]) -> None:
    if isinstance(obj, dict):
        obj.setdefault("metadata", {})["finalizers"] = finalizers
    else:
        obj.metadata.finalizers = finalizers
