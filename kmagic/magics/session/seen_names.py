"""Names that passed through a notebook's magics, remembered for completion. Bounded; never asks a server."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from kmagic.magics.language import manifest

if TYPE_CHECKING:
    from kmagic.rest.resource import APIResource

__all__ = ("Memory",)

# A completion list longer than this helps nobody.
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


class Memory:
    """What was seen: types, objects' names by type and namespace, namespaces, contexts."""

    def __init__(self) -> None:
        self._names: OrderedDict[tuple[str, str], dict[str, None]] = OrderedDict()
        self._types: dict[str, None] = {}
        self._namespaces: dict[str, None] = {"default": None}
        self._contexts: tuple[str, ...] = ()
        self._plurals = dict(_SHORT)
        self._paths: OrderedDict[str, tuple[str, ...]] = OrderedDict()
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
        plural = self._plurals.get(resource.lower(), resource.lower())
        places = ((plural, namespace),) if namespace else ((plural, self.namespace), (plural, ""))
        return [name for place in places for name in self._names.get(place, ())]

    def namespaces(self) -> Iterable[str]:
        """Namespaces seen."""
        return tuple(self._namespaces)

    def contexts(self) -> Iterable[str]:
        """Contexts of the kubeconfig."""
        return self._contexts

    def fields(self, body: str) -> Iterable[str]:
        """Keys that may stand at the end of a manifest's text."""
        return manifest.keys_at_end(body)

    def paths(self, path: str) -> Iterable[str]:
        """What ``pods.spec.con`` may become: the fields of that level, of types that were explained."""
        word, _, typed = path.partition(".")
        known = self._paths.get(self._plurals.get(word.lower(), word.lower()), ())
        level = typed.count(".")
        return [f"{word}.{each}" for each in known if each.startswith(typed) and each.count(".") == level]
