"""The key of an object in a cache or a queue: ``namespace/name``, or ``name`` when it has no namespace.

Source: k8s.io/client-go/tools/cache/store.go (MetaNamespaceKeyFunc, SplitMetaNamespaceKey)
"""

from __future__ import annotations

import msgspec

from kmagic.api import meta
from kmagic.errors import ArgumentError

__all__ = ("ObjectKey", "meta_namespace_key")


class ObjectKey(msgspec.Struct, frozen=True, order=True):
    """A namespace ("" for none) and a name."""

    namespace: str
    name: str

    @classmethod
    def parse(cls, text: str) -> ObjectKey:
        """Reads ``"ns/name"`` or ``"name"``.

        Raises:
            ArgumentError: More than one slash.
        """
        parts = text.split("/")
        if len(parts) == 1:
            return cls("", parts[0])
        if len(parts) == 2:
            return cls(parts[0], parts[1])
        raise ArgumentError(f'unexpected key format: "{text}"')

    @classmethod
    def of(cls, obj: object) -> ObjectKey:
        """The key of a dict, a model or a cache entry."""
        return cls(meta.namespace(obj), meta.name(obj))

    def __str__(self) -> str:
        return f"{self.namespace}/{self.name}" if self.namespace else self.name


def meta_namespace_key(obj: object) -> str:
    """The key as text; a string is taken as the key itself."""
    if isinstance(obj, str):
        return obj
    key = getattr(obj, "key", None)
    if isinstance(key, str) and key:
        return key
    return str(ObjectKey.of(obj))
