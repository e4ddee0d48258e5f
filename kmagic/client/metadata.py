"""Only metadata, as dicts of kind PartialObjectMetadata: cheap trees of big clusters.

Source: k8s.io/client-go/metadata/metadata.go.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kmagic.client.codec import MetadataCodec
from kmagic.client.resource import AsyncResource

if TYPE_CHECKING:
    from kmagic.api.gvk import GroupVersionResource
    from kmagic.api.types import JSONObject
    from kmagic.client.mapper import RESTMapper
    from kmagic.client.rest import RESTClient
    from kmagic.rest.resource import APIResource

__all__ = ("MetadataClient",)


class MetadataClient:
    """Metadata of any resource: get, list, watch, delete and patch."""

    def __init__(self, rest: RESTClient, mapper: RESTMapper) -> None:
        self._rest = rest
        self._mapper = mapper
        self._codec = MetadataCodec()

    def resource(
        self, resource: GroupVersionResource | APIResource | str, namespace: str | None = None
    ) -> AsyncResource[JSONObject]:
        """The verbs on a resource's metadata.

        Args:
            resource: By GVR or any name kubectl takes, or as discovery knows it.
            namespace: None for all namespaces.
        """
        return AsyncResource(self._rest, self._mapper.source(resource), self._codec, namespace)
