"""The offers of completion: names this notebook has seen, and the server's answers within a fraction of a second.

Promises: one Tab asks for `BUDGET_SECONDS` at most. A server that did not answer in it, or could not be reached, is not
asked again before a magic has had an answer from it; nor is one whose credential plugin may have to ask for a login.
What was asked is not asked again for a few seconds, so that completion while typing asks once. Tab only reads.
"""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Iterable
from typing import TYPE_CHECKING

import anyio

from kmagic.api.gvk import GroupVersionKind
from kmagic.api.options import ListOptions
from kmagic.api.paths import get_path
from kmagic.config.loader import load_kubeconfig
from kmagic.errors import AmbiguousMatchError, ConfigError, KubeError, NoMatchError, StatusError
from kmagic.magics.language import manifest
from kmagic.views.schema import kind_field, walk

if TYPE_CHECKING:
    from kmagic.api.types import JSONObject
    from kmagic.client.client import AsyncClient
    from kmagic.magics.session.place import Place
    from kmagic.magics.session.seen_names import Memory
    from kmagic.rest.resource import APIResource
    from kmagic.sync.runtime import Runtime
    from kmagic.views.schema import Field

__all__ = ("BUDGET_SECONDS", "Answers", "Seen")

# JupyterLab waits for a second; a cell's cursor should not feel stuck.
BUDGET_SECONDS = 0.7
_FRESH_SECONDS = 5.0
_PAGE = 500
# Where the Pod stands in the objects that make Pods.
_POD_SPECS = ("spec", "spec.template.spec", "spec.jobTemplate.spec.template.spec")
_CONTAINERS = ("initContainers", "containers", "ephemeralContainers")

Question = Callable[["AsyncClient"], Awaitable[object]]


class Seen:
    """The names that were seen before, without a server: `Sources` for a notebook without a target.

    Args:
        memory: The names that were seen.
        kubeconfig: The file in use; None for the usual places.
    """

    def __init__(self, memory: Memory, kubeconfig: str | None) -> None:
        self._memory = memory
        self._kubeconfig = kubeconfig

    def types(self) -> Iterable[str]:
        """Names of resource types, the common ones first."""
        return self._memory.types()

    def names(self, resource: str, namespace: str) -> Iterable[str]:
        """Names of objects of a type; `namespace` "" is the session's own."""
        return self._memory.names(resource, namespace)

    def labels(self, resource: str, namespace: str) -> Iterable[str]:
        """Labels of objects of a type, ``key=value``."""
        return self._memory.labels(resource, namespace)

    def containers(self, what: str, namespace: str) -> Iterable[str]:
        """Containers of a Pod, or of what ``TYPE/NAME`` makes Pods of."""
        return self._memory.containers(what, namespace)

    def namespaces(self) -> Iterable[str]:
        """Namespaces."""
        return self._memory.namespaces()

    def contexts(self) -> Iterable[str]:
        """Contexts of the kubeconfig as it is now."""
        try:
            return tuple(load_kubeconfig(self._kubeconfig).contexts)
        except ConfigError:
            return self._memory.contexts()

    def fields(self, body: str) -> Iterable[str]:
        """Keys that may stand at the end of a manifest's text."""
        return manifest.keys_at_end(body)

    def values(self, body: str) -> Iterable[str]:
        """Values that may stand at the end of a manifest's text."""
        return ()

    def paths(self, path: str) -> Iterable[str]:
        """Returns the completions of ``pods.spec.con``."""
        return self._memory.paths(path)


class Answers(Seen):
    """`Sources` that asks the server of a place; one for each Tab.

    Args:
        place: Place to ask.
        runtime: The loop to ask on.
        asked: Times of the last question of each kind, kept from one Tab to the next.
        clock: Monotonic seconds.
    """

    def __init__(
        self,
        place: Place,
        runtime: Runtime,
        asked: dict[tuple[object, ...], float],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__(place.memory, place.kubeconfig)
        self._place = place
        self._runtime = runtime
        self._asked = asked
        self._clock = clock
        self._until = clock() + BUDGET_SECONDS

    def types(self) -> Iterable[str]:
        """Names of resource types, the common ones first."""

        async def look(client: AsyncClient) -> None:
            self._memory.saw_types(await client.mapper.names())

        self._ask(look, "types")
        return super().types()

    def names(self, resource: str, namespace: str) -> Iterable[str]:
        """Names of objects of a type; `namespace` "" is the session's own."""
        self._list(resource, namespace)
        return super().names(resource, namespace)

    def labels(self, resource: str, namespace: str) -> Iterable[str]:
        """Labels of objects of a type, ``key=value``."""
        self._list(resource, namespace)
        return super().labels(resource, namespace)

    def namespaces(self) -> Iterable[str]:
        """Namespaces."""
        self._list("namespaces", "")
        return super().namespaces()

    def containers(self, what: str, namespace: str) -> Iterable[str]:
        """Containers of a Pod, or of what ``TYPE/NAME`` makes Pods of."""
        where = namespace or self._memory.namespace
        kind, slash, name = what.rpartition("/")

        async def look(client: AsyncClient) -> None:
            resource = await _known(client, kind if slash else "pods")
            if resource is None:
                return
            found = await client.dynamic.resource(resource, where).get(name)
            self._memory.saw_containers(what, where, _container_names(found))

        if name:
            self._ask(look, "containers", what, where)
        return super().containers(what, where)

    def fields(self, body: str) -> Iterable[str]:
        """Keys that may stand at the end of a manifest's text; those of custom types as the server's schema has them."""
        if found := tuple(super().fields(body)):
            return found
        place = manifest.object_at_end(body)
        return self._schema_at(*place, lambda field: field.schema.fields) if place else ()

    def values(self, body: str) -> Iterable[str]:
        """Values that may stand at the end of a manifest's text."""
        found = manifest.value_at_end(body)
        if found is None:
            return ()
        gvk, path = found
        match path:
            case ("kind",):
                return self._served(lambda each: each.kind if gvk.version in ("", each.version) else "")
            case ("apiVersion",):
                return self._served(lambda each: each.api_version if gvk.kind in ("", each.kind) else "")
            case ("metadata", "namespace"):
                return self.namespaces()
        return self._schema_at(gvk, path, _values_of)

    # -- asking

    def _list(self, resource: str, namespace: str) -> None:
        where = namespace or self._memory.namespace

        async def look(client: AsyncClient) -> None:
            for word in resource.split(","):
                found = await _known(client, word)
                if found is None:
                    continue
                place = where if found.namespaced else ""
                page = await client.metadata.resource(found, place or None).list_page(ListOptions(limit=_PAGE))
                self._memory.saw_all(found, place, list(page))

        if resource:
            self._ask(look, "names", resource.lower(), where)

    def _served(self, told: Callable[[APIResource], str]) -> Iterable[str]:
        found: list[str] = []

        async def look(client: AsyncClient) -> None:
            names = {text for each in await client.discovery.resources() if (text := told(each))}
            found.extend(sorted(names))

        self._ask(look)
        return found

    def _schema_at(
        self, gvk: GroupVersionKind, path: tuple[str, ...], told: Callable[[Field], Iterable[str]]
    ) -> Iterable[str]:
        found: list[str] = []

        async def look(client: AsyncClient) -> None:
            kind = kind_field(await client.discovery.openapi(gvk.api_version), gvk)
            trail = walk(kind, path) if kind is not None else []
            if len(trail) == len(path) + 1:
                found.extend(told(trail[-1]))

        if gvk.kind and gvk.version:
            self._ask(look)
        return found

    def _ask(self, look: Question, *key: object) -> None:
        """Asks, unless it was asked a moment ago (without a key, always) or the server does not answer."""
        now = self._clock()
        if self._memory.silent or (key and now - self._asked.get(key, float("-inf")) < _FRESH_SECONDS):
            return
        if key:
            self._asked[key] = now
        try:
            self._runtime.run(self._within(look, self._until - now))
        except (StatusError, NoMatchError, AmbiguousMatchError):
            return  # it has answered: it is not there, or not for us
        except (KubeError, TimeoutError):
            self._memory.silent = True

    async def _within(self, look: Question, seconds: float) -> None:
        with anyio.fail_after(max(0.0, seconds)):
            await look(self._place.client)


async def _known(client: AsyncClient, word: str) -> APIResource | None:
    # An unknown name makes the mapper look again, which takes longer than there is.
    return await client.mapper.resource_for(word) if word.lower() in await client.mapper.names() else None


def _container_names(obj: JSONObject) -> list[str]:
    specs = [spec for path in _POD_SPECS if isinstance(spec := get_path(obj, path), dict)]
    return [str(each.get("name")) for spec in specs for key in _CONTAINERS for each in spec.get(key) or ()]


def _values_of(field: Field) -> Iterable[str]:
    return ("true", "false") if field.schema.type == "boolean" else [str(each) for each in field.enum]
