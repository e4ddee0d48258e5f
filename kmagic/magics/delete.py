"""Deleting objects one after the other, by name with their UID, and waiting until they are gone. No display here."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from kmagic.api import meta
from kmagic.errors import KubeError, NotFoundError

if TYPE_CHECKING:
    from kmagic.api.types import JSONObject
    from kmagic.client.client import AsyncClient
    from kmagic.rest.resource import APIResource

__all__ = ("DeleteOptions", "Deleted", "delete_all", "wait_gone")

_LOOK_AGAIN_SECONDS = 0.25


@dataclass(frozen=True)
class DeleteOptions:
    """How to delete.

    Attributes:
        propagation: ``Background``, ``Foreground`` or ``Orphan`` for what the object owns.
        grace_seconds: None for the object's own.
    """

    propagation: str = "Background"
    grace_seconds: int | None = None
    dry_run: bool = False


@dataclass(frozen=True)
class Deleted:
    """What became of one object.

    Attributes:
        action: ``deleted``, ``still there``, ``failed`` or ``not tried``.
        before: The object as it was.
        blocked_by: Finalizers that keep it, where it is still there.
    """

    resource: APIResource
    before: JSONObject
    action: str = "deleted"
    blocked_by: tuple[str, ...] = ()
    error: KubeError | None = None

    @property
    def name(self) -> str:
        """The object's name."""
        return meta.name(self.before)

    @property
    def namespace(self) -> str:
        """Its namespace, or ""."""
        return meta.namespace(self.before)

    @property
    def what(self) -> str:
        """As kubectl says it: ``pod "web-0"``, ``deployment.apps "web"``."""
        kind = self.resource.singular or self.resource.kind.lower()
        full = f"{kind}.{self.resource.group}" if self.resource.group else kind
        return f'{full} "{self.name}"'


async def delete_all(
    client: AsyncClient, objects: Sequence[tuple[APIResource, JSONObject]], options: DeleteOptions, done: list[Deleted]
) -> None:
    """Deletes these very objects: one that was replaced by another of its name meanwhile is left alone.

    Args:
        client: Where.
        objects: As read, with their UIDs.
        options: How.
        done: Filled as the work goes on, so that an interrupt leaves what is known.
    """
    for resource, obj in objects:
        target = client.dynamic.resource(resource, meta.namespace(obj) or None)
        try:
            await target.delete(
                meta.name(obj),
                propagation=options.propagation,
                grace_seconds=options.grace_seconds,
                uid=meta.uid(obj),
                dry_run=options.dry_run,
            )
        except NotFoundError:
            pass  # gone by itself: what was wanted
        except KubeError as error:
            done.append(Deleted(resource, obj, "failed", error=error))
            continue
        done.append(Deleted(resource, obj))


async def wait_gone(client: AsyncClient, deleted: Iterable[Deleted], seconds: float) -> list[Deleted]:
    """Waits until the objects are gone, at most so long; tells what keeps those that are not."""
    clock = client.rest.clock
    deadline = clock.now() + seconds
    return [await _wait_one(client, each, deadline) if each.action == "deleted" else each for each in deleted]


async def _wait_one(client: AsyncClient, each: Deleted, deadline: float) -> Deleted:
    target = client.dynamic.resource(each.resource, each.namespace or None)
    while True:
        try:
            now = await target.get(each.name)
        except NotFoundError:
            return each
        if meta.uid(now) != meta.uid(each.before):
            return each
        if client.rest.clock.now() >= deadline:
            return replace(each, action="still there", blocked_by=tuple(meta.finalizers(now)))
        await client.rest.clock.sleep(_LOOK_AGAIN_SECONDS)
