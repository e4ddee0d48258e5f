"""Places where a program may watch its requests: latency, results, retries, throttling, warnings.

Hooks are plain callables without defaults that cost anything; kmagic exports nothing by itself.

Source: k8s.io/client-go/tools/metrics.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence

import msgspec

from kmagic.api.terminal import escape_terminal
from kmagic.rest.request import Request
from kmagic.rest.warnings import WarningDeduplicator

__all__ = ("Hooks", "log_warnings")

_log = logging.getLogger("kmagic.warnings")


def log_warnings() -> Callable[[str], None]:
    """A handler that logs each of the server's warnings once."""
    once = WarningDeduplicator()

    def handle(text: str) -> None:
        for new in once.new([text]):
            _log.warning("%s", escape_terminal(new))

    return handle


class Hooks(msgspec.Struct, kw_only=True):
    """Called on the event loop, in the middle of a request: be quick, do not raise.

    Attributes:
        guard: (request) before anything is sent; may raise to refuse it, the only hook that may.
        on_sent: (request) before each attempt.
        on_result: (request, code, seconds, attempt) after each attempt; code 0 when there was no answer.
        on_retry: (request, code, seconds to wait, attempt) before waiting for another attempt.
        on_throttled: (request, seconds) when the client's own limiter held a request back.
        on_warning: (text) for each warning of the server.
        on_headers: (request, headers) before each attempt, with all headers as they are sent, credentials too.
        on_answer: (request, code, headers) as soon as an attempt is answered, before the body is read.
        on_body: (request, body) for each body that was read as a whole; not for streams.
    """

    guard: Callable[[Request], object] | None = None
    on_sent: Callable[[Request], object] | None = None
    on_result: Callable[[Request, int, float, int], object] | None = None
    on_retry: Callable[[Request, int, float, int], object] | None = None
    on_throttled: Callable[[Request, float], object] | None = None
    on_warning: Callable[[str], object] | None = msgspec.field(default_factory=log_warnings)
    on_headers: Callable[[Request, Sequence[tuple[str, str]]], object] | None = None
    on_answer: Callable[[Request, int, Mapping[str, str]], object] | None = None
    on_body: Callable[[Request, bytes], object] | None = None
