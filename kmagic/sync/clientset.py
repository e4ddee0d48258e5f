"""The blocking twin of `kmagic.client.clientset`: what `kmagic.sync.groups` is made of."""

from __future__ import annotations

from typing import Any, ClassVar

from kmagic.client.clientset import model_class, resource_of
from kmagic.client.codec import ModelCodec
from kmagic.client.resource import AsyncResource
from kmagic.sync.resource import Resource

__all__ = ("Group",)


class Group:
    """The resources of one group-version, blocking."""

    module: ClassVar[str] = ""

    def __init__(self, client: Any) -> None:
        self._client = client

    def __repr__(self) -> str:
        return f"<{self.module} of {self._client.config.server}>"

    def resource(self, kind: str, special: Any = Resource) -> Any:
        """The resource of a kind in the context's namespace, until it is called with another."""
        model = model_class(self.module, kind)
        config, rest = self._client.config, self._client.unblocked.rest
        inner = special.of if hasattr(special, "of") else AsyncResource
        return special(inner(rest, resource_of(model), ModelCodec(model), config.namespace), self._client.runtime)
