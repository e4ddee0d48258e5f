"""Groups, versions, kinds and resources, and the texts they come in.

Source: k8s.io/apimachinery/pkg/runtime/schema/group_version.go
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from kmagic.errors import ArgumentError

__all__ = ("GroupKind", "GroupResource", "GroupVersion", "GroupVersionKind", "GroupVersionResource")


class GroupVersion(msgspec.Struct, frozen=True, order=True):
    """``apps/v1``; the core group is "" and its text is the version alone: ``v1``."""

    group: str
    version: str

    @classmethod
    def parse(cls, api_version: str) -> GroupVersion:
        """Reads an object's apiVersion.

        Raises:
            ArgumentError: More than one slash.
        """
        group, slash, version = api_version.rpartition("/")
        if "/" in group:
            raise ArgumentError(f'unexpected GroupVersion string: "{api_version}"')
        return cls(group if slash else "", version)

    @property
    def api_version(self) -> str:
        """``"apps/v1"``, or ``"v1"`` for the core group."""
        return f"{self.group}/{self.version}" if self.group else self.version

    def __str__(self) -> str:
        return self.api_version


class GroupKind(msgspec.Struct, frozen=True, order=True):
    """``Deployment.apps``."""

    group: str
    kind: str

    def __str__(self) -> str:
        return f"{self.kind}.{self.group}" if self.group else self.kind


class GroupResource(msgspec.Struct, frozen=True, order=True):
    """``deployments.apps``."""

    group: str
    resource: str

    def __str__(self) -> str:
        return f"{self.resource}.{self.group}" if self.group else self.resource


class GroupVersionKind(msgspec.Struct, frozen=True, order=True):
    """``apps/v1, Kind=Deployment``."""

    group: str
    version: str
    kind: str

    @classmethod
    def of(cls, obj: Mapping[str, Any] | object) -> GroupVersionKind:
        """Reads apiVersion and kind of a plain object or a model; missing ones are ""."""
        if isinstance(obj, Mapping):
            api_version, kind = obj.get("apiVersion") or "", obj.get("kind") or ""
        else:
            api_version, kind = getattr(obj, "api_version", "") or "", getattr(obj, "kind", "") or ""
        group_version = GroupVersion.parse(api_version)
        return cls(group_version.group, group_version.version, kind)

    @property
    def group_version(self) -> GroupVersion:
        """Without the kind."""
        return GroupVersion(self.group, self.version)

    @property
    def group_kind(self) -> GroupKind:
        """Without the version."""
        return GroupKind(self.group, self.kind)

    @property
    def api_version(self) -> str:
        """``"apps/v1"``, or ``"v1"`` for the core group."""
        return self.group_version.api_version

    def __str__(self) -> str:
        return f"{self.api_version}, Kind={self.kind}"


class GroupVersionResource(msgspec.Struct, frozen=True, order=True):
    """``apps/v1, Resource=deployments``."""

    group: str
    version: str
    resource: str

    @property
    def group_version(self) -> GroupVersion:
        """Without the resource."""
        return GroupVersion(self.group, self.version)

    @property
    def group_resource(self) -> GroupResource:
        """Without the version."""
        return GroupResource(self.group, self.resource)

    @property
    def api_version(self) -> str:
        """``"apps/v1"``, or ``"v1"`` for the core group."""
        return self.group_version.api_version

    def __str__(self) -> str:
        return f"{self.api_version}, Resource={self.resource}"
