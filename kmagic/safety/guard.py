"""The guard: refuses requests that the target's protection level does not allow, where they leave.

Because it is part of the transport, it holds for every way to make a request through a guarded client: magics,
object methods, typed and dynamic resources, caches.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING

from kmagic.api.secrecy import mask_in
from kmagic.errors import ArgumentError, ProtectedError
from kmagic.safety.policy import Level, access_of, refusal
from kmagic.transport.http import StreamResponse, Transport

if TYPE_CHECKING:
    from kmagic.api.clock import Clock
    from kmagic.config.client_config import ClientConfig
    from kmagic.rest.request import Request
    from kmagic.safety.readonly import ReadOnlyContexts

__all__ = ("MASK_WAY_OUT", "GuardedTransport", "approved")

MASK_WAY_OUT = "write the value, leave the key out, or take the object from Python, where values are whole"
_WAY_OUT = "use --dry-run=server to see what it would change, or %kctx NAME to go to another context"

_approved: ContextVar[Transport | None] = ContextVar("kmagic_approved", default=None)


@contextmanager
def approved(transport: Transport) -> Iterator[None]:
    """Requests that leave by a transport inside belong to a plan that the user approved.

    Requests of other clients are judged as always, and a read-only target stays closed.
    """
    token = _approved.set(transport)
    try:
        yield
    finally:
        _approved.reset(token)


class GuardedTransport(Transport):
    """A transport that asks before it sends.

    Args:
        config: The server and the identity.
        level: The target's level; it holds for as long as the transport does.
        readonly: The contexts made read-only since, which raise it.
        clock: Gives the time and sleeps.
        way_out: Hint for somebody whose request was refused.

    Attributes:
        sent: Number of requests that have left so far.
    """

    def __init__(
        self,
        config: ClientConfig,
        level: Level,
        readonly: ReadOnlyContexts | None = None,
        *,
        clock: Clock | None = None,
        way_out: str = _WAY_OUT,
    ) -> None:
        super().__init__(config, clock=clock)
        self._level = level
        self._readonly = readonly
        self._way_out = way_out
        self.sent: int = 0

    async def open(self, request: Request) -> StreamResponse:
        """As `Transport.open`; everything that is sent passes here.

        Raises:
            ProtectedError: The level does not allow it; nothing was sent.
            ArgumentError: It would store a mask as the value it hides; nothing was sent.
        """
        if request.body is not None and mask_in(request.body) is not None:
            raise ArgumentError(
                f"{request.describe()} was not sent: it holds ‹masked …›, which stands for a hidden value and is none",
                hint=MASK_WAY_OUT,
            )
        level = Level.READONLY if self._readonly is not None and self._readonly.holds(self.config) else self._level
        reason = refusal(level, access_of(request), _approved.get() is self)
        if reason:
            context = self.config.context_name or self.config.server
            raise ProtectedError(
                f"{request.describe()} was not sent to {context}: {reason}",
                hint=self._way_out,
            )
        self.sent += 1
        return await super().open(request)
