"""Names that were seen at a server, remembered for completion. Bounded; never asks it: `asking` does."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from kmagic.api import meta

if TYPE_CHECKING:
    from kmagic.api.types import JSONObject
    from kmagic.rest.resource import APIResource

__all__ = ("Memory",)

# A completion list longer than this is of no help.
_NAMES_PER_TYPE = 500
_TYPES = 100
_EXPLAINED = 20

# What people type most, first; the rest follows as the server lists it.
_COMMON = [
    "pods",
    "deployments",
    "services",
    "configmaps",
    "secrets",
    "ingresses",
    "jobs",
    "cronjobs",
    "statefulsets",
    "daemonsets",
    "replicasets",
    "nodes",
    "namespaces",
    "events",
    "persistentvolumeclaims",
    "serviceaccounts",
]
_SHORT = {
    "po": "pods",
    "deploy": "deployments",
    "svc": "services",
    "cm": "configmaps",
    "ing": "ingresses",
    "sts": "statefulsets",
    "ds": "daemonsets",
    "rs": "replicasets",
    "no": "nodes",
    "ns": "namespaces",
    "ev": "events",
    "pvc": "persistentvolumeclaims",
    "pv": "persistentvolumes",
    "sa": "serviceaccounts",
    "cj": "cronjobs",
    "hpa": "horizontalpodautoscalers",
}


def _keep(known: OrderedDict[tuple[str, str], tuple[str, ...]], key: tuple[str, str], names: tuple[str, ...]) -> None:
    known[key] = names
    known.move_to_end(key)
    while len(known) > _TYPES:
        known.popitem(last=False)


class Memory:
    """The names that were seen: types, objects and their labels by type and namespace, namespaces, contexts.

    Attributes:
        namespace: The notebook's own.
        silent: The server did not answer, or asking it might start a login: completion asks nothing before a magic has
            had an answer.
    """

    def __init__(self) -> None:
        self._names: OrderedDict[tuple[str, str], dict[str, None]] = OrderedDict()
        self._types: dict[str, None] = {}
        self._namespaces: dict[str, None] = {"default": None}
        self._contexts: tuple[str, ...] = ()
        self._plurals = dict(_SHORT)
        self._paths: OrderedDict[str, tuple[str, ...]] = OrderedDict()
        self._labels: OrderedDict[tuple[str, str], tuple[str, ...]] = OrderedDict()
        self._containers: OrderedDict[tuple[str, str], tuple[str, ...]] = OrderedDict()
        self.silent: bool = False
        self.namespace = "default"

    def saw_objects(self, resource: APIResource, keys: Iterable[tuple[str, str]]) -> None:
        """Remembers objects of a type by (namespace, name)."""
        self._saw_words(resource)
        for namespace, name in keys:
            if namespace:
                self._namespaces[namespace] = None
            if resource.resource == "namespaces":
                self._namespaces[name] = None
            place = self._names.setdefault((resource.resource, namespace), {})
            self._names.move_to_end((resource.resource, namespace))
            if len(place) < _NAMES_PER_TYPE:
                place[name] = None
        while len(self._names) > _TYPES:
            self._names.popitem(last=False)

    def saw_all(self, resource: APIResource, namespace: str, objects: Iterable[JSONObject]) -> None:
        """Remembers the objects of a type in a namespace, and forgets those that were there before."""
        self._names.pop((resource.resource, namespace), None)
        found = list(objects)
        self.saw_objects(resource, [(namespace, meta.name(obj)) for obj in found])
        pairs = {f"{key}={value}" for obj in found for key, value in meta.labels(obj).items()}
        _keep(self._labels, (resource.resource, namespace), tuple(sorted(pairs)[:_NAMES_PER_TYPE]))

    def saw_containers(self, what: str, namespace: str, names: Iterable[str]) -> None:
        """Remembers the containers of ``pod/web-0`` or ``deploy/web``."""
        _keep(self._containers, (what, namespace), tuple(names))

    def _saw_words(self, resource: APIResource) -> None:
        for word in (resource.resource, *resource.short_names, resource.singular):
            if word:
                self._plurals[word] = resource.resource

    def forgot_object(self, resource: APIResource, namespace: str, name: str) -> None:
        """Forgets an object that was deleted."""
        self._names.get((resource.resource, namespace), {}).pop(name, None)

    def saw_types(self, names: Iterable[str]) -> None:
        """Remembers names of resource types, for example all that discovery found."""
        self._types.update(dict.fromkeys(names))

    def saw_fields(self, resource: APIResource, paths: Iterable[str]) -> None:
        """Remembers a type's field paths: ``spec``, ``spec.containers`` and so on."""
        self._saw_words(resource)
        self._paths[resource.resource] = tuple(paths)
        self._paths.move_to_end(resource.resource)
        while len(self._paths) > _EXPLAINED:
            self._paths.popitem(last=False)

    def saw_contexts(self, contexts: Iterable[str], namespaces: Iterable[str]) -> None:
        """Remembers what the kubeconfig names."""
        self._contexts = tuple(contexts)
        self._namespaces.update(dict.fromkeys(name for name in namespaces if name))

    def types(self) -> Iterator[str]:
        """The common types first, then the others seen."""
        yield from _COMMON
        yield from (name for name in self._types if name not in _COMMON)

    def names(self, resource: str, namespace: str) -> Iterable[str]:
        """Names of objects of a type in a namespace ("": the session's, or cluster-scoped)."""
        return [name for place in self._places(resource, namespace) for name in self._names.get(place, ())]

    def _places(self, resource: str, namespace: str) -> tuple[tuple[str, str], ...]:
        plural = self._plurals.get(resource.lower(), resource.lower())
        return ((plural, namespace),) if namespace else ((plural, self.namespace), (plural, ""))

    def labels(self, resource: str, namespace: str) -> Iterable[str]:
        """Labels of objects of a type in a namespace ("": the session's, or cluster-scoped), as ``key=value``."""
        return [pair for place in self._places(resource, namespace) for pair in self._labels.get(place, ())]

    def containers(self, what: str, namespace: str) -> Iterable[str]:
        """Containers of ``pod/web-0`` or ``deploy/web``."""
        return self._containers.get((what, namespace or self.namespace), ())

    def namespaces(self) -> Iterable[str]:
        """Namespaces seen."""
        return tuple(self._namespaces)

    def contexts(self) -> Iterable[str]:
        """Contexts of the kubeconfig."""
        return self._contexts

    def paths(self, path: str) -> Iterable[str]:
        """Returns the completions of ``pods.spec.con``: the fields of that level, of types that were explained."""
        word, _, typed = path.partition(".")
        known = self._paths.get(self._plurals.get(word.lower(), word.lower()), ())
        level = typed.count(".")
        return [f"{word}.{each}" for each in known if each.startswith(typed) and each.count(".") == level]
