"""Discovery documents as values: aggregated v2 and the older lists.

Source: k8s.io/client-go/discovery/aggregated_discovery.go (SplitGroupsAndResources).
"""

from __future__ import annotations

import msgspec

from kmagic.api.door import read_json
from kmagic.errors import KubeError
from kmagic.rest.resource import APIResource

__all__ = ("APIGroup", "Found", "groups", "legacy_resources")


class APIGroup(msgspec.Struct, frozen=True):
    """A group and its served versions, the preferred one first in meaning, not in order.

    Attributes:
        api_versions: ``("apps/v1", "apps/v1beta1")`` in the server's order.
        preferred: One of them, or "" where all are stale.
    """

    name: str
    api_versions: tuple[str, ...]
    preferred: str


class Found(msgspec.Struct, frozen=True):
    """The contents of one discovery document; without resources if it is not aggregated."""

    aggregated: bool
    groups: tuple[APIGroup, ...] = ()
    resources: tuple[APIResource, ...] = ()
    failures: dict[str, KubeError] = {}


class _Kind(msgspec.Struct):
    kind: str = ""


class _Subresource(msgspec.Struct, rename="camel"):
    subresource: str
    response_kind: _Kind | None = None


class _Resource(msgspec.Struct, rename="camel"):
    resource: str
    response_kind: _Kind | None = None
    scope: str = ""
    singular_resource: str = ""
    verbs: tuple[str, ...] = ()
    short_names: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    subresources: tuple[_Subresource, ...] = ()


class _Version(msgspec.Struct):
    version: str
    resources: tuple[_Resource, ...] | None = ()
    freshness: str = ""


class _Meta(msgspec.Struct):
    name: str = ""


class _Group(msgspec.Struct):
    metadata: _Meta = msgspec.field(default_factory=_Meta)
    versions: tuple[_Version, ...] | None = ()


class _GroupDiscoveryList(msgspec.Struct):
    items: tuple[_Group, ...] | None = ()


class _GroupVersion(msgspec.Struct, rename="camel"):
    group_version: str
    version: str = ""


class _LegacyGroup(msgspec.Struct, rename="camel"):
    name: str
    versions: tuple[_GroupVersion, ...] = ()
    preferred_version: _GroupVersion | None = None


class _LegacyList(msgspec.Struct):
    kind: str = ""
    versions: tuple[str, ...] | None = ()  # /api
    groups: tuple[_LegacyGroup, ...] | None = ()  # /apis


class _LegacyResource(msgspec.Struct, rename="camel"):
    name: str
    kind: str
    namespaced: bool = False
    singular_name: str = ""
    group: str = ""
    version: str = ""
    verbs: tuple[str, ...] | None = ()
    short_names: tuple[str, ...] | None = ()
    categories: tuple[str, ...] | None = ()


class _LegacyResources(msgspec.Struct):
    resources: tuple[_LegacyResource, ...] | None = ()


def groups(content_type: str, body: bytes) -> Found:
    """Reads ``/api`` or ``/apis``; the content type says in which form the server answered."""
    what = "the server's list of API groups"
    if "as=APIGroupDiscoveryList" in content_type and "apidiscovery.k8s.io" in content_type:
        return _aggregated(read_json(body, what, _GroupDiscoveryList))
    return _legacy(read_json(body, what, _LegacyList))


def legacy_resources(api_version: str, body: bytes) -> tuple[APIResource, ...]:
    """Reads an APIResourceList (``/apis/apps/v1``)."""
    found = read_json(body, f"the server's list of the resources of {api_version}", _LegacyResources).resources or ()
    group, _, version = api_version.rpartition("/")
    parts: dict[str, list[str]] = {}
    for item in found:
        parent, slash, part = item.name.partition("/")
        if slash:
            parts.setdefault(parent, []).append(part)
    return tuple(
        APIResource(
            group,
            version,
            item.name,
            item.kind,
            item.namespaced,
            item.singular_name or item.kind.lower(),
            item.short_names or (),
            item.categories or (),
            item.verbs or (),
            tuple(parts.get(item.name, ())),
        )
        for item in found
        if "/" not in item.name
    )


def _aggregated(document: _GroupDiscoveryList) -> Found:
    found: list[APIGroup] = []
    resources: list[APIResource] = []
    failures: dict[str, KubeError] = {}
    for group in document.items or ():
        name = group.metadata.name
        versions, fresh = [], []
        for version in group.versions or ():
            api_version = f"{name}/{version.version}" if name else version.version
            versions.append(api_version)
            if version.freshness == "Stale":
                failures[api_version] = KubeError(f"stale GroupVersion discovery: {api_version}")
                continue
            fresh.append(api_version)
            resources += _resources(name, version)
        found.append(APIGroup(name, tuple(versions), fresh[0] if fresh else ""))
    return Found(True, tuple(found), tuple(resources), failures)


def _resources(group: str, version: _Version) -> list[APIResource]:
    return [
        APIResource(
            group,
            version.version,
            item.resource,
            item.response_kind.kind,
            item.scope == "Namespaced",
            item.singular_resource or item.response_kind.kind.lower(),
            item.short_names,
            item.categories,
            item.verbs,
            tuple(part.subresource for part in item.subresources),
        )
        for item in version.resources or ()
        # Without a kind it is only a parent of subresources and cannot be read itself.
        if item.response_kind is not None and item.response_kind.kind
    ]


def _legacy(document: _LegacyList) -> Found:
    if document.kind == "APIVersions" or document.versions:
        versions = tuple(document.versions or ())
        return Found(False, (APIGroup("", versions, versions[0] if versions else ""),) if versions else ())
    return Found(
        False,
        tuple(
            APIGroup(
                group.name,
                tuple(version.group_version for version in group.versions),
                group.preferred_version.group_version if group.preferred_version else "",
            )
            for group in document.groups or ()
        ),
    )
