"""The address of a resource on the server: its group, version, plural name and URL path."""

from __future__ import annotations

from urllib.parse import quote

import msgspec

from kmagic.api.gvk import GroupResource, GroupVersionKind, GroupVersionResource
from kmagic.errors import ArgumentError

__all__ = ("APIResource", "check_segment", "segment_problem")


class APIResource(msgspec.Struct, frozen=True):
    """One resource type of a server, from discovery or from a model.

    Attributes:
        group: ``""`` for the core group.
        resource: The plural in URLs: ``"deployments"``.
        subresources: Names only: ``("status", "scale")``.
    """

    group: str
    version: str
    resource: str
    kind: str
    namespaced: bool
    singular: str = ""
    short_names: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    verbs: tuple[str, ...] = ()
    subresources: tuple[str, ...] = ()

    @property
    def api_version(self) -> str:
        """``"apps/v1"``, or ``"v1"`` for the core group."""
        return f"{self.group}/{self.version}" if self.group else self.version

    @property
    def gvr(self) -> GroupVersionResource:
        """Group, version and plural name."""
        return GroupVersionResource(self.group, self.version, self.resource)

    @property
    def gvk(self) -> GroupVersionKind:
        """Group, version and kind."""
        return GroupVersionKind(self.group, self.version, self.kind)

    @property
    def group_resource(self) -> GroupResource:
        """Group and plural name; its ``str`` is ``"deployments.apps"``."""
        return GroupResource(self.group, self.resource)

    @property
    def full_name(self) -> str:
        """``"deployments.apps"``, or ``"pods"`` for the core group."""
        return f"{self.resource}.{self.group}" if self.group else self.resource

    @property
    def kind_name(self) -> str:
        """The type of one object in kubectl's answers: ``"deployment.apps"``, or ``"pod"`` for the core group."""
        kind = self.singular or self.kind.lower()
        return f"{kind}.{self.group}" if self.group else kind

    def path(self, namespace: str | None = None, name: str = "", subresource: str = "") -> str:
        """The URL path below the server's address, for example ``/apis/apps/v1/namespaces/shop/deployments/web/scale``.

        Args:
            namespace: None or "" for a cluster-scoped resource or all namespaces; ignored if not namespaced.
            name: "" for the collection.
            subresource: May hold several segments (``proxy/healthz``).

        Raises:
            ArgumentError: A segment that cannot be part of a path.
        """
        parts = ["/apis", self.group] if self.group else ["/api"]
        parts.append(self.version)
        if self.namespaced and namespace:
            check_segment(namespace, "namespace")
            parts += ["namespaces", quote(namespace, safe="")]
        parts.append(self.resource.lower())
        if name:
            check_segment(name, "resource name")
            # A colon stays: names like "system:node" are legal and servers show them unescaped.
            parts.append(quote(name, safe=":@"))
        if subresource:
            parts.append(quote(subresource, safe="/:@"))
        return "/".join(parts)


def segment_problem(segment: str) -> str:
    """Returns the reason why `segment` cannot be one part of a URL path, or "".

    Source: k8s.io/apimachinery/pkg/api/validation/path (IsValidPathSegmentName).
    """
    if segment in (".", ".."):
        return f"may not be '{segment}'"
    for character in ("/", "%"):
        if character in segment:
            return f"may not contain '{character}'"
    return ""


def check_segment(segment: str, what: str) -> None:
    """Raises ValueError if `segment` cannot be one part of a URL path."""
    if problem := segment_problem(segment):
        raise ArgumentError(f'invalid {what} "{segment}": [{problem}]')
