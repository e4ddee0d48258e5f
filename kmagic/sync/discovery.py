"""Blocking faces of what finds resources: discovery, the mapper, the dynamic and the metadata client.

One line a method; documentation and errors are those of the async classes of the same name.
"""

from __future__ import annotations

from kmagic.api.gvk import GroupVersionKind, GroupVersionResource
from kmagic.api.types import JSONObject
from kmagic.client import discovery, dynamic, mapper, metadata
from kmagic.client.discovery import DiscoveryResult, ServerVersion
from kmagic.client.discovery_decode import APIGroup
from kmagic.rest.resource import APIResource
from kmagic.sync.resource import Resource
from kmagic.sync.runtime import Runtime

__all__ = ("Discovery", "DynamicClient", "MetadataClient", "RESTMapper")


class Discovery:
    """The groups and resources of a server. See `kmagic.client.discovery.Discovery`."""

    def __init__(self, inner: discovery.Discovery, runtime: Runtime) -> None:
        self._async = inner
        self._runtime = runtime

    @property
    def age(self) -> float:
        """Seconds since the last look at the server; infinite before the first."""
        return self._async.age

    @property
    def known(self) -> DiscoveryResult | None:
        """The resources that are known without a request."""
        return self._async.known

    def invalidate(self) -> None:
        """Forgets everything; the next call asks the server."""
        self._runtime.call(self._async.invalidate)

    def all(self) -> DiscoveryResult:
        """Groups, resources and what could not be read."""
        return self._runtime.run(self._async.all())

    def refresh(self) -> DiscoveryResult:
        """Asks the server again."""
        return self._runtime.run(self._async.refresh())

    def groups(self) -> tuple[APIGroup, ...]:
        """The API groups with their versions."""
        return self._runtime.run(self._async.groups())

    def resources(self) -> tuple[APIResource, ...]:
        """Every resource of every served version."""
        return self._runtime.run(self._async.resources())

    def resources_for(self, api_version: str) -> tuple[APIResource, ...]:
        """The resources of one group-version."""
        return self._runtime.run(self._async.resources_for(api_version))

    def preferred_resources(self, *, namespaced: bool | None = None) -> tuple[APIResource, ...]:
        """One version of each resource."""
        return self._runtime.run(self._async.preferred_resources(namespaced=namespaced))

    def version(self) -> ServerVersion:
        """The server's version."""
        return self._runtime.run(self._async.version())

    def openapi_paths(self) -> dict[str, str]:
        """Group-version paths to the URL of their OpenAPI v3 document."""
        return self._runtime.run(self._async.openapi_paths())

    def openapi(self, api_version: str) -> JSONObject:
        """The OpenAPI v3 document of a group-version."""
        return self._runtime.run(self._async.openapi(api_version))


class RESTMapper:
    """Maps any name that kubectl takes to a resource. See `kmagic.client.mapper.RESTMapper`."""

    def __init__(self, inner: mapper.RESTMapper, runtime: Runtime) -> None:
        self._async = inner
        self._runtime = runtime

    def resource_for(self, name: str) -> APIResource:
        """``"deploy"``, ``"foos.example.com"``, ``"cm"``, ``"Deployment"``."""
        return self._runtime.run(self._async.resource_for(name))

    def resource_for_kind(self, gvk: GroupVersionKind) -> APIResource:
        """The resource of a kind."""
        return self._runtime.run(self._async.resource_for_kind(gvk))

    def resource_for_gvr(self, gvr: GroupVersionResource) -> APIResource:
        """The resource as discovery knows it."""
        return self._runtime.run(self._async.resource_for_gvr(gvr))

    def known(self, resource: GroupVersionResource | str) -> APIResource | None:
        """The resource of a name or of a group, version and plural, if that is known without a request."""
        return self._runtime.call(self._async.known, resource)

    def category(self, name: str) -> tuple[APIResource, ...]:
        """The resources of a category such as ``"all"``."""
        return self._runtime.run(self._async.category(name))

    def expand(self, name: str) -> tuple[APIResource, ...]:
        """A category's resources, or the one resource of that name."""
        return self._runtime.run(self._async.expand(name))

    def names(self) -> tuple[str, ...]:
        """Every name that means something here."""
        return self._runtime.run(self._async.names())

    def known_names(self) -> tuple[str, ...]:
        """Returns the same without a request, from what discovery has read so far."""
        return self._async.known_names()


class DynamicClient:
    """Whole objects as dicts. See `kmagic.client.dynamic.DynamicClient`."""

    def __init__(self, inner: dynamic.DynamicClient, runtime: Runtime) -> None:
        self._async = inner
        self._runtime = runtime

    def resource(
        self, resource: GroupVersionResource | APIResource | str, namespace: str | None = None
    ) -> Resource[JSONObject]:
        """The verbs on a resource."""
        return Resource(self._async.resource(resource, namespace), self._runtime)


class MetadataClient:
    """Metadata of any resource. See `kmagic.client.metadata.MetadataClient`."""

    def __init__(self, inner: metadata.MetadataClient, runtime: Runtime) -> None:
        self._async = inner
        self._runtime = runtime

    def resource(
        self, resource: GroupVersionResource | APIResource | str, namespace: str | None = None
    ) -> Resource[JSONObject]:
        """The verbs on a resource's metadata."""
        return Resource(self._async.resource(resource, namespace), self._runtime)
