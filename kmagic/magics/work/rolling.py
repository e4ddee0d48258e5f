"""Rollouts on a page: what ``%krollout status`` shows in a notebook while it waits, and ``kmagic.rollout(…)`` returns.

The workload, its ReplicaSets and its Pods are read from shared informers, so a Pod's trouble is on the page with the
event that tells of it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import anyio
from IPython.display import display

from kmagic.aio.deadline import within
from kmagic.aio.tasks import task_group
from kmagic.api import meta
from kmagic.client.pods_of import PODS, pod_selector
from kmagic.errors import KubeError, UsageError, WaitError
from kmagic.magics.results.cards import cell_number
from kmagic.magics.results.output_cache import forget_output
from kmagic.magics.results.values import data_frame
from kmagic.rest.resource import APIResource
from kmagic.views.rollout_state import RolloutState, rollout_state
from kmagic.views.values import Kind
from kmagic.widgets.rollout_view import RolloutView

if TYPE_CHECKING:
    import pandas

    from kmagic.api.clock import Clock
    from kmagic.api.types import JSONObject
    from kmagic.magics.session.object_cache import ObjectCache
    from kmagic.magics.session.place import Place
    from kmagic.magics.session.session import Session

__all__ = ("KRollout", "follow_rollout")

_SETS = APIResource("apps", "v1", "replicasets", "ReplicaSet", True)
_FIRST_SECONDS = 10.0
_LAST_SECONDS = 1.0
# A server that does not let go is no reason to hang: the connections end with the client.
_CLOSE_SECONDS = 2.0


class _Follower:
    """Knows a workload, its ReplicaSets and its Pods. Everything is called on the loop's thread."""

    def __init__(self, obj: JSONObject, itself: ObjectCache, pods: ObjectCache, sets: ObjectCache | None) -> None:
        self._obj, self._itself, self._pods, self._sets = obj, itself, pods, sets
        self.caches: tuple[ObjectCache, ...] = (itself, pods, *([sets] if sets is not None else []))

    def state(self) -> RolloutState:
        """The rollout as it is known now."""
        obj: JSONObject | None = self._obj
        if self._itself.synced:
            name, namespace = meta.name(self._obj), meta.namespace(self._obj)
            obj = self._itself.get(f"{namespace}/{name}")
            if obj is None or meta.uid(obj) != meta.uid(self._obj):
                return RolloutState("object has been deleted", failed=True)
        assert obj is not None
        known = self._pods.synced and (self._sets is None or self._sets.synced)
        sets = self._sets.objects() if self._sets is not None and known else []
        # Objects of a list may come without their kind.
        try:
            return rollout_state({**obj, "kind": self._obj.get("kind")}, sets, self._pods.objects() if known else None)
        except KubeError as error:  # its Pods are replaced by hand from now on, or it cannot be read
            return RolloutState(error.message, failed=True)

    async def follow(self, tell: Callable[[RolloutState], object]) -> None:
        """Tells the state at every change until it is complete or failed."""
        for cache in self.caches:
            cache.start()
        while not (await self._tell(tell)):
            pass

    async def _tell(self, tell: Callable[[RolloutState], object]) -> bool:
        """Tells the state and waits for the next change; True when there will be none."""
        seen = [cache.resource_version for cache in self.caches]
        state = self.state()
        tell(state)
        told_all = state.failed or (state.done and state.new.ready >= state.wanted and not state.old.current)
        if told_all:
            return True
        # The Pods' own watch may be a moment behind their workload's, which says that all is done.
        with anyio.move_on_after(_LAST_SECONDS if state.done else None) as patience:
            async with task_group() as tasks:
                for cache, version in zip(self.caches, seen, strict=True):
                    tasks.start_soon(self._change_of, cache, version, tasks.cancel_scope.cancel)
        return patience.cancelled_caught

    async def _change_of(self, cache: ObjectCache, version: str, then: Callable[[], object]) -> None:
        await cache.wait_for(lambda: cache.resource_version != version, float("inf"))
        then()

    def stop(self) -> None:
        """Reads no more."""
        for cache in self.caches:
            cache.stop()

    async def ended(self) -> None:
        """Waits until what was stopped has closed its connections."""
        for cache in self.caches:
            await cache.ended()


class KRollout:
    """A rollout that is followed: ``rollout.text``, ``.done``, ``.failed``, ``.reasons``, ``.df``, ``.wait()``, ``.stop()``."""

    def __init__(self, view: RolloutView, follower: _Follower, session: Session, clock: Clock) -> None:
        self._view, self._follower, self._session, self._clock = view, follower, session, clock
        self._over = anyio.Event()
        self._stopped = self._shown = False
        self._shown_in: int | None = None
        self._scope = session.runtime.spawn(self._run, name=f"rollout of {view.title}")

    @property
    def text(self) -> str:
        """The line that kubectl prints."""
        return self._view.state.text

    @property
    def done(self) -> bool:
        """True when it is complete."""
        return self._view.state.done

    @property
    def failed(self) -> bool:
        """True when it will not complete by itself."""
        return self._view.state.failed

    @property
    def state(self) -> RolloutState:
        """The rollout in numbers."""
        return self._view.state

    @property
    def reasons(self) -> dict[str, str]:
        """The problems there are now, by object: ``{"pod/web-1": "ImagePullBackOff: …"}``."""
        return dict(self._view.state.troubles)

    @property
    def df(self) -> pandas.DataFrame:
        """The chart as a pandas DataFrame: ``seconds``, ``new`` and ``old``, the ready Pods."""
        rows = [[each.at, each.new, each.old] for each in self._view.samples]
        return data_frame(("seconds", "new", "old"), rows, (Kind.NUMBER, Kind.COUNT, Kind.COUNT))

    def wait(self, timeout: float | None = None) -> KRollout:
        """Waits until it is complete.

        Args:
            timeout: Seconds to wait; None for as long as it takes.

        Raises:
            WaitError: It failed, was stopped, or did not complete in time.
        """
        over = self._session.runtime.run(self._until_over(timeout))
        if self.done:
            return self
        why = "\n".join(f"{name}: {text}" for name, text in self.reasons.items())
        if self.failed:
            raise WaitError(self.text, hint=why or f"%kdescribe {self._view.title} says why")
        told = "the rollout was stopped" if over else f"the rollout was not complete after {timeout:g} s"
        raise WaitError(told, hint="\n".join(filter(None, (self.text, why))))

    async def _until_over(self, timeout: float | None) -> bool:
        with anyio.move_on_after(timeout):
            await self._over.wait()
        return self._over.is_set()

    async def _run(self) -> None:
        try:
            await self._follower.follow(self._view.become)
        finally:
            self._follower.stop()
            self._view.stop("ended" if self.done or self.failed else "stopped")
            self._over.set()

    def snapshot(self) -> dict[str, str]:
        """The view as it is now, static: plain text and HTML."""
        return self._view.snapshot()

    def stop(self) -> None:
        """Follows no more; the chart stays. Safe to call twice."""
        if self._session.runtime.running and not self._stopped:
            self._stopped = True
            self._session.runtime.post(self._scope.cancel)
            self._session.runtime.run(self._until_over(_CLOSE_SECONDS))
            self._session.runtime.run(within(self._clock, _CLOSE_SECONDS, self._follower.ended))

    def close(self) -> None:
        """Stops it and takes it off the page, as the next run of its cell does; the chart stays."""
        self.stop()
        self._view.close()
        forget_output(self)

    def show(self) -> None:
        """Displays the view here, once; it goes on changing."""
        self._shown, self._shown_in = True, cell_number()
        self._view.show()

    def __repr__(self) -> str:
        return self.snapshot()["text/plain"]

    def _ipython_display_(self) -> None:
        shown_in, self._shown_in = self._shown_in, None
        if shown_in is not None and shown_in == cell_number():
            return  # it is above
        if self._shown or self._session.headless():
            display(self.snapshot(), raw=True)
        else:
            self.show()

    def _display_(self) -> Any:  # marimo's protocol
        return self._view.widget


def follow_rollout(session: Session, place: Place, resource: APIResource, obj: JSONObject) -> KRollout:
    """Starts to follow a rollout.

    Args:
        session: The session of the notebook.
        place: Place of the workload.
        resource: Its type.
        obj: The Deployment, StatefulSet or DaemonSet, with its kind.

    Raises:
        UsageError: Another kind, or one whose Pods are replaced by hand.
        SyncError: It cannot be watched.
    """
    namespace = meta.namespace(obj)

    def cache(kind: APIResource, *, labels: str = "", fields: str = "") -> ObjectCache:
        return session.caches.objects(
            place, kind, namespace, labels=labels, fields=fields, runtime=session.runtime, owner="a rollout"
        )

    try:
        labels = pod_selector(obj)
        first = rollout_state(obj, (), None)
    except ValueError as error:
        raise UsageError(str(error)) from error
    sets = cache(_SETS, labels=labels) if obj.get("kind") == "Deployment" else None
    itself = cache(resource, fields=f"metadata.name={meta.name(obj)}")
    follower = _Follower(obj, itself, cache(PODS, labels=labels), sets)
    try:
        session.runtime.run(itself.wait_synced(_FIRST_SECONDS))
    except BaseException:
        session.runtime.call(follower.stop)
        raise
    title = f"{resource.singular or resource.resource}/{meta.name(obj)}"
    target = place.target
    view = RolloutView(first, title=title, target=target.badge, level=target.level.value, runtime=session.runtime)
    made = KRollout(view, follower, session, place.client.rest.clock)
    session.on_rerun(made.close)
    return made
