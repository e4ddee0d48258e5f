"""Local ports that lead into Pods while the notebook goes on working: the handle that ``%kforward`` returns.

Theory of operation. One task of the loop keeps the ports open and, where it is shown, the card current; `stop`
ends the task and waits until the ports are free, so that the next run of a cell gets the same ones.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import anyio
from IPython.display import display

from kmagic.errors import KubeError, StreamError
from kmagic.views.html import STYLE, page_safe
from kmagic.views.status import ICONS, Level

if TYPE_CHECKING:
    from types import TracebackType

    from IPython.core.display_functions import DisplayHandle

    from kmagic.client.client import AsyncClient
    from kmagic.client.portforward import PortForward
    from kmagic.rest.ports import PortPair
    from kmagic.sync.runtime import Runtime

__all__ = ("ForwardWanted", "KForward")

_STOP_SECONDS = 2.0
_SHOW_EVERY_SECONDS = 0.25
# What listens everywhere is reached from here by the loopback address.
_EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}


@dataclass(frozen=True)
class ForwardWanted:
    """The target and the ports of a forwarding.

    Attributes:
        name: The Pod, or TYPE/NAME of what selects Pods, as `AsyncPods.port_forward` takes it.
        ports: ``"8080"``, ``"8888:80"``, ``":http"``.
        addresses: Local addresses to listen on.
        allow_remote: Also those that other machines can reach.
        footer: Last line of the card: the target, and who else can reach the port.
    """

    namespace: str | None
    name: str
    ports: tuple[str, ...]
    addresses: tuple[str, ...] = ("127.0.0.1",)
    allow_remote: bool = False
    footer: str = ""


class KForward:
    """Local ports that lead into a Pod: ``forward.url``, ``.local_port``, ``.state``, ``.error``, ``.stop()``.

    Leaving a ``with`` block stops it, too.
    """

    def __init__(self, wanted: ForwardWanted, runtime: Runtime, *, headless: bool = True) -> None:
        self._wanted = wanted
        self._runtime = runtime
        self._headless = headless
        self._scope: anyio.CancelScope | None = None
        self._opened: PortForward | None = None
        self._failure: Exception | None = None
        self._settled = anyio.Event()
        self._ended = anyio.Event()
        self._page: DisplayHandle | None = None

    @property
    def target(self) -> str:
        """Its target: ``pod/web-0``, ``services/web``."""
        return self._wanted.name

    @property
    def ports(self) -> tuple[PortPair, ...]:
        """Each local port with the remote one."""
        return self._opened.ports if self._opened is not None else ()

    @property
    def local_port(self) -> int:
        """The first local port.

        Raises:
            StreamError: It never opened.
        """
        if not self.ports:
            raise StreamError(f"no port to {self.target} was opened")
        return self.ports[0].local

    @property
    def url(self) -> str:
        """The first local port as a URL.

        Raises:
            StreamError: It never opened.
        """
        return _url(self._address, self.local_port)

    @property
    def urls(self) -> list[str]:
        """Every local port as a URL."""
        return [_url(self._address, pair.local) for pair in self.ports]

    @property
    def state(self) -> str:
        """``open``, ``opening`` or ``stopped``."""
        if self._scope is None or self._ended.is_set() or not self._runtime.running:
            return "stopped"
        return "open" if self._opened is not None else "opening"

    @property
    def connections(self) -> int:
        """The number of connections that are open now."""
        return self._opened.connections if self._opened is not None and self.state == "open" else 0

    @property
    def error(self) -> str:
        """The error of the last broken connection, or the one that ended the forwarding; "" while all is well."""
        if self._failure is not None:
            return self._failure.message if isinstance(self._failure, KubeError) else str(self._failure)
        return self._opened.errors[-1] if self._opened is not None and self._opened.errors else ""

    @property
    def _address(self) -> str:
        return self._opened.addresses[0] if self._opened is not None else self._wanted.addresses[0]

    # -- its life

    def start(self, client: AsyncClient) -> KForward:
        """Begins to open the ports; `opened` returns when they are open."""
        self._scope = self._runtime.spawn(lambda: self._run(client), "kforward")
        return self

    async def opened(self) -> None:
        """Waits until the ports are open; on the loop.

        Raises:
            ValueError: No such port or address, or nothing that selects Pods.
            KubeError: Anything else that keeps them closed.
        """
        await self._settled.wait()
        if self._failure is not None:
            raise self._failure

    def stop(self) -> None:
        """Closes the ports and every connection through them. Safe to call twice."""
        if self._scope is not None and self._runtime.running:
            self._runtime.run(self._stop(self._scope))

    async def _stop(self, scope: anyio.CancelScope) -> None:
        scope.cancel()
        with anyio.move_on_after(_STOP_SECONDS):
            await self._ended.wait()

    async def _run(self, client: AsyncClient) -> None:
        wanted = self._wanted
        pods = client.core_v1.pods(wanted.namespace)
        try:
            async with pods.port_forward(
                wanted.name, *wanted.ports, addresses=wanted.addresses, allow_remote=wanted.allow_remote
            ) as forward:
                self._opened = forward
                self._settled.set()
                while True:
                    changed = forward.changed
                    self._show()
                    await changed.wait()
                    await client.rest.clock.sleep(_SHOW_EVERY_SECONDS)
        except Exception as error:  # told by `opened` and on the card: the loop belongs to everybody
            self._failure = error
        finally:
            self._ended.set()
            self._settled.set()
            self._show()

    # -- looks

    def __enter__(self) -> KForward:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.stop()

    def __repr__(self) -> str:
        lines = [f"{self.target} · {self._status()}"]
        lines += [f"{url} -> {pair.remote}" for url, pair in zip(self.urls, self.ports, strict=True)]
        if self.error:
            lines.append(f"last error: {self.error}")
        return "\n".join(lines)

    def _status(self) -> str:
        if self.state != "open":
            return self.state
        return f"open · {self.connections} connection{'' if self.connections == 1 else 's'}"

    def _html(self) -> str:
        is_open = self.state == "open"
        level = Level.OK if is_open else Level.DONE
        head = f'<span class="{level.value}"><span aria-hidden="true">{ICONS[level]}</span> {self._status()}</span>'
        rows = [f"<div>{head} · {page_safe(self.target)}</div>"]
        for url, pair in zip(self.urls, self.ports, strict=True):
            shown = page_safe(url)
            # A saved notebook has no link to a port that was closed.
            link = f'<a href="{shown}" target="_blank" rel="noopener noreferrer">{shown}</a>' if is_open else shown
            rows.append(f"<div>{link} → {pair.remote}</div>")
        if self.error:
            rows.append(f'<div class="warn">{ICONS[Level.WARN]} last error: {page_safe(self.error)}</div>')
        rows.append(f'<div class="kmg-foot">{page_safe(self._wanted.footer)}</div>')
        return f'{STYLE}<div class="kmg">{"".join(rows)}</div>'

    def _bundle(self) -> dict[str, str]:
        return {"text/plain": repr(self), "text/html": self._html()}

    def _show(self) -> None:
        if self._page is not None:
            self._page.update(self._bundle(), raw=True)

    def _ipython_display_(self) -> None:
        if self.state == "open" and not self._headless and self._page is None:
            self._page = display(self._bundle(), raw=True, display_id=True)
        else:
            display(self._bundle(), raw=True)


def _url(address: str, port: int) -> str:
    host = _EVERYWHERE.get(address, address)
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
