"""Applying manifests one after the other: what was there, what is there now, what went wrong. No display here.

Server-side apply, field manager ``kmagic``. A document that the server refuses does not stop the others, as in
kubectl; a lost connection or an interrupt does, and what was not tried is said.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from kmagic.api import meta
from kmagic.client.apply import apply, conflict_text, field_conflicts
from kmagic.errors import (
    BadRequestError,
    ConflictError,
    KubeError,
    NoMatchError,
    NotFoundError,
    StatusError,
    UsageError,
)
from kmagic.magics.fields import fields_of
from kmagic.magics.manifest import Manifest, line_of_field
from kmagic.views.yaml import neat

if TYPE_CHECKING:
    from kmagic.api.types import JSONObject
    from kmagic.client.client import AsyncClient
    from kmagic.rest.resource import APIResource

__all__ = ("Applied", "ApplyOptions", "apply_all", "moved_since", "resolve")


@dataclass(frozen=True)
class ApplyOptions:
    """How to apply.

    Attributes:
        namespace: For manifests that name none.
        explicit: The namespace was given with ``-n``: a manifest that names another is a mistake.
        field_manager: Who owns the fields; "" as `kmagic.client.apply.manager_for` says.
        dry_run: The server answers as if, and keeps nothing.
    """

    namespace: str
    explicit: bool = False
    field_manager: str = ""
    force: bool = False
    dry_run: bool = False
    validation: str = "Strict"


@dataclass(frozen=True)
class Applied:
    """What became of one manifest.

    Attributes:
        action: ``created``, ``configured``, ``unchanged``, ``failed`` or ``not tried``.
        before: The object as it was, or None.
        after: The object as it is (in a dry run: as it would be), or None.
    """

    manifest: Manifest
    action: str
    resource: APIResource | None = None
    namespace: str = ""
    before: JSONObject | None = None
    after: JSONObject | None = None
    error: KubeError | None = None

    @property
    def what(self) -> str:
        """The object as kubectl names it: ``deployment.apps/web``."""
        if self.resource is None:
            return f"{self.manifest.gvk.kind.lower()}/{self.manifest.name}"
        kind = self.resource.singular or self.resource.kind.lower()
        return (
            f"{kind}.{self.resource.group}/{self.manifest.name}"
            if self.resource.group
            else f"{kind}/{self.manifest.name}"
        )


async def apply_all(
    client: AsyncClient, manifests: Sequence[Manifest], options: ApplyOptions, done: list[Applied]
) -> None:
    """Applies manifests in their order.

    Args:
        client: Where to.
        manifests: Checked ones.
        options: How.
        done: Filled as the work goes on, so that an interrupt leaves what is known; `not tried` is the caller's to add.
    """
    for manifest in manifests:
        try:
            done.append(await _apply(client, manifest, options, done))
        except (StatusError, NoMatchError, UsageError) as error:
            resource = await _resource_or_none(client, manifest)
            done.append(Applied(manifest, "failed", resource, error=_explained(manifest, error)))


async def _apply(client: AsyncClient, manifest: Manifest, options: ApplyOptions, done: Iterable[Applied]) -> Applied:
    resource = await resolve(client, manifest, done)
    namespace = _namespace(manifest, resource, options)
    target = client.dynamic.resource(resource, namespace)
    try:
        before: JSONObject | None = await target.get(manifest.name)
    except NotFoundError:
        before = None
    after = await apply(
        target,
        manifest.obj,
        before,
        field_manager=options.field_manager,
        force=options.force,
        dry_run=options.dry_run,
        field_validation=options.validation,
        applied=client.applied,
    )
    return Applied(manifest, _action(before, after), resource, namespace or "", before, after)


def _action(before: JSONObject | None, after: JSONObject) -> str:
    if before is None:
        return "created"
    # The resource version of a dry run says nothing, and status may move meanwhile: the wish is what counts.
    same = {**neat(before), "status": None} == {**neat(after), "status": None}
    return "unchanged" if same else "configured"


def _namespace(manifest: Manifest, resource: APIResource, options: ApplyOptions) -> str | None:
    if not resource.namespaced:
        return None
    own = manifest.namespace
    if own and options.explicit and own != options.namespace:
        raise UsageError(
            f'{manifest.where}: the manifest says namespace "{own}" and -n says "{options.namespace}"',
            hint="leave one of them out",
        )
    return own or options.namespace


async def resolve(client: AsyncClient, manifest: Manifest, done: Iterable[Applied] = ()) -> APIResource:
    """The resource a manifest belongs to.

    Raises:
        NoMatchError: The server does not know the kind; a kind whose definition was just applied is waited for.
    """
    try:
        return await client.mapper.resource_for_kind(manifest.gvk)
    except NoMatchError as error:
        just_defined = any(_defines(each.after, manifest.gvk.kind) for each in done)
        if not just_defined:
            raise NoMatchError(
                f"{manifest.where}: {error.message}", suggestions=error.suggestions, hint=error.hint
            ) from error
    return await _await_kind(client, manifest)


async def moved_since(client: AsyncClient, planned: Iterable[Applied]) -> list[str]:
    """Which objects are no longer as they were when a plan was made."""
    moved = []
    for each in planned:
        if each.resource is None:
            continue
        target = client.dynamic.resource(each.resource, each.namespace or None)
        try:
            version = meta.resource_version(await target.get(each.manifest.name))
        except NotFoundError:
            version = ""
        if version != (meta.resource_version(each.before) if each.before else ""):
            moved.append(each.what)
    return moved


# A definition is served a second or two after it was applied.
_DEFINITION_SECONDS = 10.0
_LOOK_AGAIN_SECONDS = 0.5


async def _await_kind(client: AsyncClient, manifest: Manifest) -> APIResource:
    clock = client.rest.clock
    deadline = clock.now() + _DEFINITION_SECONDS
    while True:
        await clock.sleep(_LOOK_AGAIN_SECONDS)
        await client.discovery.refresh()
        try:
            return await client.mapper.resource_for_kind(manifest.gvk)
        except NoMatchError:
            if clock.now() > deadline:
                raise


def _defines(obj: JSONObject | None, kind: str) -> bool:
    return bool(obj) and (obj or {}).get("kind") == "CustomResourceDefinition" and _names(obj).get("kind") == kind


def _names(obj: JSONObject | None) -> dict[str, Any]:
    names: dict[str, Any] = ((obj or {}).get("spec") or {}).get("names") or {}
    return names


async def _resource_or_none(client: AsyncClient, manifest: Manifest) -> APIResource | None:
    try:
        return await client.mapper.resource_for_kind(manifest.gvk)
    except NoMatchError:
        return None


# Strict decoding says it one way, the schema of server-side apply another.
_UNKNOWN_FIELD = re.compile(r'unknown field "(?P<strict>[^"]+)"|(?P<schema>\.[^\s:]+): field not declared in schema')


def _explained(manifest: Manifest, error: KubeError) -> KubeError:
    """The server's refusal, with the line of the manifest it is about."""
    if not isinstance(error, StatusError):
        return error
    unknown = [(found["strict"] or found["schema"]).lstrip(".") for found in _UNKNOWN_FIELD.finditer(error.message)]
    if unknown:
        places = [f"{path}{_at_line(manifest, path)}" for path in dict.fromkeys(unknown)]
        text = f"{manifest.gvk.kind} {manifest.name} has unknown fields: {', '.join(places)}"
        return BadRequestError(text, status=error.status, request=error.request, hint=_quoted(manifest, unknown[0]))
    if isinstance(error, ConflictError):
        return _conflict(error)
    return error


def _conflict(error: ConflictError) -> ConflictError:
    """A conflict with the way out of its kind: only fields of other managers can be forced."""
    if conflicts := field_conflicts(error):
        hint = "leave these fields out, or take them over with --force-conflicts"
        return ConflictError(conflict_text(conflicts), status=error.status, request=error.request, hint=hint)
    error.hint = (
        "leave metadata.uid out of the manifest: the object by this name is another one"
        if "uid" in error.message.lower()
        else "leave metadata.resourceVersion out of the manifest, or read the object again and repeat the change"
    )
    return error


def _at_line(manifest: Manifest, path: str) -> str:
    line = line_of_field(manifest, path)
    return f" ({manifest.source.where(line)})" if line else ""


def _quoted(manifest: Manifest, path: str) -> str:
    line = line_of_field(manifest, path)
    text = manifest.source.quote(line).strip()
    quoted = f"{text}\n" if text else ""
    parent, _, field = path.rpartition(".")
    close = difflib.get_close_matches(field, fields_of(manifest.gvk, parent), 2, 0.6)
    suggestion = f"did you mean {' or '.join(close)}?" if close else "leave it out, or check how it is spelled"
    return f"{quoted}{suggestion}"
