"""The resources of the server: the built-in ones, and those that CustomResourceDefinitions add."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from kmagic.api.versions import version_key
from kmagic.rest.resource import APIResource

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

__all__ = ("Catalog", "Resource", "Subresource")


class Subresource(msgspec.Struct, frozen=True, omit_defaults=True):
    """A subresource's kind and verbs: ``Subresource("Scale", "autoscaling", "v1", ("get", "patch", "update"))``."""

    kind: str
    group: str = ""
    version: str = ""
    verbs: tuple[str, ...] = ()


class Resource(msgspec.Struct, frozen=True, omit_defaults=True):
    """One resource of one version, with what only its server has to know.

    Attributes:
        type: As every client knows it; its ``full_name`` is the storage key, which all versions share.
        parts: Each of the type's subresources by name.
        custom: Defined by a CustomResourceDefinition.
        selectable: The fields that a CustomResourceDefinition lets field selectors have: ``"spec.color"``.
    """

    type: APIResource
    list_kind: str
    parts: dict[str, Subresource] = {}
    custom: bool = False
    selectable: tuple[str, ...] = ()


class Catalog:
    """The resources of a running server, in discovery order; custom ones come and go.

    Args:
        builtin: Those that are always there.

    Attributes:
        revision: Grows with every change, so that documents made from the catalog can be cached.
    """

    def __init__(self, builtin: Iterable[Resource]) -> None:
        self.revision: int = 0
        self._groups: dict[str, dict[str, dict[str, Resource]]] = {}
        for resource in builtin:
            self._versions(resource.type.group).setdefault(resource.type.version, {})[resource.type.resource] = resource
        self._builtin = frozenset(self._groups)

    def groups(self) -> Mapping[str, Mapping[str, Mapping[str, Resource]]]:
        """Group, version and plural to resource; versions are in order of preference."""
        return self._groups

    def find(self, group: str, version: str, name: str) -> Resource | None:
        """The resource at this place, or None."""
        return self._groups.get(group, {}).get(version, {}).get(name)

    def has_version(self, group: str, version: str) -> bool:
        """Returns whether the server serves anything under this group and version."""
        return version in self._groups.get(group, {})

    def by_kind(self, api_version: str, kind: str) -> Resource | None:
        """The resource of an object's apiVersion and kind, or None."""
        group, _, version = api_version.rpartition("/")
        found = self._groups.get(group, {}).get(version, {}).values()
        return next((resource for resource in found if resource.type.kind == kind), None)

    def stored(self) -> Iterator[Resource]:
        """Each resource that can be listed, once, in its preferred version."""
        seen: set[str] = set()
        for versions in self._groups.values():
            for listing in versions.values():
                for resource in listing.values():
                    if resource.type.full_name not in seen and "list" in resource.type.verbs:
                        seen.add(resource.type.full_name)
                        yield resource

    def set_custom(self, group: str, versions: Mapping[str, Resource], *, plural: str) -> None:
        """Replaces the custom resource ``plural`` of ``group``; ``versions`` maps version to resource."""
        self.remove_custom(group, plural)
        served = self._versions(group)
        for version, resource in versions.items():
            served[version] = dict(sorted({**served.get(version, {}), plural: resource}.items()))
        # The order decides whose "things" a client means that two groups have: as in the aggregated API server, custom
        # groups come after the built-in ones by name, versions by preference, and resources by name.
        self._groups[group] = dict(sorted(served.items(), key=lambda each: version_key(each[0])))
        for name in sorted(self._groups.keys() - self._builtin):
            self._groups[name] = self._groups.pop(name)
        self.revision += 1

    def remove_custom(self, group: str, plural: str) -> None:
        """Forgets a custom resource, and its group when that was the last one."""
        served = self._groups.get(group, {})
        for version in list(served):
            served[version].pop(plural, None)
            if not served[version]:
                del served[version]
        if not served:
            self._groups.pop(group, None)
        self.revision += 1

    def _versions(self, group: str) -> dict[str, dict[str, Resource]]:
        return self._groups.setdefault(group, {})
