"""Failures of httpx as errors of kmagic's tree, in sentences.

Promises: names the server's host and what to do, never a header, token or body.
"""

from __future__ import annotations

import errno
import socket
import ssl
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import urlsplit

import httpx

from kmagic import errors
from kmagic.errors import ConnectError, ProtocolError, TransportError
from kmagic.transport.http1 import BadAnswerError

if TYPE_CHECKING:
    from kmagic.rest.request import Request

__all__ = ("transport_error",)

_E = TypeVar("_E", bound=BaseException)


def transport_error(error: Exception, request: Request | None, server: str) -> TransportError:
    """The error to raise for a failure below HTTP."""
    where = _address(server)
    what = request.describe() if request is not None else "the request"
    if (tls := _tls_failure(error)) is not None:
        return _tls_error(tls, request, where)
    if isinstance(error, httpx.ConnectTimeout):
        return ConnectError(
            f"no connection to {where} in time",
            request=request,
            hint="is the cluster up and reachable from here (VPN, proxy, firewall)? check the server in the kubeconfig",
        )
    if isinstance(error, httpx.PoolTimeout):
        return errors.TimeoutError(f"no free connection to {where} in time for: {what}", request=request)
    if isinstance(error, httpx.TimeoutException):
        return errors.TimeoutError(
            f"no answer from {where} in time for: {what}",
            request=request,
            hint="the server may be busy or stuck, and may still do it; look before you repeat a change",
        )
    if isinstance(error, httpx.ProxyError):
        return ConnectError(f"the proxy did not connect to {where}: {_plain(error)}", request=request)
    if isinstance(error, httpx.ConnectError):
        return _connect_error(error, request, where)
    if isinstance(error, (httpx.UnsupportedProtocol, httpx.InvalidURL)):
        return ConnectError(f"{where} is no server address: {_plain(error)}", request=request)
    if isinstance(error, httpx.LocalProtocolError):
        # Its text may quote the header, and the header a credential.
        return ProtocolError(
            f"{what} cannot be sent: a header or the path holds what HTTP does not allow",
            request=request,
            hint="is there a line break in the token?",
        )
    if isinstance(error, BadAnswerError):
        return ProtocolError(
            f"the answer of {where} cannot be read: {what} ({_plain(error)})",
            request=request,
            hint="is it a Kubernetes API server? something between here and there may change what it sends",
        )
    return TransportError(f"the connection to {where} broke during: {what} ({_plain(error)})", request=request)


def _tls_failure(error: Exception) -> ssl.SSLError | None:
    """The TLS handshake that failed, or None.

    A connection that broke while it worked is none, though the TLS layer has its own words for that, and waiting
    for bytes leaves an SSLError in the chain of whatever comes next.
    """
    found = _in_chain(error, ssl.SSLError)
    if found is None or isinstance(found, (ssl.SSLWantReadError, ssl.SSLWantWriteError)):
        return None
    broke = isinstance(found, (ssl.SSLEOFError, ssl.SSLZeroReturnError))
    working = isinstance(error, (httpx.ReadError, httpx.WriteError, httpx.RemoteProtocolError))
    return None if broke and working else found


def _tls_error(error: ssl.SSLError, request: Request | None, where: str) -> ConnectError:
    if isinstance(error, ssl.SSLCertVerificationError):
        return ConnectError(
            f"the certificate of {where} is not trusted: {error.verify_message}",
            request=request,
            hint="certificate-authority or tls-server-name in the kubeconfig may be wrong or out of date",
        )
    reason = (error.reason or "TLS failed").replace("_", " ").lower()
    hint = ""
    if "wrong version number" in reason or "http request" in reason:
        hint = "is it plain HTTP? check http/https of the server in the kubeconfig"
    elif "certificate" in reason or "alert" in reason:
        hint = "the server may not accept the client certificate: is it expired?"
    return ConnectError(f"no TLS connection to {where}: {reason}", request=request, hint=hint)


def _connect_error(error: Exception, request: Request | None, where: str) -> ConnectError:
    if _in_chain(error, socket.gaierror) is not None:
        return ConnectError(
            f"the name of {where} cannot be resolved",
            request=request,
            hint="is the network (VPN) up? check the server in the kubeconfig",
        )
    if _refused(error):
        return ConnectError(
            f"{where} refused the connection",
            request=request,
            hint="no server listens there: is the cluster running? check the server in the kubeconfig",
        )
    return ConnectError(f"no connection to {where}: {_plain(error)}", request=request)


def _refused(error: Exception) -> bool:
    if _in_chain(error, ConnectionRefusedError) is not None:
        return True
    # asyncio tries every address of a name and keeps of several failures only the text.
    found = _in_chain(error, OSError)
    return (
        found is not None and found.errno in (None, errno.ECONNREFUSED) and f"Errno {errno.ECONNREFUSED}]" in str(found)
    )


def _in_chain(error: BaseException, wanted: type[_E]) -> _E | None:
    seen: list[BaseException] = []
    waiting: list[BaseException | None] = [error]
    while waiting:
        link = waiting.pop(0)
        if link is None or any(link is known for known in seen):
            continue
        if isinstance(link, wanted):
            return link
        seen.append(link)
        waiting += [link.__cause__, link.__context__]
        # anyio tries every address of a name and reports all failures together.
        if isinstance(link, BaseExceptionGroup):
            waiting += link.exceptions
    return None


def _plain(error: BaseException) -> str:
    return str(error) or type(error).__name__


def _address(server: str) -> str:
    parts = urlsplit(server)
    return parts.netloc.rpartition("@")[2] or server
