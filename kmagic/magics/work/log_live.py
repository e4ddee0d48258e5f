"""Followed logs on a page: what ``%klogs -f`` starts in a notebook and ``kmagic.logs(…)`` anywhere."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import anyio
from IPython.display import display

from kmagic.aio.deadline import within
from kmagic.client.logs import LogOptions
from kmagic.client.pods_of import PODS
from kmagic.magics.results.output_cache import forget_output
from kmagic.magics.results.values import data_frame
from kmagic.magics.work.log_follow import LogFollower
from kmagic.magics.work.log_lines import KLogs
from kmagic.views.log_html import prefixes
from kmagic.views.log_line import LogLine, fields_of
from kmagic.views.values import Kind
from kmagic.widgets.log_view import LogView

if TYPE_CHECKING:
    import pandas

    from kmagic.api.types import JSONObject
    from kmagic.errors import KubeError
    from kmagic.magics.session.place import Place
    from kmagic.magics.session.session import Session

__all__ = ("MOST_STREAMS", "KLiveLogs", "follow_logs")

MOST_STREAMS = 50
"""Streams of a view that names no other number."""

# The lines of each container that a view begins with unless it is told.
_FIRST_LINES = 2_000
# A static view of a log waits until it is quiet so long, and at most so long.
_QUIET_SECONDS = 0.5
_LONGEST_SECONDS = 5.0
# A server that does not let go is no reason to hang: the connection ends with the client.
_CLOSE_SECONDS = 2.0


class KLiveLogs(KLogs):
    """Lines that go on coming: as `KLogs`, and ``logs.df``, ``logs.levels``, ``logs.sources``; it keeps the last 50,000."""

    def __init__(self, view: LogView, follower: LogFollower, session: Session, *, ended: Any) -> None:
        # Everything that a plain one holds is the follower's.
        self._view, self._follower, self._session, self._ended = view, follower, session, ended
        self._runtime = session.runtime
        self._began_in = None
        self._shown = False

    @property
    def running(self) -> bool:  # type: ignore[override]  # of a plain one it is a fact
        """True while lines can come: it was not stopped, and not every log has ended."""
        return self._view.state.word != "stopped" and not self._follower.ended

    @property
    def unread(self) -> dict[str, KubeError]:  # type: ignore[override]
        """The reason why a container's log could not be read, or not to its end, by Pod and container."""
        return dict(self._follower.unread)

    @property
    def entries(self) -> list[LogLine]:
        """The lines so far as values: ``stamp``, ``pod``, ``container``, ``level``, ``text``."""
        return self._view.lines

    @property
    def lines(self) -> list[str]:
        """The lines so far, each after its Pod where there are several."""
        names = prefixes(self._view.sources)
        return [f"[{names[line.source]}] {line.text}" if names[line.source] else line.text for line in self.entries]

    @property
    def sources(self) -> list[str]:
        """The containers that are followed, as ``pod/container``."""
        return [source.name for source in self._view.sources]

    @property
    def levels(self) -> dict[str, int]:
        """The number of lines by level; "" for lines that say none."""
        return {level: count for level, count in self._view.rows.levels.items() if count > 0}

    @property
    def df(self) -> pandas.DataFrame:
        """The lines as a pandas DataFrame: ``ts``, ``pod``, ``container``, ``level``, ``msg`` and ``json``, a dict or None."""
        rows = [
            [line.stamp or None, line.pod, line.container, line.level, line.text, fields_of(line.text)]
            for line in self.entries
        ]
        frame = data_frame(("ts", "pod", "container", "level", "msg", "json"), rows, [Kind.TEXT] * 6)
        frame["ts"] = frame["ts"].astype("datetime64[ns, UTC]")
        return frame

    def snapshot(self) -> dict[str, str]:
        """The view as it is now, static: plain text and HTML."""
        return self._view.snapshot()

    def stop(self) -> None:
        """Reads no further. Safe to call twice."""
        self._view.stop()
        if self._session.runtime.running:
            self._session.runtime.run(within(self._follower.clock, _CLOSE_SECONDS, self._ended))

    def close(self) -> None:
        """Stops it and takes it off the page, as the next run of its cell does; who holds it keeps the lines."""
        self.stop()
        self._view.close()
        forget_output(self)

    async def _wait(self, pattern: str, timeout: float) -> bool:
        with anyio.move_on_after(timeout):
            while not self.grep(pattern) and self.running:
                await self._view.changed()
        return bool(self.grep(pattern))

    async def _settle(self) -> None:
        with anyio.move_on_after(_LONGEST_SECONDS):
            while self.running:
                with anyio.move_on_after(_QUIET_SECONDS) as quiet:
                    await self._view.changed()
                if quiet.cancelled_caught and self._view.sources:
                    return

    def __len__(self) -> int:
        return len(self.entries)

    def _ipython_display_(self) -> None:
        if self._shown or self._session.headless():
            self._session.runtime.run(self._settle())
            display(self.snapshot(), raw=True)
            return
        self._shown = True
        self._view.show()

    def _display_(self) -> Any:  # marimo's protocol
        return self._view.widget


def follow_logs(
    session: Session,
    place: Place,
    namespace: str | None,
    pods: Sequence[JSONObject],
    options: dict[str, Any],
    *,
    title: str,
    labels: str = "",
    most: int = MOST_STREAMS,
    text: str = "",
) -> KLiveLogs:
    """Starts to follow the logs of Pods; Pods that join them are followed too.

    Args:
        session: The session of the notebook.
        place: Place of the Pods.
        namespace: Namespace of the Pods.
        pods: The Pods there are, at least one.
        options: Keyword arguments of `AsyncPods.logs`.
        title: Title of the view.
        labels: The selector of the Pods; "" for only the one that is given.
        most: Greatest number of streams.
        text: The filter that the page begins with.
    """
    wanted = {name: value for name, value in options.items() if name not in ("all_containers", "container")}
    if wanted.get("tail_lines") is None and not wanted.get("since_seconds") and not wanted.get("since_time"):
        wanted["tail_lines"] = _FIRST_LINES
    fields = "" if labels else f"metadata.name={pods[0]['metadata']['name']}"
    cached = session.caches.objects(
        place, PODS, namespace, labels=labels, fields=fields, runtime=session.runtime, owner="a log view"
    )
    every = bool(options.get("all_containers"))
    follower = LogFollower(
        place.client,
        cached,
        options=LogOptions(**{name: value for name, value in wanted.items() if value is not None}),
        container=options.get("container") or "",
        every=every,
        known=pods,
        most=most,
        runtime=session.runtime,
    )
    target = place.target
    view = LogView(
        follower, title=title, target=target.badge, level=target.level.value, text=text, runtime=session.runtime
    )
    logs = KLiveLogs(view, follower, session, ended=cached.ended)
    session.on_rerun(logs.close)
    return logs
