"""Many objects in one call: manifests as text, files, folders, dicts or models, applied or deleted in order.

```python
client.apply(Path("deploy/"), namespace="shop")
client.delete({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a"}})
```

All of them are read and checked before anything is sent. One that fails does not keep the others: what came of each
is returned, or, where one failed, in the error.

Source: k8s.io/kubectl/pkg/cmd/apply, k8s.io/cli-runtime/pkg/resource (builder, visitor).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import msgspec

from kmagic.api import meta
from kmagic.api.codec import YAMLError, decode_text, load_yaml_documents
from kmagic.api.gvk import GroupVersionKind
from kmagic.api.manifests import defines, objects_of
from kmagic.api.model import Model
from kmagic.api.types import JSONObject
from kmagic.client import apply as applying
from kmagic.client.apply_set import ApplySet, Members
from kmagic.client.wait import until_published
from kmagic.errors import ArgumentError, KubeError, ManifestsError, NoMatchError, NotFoundError
from kmagic.views.yaml import same_wish

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kmagic.api.clock import Clock
    from kmagic.api.options import Propagation
    from kmagic.client.apply import AppliedFields
    from kmagic.client.dynamic import DynamicClient
    from kmagic.client.mapper import RESTMapper
    from kmagic.client.resource import AsyncResource
    from kmagic.rest.resource import APIResource

__all__ = ("Carrier", "Manifests", "Result", "apply_all", "delete_all", "load")

Manifests: TypeAlias = "str | Path | Mapping[str, Any] | Model | Iterable[Manifests]"

_SUFFIXES = (".yaml", ".yml", ".json")
# A definition is served within a second or two.
_DEFINITION_SECONDS = 10.0
# What others need to be there: namespaces, then definitions; deleted last.
_FIRST = ("Namespace", "CustomResourceDefinition")


class Result(msgspec.Struct, frozen=True):
    """The outcome of one manifest.

    Attributes:
        action: ``created``, ``configured``, ``unchanged``, ``pruned``, ``deleted``, ``absent`` (nothing to delete) or
            ``failed``.
        manifest: As it was given; of what was pruned, the object.
        obj: The object as the server has it then; None where it has none, or was not asked.
        error: Of a failed one.
    """

    action: str
    manifest: JSONObject
    obj: JSONObject | None = None
    error: KubeError | None = None

    def __repr__(self) -> str:
        # Not the manifest: it may be a Secret.
        return f"<{_what(self.manifest)} {self.action}{f': {self.error.message}' if self.error else ''}>"


class Carrier(msgspec.Struct, frozen=True):
    """A client as far as manifests need it.

    Attributes:
        namespace: For manifests that name none; None where there is none to take.
    """

    dynamic: DynamicClient
    mapper: RESTMapper
    applied: AppliedFields
    clock: Clock
    namespace: str | None

    async def target(self, manifest: JSONObject, defined: bool) -> AsyncResource[JSONObject]:
        """The resource a manifest belongs to, in its namespace.

        Args:
            manifest: One object.
            defined: Its definition was applied a moment ago, so it is waited for.

        Raises:
            NoMatchError: The server does not serve its kind.
        """
        look = partial(self.mapper.resource_for_kind, GroupVersionKind.of(manifest))
        try:
            resource: APIResource = await look()
        except NoMatchError:
            if not defined:
                raise
            resource = await until_published(self.clock, look, timeout=_DEFINITION_SECONDS)
        own = meta.namespace(manifest)
        return self.dynamic.resource(resource, (own or self.namespace) if resource.namespaced else None)


def load(manifests: Manifests) -> list[JSONObject]:
    """Reads manifests into plain objects, in the order they come; the objects of a list count one by one.

    Args:
        manifests: Text with any number of YAML or JSON documents; a `pathlib.Path` of a file or of a folder, whose
            ``.yaml``, ``.yml`` and ``.json`` files count in the order of their names; a dict; a model; or many of
            them.

    Raises:
        ArgumentError: One is no manifest: not readable, or without apiVersion, kind or name.
    """
    found = [_checked(obj, where) for obj, where in _documents(manifests)]
    if not found:
        raise ArgumentError("there is no manifest in what was given")
    return found


async def apply_all(
    client: Carrier,
    manifests: Manifests,
    *,
    field_manager: str = "",
    force: bool = False,
    dry_run: bool = False,
    field_validation: str = "Strict",
    prune: ApplySet | None = None,
) -> list[Result]:
    """Applies manifests server-side, namespaces and definitions first, and returns their outcomes.

    Raises:
        ArgumentError: One of them is no manifest; nothing was applied.
        ManifestsError: Some failed.
    """
    ordered = sorted(load(manifests), key=_rank)
    members = None
    if prune is not None:
        members = Members(client.dynamic, client.mapper, prune, client.namespace, dry_run=dry_run)
        ordered = await members.begin(ordered)

    async def one(manifest: JSONObject, done: Sequence[Result]) -> Result:
        gvk = GroupVersionKind.of(manifest)
        target = await client.target(manifest, any(defines(each.obj, gvk) for each in done) and not dry_run)
        before = await target.get_or_none(meta.name(manifest))
        after = await applying.apply(
            target,
            manifest,
            before,
            field_manager=field_manager,
            force=force,
            dry_run=dry_run,
            field_validation=field_validation,
            applied=client.applied,
        )
        action = "created" if before is None else "unchanged" if same_wish(before, after) else "configured"
        return Result(action, manifest, after)

    done = _complete(await _each(ordered, one), "applied")
    if members is not None:
        done = _complete([*done, *await _prune(members, done, dry_run=dry_run)], "applied or pruned")
        await members.end()
    return done


async def _prune(members: Members, applied: Sequence[Result], *, dry_run: bool) -> list[Result]:
    """Deletes the members of a set that were not applied."""
    left = await members.left(meta.uid(each.obj) for each in applied if each.obj is not None)
    targets = {meta.uid(obj): target for target, obj in left}

    async def one(obj: JSONObject, _: Sequence[Result]) -> Result:
        try:
            await targets[meta.uid(obj)].delete(
                meta.name(obj), propagation="Background", uid=meta.uid(obj), dry_run=dry_run
            )
        except NotFoundError:
            return Result("absent", obj)
        return Result("pruned", obj, obj)

    return await _each(sorted((obj for _, obj in left), key=_rank)[::-1], one)


async def delete_all(
    client: Carrier, manifests: Manifests, *, propagation: Propagation = "", dry_run: bool = False
) -> list[Result]:
    """Deletes what manifests name, in reverse order, and returns their outcomes; what is not there is no error.

    Raises:
        ArgumentError: One of them is no manifest; nothing was sent.
        ManifestsError: Some failed.
    """

    async def one(manifest: JSONObject, done: Sequence[Result]) -> Result:
        try:
            target = await client.target(manifest, False)
        except NoMatchError:
            if any(defines(each.manifest, GroupVersionKind.of(manifest)) for each in done):
                return Result("absent", manifest)
            raise
        before = await target.get_or_none(meta.name(manifest))
        if before is None:
            return Result("absent", manifest)
        try:
            await target.delete(meta.name(manifest), propagation=propagation, uid=meta.uid(before), dry_run=dry_run)
        except NotFoundError:
            return Result("absent", manifest)
        return Result("deleted", manifest, before)

    ordered = sorted(load(manifests), key=_rank)
    return _complete(await _each(ordered[::-1], one), "deleted")


async def _each(
    manifests: Sequence[JSONObject], one: Callable[[JSONObject, Sequence[Result]], Awaitable[Result]]
) -> list[Result]:
    done: list[Result] = []
    for manifest in manifests:
        try:
            done.append(await one(manifest, done))
        except KubeError as error:
            done.append(Result("failed", manifest, error=error))
    return done


def _complete(done: list[Result], word: str) -> list[Result]:
    """The outcomes, of which none failed.

    Raises:
        ManifestsError: Some did.
    """
    failed = [each for each in done if each.error is not None]
    if failed:
        lines = [f"{_what(each.manifest)}: {each.error.message}" for each in failed if each.error]
        text = f"{len(failed)} of {len(done)} manifests were not {word}"
        raise ManifestsError("\n".join([text, *lines]), results=done) from failed[0].error
    return done


def _documents(manifests: Any) -> Iterable[tuple[object, str]]:
    """Each object with its place, for messages."""
    if isinstance(manifests, str):
        yield from _of_text(manifests, "")
    elif isinstance(manifests, Path):
        for path in _files(manifests):
            try:
                yield from _of_text(decode_text(path.read_bytes()), f"{path}, ")
            except (OSError, YAMLError) as error:
                reason = error.strerror if isinstance(error, OSError) else error.message
                raise ArgumentError(f"{path} cannot be read: {reason}") from error
    elif isinstance(manifests, Model):
        yield from ((obj, "the model") for obj in objects_of(manifests.to_manifest()))
    elif isinstance(manifests, Mapping):
        yield from ((obj, "the dict") for obj in objects_of(dict(manifests)))
    elif isinstance(manifests, Iterable) and not isinstance(manifests, bytes):
        for each in manifests:
            yield from _documents(each)
    else:
        raise ArgumentError(f"a {type(manifests).__name__} is no manifest: give text, a Path, a dict or a model")


def _of_text(text: str, name: str) -> Iterable[tuple[object, str]]:
    try:
        documents = load_yaml_documents(text)
    except YAMLError as error:
        if name:
            raise
        raise ArgumentError(f"the text is not valid YAML: {error.message}") from error
    for document in documents:
        for obj in objects_of(document.obj):
            yield obj, f"{name}line {document.line}"


def _files(path: Path) -> Sequence[Path]:
    path = path.expanduser()
    if not path.is_dir():
        return [path]
    found = sorted(each for each in path.iterdir() if each.suffix in _SUFFIXES)
    if not found:
        raise ArgumentError(f"the folder {path} holds no {', '.join(_SUFFIXES)} file")
    return found


def _checked(obj: object, where: str) -> JSONObject:
    if not isinstance(obj, dict):
        hint = "a file is given as pathlib.Path(...)" if isinstance(obj, str) else ""
        raise ArgumentError(f"{where}: a manifest is a mapping, not {type(obj).__name__}", hint=hint)
    head = obj.get("metadata")
    missing = [key for key in ("apiVersion", "kind") if not isinstance(obj.get(key), str) or not obj[key]]
    if not isinstance(head, dict) or not isinstance(head.get("name"), str) or not head["name"]:
        missing.append("metadata.name")
    if missing:
        raise ArgumentError(f"{where}: the manifest has no {' and no '.join(missing)}")
    return obj


def _rank(manifest: JSONObject) -> int:
    kind = manifest["kind"]
    return _FIRST.index(kind) if kind in _FIRST else len(_FIRST)


def _what(manifest: JSONObject) -> str:
    return f"{manifest['kind']} {meta.name(manifest)}"
