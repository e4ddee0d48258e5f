"""The guard: refuses requests that the target's protection level does not allow, where they leave.

Because it is part of the transport, it holds for every way to make a request through a guarded client: magics,
object methods, typed and dynamic resources, caches.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING

from kmagic.errors import ProtectedError
from kmagic.safety.policy import Level, access_of, refusal
from kmagic.transport.http import StreamResponse, Transport

if TYPE_CHECKING:
    from kmagic.config.client_config import ClientConfig
    from kmagic.rest.request import Request

__all__ = ("GuardedTransport", "approved")

_approved: ContextVar[bool] = ContextVar("kmagic_approved", default=False)


@contextmanager
def approved() -> Iterator[None]:
    """Requests made inside belong to a plan that the user approved. Does not open a read-only target."""
    token = _approved.set(True)
    try:
        yield
    finally:
        _approved.reset(token)


class GuardedTransport(Transport):
    """A transport that asks before it sends.

    Args:
        config: Where and who.
        level: Tells the target's level at the time of a request.
    """

    def __init__(self, config: ClientConfig, level: Callable[[], Level]) -> None:
        super().__init__(config)
        self._level = level

    @asynccontextmanager
    async def stream(self, request: Request) -> AsyncIterator[StreamResponse]:
        """As `Transport.stream`; everything that is sent passes here.

        Raises:
            ProtectedError: The level does not allow it; nothing was sent.
        """
        reason = refusal(self._level(), access_of(request), _approved.get())
        if reason:
            context = self.config.context_name or self.config.server
            raise ProtectedError(
                f"{request.describe()} was not sent to {context}: {reason}",
                hint="use --dry-run=server to see what it would change, or %kctx NAME to go to another context",
            )
        async with super().stream(request) as answer:
            yield answer
