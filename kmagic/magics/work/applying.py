"""Applying a manifest: what was there, what is there now, what went wrong. No display here.

Server-side apply, field manager ``kmagic``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from kmagic.api.manifests import defines
from kmagic.api.words import did_you_mean
from kmagic.client.apply import apply, conflict_text, field_conflicts
from kmagic.client.wait import until_published
from kmagic.errors import (
    BadRequestError,
    ConflictError,
    KubeError,
    NoMatchError,
    NotFoundError,
    StatusError,
    UsageError,
)
from kmagic.magics.language.manifest import Manifest, line_of_field
from kmagic.magics.language.manifest_keys import fields_of
from kmagic.magics.results.outcome import NOT_DONE, Outcome
from kmagic.views.yaml import same_wish

if TYPE_CHECKING:
    from kmagic.api.types import JSONObject
    from kmagic.client.client import AsyncClient
    from kmagic.rest.resource import APIResource

__all__ = ("Apply", "ApplyOptions", "resolve")

# A definition is served a second or two after it was applied.
_DEFINITION_SECONDS = 10.0


@dataclass(frozen=True)
class ApplyOptions:
    """The options of an apply.

    Attributes:
        namespace: For manifests that name none.
        explicit: The namespace was given with ``-n``: a manifest that names another is a mistake.
        said: Kubectl's word for what was applied, instead of ``created``, ``configured`` and ``unchanged``.
        field_manager: Name of the fields' owner; "" for `kmagic.client.apply.manager_for`.
    """

    namespace: str
    explicit: bool = False
    field_manager: str = ""
    force: bool = False
    said: str = ""
    validation: str = "Strict"


@dataclass(frozen=True)
class Apply:
    """The step of `changes` that applies a manifest."""

    manifest: Manifest
    options: ApplyOptions

    async def send(self, client: AsyncClient, *, dry_run: bool, done: Sequence[Outcome]) -> Outcome:
        """Applies it.

        Raises:
            KubeError: The server refused it, or does not know the kind.
        """
        if dry_run and await self._is_defined_by(client, done):
            # Its definition is only tried, so the server cannot try the object.
            return replace(self.outcome("created"), note="not tried before its definition is there")
        resource = await resolve(client, self.manifest, done)
        namespace = _namespace(self.manifest, resource, self.options)
        target = client.dynamic.resource(resource, namespace)
        try:
            before: JSONObject | None = await target.get(self.manifest.name)
        except NotFoundError:
            before = None
        after = await apply(
            target,
            self.manifest.obj,
            before,
            field_manager=self.options.field_manager,
            force=self.options.force,
            dry_run=dry_run,
            field_validation=self.options.validation,
            applied=client.applied,
        )
        action = "created" if before is None else "unchanged" if same_wish(before, after) else "configured"
        said = self.options.said
        return Outcome(action, self.manifest.name, namespace or "", resource, before=before, after=after, said=said)

    async def _is_defined_by(self, client: AsyncClient, done: Iterable[Outcome]) -> bool:
        """Returns whether the kind is not there yet and a step before defines it."""
        if not any(defines(each.after, self.manifest.gvk) for each in done):
            return False
        return await _resource_or_none(client, self.manifest) is None

    async def failed(self, client: AsyncClient, error: KubeError) -> Outcome:
        """Returns its outcome after a refusal; the error names the line it is about."""
        resource = await _resource_or_none(client, self.manifest) if isinstance(error, StatusError) else None
        return replace(self.outcome("failed"), resource=resource, after=None, error=_explained(self.manifest, error))

    def outcome(self, action: str) -> Outcome:
        """Returns its outcome without a request."""
        after = None if action in NOT_DONE else self.manifest.obj
        return Outcome(action, self.manifest.name, self.manifest.namespace, kind=self.manifest.gvk.kind, after=after)

    def tried(self) -> Outcome:
        """The outcome of a client-side dry run: it can be sent."""
        return self.outcome("valid")


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


async def resolve(client: AsyncClient, manifest: Manifest, done: Iterable[Outcome] = ()) -> APIResource:
    """The resource a manifest belongs to.

    Raises:
        NoMatchError: The server does not know the kind; a kind whose definition was just applied is waited for.
    """
    try:
        return await client.mapper.resource_for_kind(manifest.gvk)
    except NoMatchError as error:
        just_defined = any(defines(each.after, manifest.gvk) for each in done)
        if not just_defined:
            raise NoMatchError(
                f"{manifest.where}: {error.message}", suggestions=error.suggestions, hint=error.hint
            ) from error
    look = partial(client.mapper.resource_for_kind, manifest.gvk)
    return await until_published(client.rest.clock, look, timeout=_DEFINITION_SECONDS)


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
    close = did_you_mean(field, fields_of(manifest.gvk, parent))
    suggestion = close or "leave it out, or check how it is spelled"
    return f"{quoted}{suggestion}"
