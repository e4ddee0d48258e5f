"""Draining nodes: the steps of `changes`, and what follows them: evictions tried again until budgets allow them.

Source: k8s.io/kubectl/pkg/drain/drain.go.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

import anyio

from kmagic.aio.tasks import first_error
from kmagic.api import meta
from kmagic.api.times import format_duration, instant
from kmagic.client.wait import until_deleted
from kmagic.errors import (
    ConflictError,
    ForbiddenError,
    KubeError,
    NotFoundError,
    StatusError,
    TooManyRequestsError,
    UsageError,
    WaitError,
)
from kmagic.magics.results.outcome import Outcome
from kmagic.magics.work.telling import Say, Troubles

if TYPE_CHECKING:
    from kmagic.api.types import JSONObject
    from kmagic.client.client import AsyncClient
    from kmagic.magics.work.changes import Step
    from kmagic.magics.work.leaving_pods import DrainOptions, Verdict
    from kmagic.rest.resource import APIResource

__all__ = ("Drained", "Leave", "drain_nodes")

# kubectl's EvictErrorRetryDelay.
_AGAIN_SECONDS = 5.0


@dataclass(frozen=True)
class Leave:
    """The step of a Pod that leaves its node, or stays there.

    Attributes:
        why: The reason why it may have to wait, or why it stays.
    """

    resource: APIResource
    verdict: Verdict
    options: DrainOptions
    why: str = ""

    @property
    def pod(self) -> JSONObject:
        """The Pod as it was read."""
        return self.verdict.pod

    @property
    def done(self) -> str:
        """The action once it is gone."""
        return "deleted" if self.options.delete else "evicted"

    async def send(self, client: AsyncClient, *, dry_run: bool, done: Sequence[Outcome]) -> Outcome:
        """Tries it in a dry run; else it waits for its node's turn (`drain_nodes`).

        Raises:
            KubeError: The server refused it for another reason than a budget.
        """
        if not self.verdict.goes:
            return self.outcome("skipped")
        if not dry_run:
            return self.outcome("not tried")
        try:
            await self.ask(client, dry_run=True)
        except NotFoundError:
            return self.outcome("already gone")
        except TooManyRequestsError as error:
            return replace(self.outcome(self.done), note=f"may wait: {_budget_says(error)}")
        return self.outcome(self.done)

    async def ask(self, client: AsyncClient, *, dry_run: bool = False) -> None:
        """Asks the server for it.

        Raises:
            KubeError: It was refused.
        """
        pods, name, uid = client.core_v1.pods(meta.namespace(self.pod)), meta.name(self.pod), meta.uid(self.pod)
        if self.options.delete:
            await pods.delete(name, grace_seconds=self.options.grace, uid=uid, dry_run=dry_run)
        else:
            await pods.evict(name, grace_seconds=self.options.grace, uid=uid, dry_run=dry_run)

    async def failed(self, client: AsyncClient, error: KubeError) -> Outcome:
        """The outcome after it was refused."""
        return replace(self.outcome("failed"), error=error)

    def outcome(self, action: str) -> Outcome:
        """The outcome without a request."""
        note = self.why or self.verdict.why
        return Outcome(action, meta.name(self.pod), meta.namespace(self.pod), self.resource, before=self.pod, note=note)

    def tried(self) -> Outcome:
        """The outcome of a client-side dry run."""
        return self.outcome(self.done if self.verdict.goes else "skipped")


@dataclass(frozen=True)
class Drained:
    """The last step of a node, which is drained once its Pods have left.

    Attributes:
        refusals: Reasons why it may not be drained.
    """

    node: str
    refusals: tuple[str, ...] = ()

    async def send(self, client: AsyncClient, *, dry_run: bool, done: Sequence[Outcome]) -> Outcome:
        """Says whether it may be drained.

        Raises:
            KubeError: Pods forbid it.
        """
        if self.refusals:
            raise self._refused()
        return self.outcome("drained" if dry_run else "not tried")

    async def failed(self, client: AsyncClient, error: KubeError) -> Outcome:
        """The outcome after it was refused."""
        return replace(self.outcome("failed"), error=error)

    def outcome(self, action: str) -> Outcome:
        """The outcome without a request."""
        return Outcome(action, self.node, kind="Node")

    def tried(self) -> Outcome:
        """The outcome of a client-side dry run."""
        if self.refusals:
            return replace(self.outcome("failed"), error=self._refused())
        return self.outcome("drained")

    def _refused(self) -> KubeError:
        return UsageError(
            _undrained(self.node, self.refusals), hint=f"%kdrain {self.node} --plan shows what becomes of each Pod"
        )


async def drain_nodes(
    client: AsyncClient, steps: Sequence[Step], outcomes: list[Outcome], say: Say, *, again: float = _AGAIN_SECONDS
) -> None:
    """Lets the Pods of one node after another leave, and waits until they are gone.

    Args:
        client: Client to ask with.
        steps: Each node's Pods, and then the node.
        outcomes: The outcomes of the steps, which are kept up to date from the first to the last moment.
        say: Says one line a change of what has to wait.
        again: Seconds after which a refused eviction is tried again.
    """
    troubles = Troubles(say)
    pods: list[int] = []
    for at, step in enumerate(steps):
        if isinstance(step, Leave) and step.verdict.goes:
            pods.append(at)
        elif isinstance(step, Drained):
            if not step.refusals:
                outcomes[at] = step.outcome("draining")
                outcomes[at] = await _Node(client, steps, outcomes, troubles, again).drain(step, pods)
            pods = []


class _Node:
    """One node's turn."""

    def __init__(
        self, client: AsyncClient, steps: Sequence[Step], outcomes: list[Outcome], troubles: Troubles, again: float
    ) -> None:
        self._client = client
        self._steps = steps
        self._outcomes = outcomes
        self._troubles = troubles
        self._again = again
        self._errors: dict[int, str] = {}

    async def drain(self, node: Drained, pods: Sequence[int]) -> Outcome:
        leaving: dict[int, Leave] = {at: step for at in pods if isinstance(step := self._steps[at], Leave)}
        limit = next((step.options.timeout for step in leaving.values()), 0.0)
        with anyio.move_on_after(limit or None):
            await first_error(partial(self._one, at, step) for at, step in leaving.items())
        for at, step in leaving.items():
            if self._outcomes[at].action in ("evicting", "deleting") and at not in self._errors:
                self._errors[at] = _too_late(step, self._outcomes[at], limit)
        errors = [self._errors[at] for at in sorted(self._errors)]
        if not errors:
            return node.outcome("drained")
        pending = [f"pod/{each.name}" for at in leaving if not (each := self._outcomes[at]).done]
        text = _undrained(node.node, errors, pending)
        return replace(node.outcome("failed"), error=WaitError(text, hint="what is still there is named above"))

    async def _one(self, at: int, step: Leave) -> None:
        under_way = "deleting" if step.options.delete else "evicting"
        name, namespace = meta.name(step.pod), meta.namespace(step.pod)
        self._outcomes[at] = step.outcome(under_way)
        try:
            asked = await self._until_asked(at, step)
            if not asked:
                self._outcomes[at] = replace(step.outcome("already gone"), note="")
                return
            self._troubles.saw(f"pods/{name}", "")
            self._outcomes[at] = replace(step.outcome(under_way), note="stops")
            gone = await self._until_gone(step)
            self._outcomes[at] = step.outcome(step.done if gone else "skipped")
        except KubeError as error:
            doing = "deleting" if step.options.delete else "evicting"
            self._errors[at] = f'error when {doing} pods/"{name}" -n "{namespace}": {error.message}'
            self._outcomes[at] = replace(step.outcome("failed"), note=error.message)

    async def _until_asked(self, at: int, step: Leave) -> bool:
        """Asks until it is granted; False where the Pod is gone already."""
        pods = self._client.resource("pods", meta.namespace(step.pod))
        name = meta.name(step.pod)
        while True:
            try:
                await step.ask(self._client)
                return True
            except NotFoundError:
                return False
            except TooManyRequestsError as error:
                self._wait(at, step, _budget_says(error), error)
            except ForbiddenError as error:
                if all(each.get("reason") != "NamespaceTerminating" for each in error.causes):
                    raise
                self._wait(at, step, "its namespace is being deleted", error)
            except ConflictError:
                # Another one has taken its name: it is gone. Else the server was changing it.
                self._outcomes[at] = step.outcome("evicting")
            now = await pods.get_or_none(name)
            if now is None or meta.uid(now) != meta.uid(step.pod):
                return False
            if meta.deletion_timestamp(now):
                return True
            await self._client.rest.clock.sleep(self._again)

    def _wait(self, at: int, step: Leave, why: str, error: StatusError) -> None:
        self._outcomes[at] = replace(step.outcome("evicting"), note=f"waits: {why}")
        after = format_duration(self._again)
        name, namespace = meta.name(step.pod), meta.namespace(step.pod)
        line = f'error when evicting pods/"{name}" -n "{namespace}" (will retry after {after})'
        self._troubles.saw(line, f"{error.message} {_cause(error)}".strip())

    async def _until_gone(self, step: Leave) -> bool:
        """Waits until it is gone; False where it should be gone for so long that it is not waited for."""
        pods = self._client.resource("pods", meta.namespace(step.pod))
        name, uid = meta.name(step.pod), meta.uid(step.pod)
        limit: float | None = None
        if step.options.overdue > 0:
            now = await pods.get_or_none(name)
            until = instant(meta.deletion_timestamp(now)) if now is not None else None
            if until is not None:
                left = (until - self._client.rest.clock.wall()).total_seconds()
                limit = max(0.0, left + step.options.overdue)
        what = f"waiting until pod/{name} is gone"

        def seen(obj: JSONObject) -> None:
            keeps = f", which the finalizers {', '.join(meta.finalizers(obj))} keep" if meta.finalizers(obj) else ""
            self._troubles.saw(what, keeps.removeprefix(", ") or "it stops")

        try:
            await until_deleted(pods, name, timeout=limit, uid=uid, seen=seen)
        except WaitError:
            if limit is None:
                raise
            seconds = step.options.overdue
            self._troubles.saw(f'pod "{name}"', f"has DeletionTimestamp older than {seconds} seconds, skipping")
            return False
        return True


def _budget_says(error: TooManyRequestsError) -> str:
    """The reason of a disruption budget in its own words."""
    return _cause(error) or error.message


def _cause(error: StatusError) -> str:
    return "; ".join(str(each["message"]) for each in error.causes if each.get("message"))


def _too_late(step: Leave, outcome: Outcome, limit: float) -> str:
    name, namespace = meta.name(step.pod), meta.namespace(step.pod)
    if outcome.note == "stops":
        why = "context deadline exceeded"
        return f'error when waiting for pod "{name}" in namespace "{namespace}" to terminate: {why}'
    return f'error when evicting pods/"{name}" -n "{namespace}": global timeout reached: {format_duration(limit)}'


def _undrained(node: str, errors: Sequence[str], pending: Sequence[str] = ()) -> str:
    """Kubectl's words for a node that was not drained."""
    told = errors[0] if len(errors) == 1 else f"[{', '.join(errors)}]"
    lines = [f'There are pending pods in node "{node}" when an error occurred: {told}', *pending] if pending else []
    lines.append(f'unable to drain node "{node}" due to error: {told}, continuing command...')
    lines += ["There are pending nodes to be drained:", f" {node}", *errors]
    return "\n".join(lines)
