"""Reading what a command names: one Table request a type or name, with the objects inside.

So what is printed and what Python gets are the same answer; of a long list only what is needed (`listing`). Also the
explanations kubectl leaves out: a namespace that does not exist, names close to a misspelt one.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from kmagic.api import meta
from kmagic.api.options import ListOptions
from kmagic.api.selectors import SelectorError, parse_fields, parse_labels
from kmagic.api.words import did_you_mean
from kmagic.errors import ForbiddenError, KubeError, NotFoundError, UsageError
from kmagic.magics.language.selection import label_selector
from kmagic.magics.work.applying import resolve
from kmagic.magics.work.fetched import PAGE, Fetched, Need, Scope
from kmagic.magics.work.listing import read_list

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from kmagic.api.table import Column, TableRow
    from kmagic.api.types import JSONObject
    from kmagic.client.client import AsyncClient
    from kmagic.magics.language.grammar import Command
    from kmagic.magics.language.manifest import Manifest
    from kmagic.magics.language.selection import Selected
    from kmagic.rest.resource import APIResource

__all__ = ("close_name", "fetch", "fetch_manifests", "require_namespace", "scope_of")


def scope_of(command: Command, namespace: str | None) -> Scope:
    """The scope a command's flags describe.

    Raises:
        UsageError: A selector that cannot be read, a limit below 0.
    """
    if command.number("limit") < 0:
        raise command.usage_error("--limit must be 0 or more", at="--limit")
    labels, fields = command.text("selector"), command.text("field-selector")
    label_selector(command)
    try:
        parse_fields(fields)
    except SelectorError as error:
        raise command.usage_error(f"the selector cannot be read: {error}", at=fields) from error
    return Scope(
        namespace,
        labels,
        fields,
        page=command.number("chunk-size", PAGE),
        limit=command.number("limit"),
        ignore_missing=command.on("ignore-not-found"),
        subresource=command.text("subresource"),
    )


async def fetch(
    client: AsyncClient,
    selected: Iterable[Selected],
    scope: Scope,
    unread: list[KubeError] | None = None,
    need: Need | None = None,
) -> list[Fetched]:
    """Reads every type of a selection.

    Args:
        client: Asks the server.
        selected: Types and names to read.
        scope: Namespace and selectors.
        unread: Takes the errors of types and names that are forbidden or missing, so that the others are read; without
            it the first one is raised.
        need: Part of a list that is used; None for rows with their objects as dicts, as those asked for by name come.

    Raises:
        NoMatchError: A type the server does not have.
        NotFoundError: A name or namespace that does not exist, with those that come close.
        UsageError: A namespaced object was asked for by name across all namespaces.
    """
    found: list[Fetched] = []
    for each in selected:
        for resource in await client.mapper.expand(each.resource):
            try:
                if each.names:
                    found.append(await _by_name(client, resource, each.names, scope, unread))
                else:
                    whole = await read_list(client, resource, scope, need or Need.ROWS_AND_OBJECTS)
                    found.append(whole if need else whole.decoded())
            except ForbiddenError as error:
                if unread is None:
                    raise
                unread.append(error)
    if not unread and not any(each.rows for each in found) and any(each.resource.namespaced for each in found):
        await require_namespace(client, scope.namespace)
    return found


async def fetch_manifests(client: AsyncClient, manifests: Iterable[Manifest], scope: Scope) -> list[Fetched]:
    """Reads the objects that manifests describe, types in the order they come first; those the labels match.

    Raises:
        NoMatchError: A kind the server does not have.
        NotFoundError: An object that does not exist.
    """
    found: dict[APIResource, list[Fetched]] = {}
    for manifest in manifests:
        resource = await resolve(client, manifest)
        own = replace(scope, namespace=manifest.namespace or scope.namespace)
        found.setdefault(resource, []).append(await _by_name(client, resource, (manifest.name,), own))
    labels = parse_labels(scope.labels)
    return [
        replace(
            parts[0],
            rows=[row for part in parts for row in part.rows if labels.matches(meta.labels(row.object or {}))],
            single=len(parts) == 1 and not scope.labels,
        )
        for parts in found.values()
    ]


async def _by_name(
    client: AsyncClient,
    resource: APIResource,
    names: Sequence[str],
    scope: Scope,
    unread: list[KubeError] | None = None,
) -> Fetched:
    if resource.namespaced and scope.namespace is None:
        raise UsageError("an object cannot be read by name across all namespaces; say -n NAMESPACE")
    columns: tuple[Column, ...] = ()
    rows: list[TableRow[JSONObject]] = []
    for name in names:
        try:
            table = await client.tables.get(
                resource, scope.namespace, name, subresource=scope.subresource, include_object="Object"
            )
        except NotFoundError as error:
            if scope.ignore_missing:
                continue
            explained = await _explained(client, resource, name, scope, error)
            if unread is None:
                raise explained from error
            unread.append(explained)
            continue
        columns = table.columns or columns
        rows += table.rows
    return Fetched(resource, columns, rows, single=len(names) == 1)


async def require_namespace(client: AsyncClient, namespace: str | None) -> None:
    """Makes sure an empty answer is not a misspelt namespace.

    Raises:
        NotFoundError: The namespace does not exist; the hint names close ones.
    """
    if not namespace:
        return
    namespaces = client.resource("namespaces", None)
    try:
        await namespaces.get(namespace)
    except NotFoundError as error:
        hint = await close_name(client, "namespaces", None, namespace) or "%kns lists the namespaces"
        message = f'namespace "{namespace}" does not exist'
        raise NotFoundError(message, status=error.status, request=error.request, hint=hint) from error
    except ForbiddenError:
        # Who may not read namespaces cannot be told whether this one exists.
        return


async def _explained(
    client: AsyncClient, resource: APIResource, name: str, scope: Scope, error: NotFoundError
) -> NotFoundError:
    if resource.namespaced:
        await require_namespace(client, scope.namespace)
    close = await close_name(client, resource.full_name, scope.namespace, name)
    hint = close or f"%kget {resource.resource} lists what is there"
    return NotFoundError(error.message, status=error.status, request=error.request, hint=hint)


async def close_name(client: AsyncClient, resource: str, namespace: str | None, name: str) -> str:
    """``did you mean web-0?`` of existing objects; "" where none comes close or they may not be listed."""
    try:
        page = await client.resource(resource, namespace).list_page(ListOptions(limit=PAGE))
    except KubeError:
        return ""
    return did_you_mean(name, map(meta.name, page))
