"""What resources the server has: the built-in ones from the snapshot, and those CustomResourceDefinitions add."""

from __future__ import annotations

from functools import cache
from importlib import resources as package_data
from typing import TYPE_CHECKING, Any

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ("Catalog", "Resource", "Subresource", "builtin_groups")


class Subresource(msgspec.Struct, frozen=True):
    """A subresource: ``Subresource("scale", kind="Scale", group="autoscaling", version="v1", verbs=("get", ...))``."""

    name: str
    kind: str
    group: str = ""
    version: str = ""
    verbs: tuple[str, ...] = ()


class Resource(msgspec.Struct, frozen=True):
    """One resource of one version, as discovery describes it."""

    group: str
    version: str
    name: str
    kind: str
    namespaced: bool
    singular: str = ""
    short_names: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    verbs: tuple[str, ...] = ()
    subresources: tuple[Subresource, ...] = ()
    list_kind: str = ""
    custom: bool = False

    @property
    def api_version(self) -> str:
        """``v1`` or ``apps/v1``."""
        return f"{self.group}/{self.version}" if self.group else self.version

    @property
    def key(self) -> str:
        """The storage key: versions of one resource share it. ``pods``, ``deployments.apps``."""
        return f"{self.name}.{self.group}" if self.group else self.name

    def subresource(self, name: str) -> Subresource | None:
        """The subresource of this name, or None."""
        return next((sub for sub in self.subresources if sub.name == name), None)


class Catalog:
    """The resources of a running server, in discovery order; custom ones come and go.

    Attributes:
        revision: Grows with every change, so that documents made from the catalog can be cached.
    """

    def __init__(self) -> None:
        self.revision: int = 0
        self._groups: dict[str, dict[str, dict[str, Resource]]] = {}
        for resource in _builtin():
            self._versions(resource.group).setdefault(resource.version, {})[resource.name] = resource

    def groups(self) -> Mapping[str, Mapping[str, Mapping[str, Resource]]]:
        """Group, version and plural to resource; versions are in order of preference."""
        return self._groups

    def find(self, group: str, version: str, name: str) -> Resource | None:
        """The resource at this place, or None."""
        return self._groups.get(group, {}).get(version, {}).get(name)

    def has_version(self, group: str, version: str) -> bool:
        """Whether the server serves anything under this group and version."""
        return version in self._groups.get(group, {})

    def by_kind(self, api_version: str, kind: str) -> Resource | None:
        """The resource of an object's apiVersion and kind, or None."""
        group, _, version = api_version.rpartition("/")
        found = self._groups.get(group, {}).get(version, {}).values()
        return next((resource for resource in found if resource.kind == kind), None)

    def stored(self) -> Iterator[Resource]:
        """Each resource that can be listed, once, in its preferred version."""
        seen: set[str] = set()
        for versions in self._groups.values():
            for listing in versions.values():
                for resource in listing.values():
                    if resource.key not in seen and "list" in resource.verbs:
                        seen.add(resource.key)
                        yield resource

    def set_custom(self, group: str, versions: Mapping[str, Resource], *, plural: str) -> None:
        """Replace the custom resource ``plural`` of ``group``; ``versions`` maps version to resource, best first."""
        self.remove_custom(group, plural)
        served = self._versions(group)
        for version, resource in versions.items():
            served.setdefault(version, {})[resource.name] = resource
        self.revision += 1

    def remove_custom(self, group: str, plural: str) -> None:
        """Forget a custom resource, and its group when that was the last one."""
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


@cache
def builtin_groups() -> list[dict[str, Any]]:
    """The snapshot: ``[{"name": "apps", "versions": [{"version": "v1", "resources": [...]}]}]``."""
    data = package_data.files("kmagic.sandbox").joinpath("data", "resources.json").read_bytes()
    groups: list[dict[str, Any]] = msgspec.json.decode(data)
    return groups


@cache
def _builtin() -> tuple[Resource, ...]:
    return tuple(
        _resource(group["name"], version["version"], entry)
        for group in builtin_groups()
        for version in group["versions"]
        for entry in version["resources"]
    )


def _resource(group: str, version: str, entry: Mapping[str, Any]) -> Resource:
    return Resource(
        group=group,
        version=version,
        name=entry["resource"],
        kind=entry["responseKind"]["kind"],
        namespaced=entry["scope"] == "Namespaced",
        singular=entry["singularResource"],
        short_names=tuple(entry.get("shortNames", ())),
        categories=tuple(entry.get("categories", ())),
        verbs=tuple(entry["verbs"]),
        subresources=tuple(_subresource(sub) for sub in entry.get("subresources", ())),
        list_kind=entry["responseKind"]["kind"] + "List",
    )


def _subresource(entry: Mapping[str, Any]) -> Subresource:
    kind = entry["responseKind"]
    return Subresource(entry["subresource"], kind["kind"], kind["group"], kind["version"], tuple(entry["verbs"]))
