"""Deleting objects by name with their UID, and waiting until they are gone. No display here."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from kmagic.api import meta
from kmagic.errors import KubeError, NotFoundError
from kmagic.magics.outcome import Outcome

if TYPE_CHECKING:
    from kmagic.api.types import JSONObject
    from kmagic.client.client import AsyncClient
    from kmagic.rest.resource import APIResource

__all__ = ("Delete", "DeleteOptions", "wait_gone")

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


@dataclass(frozen=True)
class Delete:
    """The step of `changes` that deletes this very object: one that took its name meanwhile is left alone."""

    resource: APIResource
    before: JSONObject
    options: DeleteOptions = DeleteOptions()

    async def send(self, client: AsyncClient, *, dry_run: bool, done: Sequence[Outcome]) -> Outcome:
        """Deletes it.

        Raises:
            KubeError: The server refused it.
        """
        target = client.dynamic.resource(self.resource, meta.namespace(self.before) or None)
        with suppress(NotFoundError):  # gone by itself: what was wanted
            await target.delete(
                meta.name(self.before),
                propagation=self.options.propagation,
                grace_seconds=self.options.grace_seconds,
                uid=meta.uid(self.before),
                dry_run=dry_run,
            )
        return self.outcome("deleted")

    async def failed(self, client: AsyncClient, error: KubeError) -> Outcome:
        """What became of it after it was refused."""
        return replace(self.outcome("failed"), error=error)

    def outcome(self, action: str) -> Outcome:
        """What became of it without being sent."""
        return Outcome(action, meta.name(self.before), meta.namespace(self.before), self.resource, before=self.before)


async def wait_gone(client: AsyncClient, deleted: Iterable[Outcome], seconds: float) -> list[Outcome]:
    """Waits until the objects are gone, at most so long; tells what keeps those that are not."""
    clock = client.rest.clock
    deadline = clock.now() + seconds
    return [await _wait_one(client, each, deadline) if each.action == "deleted" else each for each in deleted]


async def _wait_one(client: AsyncClient, each: Outcome, deadline: float) -> Outcome:
    if each.resource is None or each.before is None:
        return each
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
