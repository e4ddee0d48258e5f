"""What `Transport` asks of the connections below it: one request, one answer."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, Protocol

import msgspec

if TYPE_CHECKING:
    import httpcore

__all__ = ("CONNECT_SECONDS", "SILENCE_SECONDS", "Connections", "Exchange", "Message")

CONNECT_SECONDS = 5.0

# An apiserver ends requests after 60 s by itself, so silence beyond that means that nobody is there.
SILENCE_SECONDS = 65.0


class Message(msgspec.Struct, frozen=True, gc=False):
    """A request with everything that goes over the wire.

    Attributes:
        target: Path and query below the server's address, encoded.
        idle: Seconds of silence that end the answer; None for no limit.
        gathers: The answer is a stream of events; those that come closely one after the other may be read together.
    """

    method: str
    target: str
    headers: list[tuple[str, str]]
    body: bytes | None = None
    idle: float | None = None
    gathers: bool = False

    def __repr__(self) -> str:
        return f"<Message {self.method} {self.target}>"


class Exchange(Protocol):
    """An answer under way. Failures are httpx's exceptions."""

    @property
    def status(self) -> int:
        """The code."""

    @property
    def headers(self) -> Mapping[str, str]:
        """Lower-case names; repeated ones joined by ``", "``."""

    @property
    def read(self) -> Callable[[], Awaitable[bytes]]:
        """The next bytes of the body, still compressed; ``b""`` at the end."""

    async def aclose(self) -> None:
        """Ends the answer, whole or not."""

    @property
    def network_stream(self) -> httpcore.AsyncNetworkStream:
        """The raw connection after an upgrade."""


class Connections(Protocol):
    """The connections to one server."""

    async def open(self, message: Message) -> Exchange:
        """Sends a request; returns when the head of the answer is there."""

    async def aclose(self) -> None:
        """Closes all of them."""
