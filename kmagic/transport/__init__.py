"""The only package that opens sockets or spawns processes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kmagic._lazy import touched

if TYPE_CHECKING:
    from kmagic.transport.auth import Authenticator as Authenticator
    from kmagic.transport.http import Response as Response
    from kmagic.transport.http import StreamResponse as StreamResponse
    from kmagic.transport.http import Transport as Transport
    from kmagic.transport.user_agent import user_agent as user_agent

__all__ = (
    "Authenticator",
    "Response",
    "StreamResponse",
    "Transport",
    "user_agent",
)

_HOMES = {
    "auth": ("Authenticator",),
    "http": (
        "Response",
        "StreamResponse",
        "Transport",
    ),
    "user_agent": ("user_agent",),
}


def __getattr__(name: str) -> object:
    return touched(__name__, _HOMES, name)


def __dir__() -> list[str]:
    return sorted(__all__)
