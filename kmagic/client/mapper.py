"""Maps the names that people type to resources: ``deploy``, ``Deployment``, ``foos.example.com``.

Source: k8s.io/client-go/restmapper (discovery.go, shortcut.go), k8s.io/apimachinery/pkg/api/meta/priority.go.
"""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING, TypeVar

from kmagic.api.gvk import GroupVersionKind, GroupVersionResource
from kmagic.api.words import did_you_mean, nearest
from kmagic.errors import AmbiguousMatchError, NoMatchError
from kmagic.rest.resource import APIResource

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable

    from kmagic.client.discovery import Discovery, DiscoveryResult

__all__ = ("RESTMapper",)

T = TypeVar("T")

_VERSION = re.compile(r"v\d+((alpha|beta)\d+)?")

# An unknown name makes the mapper look at the server again, at most this often: a name that was made a moment
# after the last look waits for the next one, and a loop over typing mistakes does not flood the server.
_REFRESH_SECONDS = 0.5


class RESTMapper:
    """Names to resources, by discovery. A name that is not known makes it look again, so new CRDs are found."""

    def __init__(self, discovery: Discovery) -> None:
        self._discovery = discovery
        self._index: _Index | None = None

    async def resource_for(self, name: str) -> APIResource:
        """The resource of a plural, singular, kind or short name, optionally with group or version and group.

        Args:
            name: ``"pods"``, ``"po"``, ``"Pod"``, ``"deploy.apps"``, ``"deployments.v1.apps"``; case does not matter.

        Raises:
            NoMatchError: The server has none; `.suggestions` has similar names.
            AmbiguousMatchError: Several kinds of one group answer to it.
        """
        found = await self._look_up(lambda index: index.by_name(name))
        if found is None:
            raise self._no_match(name)
        return found

    async def resource_for_kind(self, gvk: GroupVersionKind) -> APIResource:
        """The resource that stores objects of a kind; this is how a manifest finds its URL.

        Raises:
            NoMatchError: The server does not serve this kind in this version.
        """
        found = await self._look_up(lambda index: index.by_kind.get((gvk.group, gvk.version, gvk.kind)))
        if found is None:
            raise self._no_kind(gvk)
        return found

    async def resource_for_gvr(self, gvr: GroupVersionResource) -> APIResource:
        """Returns the resource of a group, version and plural as discovery knows it.

        Raises:
            NoMatchError: The server does not serve it.
        """
        found = await self._look_up(lambda index: index.by_gvr.get((gvr.group, gvr.version, gvr.resource)))
        if found is None:
            raise NoMatchError(
                f"no matches for {gvr.resource} in {gvr.api_version}",
                suggestions=self._similar(gvr.resource),
                hint=self._hint(gvr.resource),
            )
        return found

    async def again(self, resource: APIResource) -> APIResource | None:
        """Returns a resource as it is now: the server is always asked; None if it is not served any more.

        A version that was retired gives way to the group's preferred one.
        """
        await self._discovery.refresh_after(_REFRESH_SECONDS)
        index = await self._known()
        key = (resource.group, resource.version, resource.resource)
        others = (each for each in index.preferred if each.group_resource == resource.group_resource)
        return index.by_gvr.get(key) or next(others, None)

    def source(
        self, resource: GroupVersionResource | APIResource | str
    ) -> APIResource | Callable[[], Awaitable[APIResource]]:
        """A resource as it is, or a function that looks it up when it is first needed."""
        if isinstance(resource, APIResource):
            return resource
        if isinstance(resource, GroupVersionResource):
            return partial(self.resource_for_gvr, resource)
        return partial(self.resource_for, resource)

    def known(self, resource: GroupVersionResource | str) -> APIResource | None:
        """The resource of a name or of a group, version and plural, if that is known without a request."""
        if self._index is None:
            return None
        if isinstance(resource, str):
            return self._index.by_name(resource)
        return self._index.by_gvr.get((resource.group, resource.version, resource.resource))

    async def category(self, name: str) -> tuple[APIResource, ...]:
        """The resources of a category such as ``all``; empty if there is no such category."""
        index = await self._known()
        return tuple(item for item in index.preferred if name.lower() in item.categories)

    async def expand(self, name: str) -> tuple[APIResource, ...]:
        """A name, several separated by commas, or a category, as resources."""
        found: list[APIResource] = []
        for word in name.split(","):
            for item in await self.category(word) or (await self.resource_for(word),):
                if item not in found:
                    found.append(item)
        return tuple(found)

    async def names(self) -> tuple[str, ...]:
        """Every name `resource_for` takes, for completion: plurals, short names, singulars."""
        return (await self._known()).names

    def known_names(self) -> tuple[str, ...]:
        """As `names`, but only what is known without a request."""
        return self._index.names if self._index else ()

    async def _known(self) -> _Index:
        result = await self._discovery.all()
        if self._index is None or self._index.result is not result:
            self._index = _Index(result)
        return self._index

    async def _look_up(self, find: Callable[[_Index], T | None]) -> T | None:
        found = find(await self._known())
        if found is None:
            await self._discovery.refresh_after(_REFRESH_SECONDS)
            found = find(await self._known())
        return found

    def _no_match(self, name: str) -> NoMatchError:
        return NoMatchError(
            f'the server doesn\'t have a resource type "{name}"',
            suggestions=self._similar(name),
            hint=self._hint(name),
        )

    def _no_kind(self, gvk: GroupVersionKind) -> NoMatchError:
        others = [item.api_version for item in self._resources() if item.kind == gvk.kind]
        hint = f"it is served as {', '.join(others)}" if others else self._hint(gvk.kind)
        message = f'no matches for kind "{gvk.kind}" in version "{gvk.api_version}"'
        return NoMatchError(message, suggestions=self._similar(gvk.kind), hint=hint)

    def _hint(self, name: str) -> str:
        hints = []
        if meant := did_you_mean(name, self.known_names()):
            hints.append(meant)
        if self._index and self._index.result.failures:
            broken = ", ".join(sorted(self._index.result.failures))
            hints.append(f"the resources of {broken} could not be read")
        return " ".join(hints) or "is its CustomResourceDefinition installed?"

    def _similar(self, name: str) -> list[str]:
        return nearest(name, self.known_names())

    def _resources(self) -> Iterable[APIResource]:
        return self._index.ordered if self._index else ()


class _Index:
    """The resources of one discovery answer, in the order in which they win."""

    def __init__(self, result: DiscoveryResult) -> None:
        self.result = result
        self.ordered = _by_priority(result)
        self.by_gvr = {(item.group, item.version, item.resource): item for item in reversed(self.ordered)}
        self.by_kind = {(item.group, item.version, item.kind): item for item in reversed(self.ordered)}
        self.preferred: list[APIResource] = []
        seen: set[tuple[str, str]] = set()
        for item in self.ordered:
            if (item.group, item.resource) not in seen:
                seen.add((item.group, item.resource))
                self.preferred.append(item)
        self.names = self._all_names()

    def by_name(self, name: str) -> APIResource | None:
        for word, group, version in _readings(name.lower()):
            if found := self._match(word, group, version):
                return found
        return None

    def _match(self, word: str, group: str | None, version: str | None) -> APIResource | None:
        candidates = [item for item in self.ordered if version is None or item.version == version]
        exact = [item for item in candidates if group is None or item.group == group]
        for names in (_plural, _singular, _kind):
            if found := [item for item in exact if names(item) == word]:
                return _unambiguous(word, found)
        # A short name also takes the beginning of a group: hpa.autoscal.
        for item in candidates:
            if word in item.short_names and (group is None or item.group == group or item.group.startswith(group)):
                return item
        return None

    def _all_names(self) -> tuple[str, ...]:
        names: dict[str, None] = {}
        for item in self.preferred:
            for name in (item.resource, item.singular, *item.short_names, item.full_name):
                if name:
                    names[name] = None
        return tuple(names)


def _by_priority(result: DiscoveryResult) -> list[APIResource]:
    """Core first, then each group's preferred version in the server's order, then the other versions."""
    rank: dict[str, tuple[int, int]] = {}
    for position, group in enumerate(result.groups):
        for api_version in group.api_versions:
            preferred = api_version == group.preferred
            rank[api_version] = (0 if preferred else 1, -1 if group.name == "" else position)
    return sorted(result.resources, key=lambda item: rank.get(item.api_version, (2, 0)))


def _readings(name: str) -> list[tuple[str, str | None, str | None]]:
    """The ways to read a name as (word, group, version); None for any."""
    word, dot, rest = name.partition(".")
    if not dot:
        return [(word, None, None)]
    version, _, group = rest.partition(".")
    readings: list[tuple[str, str | None, str | None]] = []
    if _VERSION.fullmatch(version):
        readings.append((word, group, version))
    readings.append((word, rest, None))
    return readings


def _unambiguous(word: str, found: list[APIResource]) -> APIResource:
    first = found[0]
    rivals = [item.full_name for item in found[1:] if item.api_version == first.api_version]
    if rivals:
        names = ", ".join([first.full_name, *rivals])
        raise AmbiguousMatchError(f'"{word}" matches multiple kinds: {names}', suggestions=[first.full_name, *rivals])
    return first


def _plural(item: APIResource) -> str:
    return item.resource


def _singular(item: APIResource) -> str:
    return item.singular


def _kind(item: APIResource) -> str:
    return item.kind.lower()
