"""The connections of a client that was given none: a notebook's guarded ones while its magics are loaded.

What a magic may not do, a client made beside it in the same notebook may not do either.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from kmagic.api.clock import Clock
    from kmagic.config.client_config import ClientConfig
    from kmagic.transport.http import Transport

__all__ = ("Connect", "connect", "guard_new_clients", "leave_new_clients")

Connect: TypeAlias = "Callable[[ClientConfig, Clock | None], Transport]"

# A process has one notebook, but tests make several: the latest counts.
_guards: list[Connect] = []


def guard_new_clients(guard: Connect) -> None:
    """Has the clients that are made from now on connect through `guard`, until `leave_new_clients`."""
    _guards.append(guard)


def leave_new_clients(guard: Connect) -> None:
    """Ends what `guard_new_clients` began; clients that were made meanwhile stay guarded."""
    if guard in _guards:
        _guards.remove(guard)


def connect(config: ClientConfig, clock: Clock | None, *, guard: bool) -> Transport:
    """The connections of a new client."""
    if guard and _guards:
        return _guards[-1](config, clock)
    # Here, because the magics are loaded before anything is sent.
    from kmagic.transport.http import Transport

    return Transport(config, clock=clock)
