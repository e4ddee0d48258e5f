from __future__ import annotations

import socket
import ssl
from ssl import SSLError
from typing import Any

import httpx
import pytest
from httpx import ReadError

from kmagic import errors
from kmagic.errors import KubeError
from kmagic.rest import verbs
from kmagic.rest.resource import APIResource
from kmagic.transport.failures import transport_error
from kmagic.transport.http1 import BadAnswerError

GET = verbs.get(APIResource("", "v1", "pods", "Pod", True), "a", "x")
SERVER = "https://user:secret@host:6443/prefix"


def caused(error: ReadError, cause: SSLError) -> ReadError:
    error.__cause__ = cause
    return error


def verification_error() -> Any:
    error = ssl.SSLCertVerificationError(1, "x")
    error.verify_message = "certificate has expired"
    return error


@pytest.mark.parametrize(
    ("error", "kind", "message"),
    [
        (httpx.ConnectTimeout("x"), errors.ConnectError, "no connection to host:6443 in time"),
        (httpx.ReadTimeout("x"), errors.TimeoutError, "no answer from host:6443 in time for: get pods/x"),
        (BadAnswerError("no end"), errors.ProtocolError, r"the answer of host:6443 cannot be read: get pods/x in namespace .a. \(no end\)"),
        (httpx.PoolTimeout("x"), errors.TimeoutError, "no free connection"),
        (httpx.ConnectError("x"), errors.ConnectError, "no connection to host:6443: x"),
        (caused(httpx.ConnectError("x"), ConnectionRefusedError()), errors.ConnectError, "host:6443 refused the connection"),
        (
            caused(httpx.ConnectError("x"), ExceptionGroup("all", [ConnectionRefusedError(), ConnectionRefusedError()])),
            errors.ConnectError, "refused the connection",
        ),
        (caused(httpx.ConnectError("x"), socket.gaierror(-2, "no")), errors.ConnectError, "the name of host:6443 cannot be resolved"),
        (caused(httpx.ConnectError("x"), verification_error()), errors.ConnectError, "is not trusted: certificate has expired"),
        (httpx.ProxyError("407"), errors.ConnectError, "the proxy did not connect"),
        (httpx.ReadError(""), errors.TransportError, r"broke during: get pods/x in namespace .a. \(ReadError\)"),
        (httpx.RemoteProtocolError("eof"), errors.TransportError, r"\(eof\)"),
        (httpx.UnsupportedProtocol("ftp"), errors.ConnectError, "is no server address"),
        (httpx.LocalProtocolError("Illegal header value b'Bearer x'"), errors.ProtocolError, "cannot be sent: a header"),
    ],
)  # fmt: skip
def test_sentences(error: Exception, kind: type[KubeError], message: str) -> None:
    found = transport_error(error, GET, SERVER)
    assert type(found) is kind
    with pytest.raises(kind, match=message):
        raise found
    assert found.request is GET
    assert "secret" not in str(found)


def test_a_client_certificate_that_is_refused_is_explained() -> None:
    error = ssl.SSLError(1, "[SSL: TLSV13_ALERT_CERTIFICATE_REQUIRED] tlsv13 alert certificate required")
    error.reason = "TLSV13_ALERT_CERTIFICATE_REQUIRED"
    assert "client certificate" in transport_error(caused(httpx.ReadError("x"), error), GET, SERVER).hint


def tls_error(kind: str, reason: str = "") -> Any:
    error = kind(1, reason)
    error.reason = reason or None
    return error


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        pytest.param(caused(httpx.ReadError("x"), tls_error(ssl.SSLWantReadError)), errors.TransportError, id="waited for bytes"),
        pytest.param(caused(httpx.ReadError("x"), tls_error(ssl.SSLEOFError, "EOF")), errors.TransportError, id="cut while reading"),
        pytest.param(caused(httpx.WriteError("x"), tls_error(ssl.SSLZeroReturnError)), errors.TransportError, id="closed while writing"),
        pytest.param(caused(httpx.ConnectError("x"), tls_error(ssl.SSLEOFError, "EOF")), errors.ConnectError, id="cut in the handshake"),
        pytest.param(caused(httpx.ConnectTimeout("x"), tls_error(ssl.SSLWantReadError)), errors.ConnectError, id="no handshake in time"),
    ],
)  # fmt: skip
def test_only_a_handshake_that_failed_is_a_failed_connection(error: Exception, kind: type[KubeError]) -> None:
    # A ConnectError says that the server did not see the request, so it must not be said of a running connection.
    assert type(transport_error(error, GET, SERVER)) is kind
