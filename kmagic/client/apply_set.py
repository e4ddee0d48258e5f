"""ApplySets: which objects were applied together, so that those that left the manifests are pruned.

A parent object remembers the kinds and namespaces of a set in annotations; every member carries the set's id as a label.
They are written as kubectl writes them, under its tool's name, so that ``kubectl apply --prune --applyset`` and
`AsyncClient.apply` work on the same set.

Source: KEP-3659; k8s.io/kubectl/pkg/cmd/apply (applyset.go, applyset_pruner.go).
"""

from __future__ import annotations

import base64
import hashlib
from typing import TYPE_CHECKING

import msgspec

from kmagic.api import meta
from kmagic.api.conditions import is_true
from kmagic.api.gvk import GroupVersionKind
from kmagic.api.manifests import defines
from kmagic.errors import ArgumentError, ConflictError, NoMatchError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from kmagic.api.types import JSONObject
    from kmagic.client.dynamic import DynamicClient
    from kmagic.client.mapper import RESTMapper
    from kmagic.client.resource import AsyncResource
    from kmagic.rest.resource import APIResource

__all__ = ("ApplySet", "Members")

_ID = "applyset.kubernetes.io/id"
_PART_OF = "applyset.kubernetes.io/part-of"
_TOOLING = "applyset.kubernetes.io/tooling"
_KINDS = "applyset.kubernetes.io/contains-group-kinds"
_RESOURCES = "applyset.kubernetes.io/contains-group-resources"  # of kubectl before 1.28
_NAMESPACES = "applyset.kubernetes.io/additional-namespaces"
_PARENT_TYPE = "applyset.kubernetes.io/is-parent-type"
# Who else writes these sets is refused by kubectl; the version is that of the format.
_TOOL = "kubectl"
_TOOL_VERSION = "v1.37"
_MANAGER = "kubectl-applyset"
_DEFINITIONS = "customresourcedefinitions.apiextensions.k8s.io"
_BUILT_IN = (("", "secrets"), ("", "configmaps"))


class ApplySet(msgspec.Struct, frozen=True):
    """The set of objects that are applied together: ``client.apply(manifests, prune=ApplySet("web"))``.

    Attributes:
        parent: Name of the Secret that remembers the set, or ``configmaps/web``, or a custom resource whose definition
            allows it, as ``--applyset`` takes it. A Secret or ConfigMap is made where it is missing.
        namespace: Namespace of the parent; None for the one of the apply.
    """

    parent: str
    namespace: str | None = None


class Members:
    """One apply of a set: what it contained before, and what it contains now.

    Args:
        dynamic: Client of the objects.
        mapper: Mapper of kinds to resources.
        apply_set: The set.
        namespace: For a parent and manifests that name none.
        dry_run: Answer as if, but keep nothing.
    """

    def __init__(
        self, dynamic: DynamicClient, mapper: RESTMapper, apply_set: ApplySet, namespace: str | None, *, dry_run: bool
    ) -> None:
        self._dynamic = dynamic
        self._mapper = mapper
        self._set = apply_set
        self._default = namespace
        self._dry_run = dry_run
        self._kinds_before: dict[tuple[str, str], APIResource] = {}
        self._namespaces_before: set[str] = set()
        self._kinds: set[tuple[str, str]] = set()
        self._namespaces: set[str] = set()

    async def begin(self, manifests: Sequence[JSONObject]) -> list[JSONObject]:
        """Reads the set, makes it cover what will be applied, and returns the manifests as members of it.

        Raises:
            ArgumentError: The parent cannot be one, belongs to another tool or to another set, or a manifest is a
                member of a set already.
            NoMatchError: A kind of the set is not served, and no manifest defines it.
        """
        self._parent = await self._resource_of_parent()
        self._name = self._set.parent.rpartition("/")[2]
        self._namespace = (self._set.namespace or self._default or "") if self._parent.namespaced else ""
        self._id = _id(self._name, self._namespace, self._parent)
        members = [self._member(each) for each in manifests]
        await self._read(manifests)
        for each in manifests:
            await self._count(each)
        # Before anything is applied: an apply that is interrupted leaves nothing that the set does not know.
        await self._write({*self._kinds_before} | self._kinds, self._namespaces_before | self._namespaces)
        return members

    async def left(self, uids: Iterable[str]) -> list[tuple[AsyncResource[JSONObject], JSONObject]]:
        """Returns the members that were not applied, each with its resource.

        Args:
            uids: UIDs of what was applied.
        """
        applied, found = {*uids}, []
        for resource in self._kinds_before.values():
            for namespace in sorted(self._namespaces_before) if resource.namespaced else [None]:
                target = self._dynamic.resource(resource, namespace)
                listed = await target.list(label_selector=f"{_PART_OF}={self._id}")
                found += [(target, each) for each in listed.items if meta.uid(each) not in applied]
        return found

    async def end(self) -> None:
        """Writes what the set contains now, once everything else is pruned."""
        await self._write(self._kinds, self._namespaces)

    async def _resource_of_parent(self) -> APIResource:
        kind, _, name = self._set.parent.rpartition("/")
        if not name:
            raise ArgumentError("the parent of an ApplySet has a name: ApplySet('web'), ApplySet('configmaps/web')")
        resource = await self._mapper.resource_for(kind or "secrets")
        if (resource.group, resource.resource) in _BUILT_IN:
            return resource
        allowed = await self._dynamic.resource(_DEFINITIONS).list(label_selector=_PARENT_TYPE)
        if f"{resource.resource}.{resource.group}" not in [meta.name(each) for each in allowed.items]:
            raise ArgumentError(
                f'"{resource.full_name}" is not permitted as an ApplySet parent',
                hint=f"Secrets, ConfigMaps and custom resources whose definition has the label {_PARENT_TYPE} are",
            )
        return resource

    def _member(self, manifest: JSONObject) -> JSONObject:
        labels = meta.labels(manifest)
        if _PART_OF in labels:
            raise ArgumentError(f'{manifest["kind"]} {meta.name(manifest)} has the label "{_PART_OF}" already')
        return {**manifest, "metadata": {**manifest["metadata"], "labels": {**labels, _PART_OF: self._id}}}

    async def _read(self, manifests: Sequence[JSONObject]) -> None:
        parent = self._dynamic.resource(self._parent, self._namespace or None)
        found = await parent.get_or_none(self._name)
        what = f"the ApplySet parent {self._parent.resource}/{self._name}"
        if found is None:
            if (self._parent.group, self._parent.resource) not in _BUILT_IN:
                raise ArgumentError(f"{what} is not there: a custom resource is not made by itself")
            return
        notes, label = meta.annotations(found), meta.labels(found).get(_ID)
        tool = notes.get(_TOOLING, "").rpartition("/")
        if (tool[0] or tool[2]) != _TOOL:
            raise ArgumentError(
                f"{what} is managed by another tool: {notes[_TOOLING]}"
                if _TOOLING in notes
                else f'{what} exists and is none: it has no annotation "{_TOOLING}"'
            )
        if label != self._id:
            raise ArgumentError(f'{what} has a wrong label "{_ID}": {label or "none"}, not {self._id}')
        if _KINDS not in notes and not notes.get(_RESOURCES):
            raise ArgumentError(f'{what} has no annotation "{_KINDS}"')
        for name in filter(None, (notes.get(_KINDS) or notes.get(_RESOURCES) or "").split(",")):
            try:
                resource = await self._of_kind(name)
            except NoMatchError:
                if not await self._is_to_come(name, manifests):
                    raise
                continue
            self._kinds_before[resource.group, resource.kind] = resource
        self._namespaces_before = {*filter(None, notes.get(_NAMESPACES, "").split(",")), self._namespace} - {""}

    async def _of_kind(self, name: str) -> APIResource:
        resource = await self._mapper.resource_for(name)
        if resource.group != name.partition(".")[2]:
            raise NoMatchError(f'the ApplySet contains "{name}", which the server does not have')
        return resource

    async def _is_to_come(self, name: str, manifests: Sequence[JSONObject]) -> bool:
        """Returns whether a kind has no members yet, or no more: a manifest defines it, and the server does not."""
        kind, _, group = name.partition(".")
        definition = next((each for each in manifests if defines(each, GroupVersionKind(group, "", kind))), None)
        if definition is None:
            return False
        there = await self._dynamic.resource(_DEFINITIONS).get_or_none(meta.name(definition))
        # One that is served has members that discovery only does not tell of.
        return there is None or not is_true(there, "Established")

    async def _count(self, manifest: JSONObject) -> None:
        gvk = GroupVersionKind.of(manifest)
        self._kinds.add((gvk.group, gvk.kind))
        try:
            namespaced = (await self._mapper.resource_for_kind(gvk)).namespaced
        except NoMatchError:
            namespaced = True  # its definition is among the manifests; a namespace too many costs a list request
        if namespaced and (namespace := meta.namespace(manifest) or self._default):
            self._namespaces.add(namespace)

    async def _write(self, kinds: set[tuple[str, str]], namespaces: set[str]) -> None:
        notes = {
            _TOOLING: f"{_TOOL}/{_TOOL_VERSION}",
            _KINDS: ",".join(sorted(f"{kind}.{group}" if group else kind for group, kind in kinds)),
            _NAMESPACES: ",".join(sorted(namespaces - {self._namespace})),
        }
        head: JSONObject = {"name": self._name, "annotations": notes, "labels": {_ID: self._id}}
        if self._namespace:
            head["namespace"] = self._namespace
        parent = self._dynamic.resource(self._parent, self._namespace or None)
        try:
            await parent.apply({"metadata": head}, field_manager=_MANAGER, dry_run=self._dry_run)
        except ConflictError:
            # These fields are the set's own, whoever changed them.
            await parent.apply({"metadata": head}, field_manager=_MANAGER, force=True, dry_run=self._dry_run)


def _id(name: str, namespace: str, resource: APIResource) -> str:
    text = f"{name}.{namespace}.{resource.kind}.{resource.group}"
    digest = base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).decode().rstrip("=")
    return f"applyset-{digest}-v1"
