"""Requests with retries, throttling and errors: a request value in, an answer or an error of the tree out.

Source: k8s.io/client-go/rest/request.go.
"""

from __future__ import annotations

import contextlib
import logging
import random
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import anyio

from kmagic import errors
from kmagic.client.hooks import Hooks
from kmagic.errors import DecodeError, KubeError, StatusError, TransportError, UnauthorizedError
from kmagic.rest import retry, status, warnings, watch
from kmagic.rest.retry import Outcome
from kmagic.transport.clock import SystemClock
from kmagic.transport.http import Response, StreamResponse, Transport

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    from kmagic.api.clock import Clock
    from kmagic.rest.request import Request
    from kmagic.rest.resource import APIResource
    from kmagic.rest.throttle import Limiter

__all__ = ("RESTClient",)

_log = logging.getLogger("kmagic.request")

# A Status with a cause for every field of a large object has a tenth of it.
_MAX_REFUSAL_BYTES = 4 << 20


class RESTClient:
    """Sends requests to one server; safe to share between tasks.

    Attributes:
        remap: Asks the server for a resource's present place; None without a mapper. See `kmagic.client.mapped`.

    Args:
        transport: The connections.
        clock: Gives the time and sleeps.
        rng: Random numbers in [0, 1) for jitter.
        hooks: Callbacks for requests, answers, retries and warnings.
        limiter: The client's own limit; None (default) leaves it to the server's priority and fairness.
        max_retries: Attempts beyond the first.
    """

    def __init__(
        self,
        transport: Transport,
        *,
        clock: Clock | None = None,
        rng: Callable[[], float] = random.random,
        hooks: Hooks | None = None,
        limiter: Limiter | None = None,
        max_retries: int = retry.MAX_RETRIES,
    ) -> None:
        self.transport = transport
        self.clock: Clock = clock or SystemClock()
        self.rng = rng
        self.hooks: Hooks = hooks or Hooks()
        self.remap: Callable[[APIResource], Awaitable[APIResource | None]] | None = None
        self._limiter = limiter
        self._max_retries = max_retries

    def check(self, request: Request) -> None:
        """Asks the guard; raises what it raises. Requests sent here are checked anyway, WebSockets by their openers."""
        if self.hooks.guard:
            self.hooks.guard(request)

    async def execute(self, request: Request) -> Response:
        """Sends a request until it is answered for good.

        Raises:
            StatusError: The server refused it.
            TransportError: There was no answer.
        """
        with self._limit(request):
            answer = await self._open(request)
            try:
                body = await answer.read()
                self._heard(request, body)
                return Response(answer.status, answer.headers, body)
            finally:
                await answer.aclose()
        raise self._too_late(request)

    async def feed(self, request: Request, take: Callable[[bytes], object]) -> None:
        """Like `execute`, with the body handed over piece by piece as it comes."""
        with self._limit(request):
            answer = await self._open(request)
            try:
                if not self.hooks.on_body:
                    async for chunk in answer.chunks():
                        take(chunk)
                    return
                body = await answer.read()
                self._heard(request, body)
                take(body)
                return
            finally:
                await answer.aclose()
        raise self._too_late(request)

    @asynccontextmanager
    async def stream(self, request: Request) -> AsyncIterator[StreamResponse]:
        """Opens a stream (watch, log); raises like `execute` before the first chunk.

        Raises:
            DecodeError: A watch was answered with something that is no stream of events.
        """
        answer = await self._open(request)
        try:
            if request.verb == "watch":
                watch.check_content_type(answer.headers)
            yield answer
        finally:
            await answer.aclose()

    async def _open(self, request: Request) -> StreamResponse:
        """Returns the answer that is one for good, to be closed by whoever asks; refusals are read and closed here."""
        self.check(request)
        attempt, first_error = 0, ""
        while True:
            # A watch is long-lived and rare: only its retries count (client-go RE-02).
            if request.verb != "watch" or attempt:
                await self._throttle(request)
            started = self.clock.now()
            try:
                answer = await self._attempt(request)
            except TransportError as error:
                outcome = Outcome(failure=retry.failure_of(error))
                problem: KubeError = error
            else:
                try:
                    if self.hooks.on_answer:
                        self.hooks.on_answer(request, answer.status, answer.headers)
                    if answer.status < 300:
                        self._result(request, answer.status, started, attempt)
                        self._warn(answer)
                        return answer
                    body = await self._read_refusal(answer)
                except BaseException:
                    await answer.aclose()
                    raise
                await answer.aclose()
                self._heard(request, body)
                outcome = Outcome(answer.status, answer.headers)
                problem = self._refused(request, answer, body)
            self._result(request, outcome.code, started, attempt, problem)
            delay = retry.decide(request, attempt, outcome, max_retries=self._max_retries)
            if delay is None:
                raise _with_history(problem, first_error)
            first_error = first_error or problem.message
            _debug(request, "again in %.3g s", delay)
            if self.hooks.on_retry:
                self.hooks.on_retry(request, outcome.code, delay, attempt)
            await self.clock.sleep(delay)
            attempt += 1

    async def _attempt(self, request: Request) -> StreamResponse:
        if self.hooks.on_sent:
            self.hooks.on_sent(request)
        if self.hooks.on_headers:
            self.hooks.on_headers(request, [*await self.transport.authorized_headers(), *request.headers])
        return await self.transport.open(request)

    def _heard(self, request: Request, body: bytes) -> None:
        if self.hooks.on_body:
            self.hooks.on_body(request, body)

    async def _read_refusal(self, answer: StreamResponse) -> bytes:
        # A refusal whose body breaks off, has no end or cannot be read is still a refusal.
        found = bytearray()
        with contextlib.suppress(TransportError, DecodeError):
            async with contextlib.aclosing(answer.chunks()) as chunks:
                async for chunk in chunks:
                    found += chunk
                    if len(found) > _MAX_REFUSAL_BYTES:
                        break
        return bytes(found)

    def _limit(self, request: Request) -> contextlib.AbstractContextManager[object]:
        seconds = self._seconds(request)
        return anyio.move_on_after(seconds) if seconds else contextlib.nullcontext()

    def _seconds(self, request: Request) -> float | None:
        return request.timeout if request.timeout is not None else self.transport.config.timeout

    def _too_late(self, request: Request) -> errors.TimeoutError:
        return errors.TimeoutError(
            f"no answer from {self.transport.server} within {self._seconds(request):g} s for: {request.describe()}",
            request=request,
            hint="the server may still do it; look before you repeat a change",
        )

    async def _throttle(self, request: Request) -> None:
        if self._limiter is None:
            return
        delay = self._limiter.reserve(self.clock.now())
        if delay > 0:
            _debug(request, "held back for %.3g s by the client's own limit", delay)
            if self.hooks.on_throttled:
                self.hooks.on_throttled(request, delay)
            await self.clock.sleep(delay)

    def _refused(self, request: Request, answer: StreamResponse, body: bytes) -> StatusError:
        self._warn(answer)
        error = status.error_from_response(request, answer.status, answer.headers, body)
        if isinstance(error, UnauthorizedError):
            error.hint = self._login_hint()
        return error

    def _login_hint(self) -> str:
        config = self.transport.config
        who = f' of user "{config.user_name}"' if config.user_name else ""
        plugin = config.auth.exec
        how = f": log in again with {plugin.command.rpartition('/')[2]}" if plugin else ": log in again"
        if not (plugin or config.auth.token or config.auth.token_file or config.tls.cert_data or config.tls.cert_file):
            return f"the configuration{who} holds no credentials{how}"
        return f"the credentials{who} are wrong or expired{how}"

    def _warn(self, answer: StreamResponse) -> None:
        if self.hooks.on_warning and (header := answer.headers.get("warning")):
            for text in warnings.parse_warnings(header):
                self.hooks.on_warning(text)

    def _result(
        self, request: Request, code: int, started: float, attempt: int, problem: KubeError | None = None
    ) -> None:
        seconds = self.clock.now() - started
        _debug(request, "%s after %.0f ms", code or type(problem).__name__, seconds * 1000)
        if self.hooks.on_result:
            self.hooks.on_result(request, code, seconds, attempt)


def _debug(request: Request, text: str, *args: object) -> None:
    """One line about a request, without its body, headers and query; put into words only where it is written."""
    if _log.isEnabledFor(logging.DEBUG):
        _log.debug(f"%s: {text}", request.describe(), *args)


def _with_history(problem: KubeError, first: str) -> KubeError:
    if first and first != problem.message:
        problem.args = (f"{problem.message} - error from a previous attempt: {first}",)
    return problem
