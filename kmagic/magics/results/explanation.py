"""The value of ``%kexplain``, and the search for it: type and field path to a schema of the server's OpenAPI."""

from __future__ import annotations

import re
from functools import cached_property
from typing import TYPE_CHECKING, Any

from kmagic.api.words import did_you_mean
from kmagic.client.wait import until_published
from kmagic.errors import NoMatchError, NotFoundError
from kmagic.views.explain import explain_html, explain_text
from kmagic.views.schema import field_paths, kind_field, walk

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kmagic.api.types import JSONObject
    from kmagic.client.client import AsyncClient
    from kmagic.rest.resource import APIResource
    from kmagic.views.schema import Field

__all__ = ("KExplain", "NoFieldError", "explain")

# A server publishes the schema of a new CustomResourceDefinition a moment after it serves the type.
_PUBLISHED_SECONDS = 5.0
_NAMES_SHOWN = 20
# Pods have about a thousand; a type that contains itself, such as CustomResourceDefinitions, has no end of them.
_MAX_PATHS = 5000
_DOT = re.compile(r"(?<!\\)\.")


class NoFieldError(LookupError):
    """There is no such field; the message names those that come close."""


class KExplain:
    """A kind, or a field of it, explained: shown as kubectl explain prints it and as a tree.

    ``k.fields["spec"].fields["replicas"].type``, ``.required``, ``.enum``, ``.default``, ``.description``; ``.schema``
    is the schema as a dict.

    Attributes:
        path: The requested path, with the type in full: ``"deployments.spec"``.
        resource: The type that is explained.
    """

    def __init__(
        self, resource: APIResource, found: Field, path: str, *, recursive: bool = False, depth: int = 0
    ) -> None:
        self.resource = resource
        self.path = path
        self._field = found
        self._recursive = recursive
        self._depth = depth

    @property
    def name(self) -> str:
        """The field's name; the kind itself has the name ""."""
        return self._field.name

    @property
    def kind(self) -> str:
        """The kind that is explained, also for its fields."""
        return self.resource.kind

    @property
    def api_version(self) -> str:
        """``"apps/v1"``."""
        return self.resource.api_version

    @property
    def type(self) -> str:
        """The type as kubectl words it: ``string``, ``[]Container``, ``map[string]string``, ``Object``."""
        return self._field.schema.type if self.name else self.kind

    @property
    def required(self) -> bool:
        """True if the object above must have it."""
        return self._field.required

    @property
    def description(self) -> str:
        """The API's description of it."""
        return self._field.schema.description.strip()

    @property
    def enum(self) -> list[Any]:
        """The values it may have; empty for any."""
        return list(self._field.enum)

    @property
    def default(self) -> Any:
        """The value it has when it is left out; None without one."""
        return self._field.default

    @property
    def schema(self) -> JSONObject:
        """The schema as a dict, its own reference resolved."""
        return self._field.schema.merged

    @cached_property
    def fields(self) -> dict[str, KExplain]:
        """The fields below by name; those of one item for a list, of one value for a map."""
        below = self._field.schema.fields
        return {name: KExplain(self.resource, each, f"{self.path}.{name}") for name, each in below.items()}

    def paths(self) -> list[str]:
        """The paths of all fields below, ``spec``, ``spec.containers``, …, level by level."""
        return field_paths(self._field, _MAX_PATHS)

    @cached_property
    def text(self) -> str:
        """The output of kubectl explain, to the last newline."""
        return explain_text(self.resource.gvk, self._field, recursive=self._recursive, depth=self._depth)

    def __repr__(self) -> str:
        return self.text.rstrip()

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, str]:
        shown = explain_html(self.resource.gvk, self._field, self.path, recursive=self._recursive, depth=self._depth)
        return {"text/plain": repr(self), "text/html": shown}


async def explain(
    client: AsyncClient, word: str, api_version: str = "", *, recursive: bool = False, depth: int = 0
) -> tuple[KExplain, KExplain]:
    """Finds what a word means.

    Args:
        client: Client that asks the server.
        word: ``TYPE[.GROUP][.FIELD…]``; a dot of a field's own name is written with a backslash.
        api_version: Of this group and version; "" for the preferred one.
        recursive: Shown with all fields below.
        depth: Levels at most when recursive; 0 for all.

    Returns:
        The kind, and what was asked for: the kind itself or a field of it.

    Raises:
        NoMatchError: The server has no such type, or not in that version.
        NoFieldError: The type has no such field.
        NotFoundError: The server has no schema for the type.
    """
    steps = [step.replace("\\.", ".") for step in _DOT.split(word.removesuffix("."))]
    resource, path = await _type_and_path(client, steps)
    if api_version and api_version != resource.api_version:
        resource = await _in_version(client, resource, api_version)
    kind = await _kind(client, resource)
    trail = walk(kind, path)
    where = ".".join([resource.resource, *path[: len(trail) - 1]])
    if len(trail) <= len(path):
        raise _no_field(trail[-1], where, path[len(trail) - 1])
    asked = KExplain(resource, trail[-1], where, recursive=recursive, depth=depth)
    return KExplain(resource, kind, resource.resource), asked


async def _type_and_path(client: AsyncClient, steps: Sequence[str]) -> tuple[APIResource, Sequence[str]]:
    """The type at the beginning: its name alone, or with as much of what follows as is its group."""
    name = steps[0]
    resource = await client.mapper.resource_for(name)
    same = {each.group for each in await client.discovery.resources() if each.resource == resource.resource}
    for end in range(len(steps), 1, -1):
        group = ".".join(steps[1:end])
        if group and group in same:
            return await client.mapper.resource_for(f"{resource.resource}.{group}"), steps[end:]
    return resource, steps[1:]


async def _in_version(client: AsyncClient, resource: APIResource, api_version: str) -> APIResource:
    same = [each for each in await client.discovery.resources() if each.resource == resource.resource]
    for each in same:
        if each.api_version == api_version:
            return each
    served = ", ".join(dict.fromkeys(each.api_version for each in same))
    group, _, version = api_version.rpartition("/")
    known = any(each.api_version == api_version for each in await client.discovery.resources())
    says = (
        f"GVR ({api_version}, Resource={resource.resource}) not found in OpenAPI schema"
        if known
        else f'couldn\'t find resource for "{group}/{version}, Resource={resource.resource}"'
    )
    raise NoMatchError(says, hint=f"the server has {resource.resource} in {served}")


async def _kind(client: AsyncClient, resource: APIResource) -> Field:
    async def look() -> Field:
        found = kind_field(await client.discovery.openapi(resource.api_version), resource.gvk)
        if found is None:
            raise NotFoundError(
                f"the server has no schema for {resource.kind} in {resource.api_version}",
                status={"reason": "NotFound", "code": 404},
                hint="its CustomResourceDefinition or the aggregated API behind it gives none",
            )
        return found

    # Only what users define comes and goes while a server runs.
    custom = "." in resource.group and not resource.group.endswith(".k8s.io")
    return await until_published(client.rest.clock, look, timeout=_PUBLISHED_SECONDS if custom else 0.0)


def _no_field(above: Field, where: str, name: str) -> NoFieldError:
    names = list(above.schema.fields)
    if not names:
        return NoFieldError(f"{where} is of type {above.schema.type} and has no fields below it, so no {name!r}")
    if close := did_you_mean(name, names):
        return NoFieldError(f"{where} has no field {name!r}; {close}")
    more = ", …" if len(names) > _NAMES_SHOWN else ""
    return NoFieldError(f"{where} has no field {name!r}; there are {', '.join(names[:_NAMES_SHOWN])}{more}")
