"""Deleting objects by name with their UID, and waiting until they are gone. No display here."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from kmagic.aio.tasks import first_error
from kmagic.api import meta
from kmagic.client.wait import leaving, until_deleted
from kmagic.errors import KubeError, NotFoundError, WaitError
from kmagic.magics.results.outcome import Outcome
from kmagic.magics.work.telling import Say, Troubles

if TYPE_CHECKING:
    from kmagic.api.options import Propagation
    from kmagic.api.types import JSONObject
    from kmagic.client.client import AsyncClient
    from kmagic.rest.resource import APIResource

__all__ = ("Delete", "DeleteOptions", "wait_gone")


@dataclass(frozen=True)
class DeleteOptions:
    """The options of a deletion.

    Attributes:
        propagation: ``Background``, ``Foreground`` or ``Orphan`` for what the object owns.
        grace_seconds: None for the object's own.
    """

    propagation: Propagation = "Background"
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
        """Returns its outcome after a refusal."""
        return replace(self.outcome("failed"), error=error)

    def outcome(self, action: str) -> Outcome:
        """Returns its outcome without a request."""
        return Outcome(action, meta.name(self.before), meta.namespace(self.before), self.resource, before=self.before)

    def tried(self) -> Outcome:
        """The outcome of a client-side dry run."""
        return self.outcome("deleted")


async def wait_gone(
    client: AsyncClient, deleted: Iterable[Outcome], seconds: float | None, say: Say = lambda _: None
) -> list[Outcome]:
    """Waits until the objects are gone; reports what keeps those that are not.

    Args:
        client: Client that watches the objects.
        deleted: The outcomes; only deleted objects are waited for.
        seconds: At most, for all of them; None for as long as it takes.
        say: Says one line a change of what is still there.
    """
    outcomes = list(deleted)
    waited = [at for at, each in enumerate(outcomes) if each.action == "deleted" and each.resource and each.before]
    troubles = Troubles(say)

    def seen(each: Outcome, obj: JSONObject) -> None:
        whole = f"{each.what} is" if len(waited) == 1 else f"{len(waited)} objects are"
        troubles.saw("waiting", f"until {whole} gone")
        if meta.finalizers(obj):
            troubles.saw(each.what, leaving(obj))

    async def one(at: int) -> None:
        each = outcomes[at]
        assert each.resource is not None
        assert each.before is not None
        target = client.dynamic.resource(each.resource, each.namespace or None)
        try:
            uid = meta.uid(each.before)
            await until_deleted(target, each.name, timeout=seconds, uid=uid, seen=partial(seen, each))
        except WaitError:
            outcomes[at] = await _still_there(client, each)

    await first_error(partial(one, at) for at in waited)
    return outcomes


async def _still_there(client: AsyncClient, each: Outcome) -> Outcome:
    assert each.resource is not None
    try:
        now = await client.dynamic.resource(each.resource, each.namespace or None).get(each.name)
    except NotFoundError:
        return each
    return replace(each, action="still there", blocked_by=tuple(meta.finalizers(now)))
