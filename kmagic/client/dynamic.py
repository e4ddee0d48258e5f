"""Any resource as plain dicts, by group, version and plural.

Source: k8s.io/client-go/dynamic/simple.go.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kmagic.client.codec import DictCodec
from kmagic.client.resource import AsyncResource

if TYPE_CHECKING:
    from kmagic.api.gvk import GroupVersionResource
    from kmagic.api.types import JSONObject
    from kmagic.client.mapper import RESTMapper
    from kmagic.client.rest import RESTClient
    from kmagic.rest.resource import APIResource

__all__ = ("DynamicClient",)


class DynamicClient:
    """Whole objects as dicts."""

    def __init__(self, rest: RESTClient, mapper: RESTMapper) -> None:
        self._rest = rest
        self._mapper = mapper
        self._codec = DictCodec()

    def resource(
        self, resource: GroupVersionResource | APIResource | str, namespace: str | None = None
    ) -> AsyncResource[JSONObject]:
        """The verbs on a resource.

        Args:
            resource: By GVR or any name kubectl takes (looked up at the first await), or as discovery knows it.
            namespace: None for all namespaces.
        """
        return AsyncResource(self._rest, self._mapper.source(resource), self._codec, namespace)
