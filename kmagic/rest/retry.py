"""The decision to send a request again, and the delay before it. The only place that decides it.

Source: k8s.io/client-go/rest/with_retry.go.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping
from typing import TYPE_CHECKING

import msgspec

from kmagic import errors
from kmagic.errors import ConnectError, ProtocolError, TransportError
from kmagic.rest.status import retry_after_seconds

if TYPE_CHECKING:
    from kmagic.rest.request import Request

__all__ = ("MAX_RETRIES", "MAX_WAIT_SECONDS", "Failure", "Outcome", "decide", "failure_of")

# client-go's; with Retry-After: 1 this rides out a server that restarts.
MAX_RETRIES = 10

# A longer wait is none that a caller would expect inside one request; the error carries it.
MAX_WAIT_SECONDS = 120.0

# What client-go assumes for a connection that was reset: the server is back in about a second.
_AFTER_RESET = 1.0


class Failure(enum.Enum):
    """The kind of failure that left an attempt without an answer."""

    REFUSED = "refused"
    RESET = "reset"
    TIMEOUT = "timeout"
    OTHER = "other"


class Outcome(msgspec.Struct, frozen=True):
    """The end of an attempt: an answer (code, headers) or none (failure)."""

    code: int = 0
    headers: Mapping[str, str] = {}
    failure: Failure | None = None


def failure_of(error: TransportError) -> Failure:
    """Returns the kind of failure that an error of the transport stands for."""
    if isinstance(error, ConnectError):
        return Failure.REFUSED
    if isinstance(error, errors.TimeoutError):
        return Failure.TIMEOUT
    if isinstance(error, ProtocolError):
        return Failure.OTHER
    # Without a request it never left: the client is closed or misconfigured.
    return Failure.RESET if error.request is not None else Failure.OTHER


def decide(request: Request, attempt: int, outcome: Outcome, *, max_retries: int = MAX_RETRIES) -> float | None:
    """Seconds to wait before sending again, or None: this outcome is final.

    Args:
        request: The request that was sent.
        attempt: 0 for the first one.
        outcome: The end of the attempt.
        max_retries: Attempts beyond the first.

    An answer is retried only if it is 429 or 5xx and says how long to wait by an integer Retry-After of
    two minutes at most, whatever the verb: the server promises that it did nothing. Without an answer only reads are retried, and only if the
    connection broke; a refused connection is final, so that a stopped server is reported at once.
    """
    if attempt >= max(0, max_retries):
        return None
    if outcome.failure is not None:
        broken = outcome.failure is Failure.RESET or (outcome.failure is Failure.TIMEOUT and request.verb == "watch")
        return _AFTER_RESET if broken and request.method in ("GET", "HEAD") else None
    if outcome.code == 429 or outcome.code >= 500:
        seconds = retry_after_seconds(outcome.headers)
        return None if seconds is None or seconds > MAX_WAIT_SECONDS else float(seconds)
    return None
